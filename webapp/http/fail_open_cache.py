"""The cache that rate limits count in. When Valkey is away nobody is kept out: limits are off, and the log says so."""

import logging
import sys
from typing import Any

from django_redis.cache import RedisCache

logger = logging.getLogger(__name__)


class _Warnings(logging.LoggerAdapter[logging.Logger]):
    """django-redis would log a whole traceback for each question that Valkey did not answer."""

    def exception(self, *args: Any, **kwargs: Any) -> None:
        self.warning("Valkey cannot be reached, so rate limits are off: %s", sys.exc_info()[1])


class FailOpenCache(RedisCache):  # type: ignore[misc]  # the package has no types
    """Needs IGNORE_EXCEPTIONS in its OPTIONS."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._log_ignored_exceptions, self.logger = True, _Warnings(logger)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """True when Valkey is away. django-redis answers None, which allauth takes for a lock that another request
        holds: it would wait for that lock and then refuse the sign-in."""
        return super().add(*args, **kwargs) is not False
