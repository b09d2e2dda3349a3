"""The store of recordings at a place."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ivr.recordings.disk import FolderShelf
from ivr.recordings.folder import RecordingFolder
from ivr.recordings.port import RecordingStore, Rules
from ivr.recordings.shelf import Shelf
from ivr.recordings.store import Recordings

if TYPE_CHECKING:
    from ivr.recordings.sealing import Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Place:
    """A bucket of an S3-compatible server."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    """http(s)://host[:port]; '': Amazon's own."""
    region: str = "us-east-1"
    key_id: str = ""
    """'': the keys that the machine itself has been given (a role)."""
    secret: str = ""

    def __repr__(self) -> str:
        return f"S3Place({self.bucket!r}, {self.prefix!r}, {self.endpoint!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where recordings lie."""

    folder: Path
    """All of them; with `s3` those that are not moved up yet. Proofs and accesses always."""
    s3: S3Place | None = None
    key_file: Path | None = None
    """None: they are not sealed."""
    kept_days: int = 30


def open_recordings(place: Place, *, within: float = 5.0) -> RecordingStore:
    """Nothing of them is read or written yet. KeyFileError: the file of keys cannot be used.

    `within`: seconds that anybody waits for the disk.
    """
    if place.s3 is None and place.key_file is None:
        return RecordingFolder(place.folder, kept_days=place.kept_days, within=within)
    shelf = _shelf(place, within)
    seal = open_seal(place.key_file)
    if seal is not None:
        from ivr.recordings.sealing import SealedShelf

        shelf = SealedShelf(shelf, seal)
    return Recordings(shelf, place.folder, Rules(kept_days=place.kept_days), within=within)


def open_seal(key_file: Path | None) -> "Seal | None":
    """By its keys; None without a file. KeyFileError: it cannot be used."""
    if key_file is None:
        return None
    from ivr.recordings.sealing import read_keys  # a library for those who use it only

    return read_keys(key_file)


def _shelf(place: Place, within: float) -> Shelf:
    if place.s3 is None:
        return FolderShelf(place.folder, within=within)
    from ivr.recordings.moving import MovingShelf
    from ivr.recordings.s3 import S3Shelf

    return MovingShelf(place.folder, S3Shelf(place.s3), within=within)
