"""The one page that holds all others, and whether the server is alive."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe


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
