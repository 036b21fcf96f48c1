"""Reading branches: which round a step of a search belongs to. Only lifecycle.py writes them.

A branch starts from a round of an earlier branch. Its history is its own rounds, then those of its parent up to that
round, and so on back to the first branch of the search.
"""

from collections.abc import Iterator

from webapp.core.errors import Conflict
from webapp.models import Branch, Round, Search


def history(search: Search, number: int) -> Iterator[tuple[Branch, int | None]]:
    """The branch, its parent, and so on to the first; each with the last of its rounds that belongs to the history
    (None: all of them)."""
    rows = {row.number: row for row in search.branches.all()}
    branch, last_round = rows[number], None
    yield branch, last_round
    while branch.parent is not None:
        branch, last_round = rows[branch.parent], branch.parent_round
        yield branch, last_round


def round_of(search: Search, number: int, step: int) -> Round:
    """The first round in the branch's history that starts after `step` decisions. Raises Conflict.

    Several rounds start at the same step where a round decided nothing.
    """
    if number > search.branch:
        raise Conflict(f"There is no branch {number}: {_available('branch', 'branches', 0, search.branch)}")
    for branch, last_round in history(search, number):
        rounds = search.rounds.filter(branch=branch.number, step=step)
        if last_round is not None:
            rounds = rounds.filter(number__lte=last_round)
        found = rounds.order_by("number").first()
        if found is not None:
            return found
    first = branch.step
    latest = search.rounds.filter(branch=number).order_by("-step").values_list("step", flat=True).first()
    steps = _available("step", "steps", first, first if latest is None else latest)
    raise Conflict(f"Step {step} was not reached: {steps}")


def _available(singular: str, plural: str, first: int, last: int) -> str:
    if first == last:
        return f"there is only {singular} {first}."
    return f"there are {plural} {first} to {last}."
