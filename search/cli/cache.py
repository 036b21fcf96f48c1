"""The cache of packed datasets, and the command `cache`, which lists, fills and clears it.

A folder holds `files/` (packed files by their SHA-256) and `datasets/` (one description per file or folder and options
that were packed, named by their hash). Descriptions are written last and whole, so what is described is there.
"""

import argparse
import fcntl
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.base import serialization
from search.base.files import sha256_of, write_whole
from search.base.serialization import Json
from search.cli import arguments
from search.data.datasets import Counts, Data, Dataset, ImageData, TextData

VERSION = 1
TRAINING_DATA, TEST_DATA = "training_data", "test_data"
SHA256 = re.compile(r"[0-9a-f]{64}")
SCRATCH = "reading-"  # of folders of a process that packs
ID_DIGITS = 12  # of the split's fingerprint: a dataset's name


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A packed dataset: what it was packed from, what it holds, and its files."""

    v: int = VERSION
    key: str  # hash of the content of what was packed, and of the options
    path: str  # absolute
    options: Json
    described: Json  # as ingestion describes it
    files: dict[str, str]  # format -> SHA-256

    @property
    def name(self) -> str:
        """Equal data have equal names, whatever their files are called."""
        return str(self.described["split"])[:ID_DIGITS]

    @property
    def file(self) -> str:
        return Path(self.path).name

    @property
    def dataset(self) -> Dataset:
        described = self.described
        return Dataset(
            name=self.name,
            title=self.file,
            about=self.about,
            data=self._data,
            counts=Counts(**described["counts"]),
            class_names=tuple(described.get("classes", ())),
            class_counts=tuple(Counts(**counts) for counts in described.get("class_counts", ())),
            content=described["content"],
            split=described["split"],
            test_file=self.files[TEST_DATA],
        )

    @property
    def about(self) -> str:
        data, total = self._data, sum(self.described["counts"].values())
        if isinstance(data, TextData):
            return f"{total:,} words, {data.vocabulary:,} of them distinct"
        channels, height, width = data.shape
        colour = "grey" if channels == 1 else "colour"
        return f"{total:,} {colour} images of {width}×{height} pixels in {data.classes} classes"

    @property
    def _data(self) -> Data:
        file = self.files[TRAINING_DATA]
        if self.described.get("kind") == "text":
            return TextData(vocabulary=self.described["vocabulary"], file=file)
        channels, height, width = self.described["shape"]
        return ImageData(shape=(channels, height, width), classes=len(self.described["classes"]), file=file)


@dataclass(frozen=True)
class Cache:
    folder: Path

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def datasets(self) -> Path:
        return self.folder / "datasets"

    def entries(self) -> list[Entry]:
        """By the name of the file. Descriptions that another version has written are left out."""
        found = (_read(path) for path in sorted(self.datasets.glob("*.json")))
        return sorted((entry for entry in found if entry is not None), key=lambda entry: (entry.file, entry.key))

    def find(self, key: str) -> Entry | None:
        """The dataset of this key; None where it, or one of its files, is missing or damaged."""
        entry = _read(self.datasets / f"{key}.json")
        return entry if entry is not None and self._is_whole(entry) else None

    def named(self, name: str) -> Entry | None:
        """A dataset by its name: which of several files it was packed from makes no difference."""
        return next((entry for entry in self.entries() if entry.name == name and self._is_whole(entry)), None)

    def add(self, entry: Entry, folder: Path) -> None:
        """Moves the entry's files here from a folder on the same disk, and describes them."""
        self.files.mkdir(parents=True, exist_ok=True)
        self.datasets.mkdir(parents=True, exist_ok=True)
        for sha256 in entry.files.values():
            (folder / sha256).replace(self.files / sha256)
        write_whole(self.datasets / f"{entry.key}.json", serialization.dumps(entry))

    def clear(self) -> int:
        """Deletes what this cache wrote, and nothing else. Returns the number of bytes."""
        with self.packing():
            files = [path for path in self.files.glob("*") if SHA256.fullmatch(path.name)]
            described = [path for path in self.datasets.glob("*.json") if SHA256.fullmatch(path.stem)]
            size = sum(path.stat().st_size for path in files)
            for path in (*described, *files):
                path.unlink(missing_ok=True)
        return size

    @contextmanager
    def packing(self) -> Iterator[Path]:
        """A scratch folder for one process at a time. Others wait, and folders of processes that died are deleted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                print(f"another process is packing data in {self.folder}; waiting for it", file=sys.stderr)
                fcntl.flock(lock, fcntl.LOCK_EX)
            for left in self.folder.glob(f"{SCRATCH}*"):
                shutil.rmtree(left, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=self.folder, prefix=SCRATCH) as scratch:
                yield Path(scratch)

    def _is_whole(self, entry: Entry) -> bool:
        paths = {sha256: self.files / sha256 for sha256 in entry.files.values()}
        return all(path.is_file() and sha256_of(path) == sha256 for sha256, path in paths.items())


def default_folder() -> Path:
    """$ESPALIER_CACHE, or a folder below the user's cache directory."""
    if given := os.environ.get("ESPALIER_CACHE"):
        return Path(given).absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "espalier"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "espalier"


def option(parser: argparse.ArgumentParser) -> None:
    """Adds `--cache`; `chosen` reads it."""
    parser.add_argument(
        "--cache",
        type=arguments.path,
        default=None,
        metavar="DIR",
        help="where packed datasets are kept; default: $ESPALIER_CACHE, or a folder in your cache directory",
    )


def chosen(options: argparse.Namespace) -> Cache:
    return Cache((options.cache or default_folder()).absolute())


def list_entries(cache: Cache, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "name": entry.name,
            "path": entry.path,
            "options": entry.options,
            "kind": entry.dataset.kind,
            "about": entry.about,
            "bytes": sum((cache.files / sha256).stat().st_size for sha256 in set(entry.files.values())),
        }
        for entry in cache.entries()
        if all((cache.files / sha256).exists() for sha256 in entry.files.values())
    ]
    if as_json:
        print(json.dumps({"folder": str(cache.folder), "datasets": rows}))
        return
    print(f"{cache.folder}: {len(rows)} packed" if rows else f"{cache.folder} is empty")
    for row in rows:
        given = "".join(f", {name} {value}" for name, value in row["options"].items())
        print(f"{row['name']}  {row['bytes']:>13,} bytes  {row['about']}{given}  {row['path']}")


def _read(path: Path) -> Entry | None:
    try:
        return serialization.decode(Entry, serialization.loads(path.read_bytes()))
    except (FileNotFoundError, ValueError):
        return None
