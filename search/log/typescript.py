"""TypeScript types of events, graphs and costs, generated from the Python types.

`python -m search types` prints them. A test fails where the front end's copy differs, so each message is defined once.
"""

import types
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from search.log import events, task
from search.network import edits, macro

_SCALARS: dict[Any, str] = {int: "number", float: "number", str: "string", bool: "boolean", type(None): "null"}
#: Field name -> TypeScript type, for fields that are plain JSON in Python.
_JSON_TYPES = {"graph": "GraphRows", "macro": "Macro"}


def render() -> str:
    """The source of the whole file."""
    writer = _Writer()
    writer.written["Graph"] = _GRAPH
    writer.written["Macro"] = f"export type Macro = {writer.reference(macro.Macro)};"
    writer.reference(task.Task)
    for payload in events.KINDS.values():
        writer.reference(payload)
    kinds = "\n".join(f"  {kind}: {payload.__name__};" for kind, payload in events.KINDS.items())
    return (
        "// Written from the Python types by `python -m search types`; not to be edited.\n\n"
        + "\n\n".join(writer.written.values())
        + f"\n\n/** Every kind of event and its payload. */\nexport interface Payloads {{\n{kinds}\n}}\n"
        + """
export type EventKind = keyof Payloads;

/** One line of a search's log, discriminated by kind. */
export type SearchEvent = {
  [K in EventKind]: {
    v: number;
    seq: number;
    branch: number;
    round: number;
    kind: K;
    at: string;
    payload: Payloads[K];
  };
}[EventKind];
"""
    )


_GRAPH = """/** Such as width, kernel or stride. */
export type Attrs = Record<string, number | string>;

export interface Node {
  id: number;
  op: string;
  rank: number;
  attrs?: Attrs;
  /** the stage that it belongs to; 0 if absent */
  cell?: number;
}

export interface Graph {
  nodes: Node[];
  edges: { id: string; source: number; target: number }[];
}

/** A node in the log: id, op, rank, and attributes and cell where they are not empty and 0. */
export type NodeRow = [number, string, number, Attrs?, number?];

/** A graph in the log. */
export interface GraphRows {
  nodes: NodeRow[];
  edges: [number, number][];
}"""


class _Writer:
    """Writes each type once, after the types that it refers to."""

    def __init__(self) -> None:
        self.written: dict[str, str] = {}

    def reference(self, hint: Any, field: str = "") -> str:
        """The TypeScript name of a Python type; writes its declaration if there is none yet."""
        origin, args = get_origin(hint), get_args(hint)
        if hint == edits.Row:
            return "NodeRow"
        if hint in _SCALARS:
            return _SCALARS[hint]
        if hint is Any:
            return "unknown"
        if origin is Literal:
            return " | ".join(f'"{value}"' for value in args)
        if origin in (Union, types.UnionType):
            return " | ".join(self.reference(arg, field) for arg in args)
        if origin in (list, tuple):
            return self._sequence(args, field)
        if origin is dict:
            return _JSON_TYPES.get(field) or f"Record<string, {self.reference(args[1])}>"
        self._declare(hint)
        return str(hint.__name__)

    def _sequence(self, args: tuple[Any, ...], field: str) -> str:
        if (len(args) == 2 and args[1] is not Ellipsis) or len(args) > 2:
            return f"[{', '.join(self.reference(arg) for arg in args)}]"
        inner = self.reference(args[0], field)
        return f"({inner})[]" if "|" in inner else f"{inner}[]"

    def _declare(self, cls: Any) -> None:
        name = cls.__name__
        if name in self.written:
            return
        hints = get_type_hints(cls)
        names = [f.name for f in fields(cls)] if is_dataclass(cls) else cls._fields
        body = "\n".join(f"  {field}: {self.reference(hints[field], field)};" for field in names)
        self.written[name] = f"export interface {name} {{\n{body}\n}}"
