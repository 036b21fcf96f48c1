"""The canonical JSON codec: equal values give equal bytes on every machine.

Keys are sorted, there is no white space, floats are as short as possible, -0.0 is written as 0.0, and NaN and infinity
are errors.
"""

import hashlib
import json
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache, partial
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
    kind: Any = type(value)  # asked first, since a state holds a hundred thousand values of these few types
    if value is None or kind is str or kind is int or kind is bool:
        return value
    if kind is float:
        return value + 0.0  # -0.0 + 0.0 is 0.0
    if kind is list or kind is tuple:
        return [to_jsonable(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value + 0.0
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: to_jsonable(part) for name, part in zip(value._fields, value, strict=True)}
    if is_dataclass(value):
        return {name: to_jsonable(getattr(value, name)) for name in _field_names(kind)}
    if isinstance(value, Mapping):
        return {str(key): to_jsonable(part) for key, part in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [to_jsonable(part) for part in (sorted(value) if isinstance(value, set | frozenset) else value)]
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


@cache
def _field_names(cls: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cls))


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
    hint: Any = cls
    result: T = _reader(hint)(data, where or cls.__name__)
    return result


def decode_tagged(classes: Sequence[Any], data: Any, where: str) -> Any:
    """A value of one of several dataclasses. The field `kind` tells which; its default is the class's own kind.

    Raises DecodeError.
    """
    _expect(data, dict, where)
    by_kind = {cls.kind: cls for cls in classes}
    if data.get("kind") not in list(by_kind):  # a list, because the kind may be anything, even unhashable
        raise DecodeError(f"{where}: the kind must be one of {', '.join(by_kind)}, not {data.get('kind')!r}")
    return _reader(by_kind[data["kind"]])(data, where)


def _reject_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


Reader = Callable[[Any, str], Any]  # takes JSON and its path, and returns the value


@cache
def _reader(hint: Any) -> Reader:
    """How values of a type are read. Made once for each type: a state holds a hundred thousand values of few types."""
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any:
        return lambda data, where: data
    if origin in (Union, types.UnionType):
        return _union_reader(args)
    if origin is Literal:
        return partial(_read_literal, args)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return partial(_read_list, _reader(args[0]))
    if origin is tuple:
        return partial(_read_tuple, tuple(map(_reader, args)))
    if origin is dict:
        return partial(_read_dict, _reader(args[1]))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return partial(_read_enum, hint)
    if is_dataclass(hint) or (isinstance(hint, type) and issubclass(hint, tuple)):
        return partial(_read_fields, hint)
    return partial(_read_scalar, hint)


def _union_reader(args: tuple[Any, ...]) -> Reader:
    inner = [arg for arg in args if arg is not type(None)]
    read = partial(decode_tagged, inner) if len(inner) > 1 else _reader(inner[0])
    if len(inner) == len(args):
        return read
    return lambda data, where: None if data is None else read(data, where)


def _read_literal(args: tuple[Any, ...], data: Any, where: str) -> Any:
    if data not in args:
        raise DecodeError(f"{where}: expected one of {', '.join(map(str, args))}, not {data!r}")
    return data


def _read_list(read: Reader, data: Any, where: str) -> Any:
    _expect(data, list, where)
    return tuple([read(part, f"{where}[{i}]") for i, part in enumerate(data)])


def _read_tuple(readers: tuple[Reader, ...], data: Any, where: str) -> Any:
    _expect(data, list, where)
    if len(readers) != len(data):
        raise DecodeError(f"{where}: expected {len(readers)} values, not {len(data)}")
    return tuple([read(part, f"{where}[{i}]") for i, (read, part) in enumerate(zip(readers, data, strict=True))])


def _read_dict(read: Reader, data: Any, where: str) -> Any:
    _expect(data, dict, where)
    return {key: read(part, f"{where}.{key}") for key, part in data.items()}


def _read_enum(hint: type[Enum], data: Any, where: str) -> Any:
    try:
        return hint(data)
    except ValueError as error:
        raise DecodeError(f"{where}: {error}") from None


@cache
def _fields_of(cls: Any) -> dict[str, tuple[Reader, bool]]:
    """The reader of each field of a dataclass or named tuple, and whether it has a default."""
    hints = get_type_hints(cls)
    if is_dataclass(cls):
        return {f.name: (_reader(hints[f.name]), _has_default(f)) for f in fields(cls)}
    return {name: (_reader(hints[name]), name in cls._field_defaults) for name in cls._fields}


def _has_default(f: Field[Any]) -> bool:
    return f.default is not MISSING or f.default_factory is not MISSING


def _read_fields(cls: Any, data: Any, where: str) -> Any:
    _expect(data, dict, where)
    known = _fields_of(cls)
    for name in data:
        if name not in known:
            raise DecodeError(f"{where}: there is no {name!r}; the fields are {', '.join(known)}")
    for name, (_, is_optional) in known.items():
        if name not in data and not is_optional:
            raise DecodeError(f"{where}: {name!r} is missing")
    return cls(**{name: known[name][0](part, f"{where}.{name}") for name, part in data.items()})


def _read_scalar(hint: Any, data: Any, where: str) -> Any:
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if isinstance(data, bool) and hint is not bool:
        raise DecodeError(f"{where}: expected {hint.__name__}, not {data!r}")
    _expect(data, hint, where)
    return data


def _expect(data: Any, kind: Any, where: str) -> None:
    if not isinstance(data, kind):
        raise DecodeError(f"{where}: expected {kind.__name__}, not {data!r}")
