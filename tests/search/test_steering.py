"""Commands to AutoShrink: their effects, and the message of every refusal."""

from dataclasses import replace
from typing import Any

import pytest

from search.base import serialization
from search.log.commands import BadCommand, Command
from search.log.events import RemovedEdge, RemovedNode
from search.network.budget import Budget
from search.network.edits import Edits
from search.network.graph import Graph, parse_edge
from search.strategies.base import Outcome, Work
from search.strategies.record import Record
from tests.search import fakes
from tests.search.steering import Steered, cut_of, edges_gone, kinds, of_kind, results

CommandArguments = tuple[str, dict[str, object]]
NO_EDITS = serialization.to_jsonable(Edits())


def new_search(**config: Any) -> Steered:
    return Steered(fakes.task(**{"nodes": 6, "candidates": 4, **config}))


def more_edges_are_better(work: Work) -> Outcome:
    return {"status": "ok", "val_accuracy": len(work["graph"]["edges"]) / 20, "curve": []}


def fewer_edges_are_better(work: Work) -> Outcome:
    return {"status": "ok", "val_accuracy": 1 - len(work["graph"]["edges"]) / 20, "curve": []}


TIGHT: dict[str, object] = {"budget": Budget(params=20_000)}

REFUSED: list[tuple[dict[str, object], list[CommandArguments], CommandArguments, str]] = [
    ({}, [], ("lock", {"edge": "4-1"}), "edge 4-1 is not in the graph"),
    ({}, [], ("lock", {"node": 9}), "node 9 is not in the graph"),
    ({}, [], ("lock", {"node": 0}), "node 0 is the input: it is never removed and needs no lock"),
    ({}, [("lock", {"edge": "0-2"})], ("lock", {"edge": "0-2"}), "edge 0-2 is already locked"),
    ({}, [("lock", {"node": 2})], ("lock", {"node": 2}), "node 2 is already locked"),
    (
        TIGHT, [("lock", {"edge": "3-4"})], ("lock", {"node": 2}),
        "with node 2 locked, no cell within the limits can be reached: "
        "20,906 parameters is 906 over the limit of 20,000",
    ),
    (
        {"budget": Budget(macs=130_000)}, [], ("lock", {"edge": "1-2"}),
        "with edge 1-2 locked, no cell within the limits can be reached: "
        "204,544 MACs is 74,544 over the limit of 130,000",
    ),
    ({}, [], ("unlock", {"edge": "0-2"}), "edge 0-2 is not locked"),
    ({}, [], ("unlock", {"node": 2}), "node 2 is not locked"),
    ({}, [], ("unlock", {"edge": "0-9"}), "edge 0-9 is not in the graph"),
    ({}, [], ("remove", {"edge": "4-1"}), "edge 4-1 is not in the graph"),
    ({}, [], ("remove", {"node": 9}), "node 9 is not in the graph"),
    ({}, [], ("remove", {"node": 0}), "node 0 is the input and cannot be removed"),
    ({"nodes": 2}, [], ("remove", {"edge": "0-1"}), "without edge 0-1 nothing connects the input to the output"),
    ({"nodes": 2}, [], ("remove", {"node": 1}), "without node 1 nothing connects the input to the output"),
    ({}, [("lock", {"edge": "0-2"})], ("remove", {"edge": "0-2"}), "edge 0-2 is locked; unlock it first"),
    ({}, [("lock", {"node": 2})], ("remove", {"node": 2}), "node 2 is locked; unlock it first"),
    ({}, [("lock", {"edge": "1-3"})], ("remove", {"node": 1}), "edge 1-3 of node 1 is locked; unlock it first"),
    (
        {}, [("lock", {"edge": "1-2"})], ("remove", {"edge": "0-1"}),
        "edge 0-1 is the only path to 1-2, which is locked",
    ),
    ({}, [("lock", {"node": 1})], ("remove", {"edge": "0-1"}), "edge 0-1 is the only path to node 1, which is locked"),
    (
        {"budget": Budget(params=8_000)}, [("remove", {"node": 3})], ("remove", {"node": 5}),
        "without node 5, no cell within the limits can be reached: 8,474 parameters is 474 over the limit of 8,000",
    ),
    ({}, [], ("restore", {"edge": "0-1"}), "edge 0-1 is already in the graph"),
    ({}, [], ("restore", {"node": 1}), "node 1 is already in the graph"),
    (
        {}, [], ("restore", {"edge": "0-9"}),
        "edge 0-9 was never in the graph; only parts of the initial graph can be restored",
    ),
    (
        {}, [], ("restore", {"node": 9}),
        "node 9 was never in the graph; only parts of the initial graph can be restored",
    ),
    (
        {}, [("remove", {"node": 1})], ("restore", {"edge": "1-3"}),
        "edge 1-3 starts at node 1, which was removed; restore that node first",
    ),
    ({}, [], ("set_budget", {"budget": {}}), "these limits are already set"),
    (
        {}, [], ("set_budget", {"budget": {"bytes_per_element": 1}}),
        "this search counts 4 bytes per element, which cannot change",
    ),
    (
        {}, [], ("set_budget", {"budget": {"params": 5_000, "macs": 900_000}}),
        "7,594 parameters is 2,594 over the limit of 5,000, even for the smallest cell that can be reached",
    ),
    (
        {}, [("lock", {"edge": "3-4"})], ("set_budget", {"budget": {"params": 10_000}}),
        "14,426 parameters is 4,426 over the limit of 10,000, even for the smallest cell that can be reached with the "
        "current locks",
    ),
    (
        {"nodes": 4, "keep_edges": 3}, [], ("set_budget", {"budget": {"params": 15_000}}),
        "16,266 parameters is 1,266 over the limit of 15,000, even for the smallest cell of 3 edges",
    ),
    ({}, [], ("set_weight", {"weight": 0.1}), "the cost weight is already 0.1"),
    ({}, [], ("set_weight", {"weight": 1.5}), "the cost weight must be from 0 to 1, not 1.5"),
    ({}, [], ("rollback", {"step": 1}), "cannot roll back to step 1: no step has been decided"),
    ({}, [], ("pause", {}), "pause is applied by the studio, not by the strategy"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "before", "command", "why"), REFUSED, ids=lambda part: str(part)[:60])
def test_a_command_that_cannot_be_applied_is_refused(
    config: dict[str, object], before: list[CommandArguments], command: CommandArguments, why: str
) -> None:
    search = new_search(**config)
    for kind, arguments in before:
        assert search.send(kind, **arguments) is None
    assert search.send(command[0], **command[1]) == why


@pytest.mark.parametrize("kind", ["stop", "cancel"])
def test_a_search_that_has_ended_refuses_commands(kind: str) -> None:
    search = new_search()
    search.send(kind)
    over = "stopped" if kind == "stop" else "cancelled"
    for other, arguments in (("lock", {"edge": "0-1"}), ("restore", {"node": 1}), ("set_weight", {"weight": 0.5})):
        assert search.send(other, **arguments) == f"the search has ended ({over})"
    assert search.send("rollback", step=0) == f"the search has ended ({over}); fork it instead"


def test_the_strategy_does_not_apply_a_rollback() -> None:
    search = new_search()
    command = search.new_command("rollback", step=0)
    assert search.strategy.validate_command(search.state, command) is None
    after, events, rows = search.strategy.steer(search.state, command)
    assert after == search.state and not rows
    assert events[0].payload["why"] == "rollback is applied by the studio, not by the strategy"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"kind": "lock"}, "lock needs an edge or a node"),
        ({"kind": "lock", "edge": "0-1", "node": 1}, "lock takes an edge or a node, not both"),
        ({"kind": "lock", "edge": "here"}, """'here' names no edge; an edge is written like "2-5\""""),
        ({"kind": "remove", "node": -1}, "there is no node -1; nodes are numbered from 0"),
        ({"kind": "restore", "edge": "0-1", "step": 3}, "restore takes no step"),
        ({"kind": "set_budget"}, "set_budget needs a budget"),
        ({"kind": "set_budget", "budget": {"params": 0}}, "a limit on parameters must be at least 1, not 0"),
        ({"kind": "set_budget", "budget": {"cents": 1}}, "there is no 'cents'"),
        ({"kind": "set_weight"}, "set_weight needs a weight"),
        ({"kind": "set_weight", "weight": "much"}, "Command.weight: expected float, not 'much'"),
        ({"kind": "rollback"}, "rollback needs a step"),
        ({"kind": "rollback", "step": -1}, "there is no step -1; step 0 is the start"),
        ({"kind": "stop", "edge": "0-1"}, "stop takes no edge"),
        ({"kind": "dance"}, "expected one of pause, resume, stop, cancel, lock"),
    ],
)
def test_a_malformed_command_is_refused_when_it_is_read(data: serialization.Json, why: str) -> None:
    with pytest.raises(BadCommand) as caught:
        Command.from_dict({"id": 1, "by": "owner", **data})
    assert why in str(caught.value)


def test_a_weight_that_is_not_finite_is_refused() -> None:
    with pytest.raises(BadCommand, match="a weight must be a finite number"):
        Command.from_dict({"id": 1, "by": "owner", "kind": "set_weight", "weight": float("nan")})


class TestLocks:
    def test_a_locked_node_stays_to_the_end(self) -> None:
        search = new_search(patience=0)
        search.send("lock", node=4)
        events = search.advance(100)
        edits = [edited["edits"] for edited in of_kind(events, "graph_edited")]
        assert edits and 4 not in [node for one in edits for node in (*one["nodes_removed"], *one["nodes_lost"])]
        assert 4 in Graph.from_rows(search.best.graph).by_id
        assert search.snapshot.locked_nodes == (4,)

    def test_an_unlocked_node_may_be_removed_again(self) -> None:
        search = new_search(patience=0, candidates=20)
        search.send("lock", node=4)
        search.send("unlock", node=4)
        search.outcome_of = fewer_edges_are_better
        assert search.advance(100) and not search.snapshot.locked_nodes
        assert len(search.edges) == 1

    def test_locks_are_kept_through_a_descent(self) -> None:
        search = new_search(budget=Budget(params=21_000), patience=0)
        assert search.send("lock", edge="3-4") is None
        assert search.send("lock", node=2) is None
        search.advance(100)
        best = search.best
        assert best.cost.params <= 21_000
        graph = Graph.from_rows(best.graph)
        assert graph.has(parse_edge("3-4")) and 2 in graph.by_id

    def test_an_answer_without_a_newly_locked_edge_is_dropped(self) -> None:
        search = new_search(candidates=20)
        search.outcome_of = fewer_edges_are_better
        search.advance()
        cut = search.snapshot.removed[0].id
        search.send("restore", edge=cut)
        assert not Graph.from_rows(search.best.graph).has(parse_edge(cut))
        search.send("lock", edge=cut)
        assert search.state["best"] is None


class TestRestore:
    def test_a_restored_edge_is_measured_with_the_graph(self) -> None:
        search = new_search()
        search.outcome_of = more_edges_are_better
        search.send("remove", edge="1-3")
        search.advance()
        assert search.send("restore", edge="1-3") is None
        edited = of_kind(search.log[-1:], "graph_edited")[0]
        assert (edited["step"], edited["cause"], edited["edits"]) == (
            1, "person", serialization.to_jsonable(Edits(edges_added=("1-3",))),
        )  # fmt: skip
        assert "1-3" in search.edges and not search.state["measured"]
        proposed = of_kind(search.advance(), "candidates_proposed")[0]
        assert proposed["shown"][0]["edits"] == NO_EDITS

    def test_a_restored_edge_restores_the_node_that_it_reaches(self) -> None:
        search = new_search()
        search.send("remove", node=2)
        search.send("restore", edge="1-2")
        assert kinds(search.log[-2:]) == ["command_applied", "graph_edited"]
        edits = search.log[-1]["payload"]["edits"]
        assert ([node[0] for node in edits["nodes_added"]], edits["edges_added"]) == ([2], ["1-2"])
        assert [edge for edge in search.edges if "2" in edge.split("-")] == ["1-2"]

    def test_a_restored_node_has_its_edges_to_and_from_the_graph(self) -> None:
        search = new_search()
        before = search.edges
        search.send("remove", node=2)
        search.send("remove", node=4)
        search.send("restore", node=2)
        assert search.edges == [edge for edge in before if "4" not in edge.split("-")]
        search.send("restore", node=4)
        assert search.edges == before
        assert not search.snapshot.removed and not search.snapshot.removed_nodes

    def test_restoring_edges_over_a_limit_starts_a_descent_again(self) -> None:
        search = new_search(budget=Budget(params=50_000), patience=0)
        while search.state["phase"] == "descent":
            search.advance()
        cut = [one.id for one in search.snapshot.removed if one.cause == "search"]
        for edge in cut:
            search.send("restore", edge=edge)
        events = search.advance()
        proposed = of_kind(events, "candidates_proposed")[0]
        assert (proposed["phase"], proposed["over"][0]["limit"]) == ("descent", "params")
        search.advance(100)
        assert search.best.cost.params <= 50_000

    def test_a_restored_edge_may_be_cut_again_unless_it_is_locked(self) -> None:
        search = new_search(patience=0, candidates=20)
        search.send("remove", edge="1-3")
        search.send("remove", edge="2-4")
        search.send("restore", edge="1-3")
        search.send("restore", edge="2-4")
        search.send("lock", edge="2-4")
        removed = [edge for p in of_kind(search.advance(100), "graph_edited") for edge in edges_gone(p)]
        assert "1-3" in removed and "2-4" not in removed

    def test_an_earlier_answer_is_kept(self) -> None:
        search = new_search()
        search.outcome_of = fewer_edges_are_better
        search.send("remove", edge="3-5")
        search.advance(2)
        best = search.state["best"]
        search.send("restore", edge="3-5")
        assert best is not None and search.state["best"] == best


class TestBudget:
    def test_a_tighter_budget_turns_a_choice_into_a_descent_and_the_answer_fits_it(self) -> None:
        search = new_search(patience=0)
        search.advance()
        search.send("set_budget", budget={"params": 30_000})
        changed = of_kind(search.log, "budget_changed")[0]
        assert (changed["budget"]["params"], changed["fits"], changed["over"][0]["allowed"]) == (30_000, False, 30_000)
        assert of_kind(search.advance(), "candidates_proposed")[0]["phase"] == "descent"
        search.advance(100)
        assert search.best.cost.params <= 30_000
        assert search.snapshot.budget.params == 30_000

    def test_a_wider_budget_ends_the_descent_and_measures_the_graph_itself(self) -> None:
        search = new_search(budget=Budget(params=30_000))
        search.send("set_budget", budget={"params": 90_000})
        events = search.advance()
        assert not of_kind(events, "step_decided")  # the short trainings of the descent decide nothing
        proposed = of_kind(events, "candidates_proposed")[0]
        assert (proposed["phase"], proposed["shown"][0]["edits"]) == ("choice", NO_EDITS)

    def test_an_answer_that_no_longer_fits_is_dropped(self) -> None:
        search = new_search()
        search.outcome_of = more_edges_are_better
        search.advance(3)
        params = search.state["best"]["cost"]["params"]
        search.send("set_budget", budget={"params": params - 1})
        assert search.state["best"] is None
        search.advance(100)
        assert search.best.cost.params < params

    def test_a_candidate_over_a_new_budget_is_no_answer(self) -> None:
        search = new_search()
        search.outcome_of = more_edges_are_better
        search.send("set_budget", budget={"params": 75_000})
        search.advance()
        best = search.state["best"]
        assert best is None or best["cost"]["params"] <= 75_000


class TestWeight:
    def test_a_new_weight_counts_in_the_scores_of_the_running_round(self) -> None:
        light, heavy = new_search(), new_search()
        heavy.send("set_weight", weight=1.0)
        cut = {candidate["id"] for candidate in light.proposed if cut_of(candidate)}
        scores = [results(of_kind(search.advance(), "candidates_measured")) for search in (light, heavy)]
        cuts = [
            (one, other)
            for one, other in zip(*scores, strict=True)
            if one["id"] in cut and one["score"] is not None and one["id"] == other["id"]
        ]
        assert cuts
        for one, other in cuts:
            gain = (one["score"] - one["quality"]) / 0.1
            assert other["score"] == pytest.approx(other["quality"] + gain)

    def test_the_answer_so_far_is_scored_by_the_new_weight(self) -> None:
        search = new_search(nodes=5)
        search.advance(3)
        best = search.state["best"]
        search.send("set_weight", weight=0.0)
        assert search.state["best"]["score"] == search.state["best"]["quality"] == best["quality"]


class TestRounds:
    def test_where_every_candidate_is_locked_nothing_changes_and_others_are_drawn(self) -> None:
        search = new_search()
        cuts = [cut for candidate in search.proposed if (cut := cut_of(candidate))]
        for edge in cuts:
            search.send("lock", edge=edge)
        before = search.edges
        events = search.advance()
        assert not of_kind(events, "step_decided") and search.edges == before
        drawn = [cut for each in of_kind(events, "candidates_proposed")[0]["shown"] if (cut := cut_of(each))]
        assert drawn and not set(drawn) & set(cuts)

    def test_a_search_in_which_everything_is_locked_ends(self) -> None:
        search = new_search(nodes=4)
        for edge in search.edges:
            search.send("lock", edge=edge)
        search.advance(2)
        assert (
            search.snapshot.why
            == "no edge can be cut: each is locked, or cutting it breaks a limit or empties the cell"
        )
        assert len(search.best.graph["edges"]) == 6


class TestBranches:
    def test_a_rollback_starts_where_the_step_was_decided_and_its_event_holds_the_state(self) -> None:
        search = new_search(patience=0)
        search.send("lock", edge="0-5")
        search.advance(1)
        search.send("set_weight", weight=0.5)
        search.advance(3)
        events = search.roll_back(1)
        assert kinds(events)[:2] == ["command_applied", "branch_opened"] and kinds(events)[-1] == "candidates_proposed"
        opened = of_kind(events, "branch_opened")[0]
        assert opened["parent"] == {"search": None, "branch": 0, "round": 1}
        snapshot = opened["snapshot"]
        assert (opened["branch"], snapshot["step"], opened["by"], snapshot["weight"]) == (1, 1, "owner", 0.1)
        assert snapshot["locked"] == ["0-5"]
        record = Record(
            parts=snapshot["graph"],
            removed=tuple(RemovedEdge(**edge) for edge in snapshot["removed"]),
            removed_nodes=tuple(RemovedNode(**node) for node in snapshot["removed_nodes"]),
        )
        assert record.graph == search.graph and len(search.edges) < len(snapshot["graph"]["edges"]) == 15

    def test_a_new_branch_draws_other_candidates(self) -> None:
        search = new_search(nodes=8)
        first = [cut_of(candidate) for candidate in search.proposed]
        search.advance()
        search.roll_back(0)
        assert [cut_of(candidate) for candidate in search.proposed] != first

    def test_the_log_keeps_the_left_branch_and_evidence_is_that_of_the_remaining_steps(self) -> None:
        search = new_search(patience=0)
        search.advance(2)
        kept, rows = search.snapshot, dict(search.rows)
        search.advance(3)
        assert search.snapshot.evidence != kept.evidence
        search.roll_back(2)
        assert (search.snapshot.evidence, search.snapshot.removed) == (kept.evidence, kept.removed)
        assert search.graph == Record(
            parts=kept.graph, removed=kept.removed, removed_nodes=kept.removed_nodes
        ).graph  # fmt: skip
        decided = [(e["branch"], e["payload"]["step"]) for e in search.log if e["kind"] == "step_decided"]
        assert decided == [(0, step) for step in (1, 2, 3, 4, 5)]
        assert (search.snapshot.step, search.snapshot.status) == (2, "running")
        measured = [key for key, row in search.rows.items() if row.status == "ok" and key[0] == 0]
        assert rows.keys() < set(search.rows) and {search.rows[key].step for key in measured} == {1, 2, 3, 4, 5}
        search.advance()
        assert of_kind(search.log, "step_decided")[-1]["step"] == 3

    def test_ids_of_candidates_go_on_from_where_the_state_of_the_branch_was(self) -> None:
        search = new_search(patience=0)
        search.advance(2)
        first = search.proposed[0]["id"]
        search.advance(3)
        search.roll_back(2)
        known = [id for branch, id in search.rows if branch == 0 and search.rows[branch, id].step <= 3]
        assert search.proposed[0]["id"] == max(known) + 1 > first

    def test_a_branch_may_start_from_a_left_branch(self) -> None:
        search = new_search(patience=0)
        search.advance(3)
        then = search.rounds[2][2]
        search.roll_back(1)
        search.advance(1)
        search.roll_back(2, at=(0, 2))
        opened = of_kind(search.log, "branch_opened")
        assert [one["branch"] for one in opened] == [1, 2]
        assert opened[1]["parent"] == {"search": None, "branch": 0, "round": 2}
        assert opened[1]["snapshot"] == serialization.to_jsonable(search.strategy.snapshot(then))
        assert (search.state["record"], search.state["step"]) == (then["record"], 2)

    def test_the_log_of_a_fork_is_complete(self) -> None:
        search = new_search(patience=0, budget=Budget(params=60_000))
        search.advance(4)
        fork = search.fork(at=2)
        assert kinds(fork.log) == ["search_started", "branch_opened", "candidates_proposed"]
        assert of_kind(fork.log, "branch_opened")[0]["parent"] == {"search": "first", "branch": 0, "round": 2}
        opened = of_kind(fork.log, "branch_opened")[0]
        assert (opened["branch"], opened["snapshot"]["step"]) == (0, 2)
        then = search.strategy.snapshot(search.rounds[2][2])
        assert opened["snapshot"] == serialization.to_jsonable(replace(fork.snapshot, phase=then.phase))
        assert (fork.snapshot.graph, fork.snapshot.removed) == (then.graph, then.removed)
        fork.advance(100)
        assert fork.has_ended
        assert fork.best.cost.params <= 60_000
