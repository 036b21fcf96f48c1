"""Whatever people say: the log tells what the search knows, its answer obeys, and nothing ever breaks."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.base import serialization
from search.log.commands import BadCommand
from search.log.events import KINDS
from search.network.budget import Budget
from search.network.cost import Cost
from search.network.graph import Graph, parse_edge
from tests.examples import examples
from tests.search import fakes
from tests.search.steering import Steered, of_kind

NODES = 5
EDGES = st.sampled_from([f"{i}-{j}" for i in range(NODES) for j in range(i + 1, NODES)] + ["3-1", "7-9"])
PARTS = st.one_of(EDGES.map(lambda edge: {"edge": edge}), st.integers(0, NODES).map(lambda node: {"node": node}))
BUDGETS = st.builds(
    lambda params, macs, peak: {"params": params, "macs": macs, "peak_memory": peak},
    st.none() | st.integers(15_000, 70_000),
    st.none() | st.integers(200_000, 900_000),
    st.none() | st.integers(15_000, 60_000),
)
SAID = st.one_of(
    st.tuples(st.sampled_from(["lock", "lock", "unlock", "remove", "restore", "restore"]), PARTS),
    st.tuples(st.just("set_budget"), BUDGETS.map(lambda budget: {"budget": budget})),
    st.tuples(st.just("set_weight"), st.floats(-0.1, 1.1).map(lambda weight: {"weight": weight})),
)
TURNS = st.one_of(
    SAID, SAID, SAID, st.tuples(st.just("rest"), st.integers(1, 3)), st.tuples(st.just("back"), st.integers(0, 6))
)


def check(search: Steered, removed: set[str]) -> None:
    """What must hold at any moment."""
    state, view = search.state, search.view
    budget = serialization.decode(Budget, view["budget"])
    assert [e["id"] for e in view["edges"] if e["state"] == "active"] == state["edges"]
    assert [e["id"] for e in view["edges"] if e["locked"]] == sorted(state["locked"], key=_place)
    assert [n["id"] for n in view["nodes"] if n["locked"]] == state["locked_nodes"]
    assert view["budget"] == (state["budget"] or view["task"]["budget"])
    assert view["weight"] == (view["task"]["config"]["cost_weight"] if state["weight"] is None else state["weight"])
    assert view["step"] == state["step"] == len(view["history"])
    gone = {(e["id"], e["step"], e["cause"]) for e in view["edges"] if e["state"] == "removed"}
    assert gone == {(one["id"], one["step"], one["cause"]) for one in state["removed"]}
    assert set(state["locked"]) <= set(state["edges"])
    live = {0} | {parse_edge(edge).target for edge in state["edges"]}
    assert {n["id"] for n in view["nodes"] if n["state"] == "active"} == live >= set(state["locked_nodes"])
    if (best := state["best"]) is not None:
        graph, cost = Graph.from_dict(best["graph"]), serialization.decode(Cost, best["cost"])
        assert not budget.over(cost)
        assert all(graph.has(parse_edge(edge)) for edge in state["locked"])
        assert set(state["locked_nodes"]) <= set(graph.by_id)
        assert not removed & {edge.id for edge in graph.edges}


def _place(edge: str) -> tuple[int, int]:
    return tuple(parse_edge(edge))  # type: ignore[return-value]


@settings(max_examples=examples(30))
@given(
    st.sampled_from([Budget(), Budget(params=30_000), Budget(params=25_000, macs=500_000, peak_memory=30_000)]),
    st.sampled_from([{}, {"keep_edges": 4}, {"patience": 1}, {"patience": 0, "candidates": 2}]),
    st.lists(TURNS, max_size=14),
)
@example(Budget(params=30_000), {"patience": 1}, [("back", 0), ("rest", 3), ("restore", {"node": 1})])
def test_whatever_people_say_the_log_tells_it_and_the_answer_obeys(
    budget: Budget, config: dict[str, object], turns: list[tuple[str, object]]
) -> None:
    search = Steered(fakes.task(nodes=NODES, **{"candidates": 3, **config}, budget=budget))  # type: ignore[arg-type]
    removed: set[str] = set()  # by people, and not restored since
    for kind, what in turns:
        if search.over:
            break
        if kind == "rest":
            search.rest(what)  # type: ignore[arg-type]
        elif kind == "back":
            step = what % (search.state["step"] + 1)
            search.back(step)
        else:
            try:
                search.say(kind, **what)  # type: ignore[arg-type]
            except BadCommand:
                continue
        removed = {one["id"] for one in search.state["removed"] if one["cause"] == "person"}
        check(search, removed)
    search.rest(200)
    assert search.over
    check(search, removed)
    for event in search.log:
        serialization.decode(KINDS[event["kind"]], event["payload"])
    finished = of_kind(search.log, "search_finished")[-1]
    view = search.view
    assert view["best"] == finished["best"]
    budget = serialization.decode(Budget, view["budget"])
    assert not budget.over(serialization.decode(Cost, view["cost"]))  # there was always a way to a graph that fits


def whole() -> Steered:
    """Every kind of command, two rollbacks, one of them out of a branch that was left."""
    search = Steered(fakes.task(nodes=6, candidates=4, budget=Budget(params=60_000), patience=0))
    search.say("lock", edge="0-5")
    search.say("lock", node=3)
    search.rest(2)
    search.say("remove", edge=next(e for e in search.state["edges"] if e not in ("0-5", "0-3", "0-1")))
    search.say("set_weight", weight=0.25)
    search.rest()
    search.say("set_budget", budget={"params": 50_000, "peak_memory": 40_000})
    search.say("unlock", edge="0-5")
    search.rest(1)
    search.back(1)
    search.rest(2)
    search.say("remove", node=4)
    search.rest()
    search.say("restore", node=4)
    search.say("unlock", node=3)
    search.back(2)
    search.say("restore", edge=search.state["removed"][0]["id"])
    search.rest(200)
    return search


def test_a_steered_search_folded_twice_gives_the_same_log_and_state_byte_for_byte() -> None:
    one, two = whole(), whole()
    assert serialization.dumps(one.log) == serialization.dumps(two.log)
    assert serialization.dumps(one.state) == serialization.dumps(two.state)
    said = {payload["kind"] for payload in of_kind(one.log, "command_applied")}
    assert said == {"lock", "unlock", "remove", "restore", "set_budget", "set_weight", "rollback"}
    assert not of_kind(one.log, "command_refused")


def test_the_commands_in_the_log_alone_bring_it_forth_again() -> None:
    """Task and commands are read from the log; everything else must follow from them."""
    log = whole().log
    again = Steered(serialization.decode(KINDS["search_started"], log[0]["payload"]).task)
    for event in log:
        if event["kind"] != "command_applied":
            continue
        said = {name: event["payload"][name] for name in ("edge", "node", "budget", "weight", "step")}
        said = {name: value for name, value in said.items() if value is not None}
        if event["payload"]["kind"] == "rollback":
            left = (e for e in log if e["branch"] == event["branch"] - 1 and e["kind"] == "candidate_scored")
            again.rest(len({e["round"] for e in left}) - again.round)
            again.back(**said)
        else:
            again.rest(event["round"] - again.round)
            assert again.say(event["payload"]["kind"], **said) is None
    again.rest(200)
    assert serialization.dumps(again.log) == serialization.dumps(log)


def test_at_its_largest_setting_a_steered_state_stays_under_a_megabyte_and_its_events_under_16_kb() -> None:
    huge = Budget(params=10**7, macs=10**9, peak_memory=10**8)
    search = Steered(fakes.task(nodes=16, candidates=20, patience=0, budget=huge))
    search.say("lock", edge="13-14")
    search.say("lock", node=15)
    search.rest()
    search.back(0)
    for node in range(1, 12):
        search.say("remove", node=node)
    search.rest(2)
    largest = max(
        len(serialization.dumps(state)) for state in [*(state for _, _, state in search.rounds), search.state]
    )
    fork = search.fork(at=-1)  # nearly all edges are gone, each with its step and cause
    opened = of_kind(fork.log, "branch_opened")[0]
    assert sum(edge["state"] == "removed" for edge in opened["edges"]) > 110
    assert largest < 2**20
    longest = {**fork.log[1], "payload": {**opened, "reason": "字" * 300}}
    assert max(len(serialization.dumps(event)) for event in [*search.log, longest]) < 16 * 1024
