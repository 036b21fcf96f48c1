"""Malformed uploads: `python -m tests.soak.uploads [COUNT] [SEED]`, each through announcement, parts, worker and sweep.

Each must end as a dataset or as a refusal with a reason, and leave nothing else: no part, no scratch file, no row of
failed work. One in ten is read by a process of its own, as outside of tests; the others by this process, whose memory
must not grow.
"""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.base.serialization import Json
from tests.processes import memory
from tests.soak.malformed import malformed

if TYPE_CHECKING:
    from django.test import Client

SEPARATE = 10  # one of so many is read by a process of its own


@dataclass
class Tally:
    """Counts of results by kind of upload: "done", "refused" or "wrong"."""

    ends: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)  # resident bytes, after each

    @property
    def growth(self) -> int:
        """Bytes between the second quarter, when all code has run once, and the last one."""
        quarter = len(self.memory) // 4
        return max(self.memory[-quarter:]) - max(self.memory[quarter : 2 * quarter])

    def table(self) -> str:
        rows = [f"{'kind':<20}{'uploads':>9}{'refused':>9}{'taken':>9}{'wrong':>9}"]
        for kind, ends in [*self.ends.items(), ("all", sum(self.ends.values(), Counter()))]:
            wrong = ends.total() - ends["refused"] - ends["done"]
            rows.append(f"{kind:<20}{ends.total():>9}{ends['refused']:>9}{ends['done']:>9}{wrong:>9}")
        return "\n".join(rows)


def run(client: "Client", count: int, seed: int, show: Callable[[str], None] = lambda line: None) -> Tally:
    """Sends the uploads with this client."""
    tally = Tally()
    for number in range(count):
        upload = malformed(seed + number)
        name = f"{upload.kind}, seed {seed + number}"
        with in_this_process(number % SEPARATE != 0):
            end, why = send(client, upload.content, {"side": upload.side} if upload.side else {})
        remains = leftovers()
        if end not in ("done", "refused") or remains or not (why or end == "done"):
            tally.wrong.append(f"{name}: {end} “{why}” {remains}")
            end = "wrong"
        tally.ends.setdefault(upload.kind, Counter())[end] += 1
        tally.memory.append(memory(os.getpid()))
        if number % 100 == 99:
            show(f"{number + 1} of {count}, {tally.memory[-1] / 1e6:.0f} MB")
    return tally


def send(client: "Client", content: bytes, options: Json) -> tuple[str, str]:
    """Its final status and the reason."""
    from django.conf import settings

    from webapp import tasks
    from webapp.core import clock
    from webapp.entries import changes
    from webapp.models import Dataset
    from webapp.scheduling import leases
    from webapp.scheduling.presence import WorkerIdentity

    body = {"name": "upload", "bytes": len(content), "options": options}
    upload = client.post("/api/uploads", body, content_type="application/json").json()
    at = f"/api/uploads/{upload['id']}"
    for offset in range(0, len(content), settings.PART_BYTES):
        part = content[offset : offset + settings.PART_BYTES]
        answer = client.put(f"{at}/parts?offset={offset}", part, content_type="application/octet-stream")
        if answer.status_code != 200:
            return f"{answer.status_code}", answer.content.decode()
    client.post(f"{at}/finish")
    worker = WorkerIdentity("soak", "cpu", "none")
    lease = leases.claim(worker)
    if lease is None or lease.upload != upload["id"]:
        return "not claimed", ""
    tasks.run_item(lease, worker)
    found = client.get(at).json()
    if found["dataset"]:
        client.delete(f"/api/datasets/{found['dataset']}")
        Dataset.objects.update(deleted_at=clock.after(-changes.RESTORE_SECONDS))
        changes.delete_expired()
    client.delete(at)
    return str(found["status"]), str(found["why"])


def leftovers() -> list[str]:
    """Rows and files that should not be left."""
    from django.conf import settings

    from webapp.files import upload_parts
    from webapp.models import Dataset, Upload, Work

    rows = [f"{model.__name__} row" for model in (Dataset, Upload, Work) if model._default_manager.exists()]
    scratch = [str(path) for path in Path(settings.SCRATCH_DIR).glob("*")]
    incoming = [str(path) for path in Path(settings.FILES_DIR).glob("incoming-*")]
    return [*rows, *scratch, *incoming, *(f"parts of {upload}" for upload in upload_parts.upload_ids())]


def swept() -> list[str]:
    """Files and rows that remain after all unused ones were swept."""
    from django.conf import settings

    from webapp.models import Artifact
    from webapp.worker import garbage_collection as sweeper

    kept, settings.UNUSED_SECONDS = settings.UNUSED_SECONDS, -60.0
    try:
        sweeper.sweep()
    finally:
        settings.UNUSED_SECONDS = kept
    files = [str(path) for path in Path(settings.FILES_DIR).rglob("*") if path.is_file()]
    return [*files, *Artifact.objects.values_list("pk", flat=True)]


@contextmanager
def in_this_process(enabled: bool) -> Iterator[None]:
    """Reads uploads in this process: the same code and limits, except limits that end a process."""
    from search.base import serialization
    from search.runtime.ingest import child
    from search.runtime.ingest.limits import Limits, RejectedUpload
    from search.runtime.ingest.reader import ingest

    def follow(request: Json, limits: Limits, context: Any) -> Json:
        try:
            dataset = ingest(Path(request["path"]), Path(request["out"]), request["options"], limits)
        except RejectedUpload as error:
            return {"status": "refused", "why": str(error)}
        loaded: Json = serialization.loads(serialization.dumps({"status": "ok", "dataset": dataset}))
        return loaded

    before = child._follow
    if enabled:
        child._follow = follow
    try:
        yield
    finally:
        child._follow = before


#: Small, so that accepted uploads are small too.
LIMITS: Json = {
    "INGEST_UNPACKED": 30_000_000,
    "INGEST_DECODED": 20_000_000,
    "INGEST_FILES": 2_000,
    "INGEST_PIXELS": 1_000_000,
    "INGEST_SECONDS": 60.0,
    "INGEST_MEMORY": 500_000_000,
}


def main() -> int:
    count, seed = (int(word) for word in (sys.argv[1:] + ["1000", "0"][len(sys.argv) - 1 :])[:2])
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ESPALIER_VAR": str(Path(folder) / "var"), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        os.environ |= {"ESPALIER_LOG_LEVEL": "ERROR"}
        os.environ |= {"ESPALIER_WRITES_PER_MINUTE": "0", "ESPALIER_PARTS_PER_MINUTE": "0"}
        os.environ |= {f"ESPALIER_{name}": str(value) for name, value in LIMITS.items()}
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.test import Client

        from webapp import firstrun
        from webapp.accounts import sign_in
        from webapp.models import Search, User
        from webapp.processes.supervisor import Supervisor

        with Supervisor(settings.LOG_DIR) as services:
            settings.EMBEDDED.start(services)
            call_command("migrate", verbosity=0)
            firstrun.ensure()
            Search.objects.all().delete()
            client = Client(SERVER_NAME="localhost")
            client.force_login(User.objects.get(), backend=sign_in.BACKEND)
            tally = run(client, count, seed, lambda line: print(line, flush=True))
            stored = swept()
    print(tally.table())
    print(*tally.wrong[:20], *stored[:20], sep="\n")
    print(
        f"{count} uploads, seeds {seed} to {seed + count - 1}: {len(tally.wrong)} wrong, {len(stored)} files left, "
        f"memory {tally.memory[count // 4] / 1e6:.0f} MB after a quarter, {tally.growth / 1e6:+.1f} MB since"
    )
    return 1 if tally.wrong or stored or tally.growth > 20e6 else 0


if __name__ == "__main__":
    sys.exit(main())
