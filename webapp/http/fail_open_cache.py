"""Where it is counted how often somebody tried: in Valkey, for all web processes together.

Limits are there to slow down whoever guesses or floods. When Valkey is away nobody is kept out for that.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
T = TypeVar("T")


def _or(fallback: Callable[..., T]) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """What the method says, or this when Valkey cannot be asked."""

    def decorate(method: Callable[..., T]) -> Callable[..., T]:
        @wraps(method)
        def ask(*arguments: Any, **options: Any) -> T:
            try:
                return method(*arguments, **options)
            except (RedisError, OSError) as error:
                logger.warning("nothing is counted just now: %s", error)
                return fallback(*arguments, **options)

        return ask

    return decorate


class Counts(RedisCache):
    add = _or(lambda *_, **__: True)(RedisCache.add)  # as if nobody else held the key
    get = _or(lambda self, key, default=None, version=None: default)(RedisCache.get)
    set = _or(lambda *_, **__: None)(RedisCache.set)
    delete = _or(lambda *_, **__: False)(RedisCache.delete)
    touch = _or(lambda *_, **__: False)(RedisCache.touch)
