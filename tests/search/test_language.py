"""Training of language models: windows, random draws, when it ends, and what the settings of the recipe do."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from search.__main__ import main
from search.base import serialization
from search.base.config import parse, schema
from search.base.serialization import Json
from search.data import builtin, python_docs
from search.data.builtin import get
from search.data.datasets import TextData
from search.evaluation.recipes import RECIPES
from search.evaluation.recipes.text import FULL, PROXY, PTB, PTB_PROXY, TextRecipe, full, proxy
from search.network.graph import Edge, complete
from search.network.macro import TextMacro
from search.runtime.context import Context, Interrupted, LocalFiles, never_stop
from search.runtime.data.images import WrongData
from search.runtime.data.texts import (
    READERS,
    TrainingText,
    draw_masks,
    draw_windows,
    epoch_rng,
    load_test_text,
    load_training_text,
    split_streams,
)
from search.runtime.execute import execute
from search.runtime.load import load, load_weights
from search.runtime.networks.text import NO_MASKS, Masks, Recurrent, build
from search.runtime.rng import seeded_generator
from search.runtime.training import Diverged
from search.runtime.training import text as texts
from search.runtime.training.text import (
    TextTraining,
    best_of,
    evaluate,
    is_over,
    learning_rate,
    penalty,
    starts_averaging,
)  # fmt: skip
from search.runtime.work import BadWork
from tests.search import tinytext

SHORT = replace(PROXY, epochs=3, batch=8, bptt=10, validation_batch=4, embedding_range=0.1)
LONG = replace(PROXY, epochs=100)


def after(windows: int) -> Callable[[], bool]:
    remaining = iter(range(windows))
    return lambda: next(remaining, None) is None


def training(recipe: TextRecipe, cut: bool = False, keep_best: bool = False) -> TextTraining:
    torch.set_num_threads(1)
    text = tinytext.text()
    data = TrainingText(torch.tensor(text.parts["train"]), torch.tensor(text.parts["validation"]), text.words)
    graph = complete(["relu", "tanh"])
    macro = TextMacro(vocabulary=len(text.words), hidden=tinytext.HIDDEN)
    network = build(graph.without(Edge(0, 2)) if cut else graph, macro, recipe, 0)
    return TextTraining(network, data, recipe, text.split, 0, keep_best)


def curve(*losses: float) -> list[Json]:
    return [{"epoch": i, "val_loss": loss} for i, loss in enumerate(losses, 1)]


def lengths(rows: int, recipe: TextRecipe, epoch: int = 0) -> list[tuple[int, int, int]]:
    return [tuple(window) for window in draw_windows(rows, recipe, seeded_generator("test", epoch))]  # type: ignore[misc]


@pytest.mark.parametrize(("tokens", "count", "shape"), [(88_832, 128, (694, 128)), (7_060, 256, (27, 256))])
def test_a_text_is_split_into_streams_and_the_remainder_is_dropped(
    tokens: int, count: int, shape: tuple[int, int]
) -> None:
    rows = split_streams(torch.arange(tokens), count)
    assert rows.shape == shape
    assert rows[:3, 1].tolist() == [shape[0], shape[0] + 1, shape[0] + 2]


def test_a_short_text_has_fewer_streams_of_two_words_each() -> None:
    assert split_streams(torch.arange(9), 128).shape == (2, 4)
    assert lengths(2, LONG) == [(0, 1, 35)]


def test_windows_are_consecutive_and_a_last_window_of_one_row_is_dropped() -> None:
    fixed = replace(PROXY, vary="no")
    assert lengths(694, fixed)[:2] == [(0, 35, 35), (35, 70, 35)]
    assert lengths(694, fixed)[-1] == (665, 693, 35)
    assert lengths(72, fixed)[-1] == (35, 70, 35)  # row 70 alone would predict row 71


def test_some_windows_are_half_as_long() -> None:
    drawn = [window[2] for epoch in range(50) for window in lengths(694, PROXY, epoch)]
    assert set(drawn) == {35, 17}
    assert 0.03 < drawn.count(17) / len(drawn) < 0.07


def test_random_lengths_stay_within_their_bounds() -> None:
    drawn = [window[2] for epoch in range(50) for window in lengths(694, PTB, epoch)]
    assert min(drawn) >= 5 and max(drawn) <= 55 and 33 < sum(drawn) / len(drawn) < 36
    assert len(set(drawn)) > 20


def test_masks_scale_what_they_keep() -> None:
    rng = epoch_rng(PTB, "split", 0, 0)
    found = draw_masks(PTB, 64, 50, 40, rng, "cpu")
    assert found.words is not None and found.words.shape == (40, 1)
    for mask, rate in ((found.output, 0.75), (found.state, 0.25), (found.input, 0.75), (found.embedded, 0.2)):
        assert mask is not None and mask.shape == (64, 50)
        assert float((mask == 0).float().mean()) == pytest.approx(rate, abs=0.03)
        assert torch.unique(mask).tolist() == [0.0, pytest.approx(1 / (1 - rate))]
    assert set(draw_masks(PROXY, 2, 2, 2, rng, "cpu")) == {None}


def test_candidates_see_the_same_windows_and_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[torch.Tensor]] = []
    original_read = Recurrent.read

    def read(network: Recurrent, words: torch.Tensor, state: torch.Tensor, masks: Masks = NO_MASKS) -> torch.Tensor:
        seen[-1] += [words, *(mask for mask in masks if mask is not None)]
        return original_read(network, words, state, masks)

    monkeypatch.setattr(Recurrent, "read", read)
    for cut in (False, True):
        seen.append([])
        training(replace(SHORT, dropout_output=0.5, dropout_hidden=0.5), cut)._train(never_stop)
    assert len(seen[0]) > 10
    assert all(torch.equal(one, other) for one, other in zip(*seen, strict=True))


def test_it_learns_a_simple_text() -> None:
    item = training(replace(SHORT, epochs=5))
    while not item.over:
        item.epoch(never_stop)
    assert math.exp(item.best_epoch["val_loss"]) < 10  # 20 words; the first of nine words in a line is random
    assert item.curve[0]["val_accuracy"] is None
    assert item.curve[-1]["train_loss"] < item.curve[0]["train_loss"]


def test_the_rate_is_proportional_to_the_window_and_drops_tenfold_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [learning_rate(PROXY, epoch) for epoch in (0, 6, 7, 8, 9)] == [20.0, 20.0, 2.0, 2.0, pytest.approx(0.2)]
    assert learning_rate(replace(PROXY, first_drop=0, second_drop=0), 99) == 20.0
    item, rates = training(replace(SHORT, vary="halved and spread")), list[float]()
    monkeypatch.setattr(item, "_step", rates.append)
    item._train(never_stop)
    drawn = [
        w.drawn_length for w in draw_windows(len(item.rows), item.recipe, epoch_rng(item.recipe, item.split, 0, 0))
    ]
    assert rates == [20.0 * length / 10 for length in drawn]


def test_a_step_follows_the_clipped_gradient_plus_weight_decay() -> None:
    item = training(replace(SHORT, weight_decay=0.5, clip=1.0))
    with torch.no_grad():
        for weight in item.weights:
            weight.fill_(2.0)
            weight.grad = torch.zeros_like(weight)
    item.network.bias.grad = torch.full_like(item.network.bias, 3.0)
    item._step(0.1)
    clipped = 1.0 / math.sqrt(len(item.network.bias))  # each element of a gradient of norm 1
    torch.testing.assert_close(item.network.bias, torch.full_like(item.network.bias, 2.0 - 0.1 * (clipped + 0.5 * 2.0)))
    torch.testing.assert_close(item.network.table, torch.full_like(item.network.table, 2.0 - 0.1 * 0.5 * 2.0))


def test_it_ends_by_its_early_stopping_rules() -> None:
    assert is_over(replace(PROXY, epochs=2), curve(5.0, 4.0), [4.0])
    assert not is_over(LONG, curve(5.0, 5.1, 5.0, 5.2), [4.0])
    assert is_over(
        LONG, curve(5.0, 5.1, 5.0, 5.2, 5.3), [4.0]
    )  # four epochs without a new best; an equal loss is not one
    assert not is_over(replace(LONG, patience=0), curve(5.0, *[6.0] * 20), [4.0])
    assert is_over(LONG, curve(6.1), [2.0]) and not is_over(LONG, curve(5.9), [2.0])
    assert is_over(LONG, curve(5.9), [2.0, 1.0])  # the average starts at 2.0 and is now 1.9
    assert not is_over(replace(LONG, loss_ratio=0.0), curve(99.0), [1.0])
    assert best_of(curve(3.0, 2.0, 2.0))["epoch"] == 2


def test_averaging_starts_once_the_loss_is_worse_than_the_best_before_the_last_epochs() -> None:
    recipe = replace(PTB, average_after=2)
    assert not starts_averaging(recipe, [])
    assert not starts_averaging(recipe, curve(5.0, 6.0, 7.0))  # no epoch is older than the last two
    assert starts_averaging(recipe, curve(5.0, 4.0, 4.5, 5.1)) and not starts_averaging(
        recipe, curve(5.0, 4.0, 4.5, 4.9)
    )
    assert not starts_averaging(PROXY, curve(5.0, 6.0, 7.0, 8.0))


def test_the_average_is_validated_and_kept() -> None:
    item = training(replace(SHORT, optimizer="sgd, then averaged", average_after=1), keep_best=True)
    item.curve = curve(0.1, 0.2, 0.3)
    item.epoch(never_stop)
    assert item.average is not None
    current = {name: weight.clone() for name, weight in item.network.state_dict().items()}
    with item.average.swapped_in():
        assert evaluate(item.network, item.data.validation, item.recipe) == item.curve[-1]["val_loss"]
        assert not torch.equal(item.network.table, current["embedding.weight"])
    assert torch.equal(item.network.table, current["embedding.weight"])


def test_the_average_weighs_every_step_equally(monkeypatch: pytest.MonkeyPatch) -> None:
    item = training(replace(SHORT, optimizer="sgd, then averaged", average_after=1))
    item.curve = curve(0.1, 0.2, 0.3)
    steps: list[torch.Tensor] = []
    step = item._step

    def recorded_step(rate: float) -> None:
        step(rate)
        steps.append(item.network.table.detach().clone())

    monkeypatch.setattr(item, "_step", recorded_step)
    item.epoch(never_stop)
    assert item.average is not None and len(steps) > 3
    with item.average.swapped_in():
        torch.testing.assert_close(item.network.table, torch.stack(steps).mean(0))


def test_penalties_of_activations_and_of_their_changes() -> None:
    outputs, read = torch.tensor([[[1.0]], [[3.0]]]), torch.tensor([[[2.0]], [[0.0]]])
    assert penalty(PROXY, outputs, read) == 0.0
    assert penalty(replace(PROXY, activation_penalty=0.5), outputs, read) == 1.0
    assert penalty(replace(PROXY, change_penalty=0.5), outputs, read) == 2.0
    assert penalty(replace(PROXY, change_penalty=0.5), outputs[:1], read[:1]) == 0.0


def test_the_published_loss_counts_the_first_row_which_is_not_predicted() -> None:
    item = training(SHORT)
    part = item.data.validation[: 27 * 4]
    true = evaluate(item.network, part, SHORT)
    assert evaluate(item.network, part, replace(SHORT, loss_over="rows")) == pytest.approx(true * 26 / 27)


def test_validation_carries_the_state_from_window_to_window() -> None:
    item = training(SHORT)
    found = [evaluate(item.network, item.data.validation, replace(SHORT, bptt=bptt)) for bptt in (3, 10, 999)]
    assert found == [pytest.approx(found[0], rel=1e-6)] * 3


def test_a_loss_that_is_not_finite_diverges() -> None:
    with pytest.raises(Diverged):
        training(replace(SHORT, learning_rate=1000.0, clip=0.0, weight_range=10.0, embedding_range=10.0)).epoch(
            never_stop
        )


def test_it_can_be_stopped_at_every_window() -> None:
    item = training(SHORT)
    with pytest.raises(Interrupted):
        item.epoch(after(2))
    assert item.curve == []


def context(folder: Path, **more: Any) -> Context:
    return Context(files=LocalFiles(folder / "files"), checkpoint=folder / "checkpoint", **more)


def test_the_outcome_of_a_candidate_has_its_perplexity_and_repeats_byte_for_byte(tmp_path: Path) -> None:
    item = tinytext.work(tmp_path)
    del item["test_file"]  # candidates do not get it
    outcome = execute(item, context(tmp_path))
    assert set(outcome) == {"status", "val_perplexity", "standard_error", "epochs", "curve", "numerics"}
    best = min(point["val_loss"] for point in outcome["curve"])
    assert outcome["val_perplexity"] == math.exp(best)
    assert serialization.dumps(execute(item, context(tmp_path))) == serialization.dumps(outcome)


def test_a_resumed_final_training_equals_an_uninterrupted_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "starts_averaging", lambda recipe, curve: len(curve) == 1)
    item = tinytext.work(tmp_path, "final", epochs=3, dropout_output=0.5)
    whole = execute(item, Context(files=LocalFiles(tmp_path / "files")))
    assert set(whole) == {
        "status", "val_perplexity", "standard_error", "test_perplexity", "best_epoch", "epochs", "curve", "stopped",
        "files", "numerics",
    }  # fmt: skip
    checkpoints: list[int] = []
    with pytest.raises(Interrupted):  # in the third epoch, the second with averaging
        execute(
            item,
            context(tmp_path, should_stop=lambda: len(checkpoints) == 2, checkpointed=lambda: checkpoints.append(1)),
        )
    assert execute(item, context(tmp_path)) == whole  # including the hashes of its files


def test_a_trained_model_is_exported_with_its_words_and_as_onnx(tmp_path: Path) -> None:
    item = tinytext.work(tmp_path, "final", epochs=1)
    outcome = execute(item, context(tmp_path))
    files = LocalFiles(tmp_path / "files")
    trained = load_weights(files.path_of(outcome["files"][0]["sha256"]))
    assert trained.architecture["words"] == list(tinytext.text().words)
    assert isinstance(trained.network, Recurrent) and not trained.network.training
    part = torch.tensor(tinytext.text().parts["test"])
    loss = evaluate(trained.network, part, serialization.decode(TextRecipe, item["recipe"]))
    assert math.exp(loss) == outcome["test_perplexity"]
    fields = {name: item[name] for name in ("graph", "macro", "dataset", "split", "file")}
    weights = outcome["files"][0]["sha256"]
    (file,) = execute({"kind": "export", "format": "onnx", "weights": weights, **fields}, context(tmp_path))["files"]
    assert file["check"]["rows"] == 128 and file["check"]["max_difference"] < 1e-4


def test_work_for_other_words_or_another_split_is_refused(tmp_path: Path) -> None:
    item = tinytext.work(tmp_path)
    with pytest.raises(WrongData, match="the file has"):
        execute(item | {"split": "0" * 64}, context(tmp_path))
    with pytest.raises(BadWork, match=r"a vocabulary of 9 words, and the text has 20"):
        execute(item | {"macro": {"kind": "text", "vocabulary": 9, "hidden": 4}}, context(tmp_path))
    with pytest.raises(WrongData, match="version of Python"):
        load_training_text(python_docs.NAME, "0" * 64)
    with pytest.raises(WrongData, match="no train part"):
        execute(item | {"file": item["test_file"]}, context(tmp_path))


def test_a_search_on_the_command_line_writes_a_language_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found, name = tinytext.text(), python_docs.NAME
    small = replace(get(name), data=TextData(vocabulary=len(found.words)), split=found.split)
    monkeypatch.setattr(builtin, "DATASETS", {name: small})
    monkeypatch.setitem(READERS, name, lambda: found)
    arguments = ["--nodes", "3", "--candidates", "2", "--hidden", "4", "--epochs", "1"]
    assert main(["run", "--dataset", name, "--out", str(tmp_path / "out"), *arguments]) == 0
    summary = serialization.loads(capsys.readouterr().out)
    assert summary["status"] == "finished" and 1 < summary["val_perplexity"] < 20
    network = load(tmp_path / "out" / "architecture.json", tmp_path / "out" / "model.safetensors")
    assert isinstance(network, Recurrent)
    loss = evaluate(network, torch.tensor(found.parts["test"]), proxy(name))
    assert math.exp(loss) == summary["repeat"]["test_perplexity"]


def test_the_built_in_text_has_the_recorded_split() -> None:
    described = get(python_docs.NAME)
    data = load_training_text(described.name, described.split)
    assert (len(data.train), len(data.validation)) == described.counts[:2] and len(data.words) == 2000
    assert len(load_test_text(described.name, described.split)) == described.counts.test


def test_built_in_recipes_are_within_the_allowed_ranges() -> None:
    for recipe in (PROXY, PTB_PROXY, PTB, FULL, proxy(python_docs.NAME), full(python_docs.NAME)):
        assert parse(TextRecipe, serialization.to_jsonable(recipe)) == recipe


def test_the_published_recipes_agree_with_the_spec() -> None:
    defaults = {row["name"]: row["default"] for row in schema(TextRecipe)}
    assert serialization.to_jsonable(RECIPES["autoshrink-ptb-proxy"].recipe) == defaults | {
        "epochs": 10, "batch": 128, "bptt": 35, "vary": "halved", "optimizer": "sgd", "learning_rate": 20.0,
        "first_drop": 7, "second_drop": 9, "clip": 0.25, "weight_decay": 0.0, "embedding_range": 0.5,
        "weight_range": 0.04, "validation_batch": 256, "loss_over": "rows", "patience": 4, "loss_ratio": 3.0,
    }  # fmt: skip
    assert serialization.to_jsonable(RECIPES["autoshrink-ptb"].recipe) == defaults | {
        "epochs": 3000, "batch": 64, "bptt": 35, "vary": "halved and spread", "optimizer": "sgd, then averaged",
        "learning_rate": 20.0, "first_drop": 0, "second_drop": 0, "average_after": 5, "clip": 0.25,
        "weight_decay": 8e-7, "dropout_output": 0.75, "dropout_hidden": 0.25, "dropout_input": 0.75,
        "dropout_embedding": 0.2, "dropout_words": 0.1, "activation_penalty": 0.0, "change_penalty": 1e-3,
        "embedding_range": 0.04, "weight_range": 0.04, "validation_batch": 10, "loss_over": "rows",
        "patience": 0, "loss_ratio": 0.0,
    }  # fmt: skip
