"""Who asks: people by their session, agents of devices by a token. Neither opens the doors of the other.

Nobody signed in is 401, so that the page knows to show the sign-in.
"""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from webapp.core.errors import Unauthenticated
from webapp.devices import devices
from webapp.models import Device

if TYPE_CHECKING:  # the framework's views import this
    from rest_framework.views import APIView

LONGEST_TOKEN = 200
WANTED = "Send the token that the device was given, as “Authorization: Bearer …”."


class Session(SessionAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return "Session"


class DeviceToken(BaseAuthentication):
    """`Authorization: Bearer …`. Whoever asks is no person: `request.auth` is the device, and the user nobody."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Device]:
        kind, _, token = get_authorization_header(request).partition(b" ")
        if kind.lower() != b"bearer" or not 0 < len(token) <= LONGEST_TOKEN:
            raise AuthenticationFailed(WANTED)
        try:
            return AnonymousUser(), devices.by_token(token.strip().decode("latin-1"))
        except Unauthenticated as error:
            raise AuthenticationFailed(str(error)) from None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


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
