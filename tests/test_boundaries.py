"""What may import what (docs/architecture.md), checked on the source and in fresh interpreters.

Every import counts: those inside functions and those for types alone too.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Each package's parts from top to bottom. A part imports parts below its own line, never above, nor its neighbours.
LAYERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "search": (
        ("__main__",),
        ("cli",),
        ("runtime",),
        ("strategies",),
        ("log",),
        ("evaluation",),
        ("spaces",),
        ("network",),
        ("data",),
        ("base",),
    ),
    "webapp": (
        ("management",),
        ("firstrun",),
        ("tasks", "asgi", "urls"),
        ("live", "http"),
        ("api",),
        ("searches",),
        ("catalog", "worker"),
        ("datasets", "devices"),
        ("scheduling",),
        ("files",),
        ("entries",),
        ("accounts",),
        ("models",),
        ("core",),
        ("settings",),
        ("config", "processes"),
    ),
}
#: Outside the layers; who may import them is checked below.
OUTSIDE = {("webapp", "apps"), ("webapp", "celery")}
#: Modules outside the layers -> the modules that may import them.
IMPORTERS = {
    "webapp.apps": (),
    "webapp.celery": ("webapp.scheduling.queue", "webapp.management"),
}
#: Stands for every relative import, which hides what it imports.
RELATIVE = "."
#: How many modules may lie directly in a package.
MOST_DIRECT = {"search": 3, "webapp": 10}


def modules(folder: str) -> dict[str, Path]:
    """Module name -> file, of all Python files below a folder."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    }


MODULES = modules("search") | modules("webapp")
ENGINE = [m for m in MODULES if m.startswith("search") and not m.startswith("search.runtime")]
RUNTIME = [m for m in MODULES if m.startswith("search.runtime")]
WEB = [m for m in MODULES if m.startswith("webapp")]


def imports(path: Path, *, deferred: bool = True) -> set[str]:
    """Modules and names that a file imports; `deferred`: also inside functions, and for types alone."""
    return imports_of(path.read_text(), deferred=deferred)


def imports_of(source: str, *, deferred: bool = True) -> set[str]:
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level > 0:
            found.add(RELATIVE)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
        elif isinstance(node, ast.If) and not deferred and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not deferred:
            waiting += node.decorator_list
        else:
            waiting += ast.iter_child_nodes(node)
    return found


def among(found: set[str], *packages: str) -> set[str]:
    return {name for name in found if any(name == part or name.startswith(part + ".") for part in packages)}


def part_of(module: str) -> tuple[str, str] | None:
    """The package and the part of it that a module belongs to; None for the package itself."""
    package, _, rest = module.partition(".")
    return (package, rest.partition(".")[0]) if rest else None


def level(part: tuple[str, str]) -> int:
    """0 is the top."""
    return next(i for i, names in enumerate(LAYERS[part[0]]) if part[1] in names)


def upward(module: str, found: set[str]) -> set[str]:
    """Imports of the module's own package that its layer must not make."""
    mine = part_of(module)
    if mine is None or mine in OUTSIDE:
        return set()
    wrong: set[str] = set()
    for name in found:
        other = part_of(name)
        if other is None or other[0] != mine[0] or other == mine or other in OUTSIDE:
            continue
        if f"{other[0]}.{other[1]}" in MODULES and level(other) <= level(mine):
            wrong.add(name)
    return wrong


def test_every_part_of_a_package_has_a_layer() -> None:
    parts = {part for module in MODULES if (part := part_of(module)) is not None}
    assert parts - OUTSIDE == {(package, name) for package, rows in LAYERS.items() for row in rows for name in row}


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down_the_layers(module: str) -> None:
    assert upward(module, imports(MODULES[module])) == set()


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("search.network.cost", "from search.strategies import STRATEGIES"),
        ("search.spaces.cnn", "def later():\n    from search.runtime import execute"),
        ("search.log.events", "if TYPE_CHECKING:\n    from search.cli.drive import Folder"),
        ("webapp.scheduling.leases", "from webapp.catalog import training"),
        ("webapp.live.feeds", "import webapp.http.pages"),
    ],
)
def test_a_forbidden_import_is_found(module: str, forbidden: str) -> None:
    source = MODULES[module].read_text() + "\n" + forbidden + "\n"
    assert upward(module, imports_of(source)) != set()


def outside(module: str, found: set[str]) -> set[str]:
    """Imports of modules outside the layers that this module must not make, and relative imports."""
    wrong = found & {RELATIVE}
    for name, importers in IMPORTERS.items():
        if not among({module}, name, *importers):
            wrong |= among(found, name)
    return wrong


@pytest.mark.parametrize("module", MODULES)
def test_imports_outside_the_layers_are_absolute_and_allowed(module: str) -> None:
    assert outside(module, imports(MODULES[module])) == set()


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("search.spaces.cnn", "from . import rnn"),
        ("search.spaces.cnn", "def later():\n    from ..cli import drive"),
        ("webapp.scheduling.leases", "from webapp.celery import app"),
        ("webapp.tasks", "from webapp import celery"),
        ("webapp.management.commands.worker", "import webapp.apps"),
    ],
)
def test_a_forbidden_import_outside_the_layers_is_found(module: str, forbidden: str) -> None:
    assert outside(module, imports_of(forbidden)) != set()


@pytest.mark.parametrize(("package", "most"), MOST_DIRECT.items())
def test_few_modules_lie_outside_the_packages(package: str, most: int) -> None:
    direct = [path.stem for path in (ROOT / package).glob("*.py") if path.stem != "__init__"]
    assert len(direct) <= most, direct


@pytest.mark.parametrize("package", sorted({path.parent for path in MODULES.values()}))
def test_every_package_has_a_docstring(package: Path) -> None:
    assert ast.get_docstring(ast.parse((package / "__init__.py").read_text())), package


@pytest.mark.parametrize("module", ENGINE)
def test_the_engine_imports_the_standard_library_and_itself(module: str) -> None:
    allowed = {*sys.stdlib_module_names, "search"}
    if module in ("search.__main__", "search.cli.terminal"):
        allowed.add("rich")
    found = imports(MODULES[module])
    assert {name for name in found if name.partition(".")[0] not in allowed} == set()


def test_commands_import_torch_only_inside_functions() -> None:
    for module in ENGINE:
        assert among(imports(MODULES[module], deferred=False), "search.runtime") == set(), module


@pytest.mark.parametrize("module", RUNTIME)
def test_the_runtime_does_not_import_the_web(module: str) -> None:
    assert among(imports(MODULES[module]), "django", "celery", "channels", "webapp") == set()


@pytest.mark.parametrize("module", [m for m in WEB if m != "webapp.tasks"])
def test_the_web_imports_neither_torch_nor_tasks(module: str) -> None:
    found = imports(MODULES[module])
    assert among(found, "torch", "numpy", "search.runtime") == set()
    if not module.startswith("webapp.management"):
        assert among(found, "webapp.tasks") == set()


def test_tasks_import_torch_only_inside_functions() -> None:
    assert among(imports(MODULES["webapp.tasks"], deferred=False), "torch", "search.runtime") == set()


@pytest.mark.parametrize("module", [m for m in WEB if m.startswith("webapp.api")])
def test_the_api_imports_neither_queues_nor_sockets(module: str) -> None:
    found = imports(MODULES[module])
    assert among(found, "webapp.core.pokes", "webapp.scheduling.queue", "channels", "celery") == set()


def test_consumers_only_read() -> None:
    assert among(imports(MODULES["webapp.live.consumers"]), "webapp.scheduling.queue", "celery") == set()


def test_few_modules_import_celery() -> None:
    importers = {m for m in MODULES if among(imports(MODULES[m]), "celery")}
    assert importers <= {
        "webapp.scheduling.queue",
        "webapp.tasks",
        "webapp.celery",
        "webapp.management.commands.worker",
    }


def test_there_are_no_circular_imports() -> None:
    edges = {
        module: {name for name in imports(path) if name in MODULES and name != module}
        for module, path in MODULES.items()
        if module != "webapp.apps"  # which registers handlers of all packages once they are loaded
    }
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for other in sorted(edges.get(module, ())):
                visit(other, (*path, module))
            done.add(module)

    for module in edges:
        visit(module, ())


@pytest.mark.parametrize("module", ["search.__main__", "webapp.asgi", "webapp.urls"])
def test_a_fresh_web_process_does_not_load_torch(module: str) -> None:
    code = (
        "import os, sys; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'webapp.settings')\n"
        "import django; django.setup()\n"
        f"import {module}\n"
        "assert not {'torch', 'numpy', 'sklearn', 'onnx'} & set(sys.modules), 'heavy modules are loaded'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


FAMILIES = {  # what may look at the class of settings or of a macro: the family that it belongs to
    "Macro": ("search/network/macro.py",),
    "Config": ("search/evaluation/train.py",),
}


@pytest.mark.parametrize("suffix", FAMILIES)
def test_only_its_own_family_asks_for_the_class_of_a_config_or_a_macro(suffix: str) -> None:
    """Others ask for its `kind`, or call the family through its protocol."""
    found = {
        str(path.relative_to(ROOT))
        for folder in ("search", "webapp")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance"
        if ast.unparse(node.args[1]).endswith(suffix)
    }
    assert found == set(FAMILIES[suffix])
