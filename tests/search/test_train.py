"""Training of image networks: when it ends, and what the settings of the recipe do."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from search.base.serialization import Json
from search.data import builtin
from search.evaluation.recipes.image import IMAGENET, PROXY, ImageRecipe, proxy
from search.network.cost import program_cost
from search.network.graph import Edge
from search.network.macro import ImageMacro
from search.runtime.context import Interrupted, never_stop
from search.runtime.data.images import LabelledImages, TrainingData, load_training_data
from search.runtime.networks.image import build
from search.runtime.training import Diverged, checkpoint, image, precision
from search.runtime.training.image import ImageTraining, best_of, evaluate, is_over
from search.spaces import cnn

DIGITS = builtin.get("digits")
MACRO: ImageMacro = cnn.search_macro((1, 8, 8), 10)


def training(recipe: ImageRecipe, data: TrainingData | None = None, keep_best: bool = False) -> ImageTraining:
    torch.set_num_threads(1)
    data = data or load_training_data("digits", DIGITS.split)
    network = build(cnn.dense(3), MACRO, recipe, 0)
    network.set_normalisation(*data.normalisation(recipe))
    return ImageTraining(network, data, recipe, DIGITS.split, 0, keep_best)


def curve(*accuracies: float, val_loss: float = 1.0) -> list[Json]:
    return [{"epoch": i, "val_accuracy": a, "val_loss": val_loss} for i, a in enumerate(accuracies, 1)]


LONG = replace(PROXY, epochs=100)


def test_it_ends_after_its_epochs() -> None:
    assert not is_over(replace(PROXY, epochs=3), curve(0.5, 0.6), [1.0])
    assert is_over(replace(PROXY, epochs=3), curve(0.5, 0.6, 0.7), [1.0])


def test_it_ends_when_patience_runs_out_and_an_equal_accuracy_is_not_a_new_best() -> None:
    assert not is_over(LONG, curve(0.9, 0.9, 0.8, 0.8, 0.9), [1.0])
    assert is_over(LONG, curve(0.9, 0.9, 0.8, 0.8, 0.9, 0.9), [1.0])
    assert not is_over(replace(LONG, patience=0), curve(0.9, *[0.8] * 20), [1.0])


def test_the_least_accuracy_is_checked_after_the_fourth_epoch_only() -> None:
    assert not is_over(LONG, curve(0.1, 0.12, 0.15), [1.0])
    assert is_over(LONG, curve(0.1, 0.12, 0.15, 0.19), [1.0])
    assert not is_over(LONG, curve(0.1, 0.12, 0.15, 0.2), [1.0])
    assert not is_over(LONG, curve(0.1, 0.12, 0.15, 0.3, 0.19), [1.0])


def test_it_ends_when_validation_loss_exceeds_three_times_the_moving_training_loss() -> None:
    assert is_over(LONG, curve(0.5, val_loss=3.01), [1.0, 1.0])
    assert not is_over(LONG, curve(0.5, val_loss=2.99), [1.0, 1.0])
    assert is_over(LONG, curve(0.5, val_loss=3.0), [1.0, 0.9])  # the average starts at the first step and is 0.999
    assert not is_over(replace(LONG, loss_ratio=0.0), curve(0.5, val_loss=99.0), [1.0])


def test_the_best_epoch_is_the_earliest_of_equals() -> None:
    assert best_of(curve(0.5, 0.7, 0.7, 0.6))["epoch"] == 2


def test_an_epoch_ends_early_once_its_moving_accuracy_is_high_enough() -> None:
    whole, cut = training(proxy("digits")), training(replace(proxy("digits"), stop_train_accuracy=0.01))
    steps = [len(t._train(never_stop).steps) for t in (whole, cut)]
    assert steps[0] == 39 and steps[1] < 5


def test_a_loss_that_is_not_finite_diverges() -> None:
    data = load_training_data("digits", DIGITS.split)
    broken = replace(data, train=data.train._replace(images=torch.full_like(data.train.images, torch.nan)))
    with pytest.raises(Diverged):
        training(proxy("digits"), broken).epoch(never_stop)


def test_it_can_be_stopped_at_every_batch() -> None:
    stops = iter([False, False, True])
    item = training(proxy("digits"))
    with pytest.raises(Interrupted):
        item.epoch(lambda: next(stops))
    assert item.curve == []


def test_weight_decay_applies_to_kernels_and_more_to_shortcuts_only() -> None:
    item = training(PROXY)
    names = {id(p): name for name, p in item.network.named_parameters()}
    decay = {names[id(p)]: group["weight_decay"] for group in item.optimizer.param_groups for p in group["params"]}
    assert decay.keys() == set(names.values())
    assert decay["stem.weight"] == decay["stage1.cell0.node1.pointwise.weight"] == decay["dense.weight"] == 2e-5
    assert decay["stage2.cell0.shortcut.weight"] == 8e-5
    assert decay["stage1.cell0.node1.depthwise.weight"] == decay["stem.norm.weight"] == decay["dense.bias"] == 0
    assert decay["stage2.cell0.shortcut.norm.weight"] == 0


def few(count: int = 48) -> TrainingData:
    data = load_training_data("digits", DIGITS.split)
    train, validation = (
        LabelledImages(part.images[:count], part.labels[:count].clone()) for part in (data.train, data.validation)
    )
    return TrainingData(train, validation)


#: A recipe with every feature.
EVERYTHING = replace(IMAGENET, epochs=3, batch=16, warm_up=1, learning_rate=0.02, norm_momentum=0.1, dropout=0.2)


def test_a_resumed_training_equals_an_uninterrupted_one_with_every_feature(tmp_path: Path) -> None:
    whole, first, second = (training(EVERYTHING, few(), keep_best=True) for _ in range(3))
    for _ in range(3):
        whole.epoch(never_stop)
    first.epoch(never_stop)
    checkpoint.save(tmp_path, "key", first.state_dict())
    state = checkpoint.load(tmp_path, "key", "cpu")
    assert state is not None
    second.load_state_dict(state)
    while not second.over:
        second.epoch(never_stop)
    assert second.curve == whole.curve
    torch.testing.assert_close(second.state_dict(), whole.state_dict(), rtol=0, atol=0)


def test_the_average_of_the_weights_is_validated_and_kept() -> None:
    item = training(replace(EVERYTHING, average=0.99), few(), keep_best=True)
    item.epoch(never_stop)
    assert item.average is not None and item.average.count == 3
    last = item.network.get_parameter("dense.weight").detach().clone()
    with item.average.swapped_in():
        average = item.network.get_parameter("dense.weight").detach().clone()
        assert evaluate(item.network, item.data.validation)[0] == item.curve[0]["val_loss"]
    assert torch.equal(item.network.get_parameter("dense.weight"), last) and not torch.equal(average, last)
    item.restore_best()
    assert torch.equal(item.network.get_parameter("dense.weight"), average)


def test_dropout_applies_to_training_only_and_repeats() -> None:
    baseline, first, second = (training(replace(EVERYTHING, dropout=p), few()) for p in (0.0, 0.5, 0.5))
    losses = [item._train(never_stop).steps for item in (baseline, first, second)]
    assert losses[1] == losses[2] != losses[0]
    assert evaluate(first.network, first.data.validation) == evaluate(first.network, first.data.validation)


def test_smoothed_labels_raise_the_training_loss() -> None:
    baseline, smoothed = (training(replace(EVERYTHING, label_smoothing=s), few()) for s in (0.0, 0.9))
    for item in (baseline, smoothed):
        with torch.no_grad():
            item.network.get_parameter("dense.bias")[0] = (
                20.0  # certain of class 0, which only smoothed labels penalise
            )
        item.data.train.labels.zero_()
    assert baseline._train(never_stop).steps[0] < 0.1 < smoothed._train(never_stop).steps[0]


def test_mixed_precision_on_a_cpu_is_float32() -> None:
    first, second = (training(replace(EVERYTHING, precision=p), few()) for p in ("float32", "mixed"))
    assert first.precision.dtype is second.precision.dtype is None
    assert not second.precision.scaler.is_enabled()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_mixed_precision_keeps_weights_and_losses_in_float32(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype
) -> None:
    """Emulates a GPU with autocast on the CPU."""
    monkeypatch.setattr(precision, "_dtype", lambda recipe, device: dtype)
    item = training(replace(EVERYTHING, epochs=1), few())
    seen: set[torch.dtype] = set()
    item.network.get_submodule("stem").register_forward_hook(lambda module, inputs, output: seen.add(output.dtype))
    losses = item._train(never_stop).steps
    assert seen == {dtype}
    assert item.precision.scaler.is_enabled() == (dtype == torch.float16)
    assert losses and all(map(math.isfinite, losses))
    assert {p.dtype for p in item.network.parameters()} == {torch.float32}


def test_the_evaluation_batch_is_as_large_as_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    item = training(proxy("digits"))
    whole = evaluate(item.network, item.data.validation)
    live = program_cost(item.network.program).peak_memory.live
    monkeypatch.setattr(image, "EVALUATION_BYTES", 100 * live)
    seen: list[int] = []
    item.network.register_forward_pre_hook(lambda module, inputs: seen.append(len(inputs[0])))
    assert evaluate(item.network, item.data.validation) == pytest.approx(whole)
    assert seen == [100, 100, 69]


def test_candidates_see_the_same_batches() -> None:
    seen: list[list[torch.Tensor]] = []
    for graph in (cnn.dense(3), cnn.dense(3).without(Edge(0, 2))):
        item = training(proxy("digits"))
        item.network = build(graph, MACRO, item.recipe, 0)
        batches: list[torch.Tensor] = []
        item.network.register_forward_pre_hook(lambda module, inputs, batches=batches: batches.append(inputs[0]))
        item._train(never_stop)
        seen.append(batches)
    assert all(torch.equal(first, second) for first, second in zip(*seen, strict=True))


def test_evaluation_uses_running_statistics() -> None:
    item = training(proxy("digits"))
    item.epoch(never_stop)
    loss, accuracy = evaluate(item.network, item.data.validation)
    assert (loss, accuracy) == (item.curve[0]["val_loss"], item.curve[0]["val_accuracy"])
    single = evaluate(
        item.network,
        item.data.validation._replace(images=item.data.validation.images[:1], labels=item.data.validation.labels[:1]),
    )
    assert single[1] in (0.0, 1.0)  # works for a single image


def test_digits_are_learned_in_three_epochs() -> None:
    item = training(proxy("digits"))
    while not item.over:
        item.epoch(never_stop)
    assert len(item.curve) == 3
    assert item.best_epoch["val_accuracy"] > 0.93
