"""Protection in production: deployment checks, content policy, limits, uniform errors, safe downloads."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as real
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from rest_framework.throttling import SimpleRateThrottle

from tests.webapp import endpoints
from tests.webapp.sockets import Communicator
from tests.webapp.test_access import HTTP, ask, close_response
from webapp.api import throttles
from webapp.asgi import application
from webapp.http import pages
from webapp.models import User

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]
SignedIn = Callable[[User], Client]
IN_MEMORY = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "of-a-test"}}
COUNTED = {"default": {**real.CACHES["default"], "KEY_PREFIX": "of-a-test"}}


def test_the_deployment_check_of_django_passes(tmp_path: Path) -> None:
    env = {
        **os.environ,
        "ESPALIER_VAR": str(tmp_path),
        "ESPALIER_HTTPS": "yes",
        "ESPALIER_HOSTS": "studio.example.org",
        "ESPALIER_SECRET_KEY": "of sixty characters, or a few more, none of them drawn by chance",
    }
    command = (sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO")
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("System check identified no issues")


def test_https_is_all_or_nothing(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS")
    code = f"from django.conf import settings; print([bool(getattr(settings, name)) for name in {names}])"
    for https in (True, False):
        env = {**os.environ, "ESPALIER_VAR": str(tmp_path), "ESPALIER_HTTPS": "yes" if https else "no"}
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)
        assert done.stdout == f"{[https] * 4}\n"
    assert real.SESSION_COOKIE_HTTPONLY and real.SESSION_COOKIE_SAMESITE == "Lax"


@pytest.fixture
def everything(team: Any, owner: User, tmp_path: Path, settings: Any) -> endpoints.World:
    settings.FILES_DIR = tmp_path / "files"
    return endpoints.world(team, owner, tmp_path)


@pytest.fixture
def answers(everything: endpoints.World, owner: User, signed_in: SignedIn) -> Iterator[dict[str, Any]]:
    """The responses of all GET endpoints to the owner and to nobody."""
    found = {}
    for who, client in {"owner": signed_in(owner), "nobody": Client()}.items():
        for endpoint, row in HTTP.items():
            method, _, pattern = endpoint.partition(" ")
            if method == "GET":
                with transaction.atomic():
                    found[f"{endpoint} by {who}"] = ask(
                        client, method, row.at or everything.address(pattern, row.of), None
                    )
                    transaction.set_rollback(True)
    yield found
    for answer in found.values():
        close_response(answer)


def test_each_response_is_safe_to_open(answers: dict[str, Any]) -> None:
    pages = 0
    for endpoint, answer in answers.items():
        check_policy(endpoint, answer)
        check_content_type(endpoint, answer)
        if answer["Content-Type"].startswith("text/html") and answer.content:
            check_inline_code(endpoint, answer.content.decode())
            pages += 1
    assert pages >= 4


def check_policy(endpoint: str, answer: Any) -> None:
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'" and "script-src" not in policy, endpoint
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'", endpoint
    assert "unsafe" not in answer["Content-Security-Policy"] or "api/docs" in endpoint, endpoint
    assert answer["X-Content-Type-Options"] == "nosniff", endpoint
    assert answer["X-Frame-Options"] == "DENY" and answer["Referrer-Policy"] == "same-origin", endpoint


def check_inline_code(endpoint: str, text: str) -> None:
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|javascript:", text), endpoint
    assert "api/docs" in endpoint or not re.search(r"<style|\sstyle=", text), endpoint


def check_content_type(endpoint: str, answer: Any) -> None:
    """Our own pages are HTML; data of people is JSON, a picture that we rendered, or an attachment."""
    kind = answer.get("Content-Type", "").partition(";")[0]
    if kind in ("text/html", "text/plain", ""):
        assert endpoint.removeprefix("GET ").startswith(("accounts/", "api/docs", "sign-in/", "guides/", "^")), endpoint
    elif kind not in ("application/json", "application/vnd.oai.openapi"):
        assert kind in ("application/octet-stream", "image/png") and answer.status_code == 200, endpoint
        assert re.match(r"(attachment|inline); filename=", answer["Content-Disposition"]), endpoint
    if answer.streaming:
        assert answer["Content-Disposition"].startswith("attachment;"), endpoint


def test_the_built_page_has_no_inline_script_or_style() -> None:
    index = Path(real.APP_DIR) / "index.html"
    source = (index if index.exists() else ROOT / "frontend" / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|<style|\sstyle=", source)


# --- Errors ---


def shape(answer: Any, status: int) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    body = answer.json()
    assert set(body) == {"type", "errors"}
    assert body["type"] == ("server_error" if status >= 500 else "client_error")
    (error,) = body["errors"]
    assert set(error) == {"code", "detail", "attr"} and error["detail"].endswith(".")
    return dict(error)


@pytest.mark.parametrize("address", ["/api/", "/api/nothing", "/api/searches/a/b/c", "/api/searches/"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_unknown_path_is_answered_404(owner: User, signed_in: SignedIn, method: str, address: str) -> None:
    assert shape(getattr(signed_in(owner), method)(address), 404)["code"] == "not_found"


def test_an_unsupported_method_is_answered_405(owner: User, signed_in: SignedIn) -> None:
    assert shape(signed_in(owner).delete("/api/searches"), 405)["code"] == "method_not_allowed"


def test_a_body_of_another_content_type_is_answered_415(owner: User, signed_in: SignedIn) -> None:
    answer = signed_in(owner).post("/api/searches", "<a/>", content_type="application/xml")
    assert shape(answer, 415)["code"] == "unsupported_media_type"


def test_an_internal_error_is_answered_without_details(
    owner: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, rf: Any
) -> None:
    from webapp.api import engine

    def broken(*_: object) -> None:
        raise ValueError("a secret")

    monkeypatch.setattr(engine, "_engine", broken)
    client = signed_in(owner)
    client.raise_request_exception = False
    assert "secret" not in shape(client.get("/api/engine"), 500)["detail"]
    assert pages.server_error(rf.get("/")).content == b"The server failed. Its log says why."


# --- Sizes ---


async def send(path: str, chunks: list[bytes], **headers: str) -> tuple[int, dict[str, Any]]:
    """Sends a body to the ASGI app chunk by chunk and returns the response."""
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), *named],
    }  # fmt: skip
    app = Communicator(application, scope)
    for number, chunk in enumerate(chunks):
        await app.send_input({"type": "http.request", "body": chunk, "more_body": number < len(chunks) - 1})
    start = await app.receive_output(10)
    body = await app.receive_output(10)
    await app.wait()
    return start["status"], json.loads(body["body"])


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "not declared"])
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("closed_connections")
async def test_a_body_that_is_too_large_is_answered_413(settings: Any, declared: bool) -> None:
    settings.BODY_BYTES = 1_000_000
    chunks = [b'{"name": "'] + [b"a" * 100_000] * 11
    headers = {"content_length": str(sum(map(len, chunks)))} if declared else {"transfer_encoding": "chunked"}
    status, answer = await send("/api/searches", chunks, **headers)
    assert status == 413
    assert answer["errors"][0]["detail"] == "The request is too large: send at most 1,000,000 bytes at once."


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("closed_connections")
async def test_a_part_of_an_upload_may_be_larger(settings: Any) -> None:
    settings.BODY_BYTES = 10_000
    status, _ = await send("/api/uploads/a/parts", [b"a" * 20_000], content_length="20000")
    assert status in (401, 405)
    status, _ = await send("/api/uploads/a/partsx", [b"a" * 20_000], content_length="20000")
    assert status == 413


# --- Rates ---


def test_a_user_who_writes_too_often_is_throttled(
    owner: User, colleague: User, signed_in: SignedIn, settings: Any
) -> None:
    settings.CACHES, settings.WRITES_PER_MINUTE = IN_MEMORY, 3
    cache.clear()
    browser = signed_in(owner)
    for _ in range(3):
        assert browser.post("/api/searches", {}, content_type="application/json").status_code == 400
    answer = browser.post("/api/searches", {}, content_type="application/json")
    assert shape(answer, 429)["code"] == "throttled"
    assert int(answer["Retry-After"]) <= 60
    assert browser.get("/api/searches").status_code == 200  # reads are not limited
    assert signed_in(colleague).post("/api/searches", {}, content_type="application/json").status_code == 400


def test_parts_of_uploads_have_their_own_rate_limit() -> None:
    from webapp.api.uploads import UploadParts

    assert UploadParts.throttle_classes == (throttles.PartThrottle,)


def test_a_rate_limit_of_zero_is_off(settings: Any) -> None:
    settings.WRITES_PER_MINUTE = 0
    assert throttles.WriteThrottle().get_rate() is None
    assert isinstance(throttles.WriteThrottle(), SimpleRateThrottle)


def test_guessing_passwords_is_throttled(owner: User, settings: Any) -> None:
    settings.CACHES = IN_MEMORY
    cache.clear()
    guess = {"login": owner.email, "password": "wrong"}
    answers = [Client().post("/accounts/login/", guess).content.decode() for _ in range(7)]
    assert "Too many failed login attempts" in answers[6]
    assert "Too many failed login attempts" not in answers[0]


def test_rate_limits_are_counted_in_valkey_and_off_without_it(
    services: None, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = COUNTED
    cache.set("a", [1.5], 60)
    assert cache.get("a") == [1.5]
    assert not cache.add("a", 2)
    settings.CACHES = {"default": {**COUNTED["default"], "LOCATION": ["unix:///nowhere/valkey"]}}
    assert cache.get("a", "nothing") == "nothing"
    assert cache.add("a", 1)
    cache.set("a", 1)
    assert not cache.delete("a")
    assert "Valkey cannot be reached, so rate limits are off" in caplog.text
    assert "Traceback" not in caplog.text


def test_users_can_sign_in_while_valkey_is_unreachable(owner: User, settings: Any) -> None:
    settings.CACHES = {"default": {**COUNTED["default"], "LOCATION": ["redis://127.0.0.1:1/0"]}}
    owner.set_password("a long enough password")
    owner.save()
    answer = Client().post("/accounts/login/", {"login": owner.email, "password": "a long enough password"})
    assert answer.status_code == 302


def test_writes_are_not_throttled_while_valkey_is_unreachable(owner: User, settings: Any) -> None:
    settings.CACHES = {"default": {**COUNTED["default"], "LOCATION": ["redis://127.0.0.1:1/0"]}}
    settings.WRITES_PER_MINUTE = 1
    browser = Client()
    browser.force_login(owner)
    draft = {"name": "Desk"}
    statuses = [browser.post("/api/devices", draft, content_type="application/json").status_code for _ in range(2)]
    assert statuses == [201, 400]
