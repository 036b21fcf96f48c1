"""The generated types of the front end are up to date with Python."""

import json
import subprocess
from pathlib import Path

from django.core.management import call_command

from search.log import typescript

FRONTEND = Path(__file__).parents[1] / "frontend"
API = FRONTEND / "src" / "api"


def test_the_event_types_of_the_front_end_equal_those_of_python() -> None:
    written = (FRONTEND / "src" / "live" / "events.ts").read_text()
    assert written == typescript.render(), "run `make schema`"


def test_the_api_schema_of_the_front_end_is_the_servers(tmp_path: Path) -> None:
    described = tmp_path / "schema.json"
    call_command("spectacular", "--format", "openapi-json", "--validate", "--fail-on-warn", "--file", str(described))
    assert json.loads(described.read_text()) == json.loads((API / "schema.json").read_text()), "run `make schema`"


def test_the_api_types_are_generated_from_the_schema(tmp_path: Path) -> None:
    written = tmp_path / "schema.d.ts"
    tool = FRONTEND / "node_modules" / ".bin" / "openapi-typescript"
    subprocess.run(
        [tool, "src/api/schema.json", "--default-non-nullable", "false", "-o", written], cwd=FRONTEND, check=True
    )
    assert written.read_text() == (API / "schema.d.ts").read_text(), "run `make schema`"
