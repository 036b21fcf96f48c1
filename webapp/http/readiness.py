"""Readiness of each part of the studio, for whatever starts and monitors its processes."""

import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from webapp.core import clock
from webapp.scheduling.presence import present_workers

logger = logging.getLogger(__name__)

VALKEY_TIMEOUT = 2.0  # seconds

_migrated = False  # stays true while this code runs


def checks() -> dict[str, str]:
    """Each part: "ok", or a sentence that says what is wrong with it."""
    parts: dict[str, Callable[[], str]] = {
        "database": _database,
        "migrations": _migrations,
        "valkey": _valkey,
        "worker": _worker,
    }
    return {name: _answer(check) for name, check in parts.items()}


def _answer(check: Callable[[], str]) -> str:
    try:
        return check()
    except Error as error:
        logger.warning("the database does not answer: %s", error)  # not in the response: it names the server's address
        return "The database does not answer. The log says why."


def _database() -> str:
    clock.now()
    return "ok"


def _migrations() -> str:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return f"{len(missing)} migrations are not applied. Run `manage.py prepare`."
        _migrated = True
    return "ok"


def _valkey() -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, retry=None, socket_timeout=VALKEY_TIMEOUT, socket_connect_timeout=VALKEY_TIMEOUT
        ) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        logger.warning("Valkey does not answer: %s", error)
        return "Valkey does not answer. The log says why."
    return "ok"


def _worker() -> str:
    if present_workers().exists():
        return "ok"
    return "No worker was seen in the last minute. Start one: manage.py worker --queue cpu (or gpu)."
