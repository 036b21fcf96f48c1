"""Under any commands, the log agrees with the state and the answer is valid; searches repeat byte for byte."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.base import serialization
from search.log.commands import BadCommand
from search.log.events import KINDS
from search.network.budget import Budget
from search.network.graph import Graph, live
from search.network.locks import Locks
from tests.examples import examples
from tests.search import fakes
from tests.search.reading import as_read, reader_of
from tests.search.steering import Steered, assert_small, of_kind

NODES = 5
EDGES = st.sampled_from([f"{i}-{j}" for i in range(NODES) for j in range(i + 1, NODES)] + ["3-1", "7-9"])
PARTS = st.one_of(EDGES.map(lambda edge: {"edge": edge}), st.integers(0, NODES).map(lambda node: {"node": node}))
BUDGETS = st.builds(
    lambda params, macs, peak: {"params": params, "macs": macs, "peak_memory": peak},
    st.none() | st.integers(15_000, 70_000),
    st.none() | st.integers(200_000, 900_000),
    st.none() | st.integers(15_000, 60_000),
)
COMMANDS = st.one_of(
    st.tuples(st.sampled_from(["lock", "lock", "unlock", "remove", "restore", "restore"]), PARTS),
    st.tuples(st.just("set_budget"), BUDGETS.map(lambda budget: {"budget": budget})),
    st.tuples(st.just("set_weight"), st.floats(-0.1, 1.1).map(lambda weight: {"weight": weight})),
)
ACTIONS = st.one_of(
    COMMANDS,
    COMMANDS,
    COMMANDS,
    st.tuples(st.just("advance"), st.integers(1, 3)),
    st.tuples(st.just("roll_back"), st.integers(0, 6)),
)


def check(search: Steered, removed: set[str]) -> None:
    """The log agrees with the state and the snapshot, and the answer so far is valid."""
    state, snapshot, reader = search.state, search.snapshot, reader_of(search.log)
    assert (reader.read_snapshot, reader.graph) == (as_read(snapshot), search.graph)
    assert snapshot.step == state["step"] and snapshot.locked_nodes == tuple(state["locked_nodes"])
    locks = Locks(snapshot.locked, snapshot.locked_nodes)
    assert locks.lost(search.graph) is None
    assert live(search.graph.nodes, search.graph.edges) == search.graph
    if snapshot.best is not None:
        answer = Graph.from_rows(search.best.graph)
        assert (search.best.as_best, snapshot.budget.over(search.best.cost)) == (snapshot.best, ())
        assert locks.lost(answer) is None
        assert not removed & {edge.id for edge in answer.edges}


@settings(max_examples=examples(30))
@given(
    st.sampled_from([Budget(), Budget(params=30_000), Budget(params=25_000, macs=500_000, peak_memory=30_000)]),
    st.sampled_from(
        [
            {},
            {"keep_edges": 4},
            {"patience": 1},
            {"patience": 0, "candidates": 2},
            {"strategy": "random", "rounds": 6},
            {"strategy": "evolution", "rounds": 8, "population": 4, "tournament": 2},
        ]
    ),
    st.lists(ACTIONS, max_size=14),
)
@example(Budget(params=30_000), {"patience": 1}, [("roll_back", 0), ("advance", 3), ("restore", {"node": 1})])
def test_under_any_commands_the_log_agrees_with_the_state_and_the_answer_is_valid(
    budget: Budget, config: dict[str, Any], actions: list[tuple[str, Any]]
) -> None:
    search = Steered(fakes.task(nodes=NODES, **{"candidates": 3, **config}, budget=budget))
    removed: set[str] = set()  # by people, and not restored since
    for kind, argument in actions:
        if search.has_ended:
            break
        if kind == "advance":
            search.advance(argument)
        elif kind == "roll_back":
            step = argument % (search.state["step"] + 1)
            search.roll_back(step)
        else:
            try:
                search.send(kind, **argument)
            except BadCommand:
                continue
        removed = removed_by_people(search)
        check(search, removed)
    search.advance(200)
    assert search.has_ended
    check(search, removed)
    for event in search.log:
        serialization.decode(KINDS[event["kind"]], event["payload"])
    finished, end = of_kind(search.log, "search_finished")[-1], search.snapshot
    assert serialization.to_jsonable(end.answer) == finished["best"]
    assert (end.status, end.why, end.trained) == ("finished", finished["why"], finished["candidates"])
    if finished["best"] is not None or config.get("strategy") is None:  # AutoShrink always ends at a graph that fits
        assert not end.budget.over(end.cost) and not end.over


def removed_by_people(search: Steered) -> set[str]:
    """The edges that no later answer may have."""
    if "banned" in search.state:
        return set(search.state["banned"])
    return {edge.id for edge in search.snapshot.removed if edge.cause == "person"}


def steered_search() -> Steered:
    """A whole search with every kind of command and two rollbacks."""
    search = Steered(fakes.task(nodes=6, candidates=4, budget=Budget(params=60_000), patience=0))
    search.send("lock", edge="0-5")
    search.send("lock", node=3)
    search.advance(2)
    search.send("remove", edge=next(edge for edge in search.edges if edge not in ("0-5", "0-3", "0-1")))
    search.send("set_weight", weight=0.25)
    search.advance()
    search.send("set_budget", budget={"params": 50_000, "peak_memory": 40_000})
    search.send("unlock", edge="0-5")
    search.advance(1)
    search.roll_back(1)
    search.advance(2)
    search.send("remove", node=4)
    search.advance()
    search.send("restore", node=4)
    search.send("unlock", node=3)
    search.roll_back(2)
    search.send("restore", edge=search.snapshot.removed[0].id)
    search.advance(200)
    return search


def test_a_steered_search_folded_twice_gives_the_same_log_and_state_byte_for_byte() -> None:
    one, two = steered_search(), steered_search()
    assert serialization.dumps(one.log) == serialization.dumps(two.log)
    assert serialization.dumps(one.state) == serialization.dumps(two.state)
    applied = {payload["kind"] for payload in of_kind(one.log, "command_applied")}
    assert applied == {"lock", "unlock", "remove", "restore", "set_budget", "set_weight", "rollback"}
    assert not of_kind(one.log, "command_refused")


def test_a_search_can_be_replayed_from_the_task_and_commands_in_its_log() -> None:
    log = steered_search().log
    again = Steered(serialization.decode(KINDS["search_started"], log[0]["payload"]).task)
    for event in log:
        if event["kind"] != "command_applied":
            continue
        arguments = {name: event["payload"][name] for name in ("edge", "node", "budget", "weight", "step")}
        arguments = {name: value for name, value in arguments.items() if value is not None}
        if event["payload"]["kind"] == "rollback":
            left = (e for e in log if e["branch"] == event["branch"] - 1 and e["kind"] == "candidates_measured")
            again.advance(len({e["round"] for e in left}) - again.round)
            again.roll_back(**arguments)
        else:
            again.advance(event["round"] - again.round)
            assert again.send(event["payload"]["kind"], **arguments) is None
    again.advance(200)
    assert serialization.dumps(again.log) == serialization.dumps(log)


def test_at_its_largest_setting_a_steered_state_stays_under_a_megabyte_and_its_events_are_small() -> None:
    loose = Budget(params=10**7, macs=10**9, peak_memory=10**8)
    search = Steered(fakes.task(nodes=16, candidates=20, patience=0, budget=loose))
    search.send("lock", edge="13-14")
    search.send("lock", node=15)
    search.advance()
    search.roll_back(0)
    for node in range(1, 12):
        search.send("remove", node=node)
    search.advance(2)
    largest = len(serialization.dumps(search.state))
    fork = search.fork(at=-1)  # nearly all edges are removed, each with its step and cause
    opened = of_kind(fork.log, "branch_opened")[0]
    assert len(opened["snapshot"]["removed"]) > 110
    assert largest < 2**20
    longest = {**fork.log[1], "payload": {**opened, "reason": "字" * 300}}
    assert_small([*search.log, *fork.log, longest])
