"""The canonical JSON codec: equal values give equal bytes on every machine.

Keys are sorted, there is no white space, floats are as short as possible, -0.0 is written as 0.0, and NaN and infinity
are errors.
"""

import hashlib
import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from search import ENGINE_VERSION

T = TypeVar("T")
Json = dict[str, Any]


class DecodeError(ValueError):
    """JSON that does not match the expected type. The message names the path to the wrong value."""


def to_jsonable(value: Any) -> Any:
    """The value as dicts, lists and scalars: dataclasses and named tuples become dicts, sets sorted lists, -0.0 is 0.0.

    Raises TypeError on any other type.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value + 0.0  # -0.0 + 0.0 is 0.0
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: to_jsonable(part) for name, part in zip(value._fields, value, strict=True)}
    if is_dataclass(value):
        return {f.name: to_jsonable(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_jsonable(part) for key, part in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [to_jsonable(part) for part in (sorted(value) if isinstance(value, set | frozenset) else value)]
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def dumps(value: Any) -> bytes:
    """Canonical bytes of a value. Raises ValueError on NaN and infinity."""
    text = json.dumps(to_jsonable(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def loads(data: bytes | str) -> Any:
    """The value of JSON text.

    Raises ValueError on invalid JSON, on NaN and infinity, and on nesting too deep for Python's reader.
    """
    try:
        return json.loads(data, parse_constant=_reject_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def canonical_hash(value: Any) -> str:
    """SHA-256 (hex) of the canonical bytes."""
    return hashlib.sha256(dumps(value)).hexdigest()


def cache_key(work: Json, numerics: str) -> str:
    """Key under which the outcome of a work item can be reused. Equal work under other numerics has another key."""
    return canonical_hash({"work": work, "numerics": numerics, "engine": ENGINE_VERSION})


def decode(cls: type[T], data: Any, where: str = "") -> T:
    """A dataclass from its JSON; `where` is the path to it, for messages.

    Raises DecodeError on a missing, unknown or ill-typed field.
    """
    result: T = _decode(cls, data, where or cls.__name__)
    return result


def decode_tagged(classes: Sequence[Any], data: Any, where: str) -> Any:
    """A value of one of several dataclasses. The field `kind` tells which; its default is the class's own kind.

    Raises DecodeError.
    """
    _expect(data, dict, where)
    by_kind = {cls.kind: cls for cls in classes}
    if data.get("kind") not in list(by_kind):  # a list, because the kind may be anything, even unhashable
        raise DecodeError(f"{where}: the kind must be one of {', '.join(by_kind)}, not {data.get('kind')!r}")
    return _decode(by_kind[data["kind"]], data, where)


def _reject_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(cls: type) -> dict[str, Any]:
    if cls not in _HINTS:
        _HINTS[cls] = get_type_hints(cls)
    return _HINTS[cls]


def _decode(hint: Any, data: Any, where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any:
        return data
    if origin in (Union, types.UnionType):
        return _decode_union(args, data, where)
    if origin is Literal:
        if data not in args:
            raise DecodeError(f"{where}: expected one of {', '.join(map(str, args))}, not {data!r}")
        return data
    if origin is tuple:
        _expect(data, list, where)
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_decode(args[0], part, f"{where}[{i}]") for i, part in enumerate(data))
        if len(args) != len(data):
            raise DecodeError(f"{where}: expected {len(args)} values, not {len(data)}")
        return tuple(_decode(arg, part, f"{where}[{i}]") for i, (arg, part) in enumerate(zip(args, data, strict=True)))
    if origin is dict:
        _expect(data, dict, where)
        return {key: _decode(args[1], part, f"{where}.{key}") for key, part in data.items()}
    if isinstance(hint, type) and issubclass(hint, Enum):
        try:
            return hint(data)
        except ValueError as error:
            raise DecodeError(f"{where}: {error}") from None
    if is_dataclass(hint):
        return _decode_fields(hint, {f.name: _has_default(f) for f in fields(hint)}, data, where)
    if isinstance(hint, type) and issubclass(hint, tuple):
        named: Any = hint  # a NamedTuple
        return _decode_fields(named, {name: name in named._field_defaults for name in named._fields}, data, where)
    return _decode_scalar(hint, data, where)


def _decode_union(args: tuple[Any, ...], data: Any, where: str) -> Any:
    if data is None and type(None) in args:
        return None
    inner = [arg for arg in args if arg is not type(None)]
    if len(inner) > 1:
        return decode_tagged(inner, data, where)
    return _decode(inner[0], data, where)


def _has_default(f: Field[Any]) -> bool:
    return f.default is not MISSING or f.default_factory is not MISSING


def _decode_fields(cls: Any, optional: dict[str, bool], data: Any, where: str) -> Any:
    """`optional`: field name -> whether it has a default."""
    _expect(data, dict, where)
    for name in data:
        if name not in optional:
            raise DecodeError(f"{where}: there is no {name!r}; the fields are {', '.join(optional)}")
    for name, is_optional in optional.items():
        if name not in data and not is_optional:
            raise DecodeError(f"{where}: {name!r} is missing")
    hints = _hints(cls)
    return cls(**{name: _decode(hints[name], part, f"{where}.{name}") for name, part in data.items()})


def _decode_scalar(hint: Any, data: Any, where: str) -> Any:
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if isinstance(data, bool) and hint is not bool:
        raise DecodeError(f"{where}: expected {hint.__name__}, not {data!r}")
    _expect(data, hint, where)
    return data


def _expect(data: Any, kind: Any, where: str) -> None:
    if not isinstance(data, kind):
        raise DecodeError(f"{where}: expected {kind.__name__}, not {data!r}")
