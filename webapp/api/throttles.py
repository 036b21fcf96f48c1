"""Rate limits: more than a person needs, less than a script in an endless loop sends."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

if TYPE_CHECKING:  # the framework's views import this
    from rest_framework.views import APIView


class PerMinute(UserRateThrottle):
    """Requests per minute by one person. Safe methods do not count. A limit of 0 is no limit."""

    setting: ClassVar[str]  # that holds the limit

    def get_rate(self) -> str | None:
        limit: int = getattr(settings, self.setting)
        return f"{limit}/min" if limit else None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        return request.method in SAFE_METHODS or super().allow_request(request, view)


class WriteThrottle(PerMinute):
    scope = "writes"
    setting = "WRITES_PER_MINUTE"


class WhatIfThrottle(PerMinute):
    """What-if requests, sent while a pointer moves over a graph."""

    scope = "what_if"
    setting = "WHAT_IF_PER_MINUTE"


class AgentThrottle(UserRateThrottle):
    """Requests per minute by one device, so that a broken agent slows down only itself."""

    scope = "agents"

    def get_rate(self) -> str | None:
        return f"{settings.AGENT_PER_MINUTE}/min" if settings.AGENT_PER_MINUTE else None

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": getattr(request.auth, "pk", "nobody")})


class PartThrottle(PerMinute):
    """Parts of uploads, which are sent as fast as the network allows."""

    scope = "parts"
    setting = "PARTS_PER_MINUTE"
