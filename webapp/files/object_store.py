"""Files in an object store that speaks S3, by django-storages. Imported only where ESPALIER_STORAGE names one.

An object is there whole or not at all, by the protocol. Whatever goes wrong on the way is one of three: the file is not
there, the store does not answer, or it says no.
"""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as NoConnection
from django.conf import settings
from storages.backends.s3 import S3Storage

from webapp.files.storage import CHUNK, OURS, AccessDenied, Entry, Unreachable

PAGE = 1000  # names in one answer
MISSING = {"404", "NoSuchKey", "NotFound"}
BUSY = {"429", "SlowDown", "Throttling", "ThrottlingException", "RequestTimeout", "RequestTimeTooSkewed"}


class Bucket(S3Storage):  # type: ignore[misc]
    def __init__(self, *, address: str, **options: Any) -> None:
        self.address = address  # as people know it
        self._client: Any = None
        self._making = threading.Lock()
        config = Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "max_attempts": 3},
            # What answers at an address of its own seldom has a name a bucket, nor checksums of the newest kind.
            s3={"addressing_style": "path" if options.get("endpoint_url") else "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(client_config=config, **options)

    @property
    def spool(self) -> Path:
        return Path(settings.CACHE_DIR)

    @property
    def client(self) -> Any:
        """One for all threads, which it is made for; Django's storage makes one a thread, and threads come and go."""
        with self._making:
            if self._client is None:
                self._client = self.connection.meta.client
            return self._client

    def take_in(self, temporary: Path, name: str) -> None:
        with self._told(), temporary.open("rb") as file:
            self.client.upload_fileobj(file, **self._object(name), Config=self.transfer_config)

    def local(self, name: str) -> Path | None:
        return None

    def chunks(self, name: str) -> Iterator[bytes]:
        with self._told(), contextlib.closing(self.client.get_object(**self._object(name))["Body"]) as body:
            yield from body.iter_chunks(CHUNK)

    def exists(self, name: str) -> bool:
        try:
            with self._told():
                self.client.head_object(**self._object(name))
        except FileNotFoundError:
            return False
        return True

    def entries(self, folder: str = "") -> Iterator[Entry]:
        for item in self._listed("list_objects_v2", "Contents", f"{folder}/" if folder else ""):
            yield Entry(self._name(item["Key"]), item["Size"], item["LastModified"].timestamp())

    def delete(self, name: str) -> None:
        with self._told():
            self.client.delete_object(**self._object(name))

    def drop_unfinished(self, before: float) -> int:
        begun = self._listed("list_multipart_uploads", "Uploads", "")
        old = [upload for upload in begun if upload["Initiated"].timestamp() < before]
        strays = [upload for upload in old if OURS.fullmatch(self._name(upload["Key"]))]
        for upload in strays:
            with self._told():
                self.client.abort_multipart_upload(
                    Bucket=self.bucket_name, Key=upload["Key"], UploadId=upload["UploadId"]
                )
        return len(strays)

    def _listed(self, operation: str, what: str, folder: str) -> Iterator[Any]:
        with self._told():
            for page in self.client.get_paginator(operation).paginate(
                Bucket=self.bucket_name, Prefix=self._key(folder), PaginationConfig={"PageSize": PAGE}
            ):
                yield from page.get(what, ())

    def _object(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": self._key(name)}

    def _key(self, name: str) -> str:
        return f"{self.location.strip('/')}/{name}".lstrip("/")

    def _name(self, key: str) -> str:
        return key.removeprefix(self._key(""))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """In our words what goes wrong inside."""
        try:
            yield
        except ClientError as error:
            code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            if code in MISSING:
                raise FileNotFoundError(f"{self.address} has no such file") from None
            if status >= 500 or code in BUSY:
                raise Unreachable(f"The object store {self.address} is busy: {code}.") from error
            raise AccessDenied(f"The object store {self.address} refuses: {_reason(error)}") from error
        except (NoConnection, HTTPClientError, IncompleteReadError) as error:
            raise Unreachable(f"The object store {self.address} cannot be reached: {error}") from error
        except BotoCoreError as error:  # no credentials, a region that is none
            raise AccessDenied(f"The object store {self.address} cannot be used: {error}") from error


def _reason(error: ClientError) -> str:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    return f"{code}. {message}".strip()
