"""The only writer of drafts: what people typed in the form of a new search and have not launched, and the draft that
launches an earlier search again."""

import json
from collections.abc import Iterator

from django.db.models import F

from search.base.serialization import Json
from webapp.core import clock
from webapp.core.errors import Conflict, InvalidField, NotFound, Outdated
from webapp.core.transactions import short_transaction
from webapp.models import Search, SearchDraft, Team, User
from webapp.searches import event_log

MAX_DRAFTS = 200  # of a team
MAX_BYTES = 32_768
UNNAMED = "Draft"
STORABLE = "A draft holds text and finite numbers; remove null characters and half characters from it."

MISSING = "This draft does not exist any more."


@short_transaction()
def create(team: Team, user: User, name: str, draft: Json) -> SearchDraft:
    """Raises InvalidField where the draft is too large or cannot be stored, Conflict where the team has too many."""
    _check(draft)
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)  # of two requests at once, the second counts the first
    if SearchDraft.objects.filter(team=team).count() >= MAX_DRAFTS:
        raise Conflict(
            f"The team has {MAX_DRAFTS} drafts, the most that are allowed. Delete one that is no longer needed."
        )
    made = SearchDraft.objects.create(team=team, created_by=user, name=name or UNNAMED, draft=draft)
    made.refresh_from_db(fields=["updated_at"])
    return made


@short_transaction()
def change(pk: str, user: User, version: int, name: str, draft: Json) -> SearchDraft:
    """Replaces the draft that has this version. Raises InvalidField as `create` does, Outdated where it has another
    version by now, and NotFound where it was just deleted."""
    _check(draft)
    rows = SearchDraft.objects.select_related("created_by", "changed_by")
    changes = {"name": name or UNNAMED, "draft": draft, "updated_at": clock.now(), "changed_by": user}
    changed = SearchDraft.objects.filter(pk=pk, version=version).update(version=F("version") + 1, **changes)
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound(MISSING)
    if not changed:
        raise Outdated(_outdated(row, user))
    return row


def _outdated(row: SearchDraft, user: User) -> str:
    by = row.changed_by or row.created_by
    who = "You" if by == user else by.shown_name
    return (
        f"{who} changed this draft after it was opened here, on {row.updated_at:%Y-%m-%d at %H:%M} UTC. "
        "Save this one as a new draft, or open the other."
    )


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
    if any("\0" in text for text in _texts(draft)):
        raise InvalidField("draft", STORABLE)


def _texts(draft: Json) -> Iterator[str]:
    """All keys and values that are texts."""
    left: list[object] = [draft]
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            left += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            left += value
