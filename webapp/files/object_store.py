"""Files in an object store with the S3 protocol, through django-storages. Imported only where ESPALIER_STORAGE is set.

S3 makes an object visible only when it is complete. Errors become one of three: FileNotFoundError, Unreachable (the
store does not answer) or Refused (it denies the request).
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

from webapp.files.storage import CHUNK, STORED_NAME, AccessDenied, Entry, Unreachable

PAGE = 1000  # objects in one response to a listing
MISSING_CODES = {"404", "NoSuchKey", "NotFound"}
BUSY_CODES = {"429", "SlowDown", "Throttling", "ThrottlingException", "RequestTimeout", "RequestTimeTooSkewed"}


class Bucket(S3Storage):  # type: ignore[misc]
    def __init__(self, *, address: str, **options: Any) -> None:
        self.address = address  # for messages
        self._client: Any = None
        self._client_lock = threading.Lock()
        config = Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "max_attempts": 3},
            # Stores other than AWS often lack a host name per bucket and the latest kinds of checksums.
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
        """One thread-safe client for all threads; S3Storage itself would create one for each short-lived thread."""
        with self._client_lock:
            if self._client is None:
                self._client = self.connection.meta.client
            return self._client

    def put(self, temporary: Path, name: str) -> None:
        with self._translated_errors(), temporary.open("rb") as file:
            self.client.upload_fileobj(file, **self._object(name), Config=self.transfer_config)

    def local_path(self, name: str) -> Path | None:
        return None

    def chunks(self, name: str) -> Iterator[bytes]:
        with (
            self._translated_errors(),
            contextlib.closing(self.client.get_object(**self._object(name))["Body"]) as body,
        ):
            yield from body.iter_chunks(CHUNK)

    def exists(self, name: str) -> bool:
        try:
            with self._translated_errors():
                self.client.head_object(**self._object(name))
        except FileNotFoundError:
            return False
        return True

    def entries(self, folder: str = "") -> Iterator[Entry]:
        for item in self._listed("list_objects_v2", "Contents", f"{folder}/" if folder else ""):
            yield Entry(self._name(item["Key"]), item["Size"], item["LastModified"].timestamp())

    def delete(self, name: str) -> None:
        with self._translated_errors():
            self.client.delete_object(**self._object(name))

    def delete_unfinished(self, before: float) -> int:
        uploads = self._listed("list_multipart_uploads", "Uploads", "")
        old = [upload for upload in uploads if upload["Initiated"].timestamp() < before]
        strays = [upload for upload in old if STORED_NAME.fullmatch(self._name(upload["Key"]))]
        for upload in strays:
            with self._translated_errors():
                self.client.abort_multipart_upload(
                    Bucket=self.bucket_name, Key=upload["Key"], UploadId=upload["UploadId"]
                )
        return len(strays)

    def _listed(self, operation: str, field: str, folder: str) -> Iterator[Any]:
        with self._translated_errors():
            for page in self.client.get_paginator(operation).paginate(
                Bucket=self.bucket_name, Prefix=self._key(folder), PaginationConfig={"PageSize": PAGE}
            ):
                yield from page.get(field, ())

    def _object(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": self._key(name)}

    def _key(self, name: str) -> str:
        return f"{self.location.strip('/')}/{name}".lstrip("/")

    def _name(self, key: str) -> str:
        return key.removeprefix(self._key(""))

    @contextlib.contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Turns errors of botocore into FileNotFoundError, Unreachable or Refused."""
        try:
            yield
        except ClientError as error:
            code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            if code in MISSING_CODES:
                raise FileNotFoundError(f"{self.address} has no such file") from None
            if status >= 500 or code in BUSY_CODES:
                raise Unreachable(f"The object store {self.address} is busy: {code}.") from error
            raise AccessDenied(f"The object store {self.address} refused the request: {_reason(error)}") from error
        except (NoConnection, HTTPClientError, IncompleteReadError) as error:
            raise Unreachable(f"The object store {self.address} cannot be reached: {error}") from error
        except BotoCoreError as error:  # missing credentials or an unknown region, for instance
            raise AccessDenied(f"The object store {self.address} cannot be used: {error}") from error


def _reason(error: ClientError) -> str:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    return f"{code}. {message}".strip()
