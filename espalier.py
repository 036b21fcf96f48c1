"""The command `espalier`, which an installed package has: the studio, and the engine's command line without it.

espalier studio          the whole studio, as `manage.py studio`
espalier search ...      the engine's command line, as `python -m search`
espalier manage ...      the other commands of the studio, as `manage.py`
"""

import os
import sys
from pathlib import Path

DJANGO = ("studio", "manage")
HERE = Path(__file__).resolve().parent


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    command, rest = (given[0], given[1:]) if given else ("", [])
    if command == "search":
        from search.__main__ import main as search

        return search(rest, prog="espalier search")
    if command in DJANGO:
        return _manage(["studio", *rest] if command == "studio" else rest)
    asked = command in ("-h", "--help", "help")
    print(__doc__.strip(), file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


def _manage(arguments: list[str]) -> int:
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    if not (HERE / "pyproject.toml").exists():  # installed: data do not belong among the packages
        os.environ.setdefault("ESPALIER_VAR", str(data_folder()))
    execute_from_command_line(["espalier manage", *arguments])
    return 0


def data_folder() -> Path:
    """Where the studio keeps its data if it does not run from its repository."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "espalier"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "espalier"


if __name__ == "__main__":
    sys.exit(main())
