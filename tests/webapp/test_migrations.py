"""Rows of older tables are valid after the migrations."""

from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.timezone import now


def _at(name: str | None = None) -> Apps:
    """The models after the named migration, or the current ones."""
    executor = MigrationExecutor(connection)
    targets = executor.loader.graph.leaf_nodes("webapp") if name is None else [("webapp", name)]
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.mark.django_db(transaction=True)
def test_a_search_from_before_branches_gets_a_first_branch_steps_for_its_rounds_and_all_limits() -> None:
    before = _at("0001_tables")
    try:
        user = before.get_model("webapp", "User").objects.create(email="early@example.org")
        team = before.get_model("webapp", "Team").objects.create(name="Early", slug="early")
        search = before.get_model("webapp", "Search").objects.create(
            id="early",
            team=team,
            created_by=user,
            name="Early",
            task={"budget": {"params": 9}},
            strategy="autoshrink",
            dataset="digits",
        )
        rounds, events = before.get_model("webapp", "Round"), before.get_model("webapp", "Event")
        for number in range(3):
            rounds.objects.create(search=search, number=number, status="done", state_before=b"")
        for seq, (number, kind) in enumerate([(0, "search_started"), (0, "step_decided"), (1, "step_decided")], 1):
            events.objects.create(search=search, seq=seq, branch=0, round=number, kind=kind, at=now(), payload=b"{}")
    finally:
        after = _at()
    steps = after.get_model("webapp", "Round").objects.order_by("number").values_list("step", flat=True)
    branches = after.get_model("webapp", "Branch").objects.values_list("search", "number", "seq", "parent")
    search = after.get_model("webapp", "Search").objects.get()
    assert list(steps) == [0, 1, 2]
    assert list(branches) == [("early", 0, 1, None)]
    assert search.task == {"budget": {"params": 9, "latency": None, "device": None}}
    assert search.metric == "accuracy"


LATER = {"latency", "device", "metric", "exact"}


def _earlier(value: Any) -> Any:
    """A value as written before latency, devices and perplexities existed."""
    if isinstance(value, dict):
        return {name: _earlier(part) for name, part in value.items() if name not in LATER}
    return [_earlier(part) for part in value] if isinstance(value, list) else value
