"""Where the files of recordings lie: a port for a store of named bytes."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol


class Shelf(Protocol):
    """Names are 'DAY/ID.wav' and 'DAY/ID.json' (`ivr.recordings.ids`). Every method raises RecordingError."""

    async def put(self, files: Mapping[str, bytes]) -> None:
        """Store all of them in this order, each whole, or none; those that are there are replaced.

        RecordingsFull.
        """

    async def get(self, name: str) -> bytes:
        """NotFound."""

    async def stored(self, name: str) -> bytes:
        """The bytes as they lie there, sealed or not. NotFound."""

    async def remove(self, name: str) -> None:
        """Nothing happens where it is not there."""

    async def names(self, since: date | None = None) -> list[str]:
        """Of that day and later ones, sorted."""

    async def tidy(self, before: date) -> None:
        """Remove what was never finished before that day, and folders that are empty."""

    async def upkeep(self) -> None:
        """Work that goes on behind it, until cancelled; returns where there is none."""

    async def close(self) -> None:
        """Finish what is being written, within some seconds."""
