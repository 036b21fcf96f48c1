"""Candidates that go on from what the graph before them learnt: who names which weights, and what is taken over."""

import re
from functools import partial
from pathlib import Path

import pytest
import torch

from search.base import serialization
from search.cli import drive
from search.evaluation.recipes.image import proxy
from search.network.budget import Budget
from search.network.graph import Graph, parse_edge
from search.runtime.context import Context, LocalFiles
from search.runtime.data.images import training_data
from search.runtime.data.subset import subset
from search.runtime.execute import attempt, execute, numerics
from search.runtime.load import load_weights
from search.runtime.networks.image import build
from search.runtime.networks.inherit import inherit_weights
from search.spaces import cnn
from search.strategies.base import Finished
from tests.search import fakes
from tests.search.conftest import Work
from tests.search.steering import Steered, of_kind

SPLIT = "7c1bd4fabec836642da169a004cdbcd1cf9ab1f47d6d5a93881736c6d94eb2f1"
Parent = tuple[serialization.Json, LocalFiles, str]
MACRO = cnn.search_macro((1, 8, 8), 10)


def asked(search: Steered) -> list[serialization.Json]:
    answer = search.strategy.ask(search.state)
    assert not isinstance(answer, Finished)
    return list(answer.work)


def child_of(parent: Graph, child: Graph, sha256: str, work: serialization.Json) -> serialization.Json:
    nodes = {str(child.numbering[node]): parent.numbering[node] for node in child.by_id}
    inherit = {"weights": sha256, "nodes": nodes}
    return work | {"graph": child.canonical.to_dict(), "keep": True, "inherit": inherit}


class TestWork:
    def test_a_search_that_does_not_inherit_asks_for_no_weights(self) -> None:
        assert all(
            work.keys().isdisjoint({"keep", "inherit", "images"}) for work in asked(Steered(fakes.task(nodes=4)))
        )

    def test_the_first_candidates_start_anew_and_leave_their_weights(self) -> None:
        search = Steered(fakes.task(nodes=5, candidates=3, inherit=True, images=500))
        assert all(work["keep"] and "inherit" not in work and work["images"] == 500 for work in asked(search))

    def test_the_next_go_on_from_the_winners_weights_and_name_no_others(self) -> None:
        search = Steered(fakes.task(nodes=5, candidates=3, inherit=True))
        work = asked(search)
        events = search.advance()
        winner = of_kind(events, "step_decided")[0]["edge"]
        place = [c["edge"] for c in of_kind(search.log, "candidates_proposed")[0]["candidates"]].index(winner)
        assert {item["inherit"]["weights"] for item in asked(search)} == {serialization.canonical_hash(work[place])}

    def test_nodes_are_named_as_both_canonical_forms_name_them(self) -> None:
        search = Steered(fakes.task(nodes=6, candidates=4, inherit=True))
        search.advance(2)
        parent = Graph(
            tuple(n for n in cnn.dense(6).nodes if n.id in {0} | {parse_edge(e).target for e in search.state["edges"]}),
            tuple(map(parse_edge, search.state["weights"]["edges"])),
        )
        for item in asked(search):
            graph = Graph.from_dict(item["graph"])
            for here, there in item["inherit"]["nodes"].items():
                assert graph.by_id[int(here)].op == parent.canonical.by_id[there].op

    def test_what_people_change_goes_on_from_the_same_weights(self) -> None:
        search = Steered(fakes.task(nodes=6, candidates=4, inherit=True))
        search.advance(2)
        kept = search.state["weights"]
        search.send("remove", node=4)
        assert search.state["weights"] == kept
        search.send("restore", node=4)
        assert search.state["weights"] == kept

    def test_a_branch_goes_on_from_the_weights_that_there_were(self) -> None:
        search = Steered(fakes.task(nodes=6, candidates=4, inherit=True, patience=0))
        search.advance(2)
        then = search.state["weights"]
        search.advance(2)
        assert search.state["weights"] != then
        search.roll_back(2)
        assert {item["inherit"]["weights"] for item in asked(search)} == {then["sha256"]}

    def test_where_the_winner_left_none_the_next_start_anew(self) -> None:
        search = Steered(fakes.task(nodes=5, candidates=3, inherit=True))
        search.advance()
        search.outcome_of = lambda work: {"status": "ok", "val_accuracy": 0.5, "curve": []}
        search.advance()
        assert search.state["weights"] is None and all("inherit" not in work for work in asked(search))

    def test_the_answer_is_trained_anew_and_on_all_images(self) -> None:
        task = fakes.task(nodes=4, inherit=True, images=500)
        final = Steered(task).strategy.final(task, cnn.dense(4))
        assert final.keys().isdisjoint({"keep", "inherit", "images"})


@pytest.fixture(scope="module")
def parent(work: Work, tmp_path_factory: pytest.TempPathFactory) -> Parent:
    """A cell of five nodes, trained for an epoch."""
    files = LocalFiles(tmp_path_factory.mktemp("parent") / "files")
    item = work(nodes=5, epochs=1) | {"keep": True}
    return item, files, execute(item, Context(files=files))["weights"]


class TestTakenOver:
    def taken(
        self, parent: Parent, child: Graph
    ) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor], dict[str, torch.Tensor]]:
        """Tensors of the child as it is drawn, of the parent, and of the child that has taken over."""
        dense = cnn.dense(5)
        _, files, sha256 = parent
        recipe, nodes = proxy("digits"), {child.numbering[n]: dense.numbering[n] for n in child.by_id}
        fresh, network = (build(child.canonical, MACRO, recipe, 0) for _ in range(2))
        inherit_weights(network, files.path_of(sha256), nodes)
        return fresh.state_dict(), load_weights(files.path_of(sha256)).network.state_dict(), network.state_dict()

    def test_the_same_graph_takes_over_everything(self, parent: Parent) -> None:
        _, learnt, taken = self.taken(parent, cnn.dense(5))
        for name, tensor in taken.items():
            if not name.startswith("input."):  # statistics of the images are not learnt
                assert torch.equal(tensor, learnt[name]), name

    def test_where_an_edge_was_cut_the_others_keep_their_columns(self, parent: Parent) -> None:
        dense, child = cnn.dense(5), cnn.dense(5).without(parse_edge("1-3"))
        _, learnt, taken = self.taken(parent, child)
        here, there = child.numbering, dense.numbering
        (name,) = (n for n in taken if re.fullmatch(rf"stage2\.cell0\.node{here[3]}\.(conv|pointwise)\.weight", n))
        theirs = name.replace(f"node{here[3]}", f"node{there[3]}")
        entry = taken[name].shape[1] - 32  # of two edges that are left, the input's and node 2's
        assert learnt[theirs].shape[1] == entry + 64
        assert torch.equal(taken[name][:, :entry], learnt[theirs][:, :entry])
        order = sorted((there[1], there[2]))
        at = entry + 32 * order.index(there[2])
        assert torch.equal(taken[name][:, entry:], learnt[theirs][:, at : at + 32])

    def test_what_has_no_counterpart_stays_as_it_was_drawn(self, parent: Parent) -> None:
        dense, child = cnn.dense(5), cnn.dense(5).without(parse_edge("3-4"))
        fresh, learnt, taken = self.taken(parent, child)
        assert len(dense.leaves) == 1 and len(child.leaves) == 2
        # the new leaf widens the output: its columns of the last layer are new, those of the old leaf are not
        old = 64 * sorted(child.numbering[leaf] for leaf in child.leaves).index(child.numbering[4])
        new = 64 - old
        assert torch.equal(taken["dense.weight"][:, old : old + 64], learnt["dense.weight"])
        assert torch.equal(taken["dense.weight"][:, new : new + 64], fresh["dense.weight"][:, new : new + 64])
        assert not torch.equal(learnt["dense.weight"], fresh["dense.weight"][:, old : old + 64])

    def test_a_candidate_that_inherits_starts_better_and_the_same_each_time(
        self, parent: Parent, work: Work, tmp_path: Path
    ) -> None:
        item, files, sha256 = parent
        child = cnn.dense(5).without(parse_edge("1-3"))
        heir = child_of(cnn.dense(5), child, sha256, item)
        one, two = execute(heir, Context(files=files)), execute(heir, Context(files=files))
        assert serialization.dumps(one) == serialization.dumps(two)
        anew = execute(item | {"graph": child.canonical.to_dict()}, Context(files=files))
        assert one["curve"][0]["train_loss"] < anew["curve"][0]["train_loss"] / 2

    def test_a_candidate_leaves_the_weights_of_its_best_epoch(self, parent: Parent) -> None:
        item, files, _ = parent
        outcome = execute(item | {"recipe": item["recipe"] | {"epochs": 2}}, Context(files=files))
        network = load_weights(files.path_of(outcome["weights"])).network
        validation = training_data("digits", SPLIT).validation
        with torch.no_grad():
            right = (network(validation.images).argmax(1) == validation.labels).float().mean()
        assert float(right) == pytest.approx(outcome["val_accuracy"])


class TestPortion:
    def test_it_has_as_many_of_each_class(self) -> None:
        train = subset(training_data("digits", SPLIT), SPLIT, 205).train
        counts = torch.bincount(train.labels).tolist()
        assert sum(counts) == 205 and set(counts) == {20, 21}

    def test_fewer_images_are_some_of_the_more(self) -> None:
        data = training_data("digits", SPLIT)
        few, many = (
            {image.numpy().tobytes() for image in subset(data, SPLIT, count).train.images} for count in (50, 300)
        )
        assert few < many

    def test_it_is_fixed_by_the_split(self) -> None:
        data = training_data("digits", SPLIT)
        one, same, other = (subset(data, split, 50).train.images for split in (SPLIT, SPLIT, "another"))
        assert torch.equal(one, same) and not torch.equal(one, other)

    def test_validation_stays_whole_and_more_than_there_are_is_all(self) -> None:
        data = training_data("digits", SPLIT)
        assert subset(data, SPLIT, 50).validation is data.validation
        assert subset(data, SPLIT, 10_000) is data

    def test_a_candidate_trains_on_no_more(self, work: Work) -> None:
        whole, part = work(epochs=1), work(epochs=1) | {"images": 320}
        assert execute(part, Context())["curve"] != execute(whole, Context())["curve"]


def test_a_search_that_inherits_ends_the_same_twice(tmp_path: Path) -> None:
    task = fakes.task(
        nodes=4, candidates=2, patience=2, epochs=1, inherit=True, images=320, budget=Budget(params=40_000)
    )
    logs = []
    for name in ("one", "two"):
        context = Context(files=LocalFiles(tmp_path / name / "files"))
        with drive.Folder(tmp_path / name) as folder:
            drive.create_search(folder, task, now=lambda: "now")
            run_work = partial(attempt, context=context)
            for _ in drive.run_search(folder, run_work, numerics(context), now=lambda: "now"):
                pass
            logs.append(folder.log.read_bytes())
    assert logs[0] == logs[1]
    finished = serialization.loads(logs[0].splitlines()[-1])
    assert finished["kind"] == "search_finished" and finished["payload"]["best"] is not None
