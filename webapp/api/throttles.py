"""How often a person may change something: far more than hands do, and less than a loop that has gone wild."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

if TYPE_CHECKING:  # the framework's views import this
    from rest_framework.views import APIView


class _AMinute(UserRateThrottle):
    """Looking is free. A limit of 0 is none."""

    most: ClassVar[str]

    def get_rate(self) -> str | None:
        most: int = getattr(settings, self.most)
        return f"{most}/min" if most else None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        return request.method in SAFE_METHODS or super().allow_request(request, view)


class Writes(_AMinute):
    scope = "writes"
    most = "WRITES_A_MINUTE"


class Asks(_AMinute):
    """What would be if: asked as a hand moves over a graph."""

    scope = "asks"
    most = "ASKS_A_MINUTE"


class Agents(UserRateThrottle):
    """By device: an agent that has gone wild slows down nobody but itself."""

    scope = "agents"

    def get_rate(self) -> str | None:
        return f"{settings.AGENT_A_MINUTE}/min" if settings.AGENT_A_MINUTE else None

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": getattr(request.auth, "pk", "nobody")})


class Parts(_AMinute):
    """Of uploads, which come as fast as the line carries them."""

    scope = "parts"
    most = "PARTS_A_MINUTE"
