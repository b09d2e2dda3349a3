"""A folder in front of a distant shelf: what is recorded lies in the folder first and is moved up behind.

An outage of the distant shelf loses nothing and holds nobody up; a server that ends goes on at its next
start. A removal is written down in the folder too (an empty file in `removing/`), counts from that moment,
and is carried out up there when it can be.
"""

import asyncio
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import structlog

from ivr.recordings.disk import FolderShelf
from ivr.recordings.ids import SOUND
from ivr.recordings.port import NotFound, RecordingError
from ivr.recordings.shelf import Shelf

log = structlog.get_logger(__name__)

REMOVING = "removing"
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_LOOK_EVERY = 30.0
"""Seconds: another process may have removed something."""


class MovingShelf:
    """Implements `Shelf`. Only one process may run `upkeep`."""

    def __init__(self, folder: Path, distant: Shelf, *, within: float = 5.0) -> None:
        self._near = FolderShelf(folder, within=within)
        self._removing = FolderShelf(folder / REMOVING, within=within)
        self._distant = distant
        self._more = asyncio.Event()

    async def put(self, files: Mapping[str, bytes]) -> None:
        await self._near.put(files)
        self._more.set()

    async def get(self, name: str) -> bytes:
        if await self._is_removed(name):
            raise NotFound("there is no such recording")
        try:
            return await self._near.get(name)
        except NotFound:  # a moved one is up there before it is gone from here
            return await self._distant.get(name)

    async def stored(self, name: str) -> bytes:
        return await self.get(name)

    async def remove(self, name: str) -> None:
        await self._removing.put({name: b""})
        await self._near.remove(name)
        self._more.set()

    async def names(self, since: date | None = None) -> list[str]:
        found = {*await self._near.names(since), *await self._distant.names(since)}
        return sorted(found - {*await self._removing.names()})

    async def tidy(self, before: date) -> None:
        await self._near.tidy(before)
        await self._removing.tidy(before)
        await self._distant.tidy(before)

    async def waiting(self) -> int:
        """Files that are not moved up yet."""
        return len(await self._near.names())

    async def upkeep(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            self._more.clear()
            try:
                await self.move_all()
            except RecordingError as error:
                log.warning("recordings wait to be moved up", why=str(error), again_in=pause)
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE, 2 * pause)
                continue
            pause = _FIRST_PAUSE
            await self._until_more()

    async def move_all(self) -> None:
        """All that is in the folder now, once. RecordingError: not all of it."""
        for name in await self._removing.names():
            await self._distant.remove(name)
            await self._removing.remove(name)
        for name in sorted(await self._near.names(), key=_sound_first):
            await self._move(name)

    async def close(self) -> None:
        await self._near.close()
        await self._removing.close()
        await self._distant.close()

    async def _move(self, name: str) -> None:
        try:
            data = await self._near.get(name)
        except NotFound:
            return
        await self._distant.put({name: data})
        if await self._is_removed(name):
            await self._distant.remove(name)
        await self._near.remove_if(name, data)  # one that was changed meanwhile is moved again

    async def _is_removed(self, name: str) -> bool:
        try:
            await self._removing.get(name)
        except NotFound:
            return False
        return True

    async def _until_more(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_EVERY):
                await self._more.wait()
        except TimeoutError:
            return


def _sound_first(name: str) -> tuple[str, bool]:
    """A recording whose facts are up there is whole."""
    stem, _, _ = name.rpartition(".")
    return stem, not name.endswith(SOUND)
