"""Uploading files as a browser does, and processing uploads as a worker does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.test import Client

from search.base.serialization import Json
from tests.archives import folders, zipped
from tests.webapp.fakes import NUMERICS, WORKER
from webapp.datasets import uploads
from webapp.files import artifacts, upload_parts
from webapp.models import User
from webapp.scheduling import leases
from webapp.scheduling.leases import Lease

SignedIn = Callable[[User], Client]
PART = 1 << 16
ZIP = zipped(folders(each=20, size=(40, 40)))  # several parts


def announce(browser: Client, content: bytes, **more: Any) -> Any:
    body = {"name": "pets.zip", "bytes": len(content), **more}
    return browser.post("/api/uploads", body, content_type="application/json")


def put(browser: Client, upload: str, offset: int, content: bytes) -> Any:
    address = f"/api/uploads/{upload}/parts?offset={offset}"
    return browser.put(address, content, content_type="application/octet-stream")


def send(browser: Client, content: bytes, **more: Any) -> Json:
    """Uploads the whole file and finishes the upload."""
    upload = announce(browser, content, **more).json()
    for offset in range(0, len(content), PART):
        answer = put(browser, upload["id"], offset, content[offset : offset + PART])
        assert answer.status_code == 200, answer.json()
    answer = browser.post(f"/api/uploads/{upload['id']}/finish")
    assert answer.status_code == 202
    return dict(answer.json())


def read(browser: Client, upload: str) -> Json:
    return dict(browser.get(f"/api/uploads/{upload}").json())


def claimed() -> Lease:
    lease = leases.claim(WORKER)
    assert lease is not None
    return lease


def work(folder: Path) -> Lease:
    """Runs one item as a worker does."""
    from search.runtime.context import Context
    from search.runtime.execute import execute

    lease = claimed()
    files = artifacts.RetryingFiles(lambda: False)
    context = Context(files=files, report=lambda telemetry: None)
    with uploads.prepared_payload(lease.payload, folder, files.wait_for) as payload:
        outcome = execute(payload, context)
    assert leases.complete(lease, outcome, NUMERICS)
    return lease


def ingested(browser: Client, content: bytes, folder: Path, **more: Any) -> Json:
    upload = send(browser, content, **more)
    work(folder)
    return read(browser, upload["id"])


def nothing_left(tmp_path: Path) -> bool:
    files = [path for path in (tmp_path / "scratch").rglob("*") if path.is_file()]
    return not upload_parts.upload_ids() and not files
