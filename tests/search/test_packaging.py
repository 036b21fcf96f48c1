"""The installed package: what is in it, and the command `espalier`."""

import os
import shutil
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from email import message_from_bytes
from pathlib import Path

import pytest

import espalier

ROOT = Path(__file__).parents[2]
SOURCES = ("search", "webapp", "docs")
NAME = "espalier-0.1.0"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built from a copy, since building leaves files beside the sources; with a page, as after `make build`."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("app"))
    for name in ("espalier.py", "manage.py", "pyproject.toml", "requirements.txt", "README.md"):
        shutil.copy(ROOT / name, copy)
    (copy / "webapp" / "static" / "app" / "assets").mkdir(parents=True)
    (copy / "webapp" / "static" / "app" / "assets" / "page.js").touch()
    command = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(out))
    subprocess.run((*command, str(copy)), check=True, capture_output=True)
    return zipfile.ZipFile(out / f"{NAME}-py3-none-any.whl")


def test_the_package_has_every_module_and_every_data_file(wheel: zipfile.ZipFile) -> None:
    expected = {
        str(path.relative_to(ROOT))
        for folder in SOURCES
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not {"__pycache__", "app"} & set(path.parts)
    }
    found = {name for name in wheel.namelist() if not name.startswith(f"{NAME}.dist-info/")}
    assert found == expected | {"espalier.py", "manage.py", "webapp/static/app/assets/page.js"}


def test_the_package_needs_exactly_the_pinned_requirements(wheel: zipfile.ZipFile) -> None:
    metadata = message_from_bytes(wheel.read(f"{NAME}.dist-info/METADATA"))
    lines = [line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    assert metadata.get_all("Requires-Dist") == [line for line in lines if line]


def test_the_package_gives_the_command(wheel: zipfile.ZipFile) -> None:
    points = ConfigParser()
    points.read_string(wheel.read(f"{NAME}.dist-info/entry_points.txt").decode())
    assert dict(points["console_scripts"]) == {"espalier": "espalier:main"}


def test_the_command_runs_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert espalier.main(["search", "list"]) == 0
    assert "autoshrink" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        espalier.main(["search", "--help"])
    assert capsys.readouterr().out.startswith("usage: espalier search ")


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["nothing"], 2), (["--help"], 0)])
def test_the_command_lists_what_it_can_do(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert espalier.main(arguments) == code
    printed = capsys.readouterr()
    assert "espalier studio " in (printed.out if code == 0 else printed.err)


def test_an_installed_studio_keeps_its_data_outside_the_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from django.core import management

    calls: list[list[str]] = []
    monkeypatch.setattr(management, "execute_from_command_line", calls.append)
    monkeypatch.delenv("ESPALIER_VAR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(espalier, "HERE", tmp_path / "site-packages")
    assert espalier.main(["studio", "--port", "8001"]) == 0
    assert espalier.main(["manage", "invite", "someone@example.org"]) == 0
    assert calls == [
        ["espalier manage", "studio", "--port", "8001"],
        ["espalier manage", "invite", "someone@example.org"],
    ]
    assert Path(os.environ["ESPALIER_VAR"]) == espalier.data_folder()
