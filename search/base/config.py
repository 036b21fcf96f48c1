"""Settings as frozen dataclasses whose fields carry what a form needs: label, help, range and unit.

Strategy configs and training recipes are such dataclasses. The web pages and the CLI read the same schema.
"""

from collections.abc import Collection, Mapping
from dataclasses import MISSING, field, fields
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from search.base import serialization

T = TypeVar("T")


class BadConfig(ValueError):
    """An invalid setting. `field` is its name, `message` says what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


def option(
    default: Any,
    label: str,
    help: str,
    *,
    min: float | None = None,
    max: float | None = None,
    unit: str | None = None,
    group: str | None = None,
) -> Any:
    """A field of a settings dataclass, with the metadata to show and validate it. Forms show each group together."""
    metadata = {"label": label, "help": help, "min": min, "max": max, "unit": unit, "group": group}
    return field(default=default, metadata=metadata)


def schema(cls: type, defaults: Mapping[str, Any] | None = None) -> list[serialization.Json]:
    """One row per field: name, type (int, float, bool or choice), default, range, choices, label, help, unit, group.

    `defaults`: values that replace those of the class.
    """
    hints = get_type_hints(cls)
    rows = []
    for f in fields(cls):
        hint = hints[f.name]
        choice = get_origin(hint) is Literal
        default = None if f.default is MISSING else f.default
        rows.append(
            {
                "name": f.name,
                "type": "choice" if choice else hint.__name__,
                "default": (defaults or {}).get(f.name, default),
                "min": f.metadata.get("min"),
                "max": f.metadata.get("max"),
                "choices": list(get_args(hint)) if choice else None,
                "label": f.metadata.get("label", f.name.replace("_", " ")),
                "help": f.metadata.get("help", ""),
                "unit": f.metadata.get("unit"),
                "group": f.metadata.get("group"),
            }
        )
    return rows


def parse(cls: type[T], data: Mapping[str, Any], fixed: Collection[str] = ()) -> T:
    """The settings in `data`, with defaults for the others. Raises BadConfig naming the invalid field.

    `fixed`: settings that no person chose, whose values may lie outside the range.
    """
    rows = {row["name"]: row for row in schema(cls)}
    for name, value in data.items():
        if name not in rows:
            raise BadConfig(name, f"there is no such setting; the settings are {', '.join(rows) or 'none'}")
        if name not in fixed:
            _check(rows[name], value)
    return serialization.decode(cls, dict(data))


_TYPE_NAMES = {"int": "a whole number", "float": "a number", "bool": "true or false"}


def _check(row: serialization.Json, value: Any) -> None:
    name, kind = row["name"], row["type"]
    if kind == "choice":
        if value not in row["choices"]:
            raise BadConfig(name, f"choose one of {', '.join(map(str, row['choices']))}, not {value!r}")
        return
    types: tuple[type, ...] = {"int": (int,), "float": (int, float), "bool": (bool,)}[kind]
    if not isinstance(value, types) or (isinstance(value, bool) and kind != "bool"):
        raise BadConfig(name, f"must be {_TYPE_NAMES[kind]}, not {value!r}")
    low, high = row["min"], row["max"]
    if kind != "bool" and not ((low is None or value >= low) and (high is None or value <= high)):
        shown = f"{value:g}" if isinstance(value, float) else str(value)[:40]
        raise BadConfig(name, f"must be from {low:g} to {high:g}, not {shown}")
