"""A bucket of an S3-compatible server as a shelf, by obstore.

obstore is one small library over Rust's object_store with retries, time-outs and signing inside, where the
alternative, aiobotocore, brings all of botocore. Its own coroutines call into Python from foreign threads and
now and then abort the interpreter at its end, so its blocking calls are made in threads here.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError
from obstore.store import S3Store

if TYPE_CHECKING:  # these types live in its stubs only
    from obstore.store import ClientConfig, RetryConfig, S3Config

from ivr.recordings.ids import id_in
from ivr.recordings.opening import S3Place
from ivr.recordings.port import NotFound, RecordingError
from ivr.recordings.threads import Threads

_THREADS = 4
_CONNECT_WITHIN = 3.0
_STATUS = re.compile(r"status code: (\d{3})")


def shown(place: S3Place) -> str:
    """For people: without keys."""
    name = f"s3://{place.bucket}/{place.prefix}".rstrip("/")
    return f"{name} at {place.endpoint}" if place.endpoint else name


class S3Shelf:
    """Implements `Shelf`. RecordingError whenever the server does not answer in time."""

    def __init__(self, place: S3Place, *, within: float = 30.0) -> None:
        """`within`: seconds that anybody waits for the server, with all tries."""
        self._shown = shown(place)
        self._threads = Threads(self._shown, _THREADS, self._explained, within=within)
        self._store = _store(place, within)

    async def put(self, files: Mapping[str, bytes]) -> None:
        """One after the other: what was put before one that fails stays, and is put again with it."""
        for name, data in files.items():
            await self._threads.run(partial(self._store.put, name, data))

    async def get(self, name: str) -> bytes:
        return await self._threads.run(lambda: bytes(self._store.get(name).bytes()))

    async def stored(self, name: str) -> bytes:
        return await self.get(name)

    async def remove(self, name: str) -> None:
        try:
            await self._threads.run(lambda: self._store.delete(name))
        except NotFound:
            return

    async def names(self, since: date | None = None) -> list[str]:
        return await self._threads.run(lambda: self._list(since), within=120.0)

    async def tidy(self, before: date) -> None:
        """There is nothing half written in a bucket, and no folder."""

    async def upkeep(self) -> None:
        return

    async def close(self) -> None:
        await self._threads.close()

    def _list(self, since: date | None) -> list[str]:
        # Some servers take a bare day for a folder and pass over what lies in it.
        offset = None if since is None else f"{since - timedelta(1)}/~"
        found = (item["path"] for part in self._store.list(offset=offset) for item in part)
        return sorted(name for name in found if id_in(name))

    def _explained(self, error: BaseException) -> BaseException:
        """The library's own texts may hold addresses and parts of what was signed: they are not shown."""
        if isinstance(error, FileNotFoundError):
            return NotFound("there is no such recording")
        if not isinstance(error, BaseError | OSError | ValueError):
            return error
        status = _STATUS.search(str(error))
        if status and status[1] in ("401", "403"):
            return RecordingError(f"{self._shown} refuses the keys")
        why = f"answers with status {status[1]}" if status else "does not answer"
        return RecordingError(f"{self._shown} {why}")


def _store(place: S3Place, within: float) -> S3Store:
    config: S3Config = {"bucket": place.bucket, "region": place.region}
    if place.endpoint:
        config["endpoint"] = place.endpoint
    if place.key_id:
        config["access_key_id"], config["secret_access_key"] = place.key_id, place.secret
    options: ClientConfig = {
        "allow_http": place.endpoint.startswith("http://"),
        "connect_timeout": timedelta(seconds=_CONNECT_WITHIN),
        "timeout": timedelta(seconds=within / 2),
    }
    again: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=within)}
    return S3Store(prefix=place.prefix or None, config=config, client_options=options, retry_config=again)
