"""An object store on its own port, and direct access to stored files, to damage or delete them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

KEYS = {"AWS_ACCESS_KEY_ID": "gardener", "AWS_SECRET_ACCESS_KEY": "secret"}


@dataclass(frozen=True)
class ObjectStore:
    endpoint: str

    def make(self, bucket: str) -> "Objects":
        signed = {"aws_access_key_id": "gardener", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        resource = boto3.resource("s3", endpoint_url=self.endpoint, **signed).create_bucket(Bucket=bucket)
        return Objects(self.endpoint, bucket, resource)


@dataclass(frozen=True)
class Objects:
    """One bucket, with artifacts in a folder of it."""

    endpoint: str
    bucket: str
    resource: Any  # boto3's bucket

    @property
    def settings(self) -> dict[str, Any]:
        options = {
            "address": self.address.partition("?")[0],
            "bucket_name": self.bucket,
            "location": "studio",
            "endpoint_url": self.endpoint,
            "region_name": "us-east-1",
            "access_key": "gardener",
            "secret_key": "secret",
        }
        return {"artifacts": {"BACKEND": "webapp.files.object_store.Bucket", "OPTIONS": options}}

    @property
    def address(self) -> str:
        return f"s3://{self.bucket}/studio?endpoint={self.endpoint}&region=us-east-1"

    def names(self) -> set[str]:
        return {item.key.removeprefix("studio/") for item in self.resource.objects.all()}

    def write(self, name: str, body: bytes) -> None:
        self.resource.Object(f"studio/{name}").put(Body=body)

    def remove(self, name: str) -> None:
        self.resource.Object(f"studio/{name}").delete()


@dataclass(frozen=True)
class Disk:
    """The same for a store in a folder."""

    folder: Path

    def names(self) -> set[str]:
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}

    def write(self, name: str, body: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()


@contextmanager
def serving() -> Iterator[ObjectStore]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield ObjectStore(f"http://{host}:{port}")
    finally:
        server.stop()
