"""Some malformed uploads; `make soak` sends a thousand."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.soak import uploads

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_malformed_upload_ends_with_a_message_and_leaves_no_files(
    browser: Client, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_DIR, settings.SCRATCH_DIR = tmp_path / "files", tmp_path / "scratch"
    settings.WRITES_PER_MINUTE = settings.PARTS_PER_MINUTE = 0
    for name, value in uploads.LIMITS.items():
        setattr(settings, name, value)
    tally = uploads.run(browser, 60, 1_000)
    assert not tally.wrong, "\n".join(tally.wrong)
    assert uploads.swept() == []
    assert sum(ends["refused"] for ends in tally.ends.values()) >= 50, tally.table()
