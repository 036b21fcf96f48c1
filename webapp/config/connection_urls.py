"""DATABASE_URL and REDIS_URL as each library that connects wants them told. Only settings.py asks.

A password with characters of any kind may stand in the address percent-encoded, or by itself in a variable of its own.
"""

from typing import Any
from urllib.parse import quote, urlsplit

import dj_database_url
from redis.connection import SSLConnection, UnixDomainSocketConnection, parse_url

from webapp.config.env import BadEnvironment

Json = dict[str, Any]

#: What may follow the ? of REDIS_URL and also means something to the queue; `ssl_…` does too.
QUEUE_OPTIONS = ("socket_timeout", "socket_connect_timeout", "socket_keepalive", "health_check_interval", "client_name")


def with_password(name: str, url: str, password: str) -> str:
    """The address with this password in it. `name` is the variable's, for the sentence when it has one already."""
    if not password:
        return url
    at = urlsplit(url)
    if at.password:
        raise BadEnvironment(f"{name}_URL holds a password and {name}_PASSWORD is set too; keep one of them.")
    host = at.netloc.rpartition("@")[2]
    return at._replace(netloc=f"{at.username or ''}:{quote(password, safe='')}@{host}").geturl()


def database(url: str) -> Any:
    """Django's settings of the connection. What follows the ? is libpq's: sslmode, options, connect_timeout, ..."""
    if urlsplit(url).scheme not in ("postgres", "postgresql"):
        raise BadEnvironment("DATABASE_URL must begin with postgres://; Espalier needs PostgreSQL.")
    # None is kept: each request has a thread of its own here, so what it left open would never be used again.
    return dj_database_url.parse(url, conn_max_age=0)


def redis(url: str) -> Json:
    """The address taken apart, as redis-py does it, which makes the connections of sockets, limits and checks."""
    try:
        return dict(parse_url(url))  # type: ignore[no-untyped-call]
    except ValueError:
        raise BadEnvironment(
            "REDIS_URL must look like redis://:password@host:6379/0, rediss://… with TLS, or unix://:password@/path; "
            "characters such as / # ? in the password are written %2F %23 %3F, or put it into REDIS_PASSWORD."
        ) from None


def broker(url: str) -> tuple[str, Json, Json | None]:
    """The same for Celery: an address, transport options, and what TLS needs.

    Its own reading of addresses ignores a database after ? on a socket, knows few options, and checks no certificate.
    """
    parts = redis(url)
    kind = parts.get("connection_class")
    login = ":".join(quote(parts.get(part, ""), safe="") for part in ("username", "password"))
    who = f"{login}@" if login != ":" else ""
    options = {name: parts[name] for name in QUEUE_OPTIONS if name in parts}
    if kind is UnixDomainSocketConnection:
        return f"redis+socket://{who}{parts['path']}?virtual_host={parts.get('db', 0)}", options, None
    host = parts.get("host", "localhost")
    place = f"{who}{f'[{host}]' if ':' in host else host}:{parts.get('port', 6379)}/{parts.get('db', 0)}"
    if kind is not SSLConnection:
        return f"redis://{place}", options, None
    tls = {name: value for name, value in parts.items() if name.startswith("ssl_")}
    return f"rediss://{place}", options, {"ssl_cert_reqs": "required", **tls}
