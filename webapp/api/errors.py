"""Every error response has one shape: {"type", "errors": [{"code", "detail", "attr"}]}.

`detail` is a sentence for people, `code` is for programs, `attr` is the dotted name of the invalid field or null.
"""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import Error, ErrorResponse
from psycopg2.errors import DiskFull
from rest_framework import serializers
from rest_framework.exceptions import APIException, ErrorDetail, NotAuthenticated, NotFound, ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from webapp.core import errors

logger = logging.getLogger(__name__)

MISSING = "There is nothing with this id; it may have been deleted."
SIGNED_OUT = "You are signed out. Sign in, then try again."
DATABASE_FULL = "The disk of the database is full, so nothing was saved. Free some space on it, then try again."
DATABASE_AWAY = "The database cannot be reached. Try again in a moment."
STATUS: dict[type[errors.Refused], int] = {
    errors.Unauthenticated: 401,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Unavailable: 503,
}


class ErrorItem(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ErrorAnswer(serializers.Serializer[Any]):
    type = serializers.CharField()
    errors = ErrorItem(many=True)  # type: ignore[assignment]  # the framework uses this name too


class NotFoundView(APIView):
    """Answers 404 at every other address below /api/, for any method."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is nothing at this address.")


class Handler(ExceptionHandler):
    """Adds the domain's errors, a database that is away, and bodies that cannot be parsed."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, OperationalError | InterfaceError):
            full = isinstance(exc.__cause__, DiskFull)
            return _to_api_exception(errors.Unavailable(DATABASE_FULL if full else DATABASE_AWAY))
        if isinstance(exc, RecursionError):  # raised while the body was parsed: nothing that we read nests deeply
            return ParseError("The body is nested too deeply.")
        if isinstance(exc, NotAuthenticated):
            return NotAuthenticated(SIGNED_OUT)
        if isinstance(exc, Http404):
            return NotFound(MISSING)
        if isinstance(exc, errors.Refused):
            return _to_api_exception(exc)
        return super().convert_known_exceptions(exc)

    def should_not_handle(self, exc: Exception) -> bool:
        """Other exceptions are bugs. Django logs them and answers 500 (webapp/http/pages.py)."""
        return not isinstance(exc, APIException)

    def report_exception(self, exc: APIException, response: Response) -> None:
        if response.status_code >= 500:
            logger.warning("answered %d: %s", response.status_code, self.exc)


class Formatter(ExceptionFormatter):
    def get_errors(self) -> list[Error]:
        return [Error(item.code, _encodable(item.detail), _attr(item.attr)) for item in super().get_errors()]

    def format_error_response(self, error_response: ErrorResponse) -> Any:
        return super().format_error_response(error_response) | getattr(self.original_exc, "extra", {})


def _to_api_exception(error: errors.Refused) -> APIException:
    if isinstance(error, errors.InvalidField):
        return ValidationError({error.field: [ErrorDetail(error.message, error.code)]})
    exception = APIException(error.message, error.code)
    exception.status_code = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    return exception


def _attr(path: str | None) -> str | None:
    """The field's dotted name. An error of a whole object is reported under the object, or null for the body."""
    names = [] if path is None else path.split(".")
    return _encodable(".".join(name for name in names if name != api_settings.NON_FIELD_ERRORS_KEY)) or None


def _encodable(text: str) -> str:
    """Messages may quote the body, and unpaired surrogates in it cannot be encoded as UTF-8."""
    return text.encode(errors="replace").decode()
