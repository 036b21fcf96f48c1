"""What may import what (docs/architecture.md), checked on the source and in fresh interpreters."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def modules(folder: str) -> dict[str, Path]:
    """Module name -> file, of all Python files below a folder."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    }


MODULES = modules("search") | modules("webapp")


def imports(path: Path, *, deferred: bool) -> set[str]:
    """Modules that a file names in imports; `deferred`: also inside functions. Type-only blocks do not count."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not deferred:
            waiting += node.decorator_list
        else:
            waiting += ast.iter_child_nodes(node)
    return found


def named(found: set[str], *forbidden: str) -> set[str]:
    return {name for name in found if any(name == part or name.startswith(part + ".") for part in forbidden)}


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("search") and ".runtime" not in m])
def test_the_vocabulary_imports_the_standard_library_and_itself(module: str) -> None:
    allowed = {*sys.stdlib_module_names, "search"}
    if module in ("search.__main__", "search.cli.terminal"):
        allowed.add("rich")
    found = imports(MODULES[module], deferred=module != "search.__main__")  # whose commands reach for the torch half
    assert {name for name in found if name.partition(".")[0] not in allowed} == set()
    assert named(found, "search.runtime") == set()


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("search.runtime")])
def test_the_torch_half_knows_nothing_of_the_web(module: str) -> None:
    assert named(imports(MODULES[module], deferred=True), "django", "celery", "channels", "webapp") == set()


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("webapp") and m != "webapp.tasks"])
def test_the_web_never_reaches_torch_nor_the_tasks(module: str) -> None:
    found = imports(MODULES[module], deferred=True)
    assert named(found, "torch", "numpy", "search.runtime") == set()
    if not module.startswith("webapp.management"):
        assert named(found, "webapp.tasks") == set()


def test_the_tasks_reach_torch_only_inside_a_body() -> None:
    assert named(imports(MODULES["webapp.tasks"], deferred=False), "torch", "search.runtime") == set()
    assert named(imports(MODULES["webapp.tasks"], deferred=True), "webapp.api", "webapp.live.consumers") == set()


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("webapp.api")])
def test_the_api_leaves_queues_and_sockets_alone(module: str) -> None:
    found = imports(MODULES[module], deferred=True)
    assert named(found, "webapp.core.pokes", "webapp.scheduling.queue", "channels", "celery") == set()


def test_consumers_only_read() -> None:
    assert named(imports(MODULES["webapp.live.consumers"], deferred=True), "webapp.scheduling.queue", "celery") == set()


def test_only_queue_speaks_to_celery() -> None:
    speakers = {m for m in MODULES if named(imports(MODULES[m], deferred=True), "celery")}
    assert speakers <= {"webapp.scheduling.queue", "webapp.tasks", "webapp.celery", "webapp.management.commands.worker"}


def test_no_import_goes_in_a_circle() -> None:
    edges = {
        module: {name for name in imports(path, deferred=False) if name in MODULES and name != module}
        for module, path in MODULES.items()
    }
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for other in sorted(edges[module]):
                visit(other, (*path, module))
            done.add(module)

    for module in edges:
        visit(module, ())


@pytest.mark.parametrize("module", ["search.__main__", "webapp.asgi", "webapp.urls"])
def test_a_fresh_process_that_serves_holds_no_torch(module: str) -> None:
    code = (
        "import os, sys; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'webapp.settings')\n"
        "import django; django.setup()\n"
        f"import {module}\n"
        "assert not {'torch', 'numpy', 'sklearn', 'onnx'} & set(sys.modules), 'heavy modules are loaded'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
