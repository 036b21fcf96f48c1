"""The embedded Postgres and Valkey: private, durable, and never blocking the next start."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import descendants, is_alive, wait_until
from webapp.processes import services
from webapp.processes.services import Embedded, ServiceError
from webapp.processes.supervisor import Supervisor

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else for Postgres")


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database cluster that holds one row; its services are not running."""
    var = tmp_path_factory.mktemp("studio")
    with Supervisor(var / "log") as supervisor:
        embedded = Embedded(var, durable=False)
        embedded.start(supervisor)
        query(embedded, "CREATE TABLE kept AS SELECT 42 AS answer")
    return var


@pytest.fixture
def embedded(var: Path) -> Embedded:
    return Embedded(var, durable=False)


@pytest.fixture
def supervisor(var: Path) -> Iterator[Supervisor]:
    with Supervisor(var / "log") as running:
        yield running


def query(embedded: Embedded, sql: str) -> str:
    done = embedded.client("psql", "-tAqc", sql, services.DATABASE)
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()


def test_a_second_start_keeps_all_data(embedded: Embedded, supervisor: Supervisor) -> None:
    embedded.start(supervisor)
    assert query(embedded, "SELECT answer FROM kept") == "42"


def test_only_the_owner_can_enter_the_folders_of_sockets_and_secrets(
    embedded: Embedded, supervisor: Supervisor
) -> None:
    embedded.start(supervisor)
    for folder in (embedded.sockets, embedded.var / "secrets", embedded.var / "postgres"):
        assert folder.stat().st_mode & 0o077 == 0, folder
    for file in (*(embedded.var / "secrets").iterdir(), embedded.sockets / "valkey.conf"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_nobody_connects_without_the_password(embedded: Embedded, supervisor: Supervisor) -> None:
    embedded.start(supervisor)
    wrong = Embedded(embedded.var)
    (embedded.var / "secrets" / "postgres").rename(embedded.var / "secrets" / "kept")
    try:
        refused = wrong.client("psql", "-tAqc", "SELECT 1", services.DATABASE)
    finally:
        (embedded.var / "secrets" / "kept").rename(embedded.var / "secrets" / "postgres")
    assert refused.returncode != 0
    assert "password authentication failed" in refused.stdout


def test_killing_the_parent_leaves_no_process_and_does_not_block_the_next_start(
    embedded: Embedded, supervisor: Supervisor
) -> None:
    code = f"""
import time
from pathlib import Path
from webapp.processes.services import Embedded
from webapp.processes.supervisor import Supervisor
var = Path({str(embedded.var)!r})
Embedded(var).start(Supervisor(var / "log"))
print("up", flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == "up\n"
        left = descendants(parent.pid)
        assert len(left) >= 5  # Valkey, Postgres and its children
        parent.kill()
    embedded.start(supervisor)  # at once, while the old processes are still ending
    assert query(embedded, "SELECT answer FROM kept") == "42"
    wait_until(lambda: not any(map(is_alive, left)), 5, "their end")


def test_the_pid_file_of_a_killed_postgres_does_not_block_the_next_start(
    embedded: Embedded, supervisor: Supervisor
) -> None:
    # The pid has been reused by another process: this one.
    (embedded.var / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{embedded.var / 'postgres'}\n")
    embedded.start(supervisor)
    assert query(embedded, "SELECT answer FROM kept") == "42"


def test_postgres_is_restarted_after_a_kill(embedded: Embedded, supervisor: Supervisor) -> None:
    embedded.start(supervisor)
    pid = int((embedded.var / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, 9)
    wait_until(lambda: not is_alive(pid), 5, "its end")
    wait_until(lambda: embedded.client("pg_isready", "-q").returncode == 0, 20, "the next")
    assert query(embedded, "SELECT answer FROM kept") == "42"


@as_root
def test_root_needs_no_user_namespaces(
    embedded: Embedded, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = services._works
    monkeypatch.setattr(services, "_works", lambda become: become[0] != "unshare" and works(become))
    embedded.start(supervisor)
    pid = int((embedded.var / "postgres" / "postmaster.pid").read_text().split()[0])
    assert Path(f"/proc/{pid}").stat().st_uid == services.UNPRIVILEGED
    assert query(embedded, "SELECT answer FROM kept") == "42"


@as_root
def test_root_gets_a_message_when_postgres_cannot_run(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_works", lambda become: False)
    with (
        Supervisor(embedded.var / "log") as supervisor,
        pytest.raises(ServiceError, match="Start the studio as an ordinary user, or set DATABASE_URL"),
    ):
        embedded.start(supervisor, valkey=False)


def test_data_of_another_version_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")
    with Supervisor(tmp_path / "log") as supervisor, pytest.raises(ServiceError, match="made by Postgres 17"):
        Embedded(tmp_path).start(supervisor, valkey=False)


def test_a_folder_with_a_long_path_has_its_sockets_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    deep = Embedded(tmp_path / ("deep" * 30))
    assert deep.sockets.parent == tmp_path
    assert deep.sockets.stat().st_mode & 0o077 == 0
    assert deep.sockets != Embedded(tmp_path / ("deep" * 31)).sockets


def test_a_socket_folder_made_by_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    deep = tmp_path / ("deep" * 30)
    made = Embedded(deep).sockets
    made.rmdir()
    made.symlink_to(tmp_path)
    with pytest.raises(ServiceError, match="belongs to another user"):
        _ = Embedded(deep).sockets
