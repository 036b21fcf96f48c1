"""Outcomes of a round's work items, as strategies, the table of candidates and pages read them."""

from typing import Any

from search.base import serialization
from search.base.serialization import DecodeError
from search.log.events import Point


class BadOutcome(ValueError):
    """An outcome that nobody could read; the message says why."""


def check(outcome: Any) -> None:
    """Raises BadOutcome where the outcome, or one of its results, is malformed."""
    results = outcome.get("results", []) if isinstance(outcome, dict) else []
    if not isinstance(results, list):
        raise BadOutcome("the results of an outcome must be a list")
    for result in (outcome, *results):
        _check_result(result)


def files_of(outcome: Any) -> set[tuple[str, str]]:
    """Role and SHA-256 of each file of an outcome and of its results."""
    return {file for part in (outcome, *outcome.get("results", [])) for file in part.get("files", {}).items()}


def _check_result(result: Any) -> None:
    if not isinstance(result, dict) or result.get("status") not in ("ok", "error"):
        raise BadOutcome("a result needs the status ok or error")
    files = result.get("files", {})
    if not isinstance(files, dict) or not all(isinstance(sha256, str) for sha256 in files.values()):
        raise BadOutcome("the files of a result must be hashes by role")
    code, curve = result.get("code"), result.get("curve", [])
    if code is not None and (not isinstance(code, str) or "\0" in code):
        raise BadOutcome("the code of a result must be text")
    for name, value in result.items():
        if name.startswith("val_") and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise BadOutcome(f"{name} of a result must be a number")
    if not isinstance(curve, list):
        raise BadOutcome("the curve of a result must be a list of points")
    for point in curve:
        try:
            serialization.decode(Point, point, "a point of the curve")
        except DecodeError as error:
            raise BadOutcome(str(error)) from None
