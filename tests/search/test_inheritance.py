"""Weight inheritance: which weights a candidate names, and which of them it copies."""

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
from search.runtime.data.images import load_training_data
from search.runtime.data.subset import subset
from search.runtime.execute import attempt, execute, numerics
from search.runtime.load import load_weights
from search.runtime.networks.image import build
from search.runtime.networks.inheritance import inherit_weights
from search.spaces import cnn
from search.strategies.base import Finished
from search.strategies.tasks import final_work
from tests.search import fakes
from tests.search.conftest import Work
from tests.search.steering import Steered, of_kind

SPLIT = "7c1bd4fabec836642da169a004cdbcd1cf9ab1f47d6d5a93881736c6d94eb2f1"
Parent = tuple[serialization.Json, LocalFiles, str]
MACRO = cnn.search_macro((1, 8, 8), 10)


def next_work(search: Steered) -> list[serialization.Json]:
    answer = search.strategy.ask(search.state)
    assert not isinstance(answer, Finished)
    return list(answer.work)


def child_of(parent: Graph, child: Graph, sha256: str, work: serialization.Json) -> serialization.Json:
    nodes = {str(child.numbering[node]): parent.numbering[node] for node in child.by_id}
    inherit = {"weights": sha256, "nodes": nodes}
    return work | {"graph": child.canonical.to_dict(), "keep": True, "inherit": inherit}


class TestWork:
    def test_a_search_without_inheritance_keeps_no_weights(self) -> None:
        assert all(
            work.keys().isdisjoint({"keep", "inherit", "images"}) for work in next_work(Steered(fakes.task(nodes=4)))
        )

    def test_the_first_candidates_start_from_scratch_and_keep_their_weights(self) -> None:
        search = Steered(fakes.task(nodes=5, candidates=3, evaluator="inherit", images=500))
        assert all(work["keep"] and "inherit" not in work and work["images"] == 500 for work in next_work(search))

    def test_later_candidates_inherit_from_the_winner_of_the_step(self) -> None:
        search = Steered(fakes.task(nodes=5, candidates=3, evaluator="inherit"))
        work = next_work(search)
        events = search.advance()
        winner = of_kind(events, "step_decided")[0]["candidate"]
        place = [each["id"] for each in of_kind(search.log, "candidates_proposed")[0]["shown"]].index(winner)
        assert {item["inherit"]["weights"] for item in next_work(search)} == {serialization.canonical_hash(work[place])}

    def test_nodes_are_numbered_as_in_both_canonical_forms(self) -> None:
        search = Steered(fakes.task(nodes=6, candidates=4, evaluator="inherit"))
        search.advance(2)
        parent = Graph.from_dict(search.state["carry"]["graph"])
        for item in next_work(search):
            graph = Graph.from_dict(item["graph"])
            for child_node, parent_node in item["inherit"]["nodes"].items():
                assert graph.by_id[int(child_node)].op == parent.canonical.by_id[parent_node].op

    def test_edits_by_users_do_not_change_the_inherited_weights(self) -> None:
        search = Steered(fakes.task(nodes=6, candidates=4, evaluator="inherit"))
        search.advance(2)
        before = search.state["carry"]
        search.send("remove", node=4)
        assert search.state["carry"] == before
        search.send("restore", node=4)
        assert search.state["carry"] == before

    def test_a_branch_inherits_the_weights_of_its_step(self) -> None:
        search = Steered(fakes.task(nodes=6, candidates=4, evaluator="inherit", patience=0))
        search.advance(2)
        branch_weights = search.state["carry"]
        search.advance(2)
        assert search.state["carry"] != branch_weights
        search.roll_back(2)
        assert {item["inherit"]["weights"] for item in next_work(search)} == {branch_weights["weights"]}

    def test_candidates_start_from_scratch_where_the_winner_has_no_weights(self) -> None:
        search = Steered(fakes.task(nodes=5, candidates=3, evaluator="inherit"))
        search.advance()
        search.outcome_of = lambda work: {"status": "ok", "val_accuracy": 0.5, "curve": []}
        search.advance()
        assert search.state["carry"]["weights"] is None and all("inherit" not in work for work in next_work(search))

    def test_the_answer_is_trained_from_scratch_on_all_images(self) -> None:
        task = fakes.task(nodes=4, evaluator="inherit", images=500)
        final = final_work(task, cnn.dense(4))
        assert final.keys().isdisjoint({"keep", "inherit", "images"})


@pytest.fixture(scope="module")
def parent(work: Work, tmp_path_factory: pytest.TempPathFactory) -> Parent:
    """A cell of five nodes, trained for an epoch."""
    files = LocalFiles(tmp_path_factory.mktemp("parent") / "files")
    item = work(nodes=5, epochs=1) | {"keep": True}
    return item, files, execute(item, Context(files=files))["files"]["weights"]


class TestInheritance:
    def inherited(
        self, parent: Parent, child: Graph
    ) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor], dict[str, torch.Tensor]]:
        """Tensors of the child as initialised, of the parent, and of the child after inheriting."""
        dense = cnn.dense(5)
        _, files, sha256 = parent
        recipe, parent_of = proxy("digits"), {child.numbering[n]: dense.numbering[n] for n in child.by_id}
        fresh, network = (build(child.canonical, MACRO, recipe, 0) for _ in range(2))
        inherit_weights(network, files.path_of(sha256), parent_of)
        return fresh.state_dict(), load_weights(files.path_of(sha256)).network.state_dict(), network.state_dict()

    def test_the_same_graph_inherits_everything(self, parent: Parent) -> None:
        _, parent_tensors, inherited = self.inherited(parent, cnn.dense(5))
        for name, tensor in inherited.items():
            if not name.startswith("input."):  # which holds statistics of the images
                assert torch.equal(tensor, parent_tensors[name]), name

    def test_where_an_edge_was_removed_the_others_keep_their_columns(self, parent: Parent) -> None:
        dense, child = cnn.dense(5), cnn.dense(5).without(parse_edge("1-3"))
        _, parent_tensors, inherited = self.inherited(parent, child)
        child_node, parent_node = child.numbering, dense.numbering
        (name,) = (
            n for n in inherited if re.fullmatch(rf"stage2\.cell0\.node{child_node[3]}\.(conv|pointwise)\.weight", n)
        )
        parent_tensor_name = name.replace(f"node{child_node[3]}", f"node{parent_node[3]}")
        entry = inherited[name].shape[1] - 32  # two edges remain, from the input and from node 2
        assert parent_tensors[parent_tensor_name].shape[1] == entry + 64
        assert torch.equal(inherited[name][:, :entry], parent_tensors[parent_tensor_name][:, :entry])
        order = sorted((parent_node[1], parent_node[2]))
        start = entry + 32 * order.index(parent_node[2])
        assert torch.equal(inherited[name][:, entry:], parent_tensors[parent_tensor_name][:, start : start + 32])

    def test_weights_without_a_counterpart_stay_as_initialised(self, parent: Parent) -> None:
        dense, child = cnn.dense(5), cnn.dense(5).without(parse_edge("3-4"))
        fresh, parent_tensors, inherited = self.inherited(parent, child)
        assert len(dense.leaves) == 1 and len(child.leaves) == 2
        # node 3 becomes a leaf: its columns of the last layer are new, those of the old leaf are inherited
        old = 64 * sorted(child.numbering[leaf] for leaf in child.leaves).index(child.numbering[4])
        new = 64 - old
        assert torch.equal(inherited["dense.weight"][:, old : old + 64], parent_tensors["dense.weight"])
        assert torch.equal(inherited["dense.weight"][:, new : new + 64], fresh["dense.weight"][:, new : new + 64])
        assert not torch.equal(parent_tensors["dense.weight"], fresh["dense.weight"][:, old : old + 64])

    def test_a_candidate_that_inherits_starts_better_and_repeats(
        self, parent: Parent, work: Work, tmp_path: Path
    ) -> None:
        item, files, sha256 = parent
        child = cnn.dense(5).without(parse_edge("1-3"))
        inheriting = child_of(cnn.dense(5), child, sha256, item)
        first, second = execute(inheriting, Context(files=files)), execute(inheriting, Context(files=files))
        assert serialization.dumps(first) == serialization.dumps(second)
        fresh = execute(item | {"graph": child.canonical.to_dict()}, Context(files=files))
        assert first["curve"][0]["train_loss"] < fresh["curve"][0]["train_loss"] / 2

    def test_a_candidate_keeps_the_weights_of_its_best_epoch(self, parent: Parent) -> None:
        item, files, _ = parent
        outcome = execute(item | {"recipe": item["recipe"] | {"epochs": 2}}, Context(files=files))
        network = load_weights(files.path_of(outcome["files"]["weights"])).network
        validation = load_training_data("digits", SPLIT).validation
        with torch.no_grad():
            accuracy = (network(validation.images).argmax(1) == validation.labels).float().mean()
        assert float(accuracy) == pytest.approx(outcome["val_accuracy"])


class TestSubset:
    def test_it_is_balanced_between_classes(self) -> None:
        train = subset(load_training_data("digits", SPLIT), SPLIT, 205).train
        counts = torch.bincount(train.labels).tolist()
        assert sum(counts) == 205 and set(counts) == {20, 21}

    def test_a_smaller_subset_is_contained_in_a_larger_one(self) -> None:
        data = load_training_data("digits", SPLIT)
        few, many = (
            {image.numpy().tobytes() for image in subset(data, SPLIT, count).train.images} for count in (50, 300)
        )
        assert few < many

    def test_it_depends_on_the_split_only(self) -> None:
        data = load_training_data("digits", SPLIT)
        first, same, other = (subset(data, split, 50).train.images for split in (SPLIT, SPLIT, "another"))
        assert torch.equal(first, same) and not torch.equal(first, other)

    def test_validation_stays_whole_and_a_large_count_changes_nothing(self) -> None:
        data = load_training_data("digits", SPLIT)
        assert subset(data, SPLIT, 50).validation is data.validation
        assert subset(data, SPLIT, 10_000) is data

    def test_a_candidate_trains_on_the_subset(self, work: Work) -> None:
        whole, part = work(epochs=1), work(epochs=1) | {"images": 320}
        assert execute(part, Context())["curve"] != execute(whole, Context())["curve"]


def test_a_search_that_inherits_ends_the_same_twice(tmp_path: Path) -> None:
    task = fakes.task(
        nodes=4, candidates=2, patience=2, epochs=1, evaluator="inherit", images=320, budget=Budget(params=40_000)
    )
    logs = []
    for name in ("one", "two"):
        context = Context(files=LocalFiles(tmp_path / name / "files"))
        with drive.Folder(tmp_path / name) as folder:
            drive.create_search(folder, task, numerics(context), now=lambda: "now")
            execute_here = partial(attempt, context=context)
            for _ in drive.run_search(folder, execute_here, numerics(context), now=lambda: "now"):
                pass
            logs.append(folder.log.read_bytes())
    assert logs[0] == logs[1]
    finished = serialization.loads(logs[0].splitlines()[-1])
    assert finished["kind"] == "search_finished" and finished["payload"]["best"] is not None
