"""The JSON codec: equal values give equal bytes, and anything else is an error."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.base import serialization
from search.log.task import Task
from search.network import macro
from search.network.budget import Budget
from tests.search import fakes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_a_value_round_trips_and_its_bytes_are_stable(value: object) -> None:
    data = serialization.dumps(value)
    assert serialization.loads(data) == value
    assert serialization.dumps(serialization.loads(data)) == data


def test_minus_zero_is_written_as_zero() -> None:
    assert serialization.dumps({"b": -0.0, "a": [0.1]}) == b'{"a":[0.1],"b":0.0}'


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_are_not_written(value: float) -> None:
    with pytest.raises(ValueError):
        serialization.dumps([value])


@pytest.mark.parametrize("text", ["NaN", "[Infinity]"])
def test_numbers_that_json_lacks_are_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not JSON"):
        serialization.loads(text)


def test_deeply_nested_json_is_an_error() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        serialization.loads("[" * 100_000)


def test_a_dataclass_round_trips() -> None:
    task = fakes.task(space="rnn", seed=3, budget=Budget(params=5))  # its data is one of a union
    assert serialization.decode(Task, serialization.loads(serialization.dumps(task))) == task


@pytest.mark.parametrize("data", [{}, {"kind": "sound", "vocabulary": 3, "hidden": 3}, {"kind": ["text"]}])
def test_one_of_several_dataclasses_is_told_by_its_kind(data: object) -> None:
    assert macro.read({"kind": "text", "vocabulary": 3, "hidden": 4}) == macro.TextMacro(vocabulary=3, hidden=4)
    with pytest.raises(serialization.DecodeError, match="the kind must be one of image, nasbench201, chain, text, not"):
        macro.read(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"params": "many"}, "params: expected int"),
        ({"weight": 3}, "there is no 'weight'"),
        ({"params": True}, "expected int, not True"),
        ([], "expected dict"),
    ],
)
def test_a_decode_error_names_the_path(data: object, message: str) -> None:
    with pytest.raises(serialization.DecodeError, match=message):
        serialization.decode(Budget, data)


def test_equal_work_under_other_numerics_has_another_cache_key() -> None:
    assert serialization.cache_key({"kind": "train"}, "a") != serialization.cache_key({"kind": "train"}, "b")
