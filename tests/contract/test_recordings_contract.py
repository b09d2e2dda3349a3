"""Every store of recordings passes the same checks: in memory, in a folder, sealed, in a real S3 server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.recordings import Place, RecordingStore, open_recordings
from ivr.recordings.moving import MovingShelf
from ivr.recordings.sealing import make_key
from ivr.recordings.store import Recordings
from ivr.recordings.testing import RECORDING_CHECKS, MemoryRecordings, RecordingCheck
from tests.seaweed import Seaweed, seaweed

EACH_CHECK = pytest.mark.parametrize("check", RECORDING_CHECKS, ids=lambda check: check.__name__)
PATIENT = 30.0


class MemoryTrial:
    """Implements `StoreUnderTest`."""

    def __init__(self) -> None:
        self.store = MemoryRecordings()

    async def restart(self) -> None:
        before = self.store
        await before.close()
        self.store = MemoryRecordings()
        self.store.shelf.files = before.shelf.files
        self.store._proofs, self.store._accesses = before._proofs, before._accesses


class PlaceTrial:
    """Implements `StoreUnderTest`."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.store: RecordingStore = self._open()

    def _open(self) -> RecordingStore:
        return open_recordings(self.place, within=PATIENT)

    async def restart(self) -> None:
        await self.store.close()
        self.store = self._open()


class MovedTrial(PlaceTrial):
    """All is moved up whenever the store is restarted, and before anything is asked."""

    async def restart(self) -> None:
        await self.move_up()
        await super().restart()

    async def move_up(self) -> None:
        assert isinstance(self.store, Recordings)
        shelf = self.store._shelf
        assert isinstance(shelf, MovingShelf)
        await shelf.move_all()
        assert await shelf.waiting() == 0


@pytest.fixture(scope="module")
def s3() -> Iterator[Seaweed]:
    with seaweed() as server:
        yield server


@EACH_CHECK
async def test_memory(check: RecordingCheck) -> None:
    await check(MemoryTrial())


@EACH_CHECK
async def test_folder(check: RecordingCheck, tmp_path: Path) -> None:
    trial = PlaceTrial(Place(folder=tmp_path))
    await check(trial)
    await trial.store.close()


@EACH_CHECK
async def test_sealed_folder(check: RecordingCheck, tmp_path: Path) -> None:
    make_key(tmp_path / "keys")
    trial = PlaceTrial(Place(folder=tmp_path / "recordings", key_file=tmp_path / "keys"))
    await check(trial)
    await trial.store.close()


@EACH_CHECK
async def test_s3(check: RecordingCheck, tmp_path: Path, s3: Seaweed) -> None:
    trial = MovedTrial(Place(folder=tmp_path, s3=s3.place()))
    await check(trial)
    await trial.store.close()


@EACH_CHECK
async def test_sealed_s3_that_moves_up_behind(check: RecordingCheck, tmp_path: Path, s3: Seaweed) -> None:
    make_key(tmp_path / "keys")
    trial = PlaceTrial(Place(folder=tmp_path / "recordings", s3=s3.place(), key_file=tmp_path / "keys"))
    await check(trial)
    await trial.store.close()
