"""Compresses answers of the API with gzip: JSON of more than a kilobyte, to browsers that take it.

Compression can betray a secret that is in one answer together with text of an attacker's choice (BREACH). No JSON of
the API holds the session's key or a CSRF token. The one token that it ever holds, of a new device, is in one answer to
a request that other sites cannot make. Django adds a random number of bytes too. Pages with forms are not compressed.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

SMALLEST = 1_024  # bytes; less takes longer to compress than to send


class CompressedJson(GZipMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        """The ETag of a compressed answer is weak, which webapp/api/caching.py takes for the same."""
        json = response.get("Content-Type", "").startswith("application/json")
        if not isinstance(response, HttpResponse) or not json or len(response.content) < SMALLEST:
            return response
        return super().process_response(request, response)
