"""The only writer of drafts: what people typed in the form of a new search and have not launched, and the draft that
launches an earlier search again."""

import json

from search.base.serialization import Json
from webapp.core import clock
from webapp.core.errors import InvalidField, NotFound
from webapp.models import Search, SearchDraft, Team, User
from webapp.searches import event_log

MAX_BYTES = 32_768
UNNAMED = "Draft"
STORABLE = "A draft holds text and finite numbers; remove control characters and half characters from it."


def create(team: Team, user: User, name: str, draft: Json) -> SearchDraft:
    """Raises InvalidField where the draft is too large or cannot be stored."""
    _check(draft)
    made = SearchDraft.objects.create(team=team, created_by=user, name=name or UNNAMED, draft=draft)
    made.refresh_from_db(fields=["updated_at"])
    return made


def change(row: SearchDraft, name: str, draft: Json) -> None:
    """Raises InvalidField where the draft is too large or cannot be stored, and NotFound where it was just deleted."""
    _check(draft)
    row.name, row.draft, row.updated_at = name or UNNAMED, draft, clock.now()
    if not SearchDraft.objects.filter(pk=row.pk).update(name=row.name, draft=draft, updated_at=row.updated_at):
        raise NotFound("This draft was deleted. Save it as a new one.")


def of(search: Search) -> Json:
    """The draft that launches the same search again, with the limits that it began with."""
    task = _first_task(search)
    return {
        "name": search.name,
        "strategy": task["strategy"]["name"],
        "space": task["space"]["name"],
        "evaluator": task["evaluator"]["name"],
        "dataset": task["dataset"],
        "budget": task["budget"],
        "seed": task["seed"],
        "settings": {
            **{factor: task[factor]["config"] for factor in ("space", "strategy", "evaluator")},
            "objective": task["objective"],
            "answer": task["answer"],
        },
    }


def _first_task(search: Search) -> Json:
    """The search's own row has the limits of now; the log has those of the start."""
    for event in event_log.read(search.pk, 0, 1, ["search_started"]):
        task: Json = event["payload"]["task"]
        return task
    return dict(search.task)


def _check(draft: Json) -> None:
    """Refuses what is too large, and what the database cannot hold as JSON."""
    try:
        text = json.dumps(draft, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())  # fails for one half of a surrogate pair
    except (ValueError, RecursionError):
        raise InvalidField("draft", STORABLE) from None
    if size > MAX_BYTES:
        raise InvalidField("draft", f"A draft may have {MAX_BYTES:,} bytes, and this one has {size:,}.")
    if r"\u0000" in text:
        raise InvalidField("draft", STORABLE)
