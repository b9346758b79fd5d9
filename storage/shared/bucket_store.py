"""Files of a shared archive in a bucket of S3, or of what speaks as S3 does.

Keys and address of the service come from where other programs look for them: `AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL`, the files in
`~/.aws`, the role of the machine.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wirethread.articles.errors import StorageError
from wirethread.storage.engine.bulk import quote
from wirethread.storage.engine.file_copy import checksum
from wirethread.storage.shared.files import FILES_FOLDER, KEPT_SECONDS, SharedFile

__all__ = ["BucketStore"]

_CONNECT_SECONDS = 10
_SILENCE_SECONDS = 20
_MOST_RETRIES = 2
_UNNAMED = "unnamed"
"""An empty object beside a file since the first publication that did not name it."""


def _bound() -> dict[str, Any]:
    """Return for how long a service is waited for, where fsspec's own settings do not say."""
    from fsspec.config import conf  # noqa: PLC0415 - only where a bucket is named

    usual = {
        "connect_timeout": _CONNECT_SECONDS,
        "read_timeout": _SILENCE_SECONDS,
        "retries": {"max_attempts": 1},
    }
    return {**usual, **conf.get("s3", {}).get("config_kwargs", {})}


class BucketStore:
    """A bucket or a part of one, as a `FileStore`."""

    def __init__(self, address: str) -> None:
        self.shown = address.rstrip("/")
        self.rows = f"{self.shown}/rows/"
        self._root = self.shown.removeprefix("s3://")
        try:
            import botocore.session  # noqa: PLC0415 - only where a bucket is named
            from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
            from s3fs import S3FileSystem  # noqa: PLC0415
        except ImportError:
            raise StorageError(
                f"{self.shown} needs the package s3fs: install wirethread[remote,shared]"
            ) from None
        self._errors = OSError, BotoCoreError, ClientError
        with self._plainly():
            # what was listed is asked anew: the coordinator may be another process
            self._files: Any = S3FileSystem(
                use_listings_cache=False, skip_instance_cache=True, config_kwargs=_bound()
            )
            self._files.retries = _MOST_RETRIES
            self._session: Any = botocore.session.Session()
            self._door = self._find_service()

    def prepare(self) -> None:
        """See that there is such a bucket: none is made by the way."""
        bucket = self._root.partition("/")[0]
        with self._plainly():
            try:
                self._files.call_s3("head_bucket", Bucket=bucket)
            except FileNotFoundError:
                raise StorageError(f"{self.shown}: there is no bucket {bucket}") from None
            except PermissionError:
                pass  # one may be let to put objects and not to look at the bucket

    def holds(self, file: SharedFile, *, is_proved: bool) -> bool:
        """Look at the size: an object is there whole or not at all."""
        path = f"{self._root}/{file.place}"
        with self._plainly():
            try:
                found = self._files.info(path)
            except FileNotFoundError:
                return False
            if found["size"] != file.n_bytes:
                return False
            if not is_proved:
                return True
            with self._files.open(path, "rb") as reader:
                return checksum(reader) == file.checksum

    def put(self, source: Path, file: SharedFile) -> None:
        """Send it."""
        self.bring(source, file.place)

    def get(self, file: SharedFile, target: Path) -> None:
        """Fetch it."""
        self.fetch(file.place, target)

    def list_places(self, folder: str) -> dict[str, int]:
        """Ask for the names of the objects."""
        with self._plainly():
            found = self._files.find(f"{self._root}/{folder}", detail=True)
        return {
            path.removeprefix(f"{self._root}/"): int(info["size"]) for path, info in found.items()
        }

    def bring(self, source: Path, place: str) -> None:
        """Send it."""
        with self._plainly():
            self._files.put_file(str(source), f"{self._root}/{place}")

    def fetch(self, place: str, target: Path) -> None:
        """Fetch it."""
        with self._plainly():
            self._files.get_file(f"{self._root}/{place}", str(target))

    def remove(self, place: str) -> None:
        """Delete the object."""
        with self._plainly(), suppress(FileNotFoundError):
            self._files.rm_file(f"{self._root}/{place}")

    def remove_others(self, wanted: set[str], *, at_once: bool) -> None:
        """Mark what is not named any more, and delete what has been marked for a day.

        An object keeps the time at which it was made, so that alone tells nothing.
        """
        with self._plainly():
            found = self._files.find(f"{self._root}/{FILES_FOLDER}", detail=True)
            by_checksum: dict[str, dict[str, Any]] = {}
            for path, info in found.items():
                checksum, _, name = path.rpartition(f"/{FILES_FOLDER}/")[2].partition("/")
                by_checksum.setdefault(checksum, {})[name] = info
            oldest = time.time() - KEPT_SECONDS
            gone: list[str] = []
            for checksum, objects in by_checksum.items():
                folder = f"{self._root}/{FILES_FOLDER}/{checksum}"
                marked = objects.get(_UNNAMED)
                if checksum in wanted:
                    gone += [f"{folder}/{_UNNAMED}"] if marked else []
                elif at_once or (marked and marked["LastModified"].timestamp() <= oldest):
                    gone += [f"{folder}/{name}" for name in objects]
                elif not marked:
                    self._files.pipe_file(f"{folder}/{_UNNAMED}", b"")
            if gone:
                self._files.rm(gone)

    def open_door(self) -> str:
        """Return a secret of DuckDB for this bucket alone."""
        with self._plainly():
            return self._door + self._show_keys() + ")"

    def _find_service(self) -> str:
        """Return the beginning of the secret: where the service is, as other programs find it."""
        given = self._files.endpoint_url or self._files.client_kwargs.get("endpoint_url")
        meta = self._session.create_client("s3", endpoint_url=given).meta
        region = self._files.client_kwargs.get("region_name") or meta.region_name
        if region in {None, "aws-global"}:
            region = "us-east-1"
        words = f"CREATE OR REPLACE SECRET files (TYPE s3, SCOPE {quote(self.shown)}"
        words += f", REGION {quote(region)}"
        service = urlsplit(meta.endpoint_url)
        if not (service.hostname or "").endswith(".amazonaws.com"):
            words += f", ENDPOINT {quote(service.netloc + service.path.rstrip('/'))}"
            words += f", URL_STYLE 'path', USE_SSL {service.scheme == 'https'}"
        return words

    def _show_keys(self) -> str:
        files = self._files
        keys = (files.key, files.secret, files.token)
        if not files.key and not files.anon:
            found = self._session.get_credentials()
            keys = (None, None, None) if found is None else found.get_frozen_credentials()[:3]
        names = ("KEY_ID", "SECRET", "SESSION_TOKEN")
        return "".join(
            f", {name} {quote(key)}" for name, key in zip(names, keys, strict=True) if key
        )

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Turn what the libraries of S3 raise into one sentence, which holds no key."""
        try:
            yield
        except self._errors as error:
            words = " ".join(str(error).split()) or type(error).__name__
            raise StorageError(f"{self.shown}: {words}") from error
