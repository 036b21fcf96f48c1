"""What REST and the sockets say alike of a command, of a search's surroundings, and of a model in training."""

from datetime import datetime
from typing import Any

from webapp.catalog import training
from webapp.core import clock
from webapp.models import Command, Search, TrainedModel
from webapp.models.enums import CommandStatus
from webapp.searches import progress
from webapp.searches.waiting import waiting

Json = dict[str, Any]


def text(moment: datetime | None) -> str | None:
    return None if moment is None else clock.text(moment)


def command(row: Command) -> Json:
    return {
        "id": row.number,
        "kind": row.kind,
        "edge": row.edge,
        "node": row.node,
        "budget": row.budget,
        "weight": row.weight,
        "step": row.step,
        "by": row.by.shown_name,
        "reason": row.reason,
        "status": row.status,
        "why": row.why,
        "created_at": text(row.created_at),
        "decided_at": text(row.decided_at),
    }


def beside(search: Search) -> Json:
    """What goes beside the events: latest value only, never replayed."""
    pending = search.commands.filter(status=CommandStatus.PENDING).select_related("by").order_by("number")
    return {
        "status": search.status,
        "waiting": waiting(search),
        "error": search.error,
        "pending": [command(row) for row in pending],
        **progress.of(search),
        "architecture": answer(search),
    }


def parent(search: Search) -> Json | None:
    """Where it was forked from, while that is there."""
    if search.parent is None:
        return None
    return {
        "search": search.parent.pk,
        "name": search.parent.name,
        "branch": search.parent_branch,
        "step": search.parent_step,
    }


def branches(search: Search) -> list[Json]:
    return [
        {
            "branch": row.number,
            "parent": row.parent,
            "parent_round": row.parent_round,
            "step": row.step,
            "seq": row.seq,
            "status": "live" if row.number == search.branch else "left",
            "by": row.opened_by and row.opened_by.shown_name,
            "opened_at": text(row.opened_at),
        }
        for row in search.branches.select_related("opened_by").order_by("number")
    ]


def answer(search: Search) -> str | None:
    """Id of the architecture that the search ended with."""
    return search.architectures.values_list("pk", flat=True).first()


def model(row: TrainedModel) -> Json:
    curve = training.curve_of(row)
    return {
        "id": row.pk,
        "architecture": row.architecture_id,
        "dataset": row.dataset,
        "seed": row.seed,
        "recipe": row.recipe,
        "status": row.status,
        "curve": curve,
        "epochs": row.recipe["epochs"],
        "best_epoch": row.best_epoch,
        "metric": _metric(row.recipe),
        "val_accuracy": row.val_accuracy,
        "test_accuracy": row.test_accuracy,
        "val_perplexity": row.val_perplexity,
        "test_perplexity": row.test_perplexity,
        "error": row.error,
        "created_at": text(row.created_at),
        "created_by": row.created_by.shown_name,
        "files": [
            {
                "format": use.format,
                "name": use.name,
                "bytes": use.artifact.bytes,
                "sha256": use.artifact_id,
                "check": use.check_result,
            }
            for use in sorted(row.files.all(), key=lambda use: use.pk)
        ],
    }


def _metric(recipe: Json) -> str:
    """What a training by this recipe reaches: only language models are trained on windows of a text."""
    return "perplexity" if "bptt" in recipe else "accuracy"
