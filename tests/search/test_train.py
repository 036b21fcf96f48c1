"""The training loop: what ends it, what it counts, what its settings do."""

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
from search.runtime.context import Interrupted
from search.runtime.data.images import Images, TrainingData, training_data
from search.runtime.networks.image import build
from search.runtime.training import Diverged, checkpoint, image, precision
from search.runtime.training.image import ImageTraining, best_of, evaluate, is_over
from search.spaces import cnn

DIGITS = builtin.get("digits")
MACRO: ImageMacro = cnn.search_macro((1, 8, 8), 10)


def never() -> bool:
    return False


def training(recipe: ImageRecipe, data: TrainingData | None = None, keep_best: bool = False) -> ImageTraining:
    torch.set_num_threads(1)
    data = data or training_data("digits", DIGITS.split)
    network = build(cnn.dense(3), MACRO, recipe, 0)
    network.normalise_by(*data.statistics())
    return ImageTraining(network, data, recipe, DIGITS.split, 0, keep_best)


def curve(*accuracies: float, val_loss: float = 1.0) -> list[Json]:
    return [{"epoch": i, "val_accuracy": a, "val_loss": val_loss} for i, a in enumerate(accuracies, 1)]


LONG = replace(PROXY, epochs=100)


def test_it_ends_after_its_epochs() -> None:
    assert not is_over(replace(PROXY, epochs=3), curve(0.5, 0.6), [1.0])
    assert is_over(replace(PROXY, epochs=3), curve(0.5, 0.6, 0.7), [1.0])


def test_it_ends_when_patience_runs_out_and_an_equal_is_no_new_best() -> None:
    assert not is_over(LONG, curve(0.9, 0.9, 0.8, 0.8, 0.9), [1.0])
    assert is_over(LONG, curve(0.9, 0.9, 0.8, 0.8, 0.9, 0.9), [1.0])
    assert not is_over(replace(LONG, patience=0), curve(0.9, *[0.8] * 20), [1.0])


def test_a_slow_start_is_judged_at_the_fourth_epoch_alone() -> None:
    assert not is_over(LONG, curve(0.1, 0.12, 0.15), [1.0])
    assert is_over(LONG, curve(0.1, 0.12, 0.15, 0.19), [1.0])
    assert not is_over(LONG, curve(0.1, 0.12, 0.15, 0.2), [1.0])
    assert not is_over(LONG, curve(0.1, 0.12, 0.15, 0.3, 0.19), [1.0])


def test_it_ends_when_validation_loss_passes_three_times_the_moving_training_loss() -> None:
    assert is_over(LONG, curve(0.5, val_loss=3.01), [1.0, 1.0])
    assert not is_over(LONG, curve(0.5, val_loss=2.99), [1.0, 1.0])
    assert is_over(LONG, curve(0.5, val_loss=3.0), [1.0, 0.9])  # 0.999: the average begins at the first step
    assert not is_over(replace(LONG, loss_ratio=0.0), curve(0.5, val_loss=99.0), [1.0])


def test_the_best_epoch_is_the_earliest_of_equals() -> None:
    assert best_of(curve(0.5, 0.7, 0.7, 0.6))["epoch"] == 2


def test_an_epoch_stops_stepping_once_its_moving_accuracy_is_high_enough() -> None:
    whole, cut = training(proxy("digits")), training(replace(proxy("digits"), stop_train_accuracy=0.01))
    steps = [len(t._train(never).losses) for t in (whole, cut)]
    assert steps[0] == 39 and steps[1] < 5


def test_a_loss_that_is_not_finite_diverges() -> None:
    data = training_data("digits", DIGITS.split)
    broken = data._replace(train=data.train._replace(images=torch.full_like(data.train.images, torch.nan)))
    with pytest.raises(Diverged):
        training(proxy("digits"), broken).epoch(never)


def test_it_can_be_stopped_at_every_batch() -> None:
    asked = iter([False, False, True])
    item = training(proxy("digits"))
    with pytest.raises(Interrupted):
        item.epoch(lambda: next(asked))
    assert item.curve == []


def test_weight_decay_is_on_kernels_more_on_shortcuts_and_on_nothing_else() -> None:
    item = training(PROXY)
    names = {id(p): name for name, p in item.network.named_parameters()}
    decay = {names[id(p)]: group["weight_decay"] for group in item.optimizer.param_groups for p in group["params"]}
    assert decay.keys() == set(names.values())
    assert decay["stem.weight"] == decay["stage1.cell0.node1.pointwise.weight"] == decay["dense.weight"] == 2e-5
    assert decay["stage2.cell0.shortcut.weight"] == 8e-5
    assert decay["stage1.cell0.node1.depthwise.weight"] == decay["stem.norm.weight"] == decay["dense.bias"] == 0
    assert decay["stage2.cell0.shortcut.norm.weight"] == 0


def few(count: int = 48) -> TrainingData:
    data = training_data("digits", DIGITS.split)
    return TrainingData(*(Images(part.images[:count], part.labels[:count].clone()) for part in data))


#: Everything that a recipe can ask for, at once.
EVERYTHING = replace(IMAGENET, epochs=3, batch=16, warm_up=1, learning_rate=0.02, norm_momentum=0.1, dropout=0.2)


def test_what_goes_on_from_a_checkpoint_ends_as_if_undisturbed_whatever_the_recipe(tmp_path: Path) -> None:
    whole, first, second = (training(EVERYTHING, few(), keep_best=True) for _ in range(3))
    for _ in range(3):
        whole.epoch(never)
    first.epoch(never)
    checkpoint.save(tmp_path, "key", first.state_dict())
    state = checkpoint.load(tmp_path, "key", "cpu")
    assert state is not None
    second.load_state_dict(state)
    while not second.over:
        second.epoch(never)
    assert second.curve == whole.curve
    ended, undisturbed = second.state_dict(), whole.state_dict()
    torch.testing.assert_close(ended, undisturbed, rtol=0, atol=0)


def test_the_average_of_the_weights_is_what_is_validated_and_kept() -> None:
    item = training(replace(EVERYTHING, average=0.99), few(), keep_best=True)
    item.epoch(never)
    assert item.average is not None and item.average.count == 3
    last = item.network.get_parameter("dense.weight").detach().clone()
    with item.average.swapped_in():
        average = item.network.get_parameter("dense.weight").detach().clone()
        assert evaluate(item.network, item.data.validation)[0] == item.curve[0]["val_loss"]
    assert torch.equal(item.network.get_parameter("dense.weight"), last) and not torch.equal(average, last)
    item.take_best()
    assert torch.equal(item.network.get_parameter("dense.weight"), average)


def test_dropout_is_of_training_alone_and_the_same_each_time() -> None:
    plain, one, other = (training(replace(EVERYTHING, dropout=p), few()) for p in (0.0, 0.5, 0.5))
    losses = [item._train(never).losses for item in (plain, one, other)]
    assert losses[1] == losses[2] != losses[0]
    assert evaluate(one.network, one.data.validation) == evaluate(one.network, one.data.validation)


def test_smoothed_labels_raise_the_loss_that_is_trained_on() -> None:
    plain, smoothed = (training(replace(EVERYTHING, label_smoothing=s), few()) for s in (0.0, 0.9))
    for item in (plain, smoothed):
        with torch.no_grad():
            item.network.get_parameter("dense.bias")[0] = 20.0  # sure of one class, which costs only where all count
        item.data.train.labels.zero_()
    assert plain._train(never).losses[0] < 0.1 < smoothed._train(never).losses[0]


def test_mixed_precision_on_a_cpu_is_float32() -> None:
    one, other = (training(replace(EVERYTHING, precision=p), few()) for p in ("float32", "mixed"))
    assert one.precision.dtype is other.precision.dtype is None
    assert not other.precision.scaler.is_enabled()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_mixed_precision_keeps_weights_and_figures_in_float32(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype
) -> None:
    """What a GPU does, by torch's own imitation of it on a CPU."""
    monkeypatch.setattr(precision, "_dtype", lambda recipe, device: dtype)
    item = training(replace(EVERYTHING, epochs=1), few())
    seen: set[torch.dtype] = set()
    item.network.get_submodule("stem").register_forward_hook(lambda module, inputs, output: seen.add(output.dtype))
    losses = item._train(never).losses
    assert seen == {dtype}
    assert item.precision.scaler.is_enabled() == (dtype == torch.float16)
    assert losses and all(map(math.isfinite, losses))
    assert {p.dtype for p in item.network.parameters()} == {torch.float32}


def test_evaluation_takes_as_many_images_at_once_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    item = training(proxy("digits"))
    whole = evaluate(item.network, item.data.validation)
    live = program_cost(item.network.program).peak_memory.live
    monkeypatch.setattr(image, "AT_ONCE", 100 * live)
    seen: list[int] = []
    item.network.register_forward_pre_hook(lambda module, inputs: seen.append(len(inputs[0])))
    assert evaluate(item.network, item.data.validation) == pytest.approx(whole)
    assert seen == [100, 100, 69]


def test_candidates_share_their_luck() -> None:
    seen: list[list[torch.Tensor]] = []
    for graph in (cnn.dense(3), cnn.dense(3).without(Edge(0, 2))):
        item = training(proxy("digits"))
        item.network = build(graph, MACRO, item.recipe, 0)
        batches: list[torch.Tensor] = []
        item.network.register_forward_pre_hook(lambda module, inputs, into=batches: into.append(inputs[0]))
        item._train(never)
        seen.append(batches)
    assert len(seen[0]) > 10
    assert all(torch.equal(one, other) for one, other in zip(*seen, strict=True))


def test_evaluation_is_of_the_network_as_it_is_used() -> None:
    item = training(proxy("digits"))
    item.epoch(never)
    loss, accuracy = evaluate(item.network, item.data.validation)
    assert (loss, accuracy) == (item.curve[0]["val_loss"], item.curve[0]["val_accuracy"])
    one = evaluate(
        item.network,
        item.data.validation._replace(images=item.data.validation.images[:1], labels=item.data.validation.labels[:1]),
    )
    assert one[1] in (0.0, 1.0)  # a single image works: BN reads its running statistics


def test_digits_are_learnt_in_three_epochs() -> None:
    item = training(proxy("digits"))
    while not item.over:
        item.epoch(never)
    assert len(item.curve) == 3
    assert item.best_epoch["val_accuracy"] > 0.93
