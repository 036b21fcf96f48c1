"""Files in an object store that speaks S3, by django-storages. Imported only where ESPALIER_STORAGE names one.

An object is there whole or not at all, by the protocol. Whatever goes wrong on the way is one of three: the file is not
there, the store does not answer, or it says no.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as NoConnection
from django.conf import settings
from storages.backends.s3 import S3Storage

from webapp.storage import CHUNK, Entry, Refused, Unreachable

MISSING = {"404", "NoSuchKey", "NotFound"}
BUSY = {"429", "SlowDown", "Throttling", "ThrottlingException", "RequestTimeout", "RequestTimeTooSkewed"}


class Bucket(S3Storage):  # type: ignore[misc]
    def __init__(self, *, address: str, **options: Any) -> None:
        self.address = address  # as people know it
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

    def take_in(self, temporary: Path, name: str) -> None:
        with self._told(), temporary.open("rb") as file:
            self.bucket.Object(self._key(name)).upload_fileobj(file, Config=self.transfer_config)

    def local(self, name: str) -> Path | None:
        return None

    def chunks(self, name: str) -> Iterator[bytes]:
        with self._told():
            body = self.bucket.Object(self._key(name)).get()["Body"]
            with contextlib.closing(body):
                yield from body.iter_chunks(CHUNK)

    def exists(self, name: str) -> bool:
        with self._told():
            return bool(super().exists(name))

    def entries(self, folder: str = "") -> Iterator[Entry]:
        prefix = self._key(f"{folder}/" if folder else "")
        with self._told():
            for item in self.bucket.objects.filter(Prefix=prefix):
                name = item.key.removeprefix(self._key(""))
                yield Entry(name, item.size, item.last_modified.timestamp())

    def delete(self, name: str) -> None:
        with self._told():
            self.bucket.Object(self._key(name)).delete()

    def drop_unfinished(self, before: float) -> int:
        with self._told():
            uploads = self.bucket.multipart_uploads.filter(Prefix=self._key(""))
            strays = [upload for upload in uploads if upload.initiated.timestamp() < before]
            for upload in strays:
                upload.abort()
        return len(strays)

    def _key(self, name: str) -> str:
        return f"{self.location.strip('/')}/{name}".lstrip("/")

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
            raise Refused(f"The object store {self.address} refuses: {_reason(error)}") from error
        except (NoConnection, HTTPClientError, IncompleteReadError) as error:
            raise Unreachable(f"The object store {self.address} cannot be reached: {error}") from error
        except BotoCoreError as error:  # no credentials, a region that is none
            raise Refused(f"The object store {self.address} cannot be used: {error}") from error


def _reason(error: ClientError) -> str:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    return f"{code}. {message}".strip()
