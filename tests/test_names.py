"""Names that were replaced by the field's words are defined and imported no more (docs/decisions/0010-plain-names.md).

Checked on the syntax tree, not on text: `here` and `way` are English words, and may stand in a sentence.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("search", "webapp", "tests") for path in (ROOT / folder).rglob("*.py"))

#: Never the name of a module.
RETIRED_MODULES = frozenset(
    ["wire", "shapes", "shown", "leash", "leftovers", "bounded", "minimax", "timed", "brief", "uses", "hub"]
)
#: Never a name of anything, in any mix of upper and lower case.
RETIRED = frozenset(
    [
        "plain",
        "badshape",
        "work_key",
        "luck",
        "luck_of",
        "beside",
        "transaction_of_a_moment",
        "leashed",
        "of_outcome",
        "still_there",
        "drop_over",
        "persist",
        "asker",
        "introduce",
        "attend",
        "here",
        "say",
        "said",
        "told",
        "obey",
        "objection",
        "refusal",
        "way",
        "fitness",
        "hopeless",
        "standing",
        "learnt",
        "strain",
        "lets_go",
        "_settled",
        "portion",
        "take_over",
        "in_place",
        "the_search",
        "octets",
    ]
)
#: Retired in this spelling alone: in another one they are ordinary words.
RETIRED_SPELLINGS = frozenset(["GONE", "Nothing", "Nowhere", "FAR", "TURNS", "Bounded", "Patient", "Timing", "Average"])
#: Names with another meaning elsewhere: retired only where they meant what has a better name now.
RETIRED_IN = {
    "search/base/serialization.py": {"digest"},
    "search/evaluation/latencies.py": {"Known"},
    "search/log/task.py": {"material"},
    "search/network/min_peak.py": {"solve", "need"},
    "search/runtime/data/packed.py": {"kept"},
    "search/runtime/networks/image.py": {"place"},
    "search/strategies/autoshrink/state.py": {"State", "counts", "reference", "standing", "way"},
    "webapp/api/engine.py": {"who"},
    "webapp/core/transactions.py": {"hold"},
    "webapp/http/body_limit.py": {"Counts"},
    "webapp/live/feeds.py": {"look", "Place"},
    "webapp/processes/die_with_parent.py": {"hold"},
    "webapp/searches/turn.py": {"Turn"},
}


def names(source: str) -> Iterator[str]:
    """What a file defines or imports, and the keyword arguments that it passes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg | ast.keyword) and node.arg is not None:
            yield node.arg
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name is not None:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest is not None:
            yield node.rest
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield from (alias.name.rpartition(".")[2], *filter(None, [alias.asname]))


def retired(found: Iterable[str]) -> list[str]:
    return sorted(name for name in set(found) if name.lower() in RETIRED or name in RETIRED_SPELLINGS)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_retired_name_is_defined_or_imported(path: Path) -> None:
    found = set(names(path.read_text()))
    assert retired(found) == []
    assert sorted(found & RETIRED_IN.get(str(path.relative_to(ROOT)), set())) == []


def test_no_module_has_a_retired_name() -> None:
    assert [path for path in SOURCES if path.stem in RETIRED_MODULES] == []


def test_the_files_of_the_table_exist() -> None:
    assert [name for name in RETIRED_IN if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    "source",
    [
        "import luck",
        "def say(): ...",
        "def emit(told): ...",
        "way = 1",
        "self.said = []",
        "class Told: ...",
        "from a import luck",
        "emit(told=1)",
        "LUCK = 1",
        "asker = 1",
        "class Average: ...",
        "try: ...\nexcept ValueError as told: ...",
        "match a:\n    case [luck, *said]: ...",
        "match a:\n    case {'a': 1, **told}: ...",
        "match a:\n    case int() as way: ...",
    ],
)
def test_a_retired_name_is_found(source: str) -> None:
    assert retired(names(source))


@pytest.mark.parametrize("source", ["gone = 1", "nothing = 1", "timing = 1", "average = 1", "events = say_nothing()"])
def test_an_ordinary_word_is_free(source: str) -> None:
    assert not retired(names(source))
