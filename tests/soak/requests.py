"""Random requests: `python -m tests.soak.requests [CASES] [SEED]`, drawn by schemathesis from the API's own schema.

Half of them follow the schema and half violate it, the same number for each operation, sent by an owner with ids of
existing objects. The server is a real one and must never answer with a server error.
"""

import os
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from tests.processes import free_port, wait_until
from webapp.processes.supervisor import Child, Supervisor

ROOT = Path(__file__).parents[2]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
REAL = 0.9  # share of the ids in URLs that exist
UNLIMITED = ("ESPALIER_WRITES_PER_MINUTE", "ESPALIER_WHAT_IF_PER_MINUTE", "ESPALIER_AGENT_PER_MINUTE")
NEARLY_VALID = 0.4  # share of the bodies that are valid but for one field
Ids = dict[str, str]


@dataclass
class Tally:
    """Counts of status codes, by operation."""

    answers: dict[str, Counter[int]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)  # requests that met a server error, and the answers

    @property
    def cases(self) -> int:
        return sum(sum(counts.values()) for counts in self.answers.values())

    def table(self) -> str:
        rows = [f"{'operation':<48}{'cases':>7}{'2xx':>7}{'4xx':>7}{'5xx':>7}"]
        for name, counts in [*self.answers.items(), ("all", sum(self.answers.values(), Counter()))]:
            by = Counter({kind: sum(n for status, n in counts.items() if status // 100 == kind) for kind in (2, 4, 5)})
            rows.append(f"{name:<48}{sum(counts.values()):>7}{by[2]:>7}{by[4]:>7}{by[5]:>7}")
        return "\n".join(rows)


class Sender:
    """Sends the drawn requests as an owner."""

    def __init__(self, base: str, session: str, seed: int) -> None:
        from tests.webapp.test_access import HTTP  # which needs settings

        self.good = {
            re.sub(r"<\w+:(\w+)>", r"\1", endpoint): row for endpoint, row in HTTP.items() if row.body or row.query
        }
        self.base, self.rng, self.client = base, random.Random(seed), requests.Session()
        self.client.cookies.update({"sessionid": session, "csrftoken": "t" * 32})
        self.headers = {"X-CSRFToken": "t" * 32, "Origin": base}

    def send(self, case: Any, ids: Ids) -> requests.Response:
        collection = case.operation.path.split("/")[2]
        for name in case.path_parameters:
            if case.operation.path.endswith("/finish"):
                collection = "whole"
            real = {"id": ids.get(collection), "name": ids.get(collection), "number": 1, "file_format": "safetensors"}
            if self.rng.random() < REAL and real.get(name) is not None:
                case.path_parameters[name] = real[name]
        if self.rng.random() < NEARLY_VALID:
            self._make_nearly_valid(case)
        case.headers.clear()  # those of a browser or an agent are enough
        case.cookies.clear()
        headers = self.headers | ({"Authorization": f"Bearer {ids['token']}"} if collection == "agent" else {})
        sent = case.as_transport_kwargs(base_url=self.base, headers=headers)
        sent.pop("cookies", None)
        return self.client.request(**sent, timeout=60, allow_redirects=False)

    def _make_nearly_valid(self, case: Any) -> None:
        """Replaces all but one of the drawn fields by those of tests.webapp.test_access.HTTP, to reach deeper code."""
        pattern = re.sub(r"{(\w+)}", r"\1", case.operation.path.strip("/"))
        good = self.good.get(f"{case.operation.method.upper()} {pattern}")
        if good is None:
            return
        if isinstance(good.body, dict):
            drawn = case.body if isinstance(case.body, dict) else {}
            fields = self.rng.sample(sorted(drawn), k=min(1, len(drawn)))
            case.body = {**good.body, **{name: drawn[name] for name in fields}}
        case.query = {**(case.query or {}), **dict(parse_qsl(good.query.strip("?")))}


def run(base: str, session: str, cases: int, seed: int, things: Callable[[], Ids]) -> Tally:
    """Sends at least so many cases, spread over all operations. `things` creates objects for one operation and returns
    their ids."""
    from drf_spectacular.generators import SchemaGenerator

    described = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found: Any = schemathesis.openapi.from_dict(described).get_all_operations()
    operations = [operation.ok() for operation in found]
    each = -(-cases // (len(operations) * len(MODES)))
    tally, sender = Tally(), Sender(base, session, seed)
    for operation in operations:
        name, ids = f"{operation.method.upper()} {operation.path}", things()
        counts = tally.answers.setdefault(name, Counter())

        def once(case: Any, name: str = name, ids: Ids = ids, counts: Counter[int] = counts) -> None:
            answer = sender.send(case, ids)
            counts[answer.status_code] += 1
            if answer.status_code >= 500:
                request = answer.request
                tally.broken.append(f"{request.method} {request.url} {str(request.body)[:2000]}: {answer.text[:500]}")

        for mode in MODES:
            draw(operation.as_strategy(mode), each, seed, once)
    return tally


def draw(cases: Any, count: int, seed: int, once: Callable[[Any], None]) -> None:
    """Draws so many cases and sends each once. No shrinking, since the server keeps state."""

    @seeded(seed)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def all_of_them(case: Any) -> None:
        once(case)

    with suppress(Unsatisfiable):  # an operation without parameters has no invalid requests
        all_of_them()


@contextmanager
def server(env: dict[str, str], logs: Path) -> Iterator[str]:
    """The web server without workers, so that objects do not change by themselves."""
    port = free_port()
    command = (sys.executable, str(ROOT / "manage.py"), "web", "--port", str(port))
    with Supervisor(logs, show=lambda line: None) as children:
        children.start(Child(name="web", command=command, env=env | dict.fromkeys(UNLIMITED, "0")))
        base = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(base), 60, "the web server")
        yield base


def answers(base: str) -> bool:
    try:
        return requests.get(f"{base}/healthz", timeout=10).ok
    except requests.ConnectionError:
        return False


def main() -> int:
    cases, seed = (int(word) for word in (sys.argv[1:] + ["2000", "0"][len(sys.argv) - 1 :])[:2])
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ESPALIER_VAR": str(Path(folder) / "var"), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        import django

        django.setup()
        from django.conf import settings as studio
        from django.core.management import call_command
        from django.test import Client

        from tests.webapp import endpoints
        from webapp import firstrun
        from webapp.accounts import sign_in
        from webapp.models import Search, Team, Upload, User

        with Supervisor(studio.LOG_DIR) as services:
            studio.EMBEDDED.start(services)
            call_command("migrate", verbosity=0)
            firstrun.ensure()
            Search.objects.all().delete()
            owner, team, client = User.objects.get(), Team.objects.get(), Client()
            client.force_login(owner, backend=sign_in.BACKEND)
            world = endpoints.world(team, owner, Path(folder))

            def things() -> Ids:
                Upload.objects.all().delete()
                return world.ids | {"token": world.token} | endpoints.passing_things(team, owner, Path(folder))[0]

            with server(dict(os.environ), studio.LOG_DIR) as base:
                tally = run(base, client.cookies["sessionid"].value, cases, seed, things)
    print(tally.table())
    print(*tally.broken[:20], sep="\n")
    print(f"{tally.cases} requests, seed {seed}, {len(tally.broken)} server errors")
    return 1 if tally.broken or tally.cases < cases else 0


if __name__ == "__main__":
    sys.exit(main())
