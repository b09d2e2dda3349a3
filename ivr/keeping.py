"""The store of recordings as the settings ask for it."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ivr.config import PROJECT, Settings
from ivr.control import Handler
from ivr.errors import Plain
from ivr.recordings import Place, RecordingError, RecordingStore, S3Place, open_recordings, open_seal
from ivr.secrets import read_secret

if TYPE_CHECKING:
    from ivr.recordings.sealing import Seal

PURGE = "purge recordings"


def place_of(settings: Settings) -> Place:
    """Plain: the keys cannot be read."""
    parts = urlsplit(settings.recordings)
    own = settings.run_folder / "utterances"
    in_s3 = parts.scheme == "s3"
    return Place(
        folder=own if in_s3 or not settings.recordings else PROJECT / os.path.expanduser(settings.recordings),
        s3=_bucket(settings, parts.netloc, parts.path.strip("/")) if in_s3 else None,
        key_file=settings.recordings_key_file,
        kept_days=settings.recordings_kept_days,
    )


def open_store(settings: Settings) -> RecordingStore:
    """Plain: the keys cannot be read."""
    try:
        return open_recordings(place_of(settings))
    except ValueError as error:
        raise Plain(f"Callers' recordings cannot be stored: {error}.") from None


def seal_of(settings: Settings) -> "Seal | None":
    """For what callers are just saying; None: nothing is sealed. Plain: the keys cannot be read."""
    try:
        return open_seal(settings.recordings_key_file)
    except ValueError as error:
        raise Plain(f"What callers say cannot be sealed: {error}.") from None


def purging(store: RecordingStore | None) -> Mapping[str, Handler]:
    """The running server's side of `dzvin recordings purge`: it knows which recordings are still needed."""

    async def purge(_request: Mapping[str, Any]) -> object:
        try:
            return {"removed": await store.purge(datetime.now(UTC)) if store is not None else 0}
        except RecordingError as error:
            raise Plain(f"Old recordings cannot be removed: {error}.") from None

    return {PURGE: purge}


def _bucket(settings: Settings, bucket: str, prefix: str) -> S3Place:
    key_id, secret = _keys(settings)
    return S3Place(
        bucket=bucket,
        prefix=prefix,
        endpoint=settings.recordings_s3_endpoint,
        region=settings.recordings_s3_region,
        key_id=key_id,
        secret=secret,
    )


def _keys(settings: Settings) -> tuple[str, str]:
    path = settings.recordings_s3_secret_file
    if path is None:
        return os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_SECRET_ACCESS_KEY", "")
    lines = read_secret(path).split()
    if len(lines) != 2:
        raise Plain(f"{path} must hold the access key's id and its secret, on two lines.")
    return lines[0], lines[1]
