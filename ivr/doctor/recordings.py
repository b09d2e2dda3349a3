"""Checks of the place where callers' messages are kept: can it be written, does S3 answer, are keys there?"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.config import Settings
from ivr.doctor.finding import Finding, fail, ok, warn
from ivr.errors import Plain
from ivr.keeping import open_store, place_of
from ivr.recordings import Place, RecordingError, S3Place

_AREA = "recordings"
_WITHIN = 8.0


async def check_recordings(settings: Settings) -> list[Finding]:
    """Nothing is written anywhere."""
    try:
        place = place_of(settings)
        await open_store(settings).close()
    except Plain as error:
        return [fail(_AREA, str(error), _mend_of(settings))]
    findings = [*_folder(place.folder), *_keys(place)]
    if place.s3 is not None:
        findings.append(await _bucket(place, place.s3))
    return findings


def _mend_of(settings: Settings) -> str:
    if settings.recordings_key_file is not None:
        return (
            "Put it back, for it opens what it has sealed; a first one is made by `dzvin recordings new-key`."
        )
    return "Write the key's id and its secret on two lines, or unset DZVIN_RECORDINGS_S3_SECRET_FILE."


def _folder(folder: Path) -> Iterator[Finding]:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        yield ok(_AREA, f"{folder} can be written")
    else:
        yield fail(
            _AREA, f"{folder} cannot be written", "Give this user the right to, or set DZVIN_RECORDINGS."
        )
    if folder.is_dir() and folder.stat().st_mode & 0o077:
        yield warn(_AREA, f"{folder} can be read by others", f"chmod 700 {folder}")


def _keys(place: Place) -> Iterator[Finding]:
    path = place.key_file
    if path is None:
        return
    if path.stat().st_mode & 0o077:
        yield fail(_AREA, f"{path} can be read by others", f"chmod 600 {path}")
    elif path.resolve().is_relative_to(place.folder.resolve()):
        yield warn(
            _AREA, f"{path} lies beside what it seals", "Keep it elsewhere, and a copy in a safe place."
        )
    else:
        yield ok(_AREA, f"sealed by the key in {path}")


async def _bucket(place: Place, s3: S3Place) -> Finding:
    from ivr.recordings.moving import MovingShelf
    from ivr.recordings.s3 import S3Shelf, shown

    shelf = S3Shelf(s3, within=_WITHIN)
    near = MovingShelf(place.folder, shelf)
    try:
        await shelf.names(since=(datetime.now(UTC) + timedelta(1)).date())
        return ok(_AREA, f"{shown(s3)} answers")
    except RecordingError as error:
        waiting = await near.waiting()
        mend = f"{waiting} files wait in {place.folder} and go up when it answers; none is lost meanwhile."
        return warn(_AREA, str(error), mend)
    finally:
        await near.close()
