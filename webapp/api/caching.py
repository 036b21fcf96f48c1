"""Responses that a browser keeps and asks for again with their ETag."""

from collections.abc import Callable
from typing import Any

from django.utils.http import parse_etags, quote_etag
from rest_framework.request import Request
from rest_framework.response import Response


def respond(request: Request, tag: str, body: Callable[[], Any]) -> Response:
    """The body; or 304 without calling `body`, where the request names its tag. Check access before.

    Only the person's own browser may keep the answer, and it asks each time, so that access is checked each time.
    """
    etag = quote_etag(tag)
    kept = [known.removeprefix("W/") for known in parse_etags(request.headers.get("If-None-Match", ""))]
    response = Response(status=304) if etag in kept or "*" in kept else Response(body())
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    return response
