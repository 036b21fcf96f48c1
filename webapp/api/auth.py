"""Sessions for REST. Nobody signed in is 401, so that the page knows to show the sign-in."""

from typing import Any

from drf_spectacular.authentication import SessionScheme
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class Session(SessionAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return "Session"


class Scheme(SessionScheme):  # type: ignore[no-untyped-call]  # the package has no types
    target_class: Any = "webapp.api.auth.Session"
    name: Any = "session"
