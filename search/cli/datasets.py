"""The data that a command works on: a built-in dataset, or a person's own files, which are packed into the cache.

They are read by the code that reads the studio's uploads, in its process, with its limits and its sentences.
"""

import argparse
import hashlib
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast, get_args

from search.base import serialization
from search.base.files import sha256_of, write_whole
from search.base.serialization import Json
from search.cli import arguments, cache, program
from search.cli.cache import Cache, Entry
from search.cli.failures import Failed
from search.data import builtin
from search.data.datasets import PACKED, Dataset, Kind
from search.data.tokenization import VOCABULARY, Tokens
from search.log.task import BadTask
from search.network.limits import BOUNDS

if TYPE_CHECKING:
    from search.runtime.context import Files

USED = "dataset.json"  # in the folder of a search or training: which packed dataset it needs
REPORT_SHARE = 0.1  # of the file, between two lines of progress

#: Option -> the kind of data that has it.
OPTIONS: dict[str, Kind] = {"side": "image", "tokens": "text", "vocabulary": "text"}


class Refused(ValueError):
    """The data cannot be used; the message is the sentence of ingestion, which says what to do."""


class NotPacked(ValueError):
    """The cache has no such dataset any more; the message says which file to pack again."""


@dataclass(frozen=True)
class Source:
    """A dataset, and the entry of the cache that holds it; None where it is built in."""

    dataset: Dataset
    cache: Cache
    entry: Entry | None

    def files(self, own: Path) -> "Files":
        """Files of a search or training: it writes into the folder `own`, and reads packed data from the cache."""
        from search.runtime.context import LocalFiles

        return _TwoFolders(LocalFiles(own), LocalFiles(self.cache.files))

    @property
    def test_part(self) -> Json:
        """What a work item that tests a network adds."""
        return {} if self.entry is None else {"test_file": self.dataset.test_file}

    def write_used(self, folder: Path) -> None:
        """Notes in the folder what `of_folder` finds again. A built-in dataset needs no note."""
        if self.entry is not None:
            used = {"entry": self.entry, "cache": str(self.cache.folder)}
            write_whole(folder / USED, serialization.dumps(used) + b"\n")


@dataclass(frozen=True)
class _TwoFolders:
    own: "Files"
    packed: "Files"

    def put(self, path: Path) -> str:
        return self.own.put(path)

    def path_of(self, sha256: str) -> Path:
        from search.runtime.context import Damaged

        try:
            return self.own.path_of(sha256)
        except Damaged:
            return self.packed.path_of(sha256)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds `--data.*`, how files are packed, and `--cache`."""
    bounds = BOUNDS.upload
    parser.add_argument(
        "--data.side",
        type=arguments.count(bounds.max_side, least=bounds.min_side),
        default=None,
        metavar="PX",
        help="scale your images to this side; default: all must have one size",
    )
    parser.add_argument(
        "--data.tokens",
        choices=get_args(Tokens),
        default=None,
        help="cut your text at blanks, or into lower-case words and punctuation; default: blanks if train, valid and "
        "test are given, else words",
    )
    parser.add_argument(
        "--data.vocabulary",
        type=arguments.count(bounds.max_vocabulary, least=bounds.min_vocabulary),
        default=None,
        metavar="N",
        help=f"different words of your text, others become unknown ({VOCABULARY:,})",
    )
    cache.option(parser)


def help_text() -> str:
    return (
        f"one of {', '.join(builtin.DATASETS)}, or your own: the path of a zip, tar or npz, of a folder of class "
        "folders, or of a text; or the name of a packed one that `cache` lists"
    )


def open_named(options: argparse.Namespace) -> Source:
    """The dataset that `--dataset` names; a file or folder is packed where the cache does not have it.

    Raises UnknownDataset, BadTask, Refused and Failed.
    """
    given, found = _given(options), cache.chosen(options)
    name: str = options.dataset
    if name in builtin.DATASETS:
        _require_applicable(given, None, f"{name} is built in")
        return Source(builtin.get(name), found, None)
    path = Path(name)
    if name and (path.is_file() or path.is_dir()):  # an empty name would be the current folder
        entry = pack(path, given, found)
        return Source(entry.dataset, found, entry)
    if (named := found.named(name)) is not None:
        _require_applicable(given, None, f"{name} is packed already")
        return Source(named.dataset, found, named)
    raise builtin.UnknownDataset(
        f"there is no dataset {name!r}; the datasets are {', '.join(builtin.DATASETS)}, and files and folders of your "
        "own, of which none has that path"
    )


def of_folder(folder: Path, name: str, chosen: Path | None) -> Source:
    """The data that the search or training in this folder needs, by the name it has there. Raises NotPacked."""
    if name in builtin.DATASETS:
        return Source(builtin.get(name), Cache(chosen or cache.default_folder()), None)
    return _used_in(folder, chosen)


def _used_in(folder: Path, chosen: Path | None) -> Source:
    """The dataset that `write_used` noted in this folder, from the cache. Raises NotPacked."""
    try:
        used = serialization.loads((folder / USED).read_bytes())
        entry, before = serialization.decode(Entry, used["entry"]), Cache(Path(used["cache"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        raise NotPacked(f"{folder} needs packed data, and {folder / USED}, which says which, is missing") from None
    searched = [Cache(chosen.absolute())] if chosen is not None else [before, Cache(cache.default_folder())]
    for each in searched:
        if (found := each.find(entry.key) or each.named(entry.name)) is not None and found.files == entry.files:
            return Source(found.dataset, each, found)
    words = [
        "--add",
        entry.path,
        *(word for name, value in entry.options.items() for word in (f"--data.{name}", value)),
    ]
    if searched[0].folder != cache.default_folder():
        words += ["--cache", searched[0].folder]
    raise NotPacked(
        f"{folder} needs the packed data of {entry.file}, and {searched[0].folder} does not have them any more; pack "
        f"the file again: {program.command('cache', *words)}"
    )


def pack(path: Path, options: Json, found: Cache) -> Entry:
    """The entry of this file or folder; it is read and packed where the cache does not have it.

    Raises Refused; BadTask on an option for another kind of data; and Failed where the file is not at fault.
    """
    from search.runtime.context import Context, LocalFiles
    from search.runtime.failures import DISK_FULL
    from search.runtime.ingest import child
    from search.runtime.ingest.limits import Limits, RejectedUpload

    path = path.resolve()
    if not (path.is_file() or path.is_dir()):
        raise Refused(f"{path} is neither a file nor a folder.")
    limits, progress = Limits(), _Progress(path.name)
    try:
        key = _key(_content_hash(path, limits), options)
        if (entry := found.find(key)) is not None:
            print(f"{path.name} is packed in {found.folder}: {entry.about} ({entry.name})", file=sys.stderr)
            return entry
        with found.packing() as scratch:
            if (entry := found.find(key)) is not None:  # another process packed it meanwhile
                return entry
            file = _as_file(path, scratch, limits)
            key = _key(sha256_of(file), options) if path.is_dir() else key  # it may have changed meanwhile
            work = {"path": str(file), "scratch": str(scratch), "options": options}
            staged = LocalFiles(scratch / "files")
            outcome = child.run(
                work | {"limits": serialization.to_jsonable(limits)}, Context(files=staged, report=progress.show)
            )
            if outcome["status"] != "ok":
                raise Refused(outcome["why"])
            described: Json = outcome["dataset"]
            _require_applicable(options, described.get("kind", "image"), f"{path.name} holds")
            files = {file["format"]: file["sha256"] for file in outcome["files"]}
            entry = Entry(key=key, path=str(path), options=options, described=described, files=files)
            found.add(entry, staged.folder)
    except RejectedUpload as error:
        raise Refused(str(error)) from None
    except child.ReaderDied as error:
        raise Failed(str(error)) from None
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        raise Failed(f"The disk is full: make room in {found.folder}, or choose another folder with --cache.") from None
    print(f"packed {path.name} in {found.folder}: {entry.about} ({entry.name})", file=sys.stderr)
    return entry


def add_command(commands: Any) -> None:
    """Adds `cache` to the subparsers."""
    parser = commands.add_parser("cache", help="list the packed datasets, pack one more, or clear them")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--add", type=arguments.path, metavar="PATH", help="pack this file or folder")
    action.add_argument("--clear", action="store_true", help="delete all packed datasets")
    parser.add_argument("--json", action="store_true")
    add_options(parser)
    parser.set_defaults(run=run_cache)


def run_cache(options: argparse.Namespace) -> int:
    found = cache.chosen(options)
    if options.clear:
        size = found.clear() if found.folder.is_dir() else 0
        print(f"deleted {size:,} bytes of packed data from {found.folder}", file=sys.stderr)
    elif options.add is not None:
        if not (options.add.is_file() or options.add.is_dir()):
            raise Refused(f"there is no file or folder {options.add}")
        pack(options.add, _given(options), found)
    else:
        _require_applicable(_given(options), None, "it is for --add")
    cache.list_entries(found, options.json)
    return 0


class _Progress:
    """Lines of progress on standard error: one per tenth of the file."""

    def __init__(self, name: str) -> None:
        self.name, self.next = name, 0.0

    def show(self, progress: Json) -> None:
        if progress["share"] < self.next:
            return
        self.next = progress["share"] + REPORT_SHARE
        images = f", {progress['images']:,} images" if progress["images"] else ""
        print(f"reading {self.name}: {progress['share']:.0%}{images}", file=sys.stderr)


class _Hash(io.RawIOBase):
    """A file that keeps the hash of what is written to it, and nothing else."""

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        return len(data)


def _content_hash(path: Path, limits: Any) -> str:
    """SHA-256 of the file, or of the tar that the folder becomes."""
    if path.is_file():
        return sha256_of(path)
    from search.runtime.ingest import directory

    hashed = _Hash()
    directory.write_tar(path, cast(IO[bytes], hashed), limits, _ignore_progress)
    return hashed.sha256.hexdigest()


def _as_file(path: Path, scratch: Path, limits: Any) -> Path:
    if path.is_file():
        return path
    from search.runtime.ingest import directory

    with (scratch / "folder.tar").open("wb") as file:
        directory.write_tar(path, file, limits, _ignore_progress)
    return scratch / "folder.tar"


def _ignore_progress(images: int, share: float) -> None:
    pass


def _key(content: str, options: Json) -> str:
    return serialization.canonical_hash({"content": content, "options": options, "packed": PACKED})


def _given(options: argparse.Namespace) -> Json:
    values = {name: getattr(options, f"data.{name}", None) for name in OPTIONS}
    return {name: value for name, value in values.items() if value is not None}


def _require_applicable(given: Iterable[str], kind: Kind | None, why: str) -> None:
    """Raises BadTask on an option that this kind of data, or a dataset that is not packed now (None), does not have."""
    for name in given:
        if OPTIONS[name] != kind:
            held = {"image": " images", "text": " a text", None: ""}[kind]
            raise BadTask(f"--data.{name} does not apply: {why}{held}")
