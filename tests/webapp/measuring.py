"""Outcomes of measurements, and measuring rounds without a strategy that asks for them."""

from search.base import serialization
from search.base.serialization import Json
from search.network.cost import cost_of
from search.spaces.presets import PRESETS
from webapp.catalog import architectures
from webapp.models import Architecture, Device, Search, Team, Work
from webapp.models.kinds import MEASURE
from webapp.searches import rounds

LATENCY: Json = {
    "median": 120,
    "low": 110,
    "high": 150,
    "repeats": 50,
    "warmup": 5,
    "device": "Some processor",
    "threads": 1,
    "runtime": "onnxruntime 1",
}
MEASURED: Json = {"status": "ok", "latency": LATENCY}


def measure_instead(search: Search, device: Device | None = None, count: int = 2) -> list[Work]:
    """Replaces the work of the open round by measurements."""
    current = rounds.current_round(search)
    current.work.all().delete()
    return [
        Work.objects.create(
            team_id=search.team_id,
            round=current,
            index=index,
            kind=MEASURE,
            key="measure",
            payload=serialization.dumps({"kind": "measure", "device": device and device.pk}),
            device=device,
        )
        for index in range(count)
    ]


def architecture_of(team: Team | None, name: str = "shrinkcnn-a") -> Architecture:
    """A published architecture: everybody's, or assigned to the team."""
    preset = PRESETS[name]
    graph, macro, cost = (
        preset.graph.to_dict(),
        serialization.to_jsonable(preset.macro),
        cost_of(preset.graph, preset.macro),
    )
    architectures.publish(
        name, graph=graph, macro=macro, hash=preset.graph.hash, cost=serialization.to_jsonable(cost), source="A paper"
    )
    Architecture.objects.filter(team=None, name=name).update(team=team)
    return Architecture.objects.get(team=team, name=name)
