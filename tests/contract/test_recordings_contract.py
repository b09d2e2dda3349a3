"""Every store of recordings passes the same checks."""

from pathlib import Path

import pytest

from ivr.recordings import RecordingFolder, RecordingStore
from ivr.recordings.testing import RECORDING_CHECKS, MemoryRecordings, RecordingCheck

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


class FolderTrial:
    """Implements `StoreUnderTest`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.store: RecordingStore = self._open()

    def _open(self) -> RecordingStore:
        return RecordingFolder(self._folder, within=PATIENT)

    async def restart(self) -> None:
        await self.store.close()
        self.store = self._open()


@EACH_CHECK
async def test_memory(check: RecordingCheck) -> None:
    await check(MemoryTrial())


@EACH_CHECK
async def test_folder(check: RecordingCheck, tmp_path: Path) -> None:
    trial = FolderTrial(tmp_path)
    await check(trial)
    await trial.store.close()
