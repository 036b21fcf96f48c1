"""The only writer of scores: architectures that are scored by proxies without being trained.

One item of work is about one score, so that a proxy that fails ends no other, and the seconds are those of one proxy.
Proxies in closed form need no worker. Pages poll while a score waits; watchers are not poked. Order of locks: the
dataset, the architecture, the score, its work.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from search.base import serialization
from search.base.sentences import as_sentence
from search.base.serialization import Json
from search.data.datasets import Dataset
from search.evaluation.base import BadEvaluation, Source
from search.evaluation.proxies import PROXIES
from search.evaluation.proxies.scoring import Batches, closed_scores, score_work, scored_macro
from search.network import macro as macros
from search.network.graph import Graph
from search.network.macro import Macro
from webapp.catalog import training
from webapp.core import clock
from webapp.core.errors import Conflict, InvalidField
from webapp.core.transactions import short_transaction
from webapp.datasets import lookup
from webapp.entries import locks
from webapp.models import Architecture, Score, Team, User, Work
from webapp.models.enums import ScoreStatus
from webapp.models.kinds import SCORE
from webapp.scheduling import queue

MAX_WAITING = 200  # scores of a team
NONE = Batches(size=0, count=0)  # what a proxy in closed form is given

#: Why there is no score, for people. Other codes come with the message of the last try.
SENTENCES = {
    "not_finite": "The score of this network is not a finite number.",
    "out_of_memory": "The worker had too little memory. Choose a smaller batch size.",
}


@dataclass(frozen=True)
class _Asked:
    """A request, without its proxies."""

    architecture: Architecture
    macro: Macro  # on the dataset
    team: Team
    user: User
    data: Dataset
    batches: Batches
    seed: int
    at: datetime

    @property
    def graph(self) -> Graph:
        return Graph.from_dict(self.architecture.graph)


def request(
    architecture: Architecture,
    team: Team,
    user: User,
    proxies: Sequence[str],
    dataset: str,
    batches: Batches,
    seed: int,
) -> list[Score]:
    """The scores by these proxies, in their order: computed now where they are in closed form, else those that are
    there or waiting, else new ones that wait for a worker. A failed one is tried again.

    Raises InvalidField where the dataset does not exist, is of another kind, or has too few images; Conflict where too
    many wait; NotFound where the architecture was just deleted.
    """
    data, macro = _matching(architecture, team, dataset)
    if any(PROXIES[name].closed is None for name in proxies):
        why_not = batches.why_not(data.counts.train)
        if why_not is not None:
            raise InvalidField("batch_size", as_sentence(why_not))
    with short_transaction():
        lookup.lock(None if data.data.file is None else data.name)
        locks.existing(Architecture, architecture.pk)
        asked = _Asked(architecture, macro, team, user, data, batches, seed, clock.now())
        return [_score(asked, name) for name in proxies]


@short_transaction()
def remove(score: Score) -> None:
    """Deletes a score. One that waits is not computed any more: its work goes with it, and a worker's result is lost.
    Nothing happens where it was removed before."""
    for row in Score.objects.select_for_update().filter(pk=score.pk):
        row.delete()


def settle(item: Work, outcome: Json) -> None:
    """Handles the outcome of a score. The caller holds the locks on both."""
    score = item.score
    assert score is not None
    result = outcome["results"][0] if outcome["status"] == "ok" else outcome
    if result["status"] == "ok":
        score.value, score.seconds = result["scores"][score.proxy], result["seconds"]
        score.code = "not_finite" if score.value is None else None
    else:
        score.code = result["code"]
    score.status = ScoreStatus.DONE if score.code is None else ScoreStatus.FAILED
    if score.code is not None:
        score.error = SENTENCES.get(score.code) or item.last_error or f"The network could not be scored: {score.code}."
    score.save(update_fields=["value", "seconds", "code", "status", "error"])


def _matching(architecture: Architecture, team: Team, dataset: str) -> tuple[Dataset, Macro]:
    """The dataset, and the network that the architecture is on it. Raises InvalidField."""
    try:
        scored_macro(macros.read(architecture.macro))
    except BadEvaluation as error:
        raise InvalidField("proxies", as_sentence(str(error))) from None
    data, macro = training.matching(architecture, team, dataset)
    return data, macros.read(macro)


def _score(asked: _Asked, proxy: str) -> Score:
    closed, data = PROXIES[proxy].closed is not None, asked.data
    given = NONE if closed else asked.batches
    score, created = Score.objects.get_or_create(
        team=asked.team,
        architecture=asked.architecture,
        proxy=proxy,
        dataset=data.name,
        split=data.split,
        batch_size=given.size,
        batches=given.count,
        side=given.side,
        seed=0 if closed else asked.seed,
        defaults={
            "created_by": asked.user,
            "created_at": asked.at,
            "data_id": None if data.data.file is None else data.name,
        }
        | (_computed(asked, proxy) if closed else {}),
    )
    if not closed and (created or _try_again(score, asked)):
        _queue(score, asked)
    score.refresh_from_db()
    return score


def _computed(asked: _Asked, proxy: str) -> Json:
    """A score in closed form."""
    began = time.perf_counter()
    value = closed_scores(asked.graph, asked.macro, [proxy])[proxy]
    return {"status": ScoreStatus.DONE, "value": value, "seconds": round(time.perf_counter() - began, 4)}


def _try_again(score: Score, asked: _Asked) -> bool:
    """Makes a failed score wait again. False: it did not fail."""
    held = Score.objects.select_for_update().get(pk=score.pk)
    if held.status != ScoreStatus.FAILED:
        return False
    held.work.all().delete()
    held.status, held.code, held.error, held.seconds = ScoreStatus.WAITING, None, None, None
    held.created_by, held.created_at = asked.user, asked.at
    held.save(update_fields=["status", "code", "error", "seconds", "created_by", "created_at"])
    return True


def _queue(score: Score, asked: _Asked) -> None:
    """Raises Conflict."""
    if Score.objects.filter(team=asked.team, status=ScoreStatus.WAITING).count() > MAX_WAITING:
        raise Conflict(f"{MAX_WAITING} scores of the team are waiting. Wait until some are done.")
    data = asked.data
    source = Source(dataset=data.name, split=data.split, data=data.data, seed=score.seed)
    payload = score_work([asked.graph], asked.macro, [score.proxy], source, asked.batches)
    Work.objects.create(
        team=asked.team,
        score=score,
        kind=SCORE,
        key=serialization.cache_key({**payload, "score": score.pk}, ""),  # only items of searches wait for equal ones
        payload=serialization.dumps(payload),
    )
    queue.wake(None)
