"""One shape for every error: {"type", "errors": [{"code", "detail", "attr"}]}, the detail a sentence to be read."""

import logging
from collections.abc import Iterator
from typing import Any

from django.db import InterfaceError, OperationalError
from rest_framework import serializers
from rest_framework.exceptions import APIException, ErrorDetail, NotFound, ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from webapp.files.storage import Refused, Unreachable
from webapp.searches.proposals import BadProposal

logger = logging.getLogger(__name__)


class Conflict(APIException):
    """What is asked makes no sense now; the message says why."""

    status_code = 409
    default_code = "conflict"
    default_detail = "That makes no sense now."


class Unavailable(APIException):
    status_code = 503
    default_code = "unavailable"
    default_detail = "The database cannot be reached just now. Try again in a moment."


class ErrorItem(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ErrorAnswer(serializers.Serializer[Any]):
    type = serializers.CharField()
    errors = ErrorItem(many=True)  # type: ignore[assignment]  # the wire's word is also one of the framework's


class Nothing(APIView):
    """Any other address, whatever the method."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is nothing at this address.")


def invalid(error: BadProposal) -> ValidationError:
    return ValidationError({error.field: [error.message]})


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Gives the framework's own answer the one shape; an exception that it does not know stays an exception."""
    if isinstance(error, OperationalError | InterfaceError):
        logger.warning("answered 503: %s", error)
        error = Unavailable()
    elif isinstance(error, Unreachable | Refused):
        logger.warning("answered 503: %s", error)
        error = Unavailable("The store of the files cannot be reached just now. Try again in a moment.")
    elif isinstance(error, RecursionError):  # of reading the body: nothing that we read nests deeply
        error = ParseError("The body is nested too deeply.")
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        kind, items = "validation_error", list(_items(error.detail, None))
    else:
        kind = "server_error" if response.status_code >= 500 else "client_error"
        detail = response.data["detail"]
        items = [{"code": getattr(detail, "code", "error"), "detail": str(detail), "attr": None}]
    response.data = {"type": kind, "errors": items}
    return response


def _sendable(text: str) -> str:
    """What a body quotes may hold halves of characters, which no answer can carry."""
    return text.encode(errors="replace").decode()


def _items(detail: Any, attr: str | None) -> Iterator[dict[str, Any]]:
    """Nested messages, one by one, each under the dotted name of its field."""
    if isinstance(detail, ErrorDetail):
        yield {"code": detail.code, "detail": _sendable(detail), "attr": attr and _sendable(attr)}
    elif isinstance(detail, dict):
        for name, inner in detail.items():
            here = attr if name == "non_field_errors" else ".".join(filter(None, [attr, str(name)]))
            yield from _items(inner, here)
    else:
        for inner in detail:
            yield from _items(inner, attr)
