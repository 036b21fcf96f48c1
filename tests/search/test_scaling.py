"""Scaling: the largest network within a budget, or a sentence that says why there is none."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.data.datasets import Data, ImageData, TextData
from search.network.budget import Budget
from search.network.cost import cost_of
from search.network.graph import BadGraph, Graph
from search.network.macro import ImageMacro, TextMacro
from search.spaces import cnn
from search.spaces.presets import PRESETS, SHRINKCNN_CELL, SHRINKRNN_CELL
from search.spaces.scaling import CannotScale, Scaled, scale
from tests.examples import examples

IMAGENET = ImageData(shape=(3, 224, 224), classes=1001)
PUBLISHED = cost_of(SHRINKCNN_CELL, PRESETS["shrinkcnn-a"].macro)
OPTIMAL = PUBLISHED.peak_memory.optimal


def cifar(side: int) -> ImageData:
    return ImageData(shape=(3, side, side), classes=10)


def image_macro(scaled: Scaled) -> ImageMacro:
    assert isinstance(scaled.macro, ImageMacro)
    return scaled.macro


def test_the_published_family_at_its_width_is_the_published_network() -> None:
    macro = cnn.FAMILIES["published"].macro((3, 224, 224), 1001, width=1.4)
    assert macro == PRESETS["shrinkcnn-a"].macro
    assert (macro.stem_filters, macro.head_filters) == (44, 1280)
    assert [stage.filters for stage in macro.stages] == [12, 24, 44, 88, 180]


@pytest.mark.parametrize(
    "budget",
    [
        Budget(macs=PUBLISHED.macs),
        Budget(params=PUBLISHED.params),
        Budget(params=PUBLISHED.params, macs=PUBLISHED.macs, peak_memory=OPTIMAL),
    ],
)
def test_the_cost_of_the_published_network_gives_the_published_network(budget: Budget) -> None:
    scaled = scale(SHRINKCNN_CELL, IMAGENET, budget)
    assert scaled.macro == PRESETS["shrinkcnn-a"].macro
    assert scaled.cost == PUBLISHED and scaled.shares[scaled.limited_by] == 1.0


def test_one_mac_less_gives_a_network_just_below_the_published_one() -> None:
    scaled = scale(SHRINKCNN_CELL, IMAGENET, Budget(macs=PUBLISHED.macs - 1))
    assert 0.98 * PUBLISHED.macs < scaled.cost.macs < PUBLISHED.macs


@settings(max_examples=examples(25))
@given(
    st.builds(
        Budget,
        params=st.none() | st.integers(1, 5_000_000),
        macs=st.none() | st.integers(1, 200_000_000),
        peak_memory=st.none() | st.integers(1, 2_000_000),
        bytes_per_element=st.sampled_from([1, 4]),
    ),
    st.sampled_from(
        [(SHRINKCNN_CELL, cifar(16)), (SHRINKCNN_CELL, cifar(32)), (SHRINKRNN_CELL, TextData(vocabulary=50))]
    ),
    st.sampled_from(["published", "search"]),
)
def test_a_scaled_network_fits_its_budget(budget: Budget, cell_and_data: tuple[Graph, Data], family: str) -> None:
    cell, data = cell_and_data
    try:
        scaled = scale(cell, data, budget, family)
    except CannotScale as error:
        assert error.over or (budget.params, budget.macs, budget.peak_memory) == (None, None, None)
        return
    assert budget.over(scaled.cost) == ()
    assert scaled.cost == cost_of(cell, scaled.macro, budget.bytes_per_element)
    assert 0 < scaled.shares[scaled.limited_by] == max(scaled.shares.values()) <= 1


@pytest.mark.parametrize(("side", "stages"), [(8, 2), (16, 3), (28, 4), (32, 4), (64, 4), (96, 4), (224, 5)])
def test_stages_are_left_out_where_the_last_map_would_be_too_small(side: int, stages: int) -> None:
    scaled = scale(SHRINKCNN_CELL, cifar(side), Budget(params=300_000))
    assert len(image_macro(scaled).stages) == stages


def test_the_stem_keeps_the_resolution_of_small_images() -> None:
    assert image_macro(scale(SHRINKCNN_CELL, cifar(32), Budget(params=300_000))).stem_stride == 1
    assert image_macro(scale(SHRINKCNN_CELL, cifar(64), Budget(params=300_000))).stem_stride == 2


@pytest.mark.parametrize("family", ["published", "search"])
@pytest.mark.parametrize("side", [16, 32])
def test_a_network_for_cifar_uses_nearly_all_of_the_tightest_limit(family: str, side: int) -> None:
    scaled = scale(SHRINKCNN_CELL, cifar(side), Budget(params=250_000, macs=60_000_000), family)
    assert scaled.shares[scaled.limited_by] > 0.97
    assert image_macro(scaled).classes == 10 and image_macro(scaled).input == (3, side, side)


def test_stages_are_left_out_where_all_of_them_do_not_fit() -> None:
    assert len(image_macro(scale(SHRINKCNN_CELL, IMAGENET, Budget(params=14_000))).stages) < 5


def test_a_budget_of_exactly_the_smallest_network_is_met() -> None:
    with pytest.raises(CannotScale) as error:
        scale(SHRINKCNN_CELL, cifar(32), Budget(params=1))
    (over,) = error.value.over
    assert scale(SHRINKCNN_CELL, cifar(32), Budget(params=over.value)).cost.params == over.value
    with pytest.raises(CannotScale, match=r"one cell of 4 filters, needs [\d,]+ parameters, with [\d,]+ allowed"):
        scale(SHRINKCNN_CELL, cifar(32), Budget(params=over.value - 1))


def test_a_recurrent_cell_gets_the_largest_hidden_size_that_fits() -> None:
    data = TextData(vocabulary=10_000)
    published = scale(SHRINKRNN_CELL, data, Budget(params=23_000_700))
    assert published.macro == TextMacro(vocabulary=10_000, hidden=745)
    below = scale(SHRINKRNN_CELL, data, Budget(params=23_000_699))
    assert below.macro == TextMacro(vocabulary=10_000, hidden=744)


def test_a_recurrent_cell_that_cannot_fit_says_why() -> None:
    with pytest.raises(CannotScale, match="a hidden size of 1, needs 20,028 parameters, with 2,000 allowed"):
        scale(SHRINKRNN_CELL, TextData(vocabulary=10_000), Budget(params=2_000))


def test_a_limit_on_latency_alone_is_an_error() -> None:
    with pytest.raises(CannotScale, match="Give a limit to scale to"):
        scale(SHRINKCNN_CELL, IMAGENET, Budget(latency=1_000))


def test_a_cell_for_images_cannot_be_scaled_for_text() -> None:
    with pytest.raises(BadGraph, match="sep3"):
        scale(SHRINKCNN_CELL, TextData(vocabulary=100), Budget(params=10_000))


def test_the_activation_is_kept() -> None:
    scaled = scale(SHRINKCNN_CELL, IMAGENET, Budget(macs=PUBLISHED.macs), activation="swish")
    assert scaled.macro == replace(image_macro(scaled), activation="swish") == PRESETS["shrinkcnn-b"].macro
