"""Names that were replaced by the field's words are defined and imported no more (docs/decisions/0010-plain-names.md).

Checked on the syntax tree, not on text: `here` and `way` are English words, and may stand in a sentence.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("search", "webapp", "tests") for path in (ROOT / folder).rglob("*.py"))

#: Never the name of a module.
RETIRED_MODULES = frozenset(
    ["wire", "shapes", "shown", "leash", "leftovers", "bounded", "minimax", "timed", "brief", "uses", "hub"]
)
#: Never a name of anything.
RETIRED = frozenset(
    [
        "plain",
        "BadShape",
        "work_key",
        "luck",
        "luck_of",
        "beside",
        "transaction_of_a_moment",
        "leashed",
        "of_outcome",
        "still_there",
        "drop_over",
        "Bounded",
        "Patient",
        "persist",
        "GONE",
        "Asker",
        "introduce",
        "attend",
        "here",
        "say",
        "said",
        "told",
        "Told",
        "obey",
        "objection",
        "refusal",
        "way",
        "hopeless",
        "standing",
        "Timing",
        "learnt",
        "strain",
        "lets_go",
        "_settled",
        "portion",
        "take_over",
        "in_place",
        "the_search",
        "Nothing",
        "Nowhere",
        "Octets",
        "FAR",
        "TURNS",
    ]
)
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
    """What a file defines or imports: modules, functions, classes, parameters, variables, attributes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield from (alias.name.rpartition(".")[2], *filter(None, [alias.asname]))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_retired_name_is_defined_or_imported(path: Path) -> None:
    retired = RETIRED | RETIRED_IN.get(str(path.relative_to(ROOT)), set())
    assert sorted(retired.intersection(names(path.read_text()))) == []


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
    ],
)
def test_a_retired_name_is_found(source: str) -> None:
    assert RETIRED.intersection(names(source))
