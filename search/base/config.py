"""Settings as frozen dataclasses that know how to be a form: label, help, range, unit of each field.

A strategy's Config and a training Recipe are such dataclasses; the web page and the CLI read the same schema.
"""

from dataclasses import MISSING, field, fields
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from search.base import serialization

T = TypeVar("T")


class BadConfig(ValueError):
    """A setting that cannot be; `field` is its name and the message a sentence."""

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
    """A field of a settings dataclass with what a form needs to show and to check it; groups stand together."""
    about = {"label": label, "help": help, "min": min, "max": max, "unit": unit, "group": group}
    return field(default=default, metadata=about)


def schema(cls: type) -> list[serialization.Json]:
    """One row a field: name, type (int, float, bool or choice), default, range, choices, label, help, unit, group."""
    hints, published = get_type_hints(cls), _published(cls)
    rows = []
    for f in fields(cls):
        hint = hints[f.name]
        choice = get_origin(hint) is Literal
        rows.append(
            {
                "name": f.name,
                "type": "choice" if choice else hint.__name__,
                "default": None if f.default is MISSING else f.default,
                "min": f.metadata.get("min"),
                "max": f.metadata.get("max"),
                "choices": list(get_args(hint)) if choice else None,
                "label": f.metadata.get("label", f.name.replace("_", " ")),
                "help": f.metadata.get("help", ""),
                "unit": f.metadata.get("unit"),
                "published": published.get(f.name),
                "group": f.metadata.get("group"),
            }
        )
    return rows


def parse(cls: type[T], data: dict[str, Any]) -> T:
    """The settings that `data` gives, defaults for the rest, and where the published protocol is asked for, what it
    fixes. Raises BadConfig naming the field that cannot be."""
    rows = {row["name"]: row for row in schema(cls)}
    fixed = _published(cls) if data.get("protocol") == "published" else {}
    for name, value in data.items():
        if name not in rows:
            raise BadConfig(name, f"there is no such setting; there are {', '.join(rows)}")
        if name not in fixed:
            _check(rows[name], value)
        elif value != fixed[name]:
            raise BadConfig(name, f"the published protocol fixes it to {_shown(fixed[name])}, so leave it out")
    return serialization.decode(cls, {**data, **fixed})


def _published(cls: type) -> dict[str, Any]:
    return getattr(cls, "PUBLISHED", {})


def _shown(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _check(row: serialization.Json, value: Any) -> None:
    name, kind = row["name"], row["type"]
    if kind == "choice":
        if value not in row["choices"]:
            raise BadConfig(name, f"choose one of {', '.join(map(str, row['choices']))}, not {value!r}")
        return
    takes: tuple[type, ...] = {"int": (int,), "float": (int, float), "bool": (bool,)}[kind]
    if not isinstance(value, takes) or (isinstance(value, bool) and kind != "bool"):
        raise BadConfig(name, f"takes {'a whole number' if kind == 'int' else kind}, not {value!r}")
    low, high = row["min"], row["max"]
    if kind != "bool" and not ((low is None or value >= low) and (high is None or value <= high)):
        raise BadConfig(name, f"must be from {low:g} to {high:g}, not {value:g}")
