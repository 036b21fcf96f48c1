"""Readers of environment variables: typed, with defaults, and with messages for invalid values."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from webapp.config.env import (
    BadEnvironment,
    env_bool,
    env_bucket,
    env_float,
    env_int,
    env_list,
    env_path,
    env_secret,
    env_str,
)


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    monkeypatch.delenv("X", raising=False)
    monkeypatch.delenv("X_FILE", raising=False)
    return lambda text: monkeypatch.setenv("X", text)


@pytest.mark.parametrize("text", ["", "   "])
def test_an_unset_or_blank_variable_has_its_default(put: Callable[[str], None], text: str) -> None:
    put(text)
    assert (env_str("X", "a"), env_int("X", 3), env_float("X", 0.5), env_bool("X", True)) == ("a", 3, 0.5, True)
    assert (env_list("X", ["a"]), env_path("X", Path("var")), env_secret("X")) == (["a"], Path("var"), "")


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("false", False), ("OFF", False)]
)
def test_booleans_are_read_from_yes_no_and_the_like(put: Callable[[str], None], text: str, value: bool) -> None:
    put(text)
    assert env_bool("X", not value) is value


def test_a_list_is_separated_by_commas(put: Callable[[str], None]) -> None:
    put(" a.example, b.example ,,")
    assert env_list("X") == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        (lambda: env_int("X", 1), "many", "X is 'many'; it must be a whole number."),
        (lambda: env_int("X", 1, maximum=9), "10", "X is 10; it must be at most 9."),
        (lambda: env_float("X", 1.0), "fast", "X is 'fast'; it must be a number."),
        (lambda: env_float("X", 1.0), "nan", "X is 'nan'; it must be a number."),
        (lambda: env_float("X", 1.0, minimum=0.5), "0.1", "X is 0.1; it must be at least 0.5."),
        (lambda: env_bool("X", True), "maybe", "X is 'maybe'; it must be yes or no."),
        (lambda: env_str("X", "cpu", choices=("cpu", "cuda")), "tpu", "X is 'tpu'; it must be one of cpu, cuda."),
    ],
)
def test_an_invalid_value_stops_the_start_with_a_message(
    put: Callable[[str], None], read: Callable[[], Any], text: str, sentence: str
) -> None:
    put(text)
    with pytest.raises(BadEnvironment) as stopped:
        read()
    assert stopped.value.code == sentence


def test_a_secret_may_be_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("a word\n")
    monkeypatch.setenv("X_FILE", str(tmp_path / "secret"))
    assert env_secret("X") == "a word"


def test_a_secret_cannot_be_given_twice(put: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    put("a word")
    monkeypatch.setenv("X_FILE", "/run/secrets/x")
    with pytest.raises(BadEnvironment, match="keep one of them"):
        env_secret("X")


def test_a_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("X", raising=False)
    monkeypatch.setenv("X_FILE", "/nowhere/x")
    with pytest.raises(BadEnvironment, match="'/nowhere/x', which cannot be read"):
        env_secret("X")


def test_an_object_store_is_configured_by_a_url(put: Callable[[str], None]) -> None:
    put("")
    assert env_bucket("X") is None
    put("s3://garden/espalier/studio?endpoint=http://127.0.0.1:9000&region=eu-west-1")
    assert env_bucket("X") == {
        "address": "s3://garden/espalier/studio",
        "bucket_name": "garden",
        "location": "espalier/studio",
        "endpoint_url": "http://127.0.0.1:9000",
        "region_name": "eu-west-1",
    }
    put("s3://garden")
    assert env_bucket("X") == {"address": "s3://garden", "bucket_name": "garden", "location": ""}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("garden", "X is 'garden'; it must look like s3://bucket"),
        ("https://garden.example/x", "it must look like s3://bucket"),
        ("s3:///studio", "it must look like s3://bucket"),
        ("s3://key:secret@garden", "X holds a key; keys go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."),
        ("s3://garden?acl=public", "X has the option 'acl'; only endpoint and region may follow the [?]."),
        ("s3://garden?endpoint=minio:9000", "X has the endpoint 'minio:9000'; it must begin with http:// or https://."),
    ],
)
def test_an_invalid_url_of_an_object_store_stops_the_start_with_a_message(
    put: Callable[[str], None], text: str, sentence: str
) -> None:
    put(text)
    with pytest.raises(BadEnvironment, match=sentence):
        env_bucket("X")
