"""Kinds of work, as a table. What `execute` does for each is in search/runtime/execute.py."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Owner = Literal["round", "model", "upload", "measurement", "probe", "score"]  # columns of Work


@dataclass(frozen=True)
class Kind:
    """`needs`: the queue of workers that its items go to, if they do not say so themselves; None: any.

    `reusable`: its outcome may be reused for another item of the team with the same key. `one_machine`: a search has it
    done on one machine at a time; other kinds go to workers of one numerics. `scores`: its outcomes are results of
    candidates, in the order of the round's work.
    """

    owners: Collection[Owner]
    needs: str | None = None
    reusable: bool = False
    one_machine: bool = False
    scores: bool = False


TRAIN, SCORE, MEASURE, FINAL, EXPORT = "train", "score", "measure", "final", "export"
INGEST, PROBE = "ingest", "probe"

KINDS: dict[str, Kind] = {
    TRAIN: Kind(owners=["round"], reusable=True, scores=True),
    SCORE: Kind(owners=["round", "score"], reusable=True, scores=True),
    MEASURE: Kind(owners=["round", "measurement"], one_machine=True),  # latency, on a worker's machine or a device
    FINAL: Kind(owners=["model"]),  # not reusable: a person may stop it early, which does not change its key
    EXPORT: Kind(owners=["model"]),
    INGEST: Kind(owners=["upload"]),
    PROBE: Kind(owners=["probe"]),  # not reusable: how long it takes is its result
}

SCORING = [name for name, kind in KINDS.items() if kind.scores]


def of_round(kind: str) -> Kind:
    """Raises ValueError where a search cannot ask for work of this kind."""
    if kind not in KINDS or "round" not in KINDS[kind].owners:
        raise ValueError(f"a search cannot ask for work of kind {kind!r}")
    return KINDS[kind]
