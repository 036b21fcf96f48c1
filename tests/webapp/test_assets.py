"""Static files: hashed names are cached for ever, and a new build is served without a restart."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import AsyncClient, Client, RequestFactory
from whitenoise.responders import StaticFile

from webapp.http.static_files import Assets
from webapp.models import Search


@pytest.fixture
def built() -> Path:
    """The path of a built file, with a name that only this test uses."""
    folder = Path(settings.APP_DIR) / "assets"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "of-a-test-0a1b2c3d.js"


def test_a_build_is_served_at_once_and_its_hashed_files_are_cached_for_ever(built: Path) -> None:
    client, address = Client(), f"/static/app/assets/{built.name}"
    assert client.get(address).status_code == 404
    built.write_text("export {};")
    try:
        answer = client.get(address)
    finally:
        built.unlink()
    assert answer.content == b"export {};"
    assert answer["content-type"].startswith("text/javascript")
    assert "immutable" in answer["cache-control"]
    assert client.get(address).status_code == 404


async def test_static_files_are_served_to_asynchronous_requests() -> None:
    address = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"
    whole = await AsyncClient().get(address)
    part = await AsyncClient().get(address, headers={"range": "bytes=0-9"})
    assert whole.status_code == 200 and "immutable" not in whole["cache-control"]
    assert (part.status_code, part.content) == (206, whole.content[:10])


def test_nothing_outside_the_folder_is_served() -> None:
    assert Client().get("/static/app/../../settings.py").status_code == 404
    assert Client().get("/static/app/%2e%2e/%2e%2e/settings.py").status_code == 404


@pytest.mark.django_db
def test_the_sign_in_page_uses_the_colour_tokens_of_the_app() -> None:
    assert "/static/app/tokens.css" in Client().get("/accounts/login/").content.decode()
    own = (Path(settings.BASE_DIR) / "webapp" / "static" / "signin.css").read_text()
    used = set(re.findall(r"var\((--[\w-]+)\)", own))
    tokens = (Path(settings.BASE_DIR) / "frontend" / "src" / "styles" / "tokens.css").read_text()
    assert used <= set(re.findall(r"(--[\w-]+):", tokens))
    assert re.findall(r"#[0-9a-f]{6}|rgb|light-dark", own) == []


@pytest.mark.parametrize("accepts", ["gzip", "br, gzip;q=0.8", ""])
def test_scripts_and_styles_are_compressed_for_browsers_that_take_it(accepts: str, built: Path) -> None:
    text = "export const leaf = 1;\n" * 200
    built.write_text(text)
    try:
        answer = Client().get(f"/static/app/assets/{built.name}", headers={"accept-encoding": accepts})
        part = Client().get(
            f"/static/app/assets/{built.name}", headers={"accept-encoding": accepts, "range": "bytes=0-9"}
        )
    finally:
        built.unlink()
    assert answer["vary"] == "Accept-Encoding" and int(answer["content-length"]) == len(answer.content)
    if accepts:
        assert answer["content-encoding"] == "gzip" and len(answer.content) < len(text) / 10
        assert gzip.decompress(answer.content).decode() == text
    else:
        assert not answer.has_header("content-encoding") and answer.content.decode() == text
    assert (part.status_code, part.content) == (206, text[:10].encode())


def test_a_file_that_varies_by_something_else_still_does(tmp_path: Path) -> None:
    (tmp_path / "leaf.css").write_text("p { color: green }\n" * 200)
    file = StaticFile(str(tmp_path / "leaf.css"), [("Content-Type", "text/css"), ("Vary", "Origin")])
    request = RequestFactory().get("/leaf.css", headers={"accept-encoding": "gzip"})
    assert Assets.serve(file, request)["vary"] == "Origin, Accept-Encoding"


def test_pictures_are_not_compressed_again() -> None:
    address = "/static/drf_spectacular_sidecar/swagger-ui-dist/favicon-32x32.png"
    answer = Client().get(address, headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200 and not answer.has_header("content-encoding")


@pytest.mark.django_db
def test_json_of_the_api_is_compressed_above_a_kilobyte_and_nothing_else_is(browser: Client, search: Search) -> None:
    gzipped = {"accept-encoding": "gzip"}
    large = browser.get("/api/engine", headers=gzipped)
    whole = browser.get("/api/engine")
    assert large["content-encoding"] == "gzip" and len(large.content) < len(whole.content) / 3
    assert gzip.decompress(large.content) == whole.content
    assert not browser.get("/healthz", headers=gzipped).has_header("content-encoding")
    assert not Client().get("/accounts/login/", headers=gzipped).has_header("content-encoding")


@pytest.mark.django_db
def test_a_compressed_answer_that_has_not_changed_is_answered_304(browser: Client, search: Search) -> None:
    address = f"/api/searches/{search.pk}/snapshot"
    first = browser.get(address, headers={"accept-encoding": "gzip"})
    assert first["content-encoding"] == "gzip" and first["etag"].startswith('W/"')
    again = browser.get(address, headers={"accept-encoding": "gzip", "if-none-match": first["etag"]})
    assert (again.status_code, again.content) == (304, b"")
