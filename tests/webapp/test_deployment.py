"""docker-compose.yml, Dockerfile and docs/configuration.md agree with the code; no container is started."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "espalier"}


def calls() -> dict[str, ast.Call]:
    """Each variable that the settings read, and the call that reads it."""
    tree = ast.parse((ROOT / "webapp" / "settings.py").read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return {ast.literal_eval(call.args[0]): call for call in found if ast.unparse(call.func).startswith("env_")}


def documented() -> dict[str, bool]:
    """Each documented variable, and whether it may be read from a file."""
    rows = [line for line in (ROOT / "docs" / "configuration.md").read_text().splitlines() if line.startswith("| `")]
    names = [name for row in rows for name in re.findall(r"`([A-Z_]+)`( \*)?", row.split(" | ")[0])]
    return {name: bool(star) for name, star in names}


def test_the_documented_variables_are_those_that_are_read() -> None:
    assert set(calls()) == set(documented())
    secret = {name for name, call in calls().items() if ast.unparse(call.func) == "env_secret"}
    assert secret == {name for name, star in documented().items() if star}


def test_each_documented_default_is_the_real_one() -> None:
    compared = set()
    for line in (ROOT / "docs" / "configuration.md").read_text().splitlines():
        if not line.startswith("| `"):
            continue
        names, defaults = (re.findall(r"`([^`]+)`", cell) for cell in line.split(" | ")[:2])
        for name, default in zip(names, defaults, strict=False):
            if default.isdigit():
                assert eval(ast.unparse(calls()[name].args[1])) == int(default), name
                compared.add(name)
    assert len(compared) > 10, compared


def test_no_module_but_the_settings_reads_the_environment() -> None:
    allowed = {"env.py", "settings.py"}
    for path in (ROOT / "webapp").rglob("*.py"):
        text = path.read_text()
        found = re.findall(r"os\.(?:environ\.get|getenv)\(\"(\w+)|os\.environ\[\"(\w+)", text)
        assert path.name in allowed or {a or b for a, b in found} <= {"XDG_RUNTIME_DIR"}, path


def test_each_variable_that_compose_sets_is_read() -> None:
    assert len(OURS) > 2
    for name, service in OURS.items():
        assert set(service["environment"]) <= set(calls()), name


def test_each_command_in_compose_and_the_image_exists() -> None:
    lines = [service["command"].split() for service in OURS.values()]
    (words,) = re.findall(r"^CMD \[(.*)\]$", DOCKERFILE, re.MULTILINE)
    lines.append([word.strip('" ') for word in words.split(",")])
    for line in lines:
        assert line[:2] == ["python", "manage.py"]
        command = load_command_class(get_commands()[line[2]], line[2])
        command.create_parser("manage.py", line[2]).parse_args(line[3:])


def test_services_that_others_wait_for_have_health_checks() -> None:
    awaited = {
        name
        for service in COMPOSE["services"].values()
        for name, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    assert awaited == {"postgres", "valkey"}
    for name in (*awaited, "web"):
        assert COMPOSE["services"][name]["healthcheck"]["test"]
    (probe,) = [word for word in COMPOSE["services"]["web"]["healthcheck"]["test"] if "urlopen" in word]
    compile(probe, "probe", "exec")
    assert "/healthz" in probe


def test_no_url_contains_a_password() -> None:
    """It would have to be percent-encoded, which compose cannot do."""
    for service in COMPOSE["services"].values():
        for value in service.get("environment", {}).values():
            assert not ("PASSWORD" in str(value) and "://" in str(value))
    assert isinstance(COMPOSE["services"]["valkey"]["command"], list)  # a string would be split at spaces


def test_volumes_and_dependencies_exist() -> None:
    named = {
        volume.partition(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", [])
    }
    assert named == set(COMPOSE["volumes"])
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
    assert COMPOSE["services"]["gpu"]["deploy"]["resources"]["reservations"]["devices"][0]["capabilities"] == ["gpu"]


def test_the_files_and_stages_that_the_image_copies_exist() -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.MULTILINE))
    folder = ""
    for line in DOCKERFILE.splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and words[1].startswith("--from="):
            assert words[1].removeprefix("--from=") in stages
            assert words[2] == "/espalier/webapp/static/app"  # the output folder of Vite
        elif words[:1] == ["COPY"]:
            for source in words[1:-1]:
                assert (ROOT / source).exists(), source
        folder = words[1] if words[:1] == ["WORKDIR"] else folder
    assert folder == "/espalier"
    assert "outDir" in (ROOT / "frontend" / "vite.config.ts").read_text()


@pytest.mark.parametrize("https", ["yes", "no"])
def test_the_settings_load_with_the_environment_of_compose(https: str, tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "ESPALIER_VAR": str(tmp_path)}
    for name, value in OURS["web"]["environment"].items():
        env[name] = re.sub(r"\$\{\w+(?::-([^}]*)|:\?[^}]*)?\}", lambda found: found[1] or "", str(value)) or "secret"
    env |= {"ESPALIER_HTTPS": https, "ESPALIER_ORIGINS": "https://studio.example.org"}
    code = "import django; django.setup(); from django.conf import settings; print(settings.CELERY_BROKER_URL)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env | {"DJANGO_SETTINGS_MODULE": "webapp.settings"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "redis://:secret@valkey:6379/0\n"
