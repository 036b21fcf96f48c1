"""Authentication: people by their session, agents of devices by a token. No endpoint accepts both.

Without either the answer is 401: the app says that the session has ended.
"""

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from webapp.accounts import access
from webapp.core.errors import Unauthenticated
from webapp.devices import devices
from webapp.models import Device, Team, User

if TYPE_CHECKING:  # the framework's views import this
    from rest_framework.views import APIView

MAX_TOKEN = 200  # bytes
TOKEN_MISSING = "Send the token that the device was given, as “Authorization: Bearer …”."
VIEW_ONLY = "You have view-only access."


class Session(SessionAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return "Session"


class DeviceToken(BaseAuthentication):
    """`Authorization: Bearer …`. `request.auth` is the device, and `request.user` is anonymous."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Device]:
        kind, _, token = get_authorization_header(request).partition(b" ")
        if kind.lower() != b"bearer" or not 0 < len(token) <= MAX_TOKEN:
            raise AuthenticationFailed(TOKEN_MISSING)
        try:
            return AnonymousUser(), devices.by_token(token.strip().decode("latin-1"))
        except Unauthenticated as error:
            raise AuthenticationFailed(str(error)) from None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def current_user(request: Request) -> User:
    """The person who is signed in. The view's permission guarantees that there is one."""
    return cast(User, request.user)


def require_change(request: Request, team: Team) -> None:
    """Raises PermissionDenied for a viewer of the team."""
    if not access.may_change(current_user(request), team):
        raise PermissionDenied(VIEW_ONLY)


def team_to_write(request: Request, team: Team | None = None) -> Team:
    """The team that owns what the person makes: the given one, or their own. Raises PermissionDenied for a viewer."""
    team = team or access.team_of(current_user(request))
    if team is None or not access.may_change(current_user(request), team):
        raise PermissionDenied(VIEW_ONLY)
    return team


class IsDevice(BasePermission):
    def has_permission(self, request: Request, view: "APIView") -> bool:
        return isinstance(request.auth, Device)


class Scheme(SessionScheme):  # type: ignore[no-untyped-call]  # the package has no types
    target_class: Any = "webapp.api.auth.Session"
    name: Any = "session"


class DeviceScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the package has no types
    target_class: Any = "webapp.api.auth.DeviceToken"
    name: Any = "device"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
