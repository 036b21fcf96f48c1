"""The page that holds the app, health checks, and responses to errors outside the API's views."""

import json
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from webapp.http import readiness

HOME = "searches"  # where the app goes from "/"


@require_safe
@login_required
def app(request: HttpRequest) -> HttpResponse:
    """Any address that the server does not know belongs to the app's router."""
    index = Path(settings.APP_DIR) / "index.html"
    if not index.exists():
        return HttpResponse("The pages are not built yet: run `make build`.", status=503, content_type="text/plain")
    html = index.read_text(encoding="utf-8").replace("</head>", _preloads(request.path) + "</head>", 1)
    response = HttpResponse(html, content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-store"  # it names the built files, and those names change with each build
    return response


def _preloads(path: str) -> str:
    """Links to the files of the page at this path, which are then fetched beside the app's script and not after it.

    The build writes them to pages.json (frontend/firstLoad.ts), with the paths of the app's router.
    """
    table = Path(settings.APP_DIR) / "pages.json"
    pages = json.loads(table.read_text(encoding="utf-8")) if table.exists() else []
    page = next((page for page in pages if _matches(page["path"], path)), None)
    if page is None:
        return ""
    base = f"{settings.STATIC_URL}app/"
    scripts = [f'<link rel="modulepreload" crossorigin href="{base}{name}">' for name in page["scripts"]]
    sheets = [f'<link rel="preload" as="style" crossorigin href="{base}{name}">' for name in page["sheets"]]
    return "".join(scripts + sheets)


def _matches(pattern: str, path: str) -> bool:
    """Whether a path is of a pattern such as `searches/:id`."""
    expected, given = pattern.split("/"), (path.strip("/") or HOME).split("/")
    return len(expected) == len(given) and all(
        want == have or want.startswith(":") for want, have in zip(expected, given, strict=True)
    )


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    parts = readiness.checks()
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ready" if ready else "not ready", **parts}, status=200 if ready else 503)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error_response(request, 400, "bad_request", "The request is malformed.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error_response(request, 404, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    return _error_response(request, 500, "error", "The server failed. Its log says why.")


def _error_response(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    """JSON in the shape of webapp/api/errors.py below /api/, else a line of text."""
    if not request.path.startswith("/api/"):
        return HttpResponse(detail, status=status, content_type="text/plain; charset=utf-8")
    kind = "server_error" if status >= 500 else "client_error"
    return JsonResponse({"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]}, status=status)
