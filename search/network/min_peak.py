"""The order of a few steps in which least is held at once: exact, by a search over the sets of steps done (bitmasks).

As in SERENITY (MLSys 2020), the value of a set is the least peak by which it can be reached. What differs: sets are
visited depth first under a bound that rises only when nothing is left below it; the search moves from one value let go
to the next, since what lies between only adds; and a move that cannot be wrong is made without asking for another.
"""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple


class Step(NamedTuple):
    """Reads values, writes one. Values are numbered: those from outside first, then one a step."""

    size: int  # of its value, held until it was read for the last time
    transient: int  # beside all that is held, while it runs
    reads: tuple[int, ...]  # what may be let go once nobody else reads it
    kept: bool  # whether its value is held to the end whatever happens


class Problem(NamedTuple):
    """Steps, each after what it reads. A segment of a program, alone."""

    outside: tuple[int, ...]  # sizes of values that are held when it begins
    steps: tuple[Step, ...]


class Solution(NamedTuple):
    order: tuple[int, ...]
    peak: int
    least: int  # proven: no order has a lower peak
    states: int  # sets of steps that were visited


def can_be_solved(problem: Problem) -> bool:
    """Whether every step needs no more beyond what it leaves than any step that lets something go needs beyond what is
    left after it. So it is where steps need what they leave, as single instructions do."""
    sizes = [*problem.outside, *[step.size for step in problem.steps]]
    kept = [False] * len(problem.outside) + [step.kept for step in problem.steps]
    readers = Counter(read for step in problem.steps for read in step.reads)
    beyond = max(step.transient - step.size for step in problem.steps)
    for step in problem.steps if beyond else ():
        goes = [read for read in step.reads if not kept[read]]
        # whatever else happens, what it alone reads goes; and if it lets go at all, then the smallest
        alone = sum(sizes[read] for read in goes if readers[read] == 1)
        if goes and step.transient - step.size + (alone or min(sizes[read] for read in goes)) < beyond:
            return False
    return True


@lru_cache(maxsize=4096)
def min_peak_order(problem: Problem, floor: int, most_states: int) -> Solution:
    """The order with the lowest peak, or any whose peak is at most `floor`.

    Cut off after so many states, it is one that is no worse than the order in which the steps came.
    """
    return _Search(problem).run(floor, most_states)


class _State(NamedTuple):
    done: int  # set of steps
    live: int  # size of all values held
    path: "_Path | None"


class _Path(NamedTuple):
    before: "_Path | None"
    block: "_Block"


class _Block(NamedTuple):
    """Steps that let nothing go but at the last one."""

    order: tuple[int, ...]
    members: int  # the same as a set
    size: int  # of all values that it writes
    transient: int  # most that is held while it runs, beside what was held before
    frees: tuple[tuple[int, int], ...]  # sets of readers of values that it reads, and the size of those values


class _Search:
    def __init__(self, problem: Problem) -> None:
        outside, self.steps = problem
        first, total = len(outside), len(outside) + len(self.steps)
        self.full = (1 << len(self.steps)) - 1
        self.held = sum(outside)
        readers = [0] * total
        self.ancestors = [0] * len(self.steps)
        for i, step in enumerate(self.steps):
            for read in step.reads:
                readers[read] |= 1 << i
                if read >= first:
                    self.ancestors[i] |= 1 << (read - first) | self.ancestors[read - first]
        goes = [i < first or not self.steps[i - first].kept for i in range(total)]
        self.sizes, self.readers, self.first = [*outside, *[step.size for step in self.steps]], readers, first
        self.reads = [[read for read in step.reads if goes[read]] for step in self.steps]
        #: What must be done before a value is let go; the last is all.
        closures = {self._closure(readers[i]) for i in range(total) if goes[i]}
        self.closures = [*closures - {self.full}, self.full]
        self.blocks: dict[int, _Block] = {}
        self.least = max(
            step.transient + sum([self.sizes[read] for read in reads])
            for step, reads in zip(self.steps, self.reads, strict=True)
        )

    def _closure(self, members: int) -> int:
        for i in _bits(members):
            members |= self.ancestors[i]
        return members

    def run(self, floor: int, most_states: int) -> Solution:
        own = tuple(range(len(self.steps)))
        least, ceiling, states = self.least, self.peak(own), 0
        bound = max(least, floor)
        stack = [_State(0, self.held, None)] if ceiling > bound else []
        later: list[tuple[int, int, _State]] = []  # by peak, and as they came
        settled, number = set[int](), count()
        while stack or later:
            if not stack:  # nothing is left below: what was put off with the lowest peak sets the bound
                least = bound = later[0][0]
                stack.append(heappop(later)[2])
            state, blocks = self._greedy_closure(stack.pop(), bound)
            if state.done in settled:
                continue
            settled.add(state.done)
            if state.done == self.full or states == most_states:
                if state.done != self.full:
                    state = self._greedy()
                order = min(own, _steps(state), key=self.peak)
                return Solution(order, self.peak(order), least, states)
            states += 1
            for block in blocks:
                peak = state.live + block.transient
                if peak >= ceiling or state.done | block.members in settled:
                    continue
                if peak <= bound:
                    stack.append(self._after(state, block))
                else:
                    heappush(later, (peak, next(number), self._after(state, block)))
        return Solution(own, ceiling, ceiling if ceiling > bound else least, states)

    def peak(self, order: tuple[int, ...]) -> int:
        """Most that is held at once in this order."""
        done, live, peak = 0, self.held, 0
        for i in order:
            peak = max(peak, live + self.steps[i].transient)
            done |= 1 << i
            live += self.steps[i].size
            live -= sum([self.sizes[read] for read in self.reads[i] if self.readers[read] & done == self.readers[read]])
        return peak

    def _moves(self, state: _State) -> list[_Block]:
        """The blocks after which something can be let go, and nothing before.

        There is a best order that goes on with one of them. Take the first step of any best order that lets something
        go, and all that ran so far. Such a block is within it; run at once, it needs no more than it did, and then the
        others of them, which only add, need no more than that step did: that is what `can_be_solved` makes sure of.
        """
        undone = self.full ^ state.done
        minimal: list[int] = []
        for members in sorted({closure & undone for closure in self.closures}, key=int.bit_count):
            for one in minimal:
                if one & members == one:
                    break
            else:
                if members:
                    minimal.append(members)
        return [self.blocks.get(members) or self._block(members) for members in minimal]

    def _block(self, members: int) -> _Block:
        """In the order that needs least: last, of the steps that nobody in it waits for, the one that needs the least
        beyond what it leaves (Lawler's rule)."""
        order: list[int] = []
        left = members
        while left & left - 1:
            ends = [i for i in _bits(left) if not self.readers[self.first + i] & left]
            last = min(ends, key=lambda i: (self.steps[i].transient - self.steps[i].size, -i))
            order.insert(0, last)
            left ^= 1 << last
        order.insert(0, left.bit_length() - 1)
        size = transient = 0
        for i in order:
            transient, size = max(transient, size + self.steps[i].transient), size + self.steps[i].size
        frees: dict[int, int] = {}
        for read in {read for i in order for read in self.reads[i]}:
            frees[self.readers[read]] = frees.get(self.readers[read], 0) + self.sizes[read]
        block = self.blocks[members] = _Block(tuple(order), members, size, transient, tuple(frees.items()))
        return block

    def _after(self, state: _State, block: _Block) -> _State:
        done = state.done | block.members
        live = state.live + block.size
        for readers, size in block.frees:
            if readers & done == readers:
                live -= size
        return _State(done, live, _Path(state.path, block))

    def _greedy_closure(self, state: _State, bound: int) -> tuple[_State, list[_Block]]:
        """The state after every row within the bound that leaves no more held than before, and where to go on.

        None of them can be wrong. In any order that goes on from here, take such a row to the front: what it lets go
        of is let go earlier, and at no time is more held beside the others than there was.
        """
        while True:
            blocks = self._moves(state)
            for block in blocks:
                after = self._row(state, block, bound)
                if after is not None:
                    state = after
                    break
            else:
                return state, blocks

    def _row(self, state: _State, block: _Block, bound: int) -> _State | None:
        """The state after a block, and what can only follow it, as soon as no more is held than before."""
        after = state
        while after.live + block.transient <= bound:
            after = self._after(after, block)
            if after.live <= state.live:
                return after
            (*_, last) = block.order
            readers = self.readers[self.first + last]
            if readers.bit_count() != 1:
                return None
            follows = readers.bit_length() - 1
            row = after.done ^ state.done
            if self.ancestors[follows] & row != row or self.ancestors[follows] & ~after.done:
                return None
            block = self.blocks.get(readers) or self._block(readers)
        return None

    def _greedy(self) -> _State:
        """One order, each time by the block that needs least now, and of those the one that leaves least held."""
        state, bound = _State(0, self.held, None), self.least
        while True:
            state, blocks = self._greedy_closure(state, bound)
            if not blocks:
                return state
            after = [(max(bound, state.live + block.transient), self._after(state, block)) for block in blocks]
            bound, state = min(after, key=lambda one: (one[0], one[1].live, one[1].done))


def _bits(members: int) -> Iterator[int]:
    while members:
        lowest = members & -members
        yield lowest.bit_length() - 1
        members ^= lowest


def _steps(state: _State) -> tuple[int, ...]:
    blocks: list[_Block] = []
    path = state.path
    while path is not None:
        blocks.append(path.block)
        path = path.before
    return tuple([i for block in reversed(blocks) for i in block.order])
