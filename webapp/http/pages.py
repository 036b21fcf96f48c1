"""The one page that holds all others, whether the server is alive and ready, and what is said when nothing else is."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from webapp.http import readiness


@require_safe
@login_required
def app(request: HttpRequest) -> HttpResponse:
    """Every address that is not the server's own belongs to the page's router."""
    index = Path(settings.APP_DIR) / "index.html"
    if not index.exists():
        return HttpResponse("The pages are not built yet: run `make build`.", status=503, content_type="text/plain")
    response = HttpResponse(index.read_bytes(), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-store"  # it names the built files, whose names change with their content
    return response


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    parts = readiness.checks()
    ready = all(said == "ok" for said in parts.values())
    return JsonResponse({"status": "ready" if ready else "not ready", **parts}, status=200 if ready else 503)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _said(request, 400, "bad_request", "The request makes no sense.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _said(request, 404, "not_found", "There is nothing at this address.")


def broken(request: HttpRequest) -> HttpResponse:
    return _said(request, 500, "error", "Something went wrong here. The server's log says what.")


def _said(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    """In the shape of the API's errors (webapp/api/errors.py), or as a line of text to a browser."""
    if not request.path.startswith("/api/"):
        return HttpResponse(detail, status=status, content_type="text/plain; charset=utf-8")
    kind = "server_error" if status >= 500 else "client_error"
    return JsonResponse({"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]}, status=status)
