"""Lines of rounds, read: where a step of a search lies, and where a branch ended. searches.py alone writes them.

A branch goes on from a round of an earlier one, so the line behind it is its own rounds, then those of its parent up
to that round, and so on to the search's beginning.
"""

from collections.abc import Iterator

from webapp.core.errors import Conflict
from webapp.models import Branch, Round, Search


def line(search: Search, number: int) -> Iterator[tuple[Branch, int | None]]:
    """The branch, the one that it left, and so on to the search's first; with the last round of each that counts."""
    rows = {row.number: row for row in search.branches.all()}
    branch, last = rows[number], None  # all of its own
    yield branch, last
    while branch.parent is not None:
        branch, last = rows[branch.parent], branch.parent_round
        yield branch, last


def round_of(search: Search, number: int, step: int) -> Round:
    """The round of the branch's line that began when `step` decisions were made; the first of them, where rounds
    decided nothing. Raises Conflict."""
    if number > search.branch:
        raise Conflict(f"There is no branch {number}: {_from_to('branch', 'branches', 0, search.branch)}")
    for branch, last in line(search, number):
        rounds = search.rounds.filter(branch=branch.number, step=step)
        if last is not None:
            rounds = rounds.filter(number__lte=last)
        found = rounds.order_by("number").first()
        if found is not None:
            return found
    first = branch.step
    latest = search.rounds.filter(branch=number).order_by("-step").values_list("step", flat=True).first()
    there_are = _from_to("step", "steps", first, first if latest is None else latest)
    raise Conflict(f"Step {step} was not reached: {there_are}")


def last_seq(search: Search, number: int) -> int:
    """Of the branch's last event: the next branch begins after it."""
    opened = search.branches.filter(number=number + 1).values_list("seq", flat=True).first()
    return search.seq if opened is None else opened - 1


def _from_to(one: str, many: str, first: int, last: int) -> str:
    if first == last:
        return f"there is only {one} {first}."
    return f"the {many} that there are go from {first} to {last}."
