"""Errors that a person's request can run into. Each carries a sentence for that person.

Domain code raises them. The class says which HTTP status fits; `webapp/api/errors.py` builds the response.
"""

from typing import Any, ClassVar


class Refused(Exception):
    """Base class. `code` is for programs; `extra` are further keys of the response body."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.message, self.extra = message, extra


class InvalidField(Refused):
    """400: the value of a field is not acceptable. `field` is its dotted name in the request body."""

    code = "invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Unauthenticated(Refused):
    """401: the credentials are not valid."""

    code = "authentication_failed"


class NotFound(Refused):
    """404: it does not exist, or was deleted meanwhile."""

    code = "not_found"


class Conflict(Refused):
    """409: the current state does not allow it."""

    code = "conflict"


class Outdated(Conflict):
    """409: somebody changed it after it was read."""

    code = "outdated"


class TooLarge(Refused):
    """413: the request, or the file that it announces, exceeds a size limit."""

    code = "too_large"


class Unavailable(Refused):
    """503: a service that the studio needs does not answer. The same request may succeed later."""

    code = "unavailable"
