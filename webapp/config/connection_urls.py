"""DATABASE_URL and REDIS_URL in the form that each library expects. Used by settings.py only.

A password may be part of the URL, percent-encoded, or in a variable of its own without encoding.
"""

from typing import Any
from urllib.parse import quote, urlsplit

import dj_database_url
from redis.connection import SSLConnection, UnixDomainSocketConnection, parse_url

from search.base.serialization import Json
from webapp.config.env import BadEnvironment

#: Options after the ? of REDIS_URL that Celery's broker understands too, besides `ssl_…`.
QUEUE_OPTIONS = ("socket_timeout", "socket_connect_timeout", "socket_keepalive", "health_check_interval", "client_name")


def with_password(name: str, url: str, password: str) -> str:
    """The URL with this password. Raises BadEnvironment if it has one already. `name` is the variables' prefix."""
    if not password:
        return url
    parts = urlsplit(url)
    if parts.password:
        raise BadEnvironment(f"{name}_URL holds a password, and {name}_PASSWORD is set too; keep one of them.")
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}:{quote(password, safe='')}@{host}").geturl()


def database(url: str) -> Any:
    """Django's settings of the database. Options after the ? are those of libpq: sslmode, connect_timeout, ..."""
    if urlsplit(url).scheme not in ("postgres", "postgresql"):
        raise BadEnvironment("DATABASE_URL must begin with postgres://; Espalier needs PostgreSQL.")
    # Connections are not kept: each request runs in a thread of its own, so a kept one would never be used again.
    return dj_database_url.parse(url, conn_max_age=0)


def redis(url: str) -> Json:
    """The parts of the URL as redis-py reads them, for sockets, rate limits and readiness checks."""
    try:
        return dict(parse_url(url))  # type: ignore[no-untyped-call]
    except ValueError:
        raise BadEnvironment(
            "REDIS_URL must look like redis://:password@host:6379/0, rediss://… with TLS, or unix://:password@/path; "
            "characters such as / # ? in the password are written %2F %23 %3F, or put it into REDIS_PASSWORD."
        ) from None


def broker(url: str) -> tuple[str, Json, Json | None]:
    """The same for Celery: the URL, transport options, and options of TLS (None without TLS).

    Celery's own parser ignores the database of a Unix socket, knows few options, and does not check certificates.
    """
    parts = redis(url)
    connection = parts.get("connection_class")
    login = ":".join(quote(parts.get(part, ""), safe="") for part in ("username", "password"))
    prefix = f"{login}@" if login != ":" else ""
    options = {name: parts[name] for name in QUEUE_OPTIONS if name in parts}
    if connection is UnixDomainSocketConnection:
        return f"redis+socket://{prefix}{parts['path']}?virtual_host={parts.get('db', 0)}", options, None
    host = parts.get("host", "localhost")
    location = f"{prefix}{f'[{host}]' if ':' in host else host}:{parts.get('port', 6379)}/{parts.get('db', 0)}"
    if connection is not SSLConnection:
        return f"redis://{location}", options, None
    tls = {name: value for name, value in parts.items() if name.startswith("ssl_")}
    return f"rediss://{location}", options, {"ssl_cert_reqs": "required", **tls}
