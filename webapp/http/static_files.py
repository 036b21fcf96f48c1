"""Serves static files from where they are built and installed, without `collectstatic`.

Three things differ from WhiteNoise. The middleware is asynchronous too: a thread reads the whole file, and none is
large.
And the app's files are looked up at each request, so that a running studio serves a new build at once.
Files of text are compressed when they are first asked for, since nothing runs between a build and its first request.
"""

import gzip
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

PAGES = "/static/app/"
TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")  # what gzip makes smaller
SMALLEST = 1_024  # bytes


class Assets(WhiteNoiseMiddleware):  # type: ignore[misc]
    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        path = request.path_info
        file = self.find_file(path) if path.startswith(PAGES) else self.files.get(path)
        if file is None:
            return self.get_response(request)  # type: ignore[no-any-return]
        if iscoroutinefunction(self):
            return sync_to_async(self.serve, thread_sensitive=False)(file, request)
        return self.serve(file, request)

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        answer = static_file.get_response(request.method, request.META)
        body = b""
        if answer.file is not None:
            with answer.file as file:
                body = file.read()
        headers = dict(answer.headers)
        is_text = headers.get("Content-Type", "").startswith(TEXT)
        compressible = answer.status == 200 and is_text and len(body) >= SMALLEST
        if compressible and "gzip" in request.headers.get("Accept-Encoding", ""):
            body = compressed(body)
            headers |= {"Content-Encoding": "gzip", "Content-Length": str(len(body))}
            headers.pop("Accept-Ranges", None)
        response = HttpResponse(body, status=int(answer.status))
        del response["content-type"]
        for name, value in headers.items():
            response[name] = value
        if compressible:
            patch_vary_headers(response, ["Accept-Encoding"])
        return response


@lru_cache(maxsize=128)
def compressed(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)
