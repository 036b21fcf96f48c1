"""The order of a few steps with the lowest peak memory: an exact search over sets of finished steps (bitmasks).

As in SERENITY (MLSys 2020), the value of a set is the lowest peak with which it can be reached. Three differences: sets
are visited depth first under a bound that rises only when no state below it is left; a move runs all steps up to the
next freed value, because the steps between only add memory; and a move that is provably safe is made without branching.
"""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple


class Step(NamedTuple):
    """Reads values and writes one. Values are numbered: those from outside first, then one per step."""

    size: int  # of its value, which is held until its last reader has run
    transient: int  # memory while it runs, on top of everything already held
    reads: tuple[int, ...]  # values, each freed after its last reader
    kept: bool  # whether its value is held to the end


class Problem(NamedTuple):
    """Steps in a valid order: one segment of a program."""

    outside: tuple[int, ...]  # sizes of the values held at the start
    steps: tuple[Step, ...]


class Solution(NamedTuple):
    """An order of the steps. It is optimal if `peak == lower_bound`."""

    order: tuple[int, ...]
    peak: int
    lower_bound: int  # proven: no order has a lower peak
    states: int  # sets of steps visited


def can_be_solved(problem: Problem) -> bool:
    """Whether the search is exact for this problem.

    The excess of a step is its transient memory minus the size of its value. Required: no step's excess is larger than
    that of any freeing step plus the least that this step frees. It always holds for single instructions, which have
    no excess.
    """
    sizes = [*problem.outside, *[step.size for step in problem.steps]]
    kept = [False] * len(problem.outside) + [step.kept for step in problem.steps]
    readers = Counter(read for step in problem.steps for read in step.reads)
    max_excess = max(step.transient - step.size for step in problem.steps)
    for step in problem.steps if max_excess else ():
        freeable = [read for read in step.reads if not kept[read]]
        # it always frees what only it reads; otherwise, if it frees anything, at least the smallest value
        exclusive = sum(sizes[read] for read in freeable if readers[read] == 1)
        if freeable and step.transient - step.size + (exclusive or min(sizes[read] for read in freeable)) < max_excess:
            return False
    return True


@lru_cache(maxsize=4096)
def min_peak_order(problem: Problem, floor: int, max_states: int) -> Solution:
    """The order with the lowest peak, or any order whose peak is at most `floor`.

    If the search is cut off after `max_states`, the result is no worse than the given order of the steps.
    """
    return _Search(problem).run(floor, max_states)


class _State(NamedTuple):
    done: int  # set of finished steps
    live: int  # total size of the values held
    path: "_Path | None"


class _Path(NamedTuple):
    """The blocks that led to a state, as a linked list from the last to the first."""

    before: "_Path | None"
    block: "_Block"


class _Block(NamedTuple):
    """Steps that run in a row, of which only the last one frees values."""

    order: tuple[int, ...]
    members: int  # the set of these steps
    size: int  # total size of the values that it writes
    transient: int  # peak while it runs, on top of what was held before
    frees: tuple[tuple[int, int], ...]  # (set of readers, total size) of the values that it reads


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
        freeable = [i < first or not self.steps[i - first].kept for i in range(total)]
        self.sizes, self.readers, self.first = [*outside, *[step.size for step in self.steps]], readers, first
        self.reads = [[read for read in step.reads if freeable[read]] for step in self.steps]
        #: For each freeable value the steps that must run before it is freed; the last entry is all steps.
        closures = {self._closure(readers[i]) for i in range(total) if freeable[i]}
        self.closures = [*closures - {self.full}, self.full]
        self.blocks: dict[int, _Block] = {}
        self.lower_bound = max(
            step.transient + sum([self.sizes[read] for read in reads])
            for step, reads in zip(self.steps, self.reads, strict=True)
        )

    def _closure(self, members: int) -> int:
        """The set of these steps and all their ancestors."""
        for i in _bits(members):
            members |= self.ancestors[i]
        return members

    def run(self, floor: int, max_states: int) -> Solution:
        own = tuple(range(len(self.steps)))
        lower_bound, ceiling, states = self.lower_bound, self.peak(own), 0
        bound = max(lower_bound, floor)
        stack = [_State(0, self.held, None)] if ceiling > bound else []
        deferred: list[tuple[int, int, _State]] = []  # heap by peak, then in order of insertion
        visited, number = set[int](), count()
        while stack or deferred:
            if not stack:  # no state within the bound is left: the lowest deferred peak is the new bound
                lower_bound = bound = deferred[0][0]
                stack.append(heappop(deferred)[2])
            state, blocks = self._greedy_closure(stack.pop(), bound)
            if state.done in visited:
                continue
            visited.add(state.done)
            if state.done == self.full or states == max_states:
                if state.done != self.full:
                    state = self._greedy()
                order = min(own, _steps(state), key=self.peak)
                return Solution(order, self.peak(order), lower_bound, states)
            states += 1
            for block in blocks:
                peak = state.live + block.transient
                if peak >= ceiling or state.done | block.members in visited:
                    continue
                if peak <= bound:
                    stack.append(self._run_block(state, block))
                else:
                    heappush(deferred, (peak, next(number), self._run_block(state, block)))
        return Solution(own, ceiling, ceiling if ceiling > bound else lower_bound, states)

    def peak(self, order: tuple[int, ...]) -> int:
        """Peak memory of this order."""
        done, live, peak = 0, self.held, 0
        for i in order:
            peak = max(peak, live + self.steps[i].transient)
            done |= 1 << i
            live += self.steps[i].size
            live -= sum([self.sizes[read] for read in self.reads[i] if self.readers[read] & done == self.readers[read]])
        return peak

    def _moves(self, state: _State) -> list[_Block]:
        """The minimal blocks that end with a step that can free values.

        Some best order continues with one of them. Take a best order up to the first step that frees something: those
        steps contain such a block. Running the block first raises no peak before its end, and the other steps, which
        only add memory, then need no more than the freeing step did. `can_be_solved` guarantees the latter.
        """
        undone = self.full ^ state.done
        minimal: list[int] = []
        for members in sorted({closure & undone for closure in self.closures}, key=int.bit_count):
            for smaller in minimal:
                if smaller & members == smaller:
                    break
            else:
                if members:
                    minimal.append(members)
        return [self.blocks.get(members) or self._block(members) for members in minimal]

    def _block(self, members: int) -> _Block:
        """The block of these steps in the order with the lowest peak.

        It is built from the end by Lawler's rule: of the steps that no remaining step reads, the one with the least
        excess comes last.
        """
        order: list[int] = []
        remaining = members
        while remaining & remaining - 1:
            ends = [i for i in _bits(remaining) if not self.readers[self.first + i] & remaining]
            last = min(ends, key=lambda i: (self.steps[i].transient - self.steps[i].size, -i))
            order.insert(0, last)
            remaining ^= 1 << last
        order.insert(0, remaining.bit_length() - 1)
        size = transient = 0
        for i in order:
            transient, size = max(transient, size + self.steps[i].transient), size + self.steps[i].size
        frees: dict[int, int] = {}
        for read in {read for i in order for read in self.reads[i]}:
            frees[self.readers[read]] = frees.get(self.readers[read], 0) + self.sizes[read]
        block = self.blocks[members] = _Block(tuple(order), members, size, transient, tuple(frees.items()))
        return block

    def _run_block(self, state: _State, block: _Block) -> _State:
        done = state.done | block.members
        live = state.live + block.size
        for readers, size in block.frees:
            if readers & done == readers:
                live -= size
        return _State(done, live, _Path(state.path, block))

    def _greedy_closure(self, state: _State, bound: int) -> tuple[_State, list[_Block]]:
        """The state after all safe runs of blocks, and the possible moves from there.

        A run is safe if it stays within the bound and leaves no more held than before. In any order that continues from
        here, such a run can move to the front: its values are freed earlier, and at no time do the other steps have
        more held beside them.
        """
        while True:
            blocks = self._moves(state)
            for block in blocks:
                after = self._safe_run(state, block, bound)
                if after is not None:
                    state = after
                    break
            else:
                return state, blocks

    def _safe_run(self, state: _State, block: _Block, bound: int) -> _State | None:
        """The state after this block and the steps that must follow it, as soon as no more is held than before.

        None if there is no such run within the bound.
        """
        after = state
        while after.live + block.transient <= bound:
            after = self._run_block(after, block)
            if after.live <= state.live:
                return after
            (*_, last) = block.order
            readers = self.readers[self.first + last]
            if readers.bit_count() != 1:
                return None
            reader = readers.bit_length() - 1
            run = after.done ^ state.done
            if self.ancestors[reader] & run != run or self.ancestors[reader] & ~after.done:
                return None
            block = self.blocks.get(readers) or self._block(readers)
        return None

    def _greedy(self) -> _State:
        """A greedy order: each move is the block with the lowest peak; ties go to the one that leaves least held."""
        state, bound = _State(0, self.held, None), self.lower_bound
        while True:
            state, blocks = self._greedy_closure(state, bound)
            if not blocks:
                return state
            moves = [(max(bound, state.live + block.transient), self._run_block(state, block)) for block in blocks]
            bound, state = min(moves, key=lambda move: (move[0], move[1].live, move[1].done))


def _bits(members: int) -> Iterator[int]:
    """Indexes of the bits that are set."""
    while members:
        lowest = members & -members
        yield lowest.bit_length() - 1
        members ^= lowest


def _steps(state: _State) -> tuple[int, ...]:
    """The steps that led to this state, in order."""
    blocks: list[_Block] = []
    path = state.path
    while path is not None:
        blocks.append(path.block)
        path = path.before
    return tuple([i for block in reversed(blocks) for i in block.order])
