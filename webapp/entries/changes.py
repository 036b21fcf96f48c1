"""The only writer of notes, tags, archiving and deletion of entries, and of new names.

A deleted entry is found by nobody (webapp/accounts/access.py), may be restored for RESTORE_SECONDS, and then goes with
its row, which frees its files. Locks: webapp/entries/locks.py.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from search.base.serialization import Json
from webapp.core import clock
from webapp.core.errors import Conflict, NotFound, Outdated
from webapp.core.transactions import short_transaction
from webapp.entries import locks
from webapp.entries.families import ARCHITECTURES, DATASETS, MODELS, SEARCHES, Family, dependents
from webapp.entries.listing import by_key
from webapp.models import Architecture, User

logger = logging.getLogger(__name__)

RESTORE_HOURS = 24
RESTORE_SECONDS = RESTORE_HOURS * 3600.0
NAMED = 3  # of the entries that keep another one from being deleted
LISTED = 20  # of the same, for programs
#: What depends on others first.
DELETION_ORDER = (MODELS, SEARCHES, ARCHITECTURES, DATASETS)


class InUse(Conflict):
    """Other entries depend on this one. `used_by` lists some of them."""

    code = "in_use"


@short_transaction()
def change(family: Family, pk: str, changes: Json, previous: Json | None = None) -> Any:
    """Sets what is given of name, notes, tags and archived. `previous`: what was read before. Raises NotFound, and
    Outdated where it is neither that any more nor what is given."""
    entry = locks.existing(family.model, pk)
    _require_unchanged(family, entry, changes, previous or {})
    for name, value in changes.items():
        if name == "name":
            setattr(entry, family.title, value)
        elif name == "archived":
            entry.archived_at = (entry.archived_at or clock.now()) if value else None
        elif name == "tags":
            entry.tags = by_key(value)
        else:
            entry.notes = value
    entry.save(update_fields=[family.title, "notes", "tags", "archived_at"])
    return entry


def _require_unchanged(family: Family, entry: Any, changes: Json, previous: Json) -> None:
    def comparable(texts: Json) -> Json:
        return texts | {"tags": by_key(texts["tags"])} if "tags" in texts else texts

    now = {"name": _name(family, entry), "notes": entry.notes, "tags": entry.tags}
    wanted = comparable(changes)
    for name, value in comparable(previous).items():
        if now[name] not in (value, wanted.get(name)):  # an answer that was lost is no change of somebody else
            raise Outdated(f"Somebody changed the {name} meanwhile.")


@short_transaction()
def delete(family: Family, pk: str, user: User) -> Any:
    """Raises NotFound; Conflict while it runs; InUse while others depend on it."""
    entry = locks.existing(family.model, pk)
    if family.runs and entry.state.is_live:
        raise Conflict(f"“{_name(family, entry)}” is {entry.status}. Stop it first, then delete it.")
    _require_unused(family, entry)
    entry.deleted_at, entry.deleted_by = clock.now(), user
    entry.save(update_fields=["deleted_at", "deleted_by"])
    return entry


@short_transaction()
def restore(family: Family, pk: str) -> Any:
    """Raises NotFound; Conflict where it is not deleted, or too long ago, or what it depends on is deleted."""
    entry = family.model.objects.select_for_update().filter(pk=pk).first()
    if entry is None:
        raise NotFound(f"There is no such {family.noun}.")
    name = _name(family, entry)
    if entry.deleted_at is None:
        raise Conflict(f"“{name}” is not deleted.")
    if until(entry) <= clock.now():
        raise Conflict(f"“{name}” was deleted more than {RESTORE_HOURS} hours ago and cannot be restored.")
    for base in (getattr(entry, column) for column in family.depends_on):
        if base is None:
            continue
        try:
            locks.existing(type(base), base.pk)
        except NotFound:
            raise Conflict(f"“{name}” needs “{base}”, which was deleted. Restore that first.") from None
    entry.deleted_at = entry.deleted_by = None
    entry.save(update_fields=["deleted_at", "deleted_by"])
    return entry


def until(entry: Any) -> datetime:
    """Until when a deleted entry may be restored."""
    deleted: datetime = entry.deleted_at
    return deleted + timedelta(seconds=RESTORE_SECONDS)


def delete_expired() -> int:
    """Deletes the rows of entries that can no longer be restored, and returns their number."""
    deleted = 0
    for family in DELETION_ORDER:
        expired = family.model.objects.filter(deleted_at__lte=clock.after(-RESTORE_SECONDS))
        for pk in expired.values_list("pk", flat=True):
            try:
                deleted += _delete_for_good(family, pk)
            except Exception:  # the others are deleted all the same
                logger.exception("the %s %s could not be deleted; the next sweep tries again", family.noun, pk)
    return deleted


@short_transaction()
def _delete_for_good(family: Family, pk: str) -> bool:
    expired = family.model.objects.filter(pk=pk, deleted_at__lte=clock.after(-RESTORE_SECONDS))
    entry = expired.select_for_update().first()  # it may have been restored just now
    if entry is None:
        return False
    if family is SEARCHES:
        Architecture.objects.filter(search=entry).update(lineage=None)
    entry.delete()
    return True


def _require_unused(family: Family, entry: Any) -> None:
    """Raises InUse. All that depends on an entry belongs to its team."""
    counts, used_by = list[str](), list[Json]()
    for other, column in dependents(family):
        rows = other.model.objects.filter(**{column: entry}, deleted_at=None).order_by("-created_at", "pk")
        if count := rows.count():
            counts.append(f"{count} {other.noun if count == 1 else other.name}")
            named = rows.values_list("pk", other.title)[:LISTED]
            used_by += [{"family": other.name, "id": pk, "name": name} for pk, name in named]
    if used_by:
        total = sum(int(count.partition(" ")[0]) for count in counts)
        names = _quoted([each["name"] for each in used_by[:NAMED]], total)
        verb = "depends on it" if total == 1 else "depend on it"
        raise InUse(
            f"“{_name(family, entry)}” cannot be deleted: {' and '.join(counts)} {verb} ({names}). "
            f"Delete {'that' if total == 1 else 'those'} first, or archive the {family.noun}.",
            used_by=used_by[:LISTED],
        )


def _quoted(names: Sequence[str], total: int) -> str:
    rest = total - len(names)
    return ", ".join(f"“{name}”" for name in names) + (f" and {rest} more" if rest else "")


def _name(family: Family, entry: Any) -> str:
    return str(getattr(entry, family.title))
