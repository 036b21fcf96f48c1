"""The codec: one value, one text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.base import serialization
from search.log.task import Task
from search.network.budget import Budget

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_a_value_comes_back_and_its_bytes_stay(value: object) -> None:
    data = serialization.dumps(value)
    assert serialization.loads(data) == value
    assert serialization.dumps(serialization.loads(data)) == data


def test_minus_zero_is_zero() -> None:
    assert serialization.dumps({"b": -0.0, "a": [0.1]}) == b'{"a":[0.1],"b":0.0}'


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_number_for_is_refused(value: float) -> None:
    with pytest.raises(ValueError):
        serialization.dumps([value])


@pytest.mark.parametrize("text", ["NaN", "[Infinity]"])
def test_what_json_has_no_number_for_is_not_read_either(text: str) -> None:
    with pytest.raises(ValueError, match="no place on the wire"):
        serialization.loads(text)


def test_what_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        serialization.loads("[" * 100_000)


def test_a_dataclass_comes_back_from_its_json() -> None:
    task = Task(strategy="s", space="cnn", dataset="d", split="f", seed=3, budget=Budget(params=5), config={"nodes": 8})
    assert serialization.decode(Task, serialization.loads(serialization.dumps(task))) == task


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"params": "many"}, "params: expected int"),
        ({"weight": 3}, "there is no 'weight'"),
        ({"params": True}, "expected int, not True"),
        ([], "expected dict"),
    ],
)
def test_json_of_another_shape_is_refused_with_its_place(data: object, why: str) -> None:
    with pytest.raises(serialization.DecodeError, match=why):
        serialization.decode(Budget, data)


def test_the_same_work_in_other_numerics_is_other_work() -> None:
    assert serialization.cache_key({"kind": "train"}, "a") != serialization.cache_key({"kind": "train"}, "b")
