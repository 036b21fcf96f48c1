"""Serves static files from where they are built and installed, without `collectstatic`.

Two things differ from WhiteNoise. The middleware is asynchronous too: a thread reads the whole file, and none is large.
And the app's files are looked up at each request, so that a running studio serves a new build at once.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

PAGES = "/static/app/"


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
        response = HttpResponse(body, status=int(answer.status))
        del response["content-type"]
        for name, value in answer.headers:
            response[name] = value
        return response
