"""Recordings in a real S3-compatible server that dies, hangs, refuses: none is lost, nobody is held up."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from ivr.recordings import (
    NotFound,
    Place,
    RecordingError,
    RecordingsFull,
    RecordingStore,
    Rules,
    S3Place,
    open_recordings,
)
from ivr.recordings import disk as disk_module
from ivr.recordings import moving as moving_module
from ivr.recordings.ids import facts_of, sound_of
from ivr.recordings.moving import MovingShelf
from ivr.recordings.s3 import S3Shelf
from ivr.recordings.store import Recordings
from ivr.recordings.testing import NOW, SOUND, WORDS, MemoryShelf, saved
from tests.eventually import eventually
from tests.real import free_port
from tests.seaweed import KEY_ID, SECRET, Seaweed, seaweed

PATIENT = 60.0
T = TypeVar("T")


@pytest.fixture(scope="module")
def server() -> Iterator[Seaweed]:
    with seaweed() as running:
        yield running


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving_module, "_FIRST_PAUSE", 0.05)
    monkeypatch.setattr(moving_module, "_LONGEST_PAUSE", 0.5)
    monkeypatch.setattr(moving_module, "_LOOK_EVERY", 0.2)


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[RecordingStore]:
    """With its upkeep."""
    store = open_recordings(place, within=PATIENT)
    upkeep = asyncio.create_task(store.upkeep())
    try:
        yield store
    finally:
        upkeep.cancel()
        await asyncio.gather(upkeep, return_exceptions=True)
        await store.close()


def here(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in (".wav", ".json")]


def place_at(folder: Path, s3: S3Place) -> Place:
    """Kept long enough: the recordings of these tests are old."""
    return Place(folder=folder, s3=s3, kept_days=3650)


async def all_moved(folder: Path) -> None:
    await eventually(lambda: not here(folder), PATIENT, "all is moved up")


async def until_there(place: Place, names: list[str]) -> None:
    """These and no others are in S3: what a store removes goes from there a little later."""
    deadline = time.monotonic() + PATIENT
    while (found := await there(place)) != names:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)


async def there(place: Place) -> list[str]:
    assert place.s3 is not None
    shelf = S3Shelf(place.s3)
    try:
        return await shelf.names()
    finally:
        await shelf.close()


async def test_recordings_are_moved_up_and_read_from_there(tmp_path: Path, server: Seaweed) -> None:
    place = place_at(tmp_path, server.place())
    async with opened(place) as store:
        ids = [await saved(store, bytes([number, 1]) * 4000) for number in range(20)]
        await all_moved(tmp_path)
        assert await there(place) == sorted(name(id_) for id_ in ids for name in (sound_of, facts_of))
        assert [(await store.pcm(id_, by="anna"))[0] for id_ in ids] == list(range(20))
        await store.note(ids[3], "де посилка", WORDS)
        await all_moved(tmp_path)
        assert (await store.facts(ids[3], by="anna")).words == WORDS
        assert {facts.id for facts in await store.listing(since=NOW.date())} == set(ids)
        assert await store.listing(since=(NOW + timedelta(1)).date()) == []
        young = await saved(store, at=NOW + timedelta(29))
        await all_moved(tmp_path)
        store.rules = Rules(kept_days=30)
        assert await store.purge(NOW + timedelta(31)) == 20
        await until_there(place, [facts_of(young), sound_of(young)])


async def timed(took: list[float], work: Awaitable[T]) -> T:
    """Its seconds are added to `took`."""
    began = time.monotonic()
    try:
        return await work
    finally:
        took.append(time.monotonic() - began)


async def test_an_outage_loses_nothing_and_holds_nobody_up(tmp_path: Path) -> None:
    with seaweed() as server:
        place = place_at(tmp_path, server.place())
        async with opened(place) as store:
            before = await saved(store)
            await all_moved(tmp_path)
            server.stop()
            with capture_logs() as logged:
                took: list[float] = []
                during = [await timed(took, saved(store, bytes([number, 1]) * 4000)) for number in range(10)]
                await timed(took, store.note(during[0], "де посилка", WORDS))
                assert (await timed(took, store.pcm(during[9], by="anna")))[0] == 9
                assert median(took) < 0.5, took
                with pytest.raises(RecordingError, match="does not answer"):
                    await store.pcm(before, by="anna")
                with pytest.raises(RecordingError, match="does not answer"):
                    await store.purge(NOW)
                await eventually(
                    lambda: any("wait to be moved up" in line["event"] for line in logged), PATIENT, "told"
                )
            assert SECRET not in str(logged)
        async with opened(place) as store:
            await asyncio.to_thread(server.start)
            await all_moved(tmp_path)
            assert await store.pcm(before, by="anna") == SOUND
            assert [(await store.pcm(id_, by="anna"))[0] for id_ in during] == list(range(10))
            assert (await store.facts(during[0], by="anna")).transcript == "де посилка"


async def test_a_server_that_hangs_is_waited_for_behind(tmp_path: Path, server: Seaweed) -> None:
    place = place_at(tmp_path, server.place())
    async with opened(place) as store:
        server.send(signal.SIGSTOP)
        try:
            began = time.monotonic()
            ids = [await saved(store) for _ in range(3)]
            assert [await store.pcm(id_, by="anna") for id_ in ids] == [SOUND] * 3
            assert time.monotonic() - began < 12
        finally:
            server.send(signal.SIGCONT)
        await all_moved(tmp_path)
        assert [await store.pcm(id_, by="anna") for id_ in ids] == [SOUND] * 3


async def test_a_removal_in_an_outage_counts_at_once_and_is_carried_out_later(tmp_path: Path) -> None:
    with seaweed() as server:
        place = place_at(tmp_path, server.place())
        async with opened(place) as store:
            moved = await saved(store)
            await all_moved(tmp_path)
            server.stop()
            waiting = await saved(store)
            await store.remove(waiting, why="not wanted")
            with pytest.raises(RecordingError, match="does not answer"):
                await store.remove(moved, why="not wanted")
            with pytest.raises(NotFound):
                await store.pcm(waiting, by="anna")
        async with opened(place) as store:
            await asyncio.to_thread(server.start)
            await store.remove(moved, why="not wanted")
            with pytest.raises(NotFound):
                await store.pcm(moved, by="anna")
            await until_there(place, [])
            assert [proof.id for proof in await store.proofs()] == [waiting, moved]


@pytest.mark.parametrize("killed_after", [0.0, 0.05, 0.15, 0.4])
async def test_killed_while_it_moves_up_nothing_is_lost(
    tmp_path: Path, server: Seaweed, killed_after: float
) -> None:
    place = place_at(tmp_path, server.place())
    store = open_recordings(place, within=PATIENT)
    ids = [await saved(store, bytes([number, 1]) * 40_000) for number in range(40)]
    await store.close()
    assert place.s3 is not None
    moving = (
        "import asyncio, sys, pathlib\nfrom ivr.recordings import Place, S3Place, open_recordings\n"
        f"place = Place(folder=pathlib.Path({str(tmp_path)!r}), kept_days=3650, s3=S3Place(bucket="
        f"{place.s3.bucket!r}, prefix={place.s3.prefix!r}, endpoint={place.s3.endpoint!r}, "
        f"key_id={KEY_ID!r}, secret={SECRET!r}))\n"
        "print('begun', flush=True)\n"
        "async def move():\n    await open_recordings(place).upkeep()\nasyncio.run(move())\n"
    )
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", moving, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert await child.stdout.readline() == b"begun\n"
    await asyncio.sleep(killed_after)
    child.send_signal(signal.SIGKILL)
    await child.wait()
    async with opened(place) as store:
        await all_moved(tmp_path)
        assert [(await store.pcm(id_, by="anna"))[0] for id_ in ids] == list(range(40))
        assert {facts.id for facts in await store.listing()} == set(ids)


async def test_wrong_keys_are_told_without_them(tmp_path: Path, server: Seaweed) -> None:
    wrong = server.place(secret="the-wrong-secret")
    assert "the-wrong-secret" not in repr(wrong) + str(wrong)
    with capture_logs() as logged:
        async with opened(place_at(tmp_path, wrong)) as store:
            id_ = await saved(store)
            with pytest.raises(RecordingError, match="refuses the keys") as told:
                await store.listing()
            assert await store.pcm(id_, by="anna") == SOUND
            await eventually(lambda: "refuses the keys" in str(logged), PATIENT, "it is told")
    assert "secret" not in str(logged) + str(told.value)
    assert KEY_ID not in str(told.value)


async def test_keys_may_come_from_the_environment(
    tmp_path: Path, server: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    place = place_at(tmp_path, replace(server.place(), key_id="", secret=""))
    async with opened(place) as store:
        id_ = await saved(store)
        await all_moved(tmp_path)
        assert await store.pcm(id_, by="anna") == SOUND


async def test_a_server_that_is_nowhere_is_told(tmp_path: Path, server: Seaweed) -> None:
    nowhere = replace(server.place(), endpoint=f"http://127.0.0.1:{free_port()}")
    shelf = S3Shelf(nowhere, within=3.0)
    for asked in (shelf.names(), shelf.get("x"), shelf.put({"x": b"y"}), shelf.remove("x")):
        with pytest.raises(RecordingError, match=r"does not answer|did not take it"):
            await asked
    await shelf.close()


# What no real server does on command


class Distant(MemoryShelf):
    """A shelf in memory that does something of the test's in the middle of storing."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[object] = []

    async def put(self, files: Mapping[str, bytes]) -> None:
        await super().put(files)
        if self.meanwhile:
            await self.meanwhile.pop()  # type: ignore[misc]


def moved(folder: Path, distant: MemoryShelf) -> tuple[MovingShelf, Recordings]:
    shelf = MovingShelf(folder, distant, within=PATIENT)
    store = Recordings(shelf, folder, open_recordings(Place(folder=folder)).rules)
    return shelf, store


async def test_what_is_noted_while_it_is_moved_is_moved_again(tmp_path: Path) -> None:
    distant = Distant()
    shelf, store = moved(tmp_path, distant)
    id_ = await saved(store)
    distant.meanwhile = [store.note(id_, "де посилка", WORDS), asyncio.sleep(0)]
    await shelf.move_all()
    assert [path.suffix for path in here(tmp_path)] == [".json"]
    assert (await store.facts(id_, by="anna")).transcript == "де посилка"
    await shelf.move_all()
    assert here(tmp_path) == []
    assert (await store.facts(id_, by="anna")).transcript == "де посилка"
    await store.close()


@pytest.mark.parametrize("at_the_sound", [True, False])
async def test_what_is_removed_while_it_is_moved_goes_up_there_too(
    tmp_path: Path, at_the_sound: bool
) -> None:
    distant = Distant()
    shelf, store = moved(tmp_path, distant)
    id_ = await saved(store)
    removing = store.remove(id_, why="not wanted")
    distant.meanwhile = [removing] if at_the_sound else [removing, asyncio.sleep(0)]
    await shelf.move_all()
    with pytest.raises(NotFound):
        await store.pcm(id_, by="anna")
    await shelf.move_all()
    assert distant.files == {}
    assert list((tmp_path / "removing").rglob("*.wav")) == []
    await store.close()


async def test_a_sound_is_up_there_before_its_facts(tmp_path: Path) -> None:
    distant = MemoryShelf()
    shelf, store = moved(tmp_path, distant)
    ids = [await saved(store) for _ in range(3)]
    distant.room = 2.5 * (len(SOUND) + 400)
    with pytest.raises(RecordingsFull):
        await shelf.move_all()
    for id_ in ids:
        assert facts_of(id_) not in distant.files or sound_of(id_) in distant.files
    distant.room = float("inf")
    await shelf.move_all()
    assert len(distant.files) == 6
    await store.close()


async def test_a_full_disk_of_the_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    distant = MemoryShelf()
    shelf, store = moved(tmp_path, distant)
    kept = await saved(store)
    with monkeypatch.context() as patch:
        patch.setattr(disk_module.os, "fsync", full)
        with pytest.raises(RecordingsFull, match="is full"):
            await saved(store)
    await shelf.move_all()
    assert set(distant.files) == {sound_of(kept), facts_of(kept)}
    await store.close()


async def test_a_fault_in_the_upkeep_does_not_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ivr.recordings import store as store_module

    monkeypatch.setattr(store_module, "_AFTER_FAULT", 0.01)
    distant = MemoryShelf()
    shelf, store = moved(tmp_path, distant)
    real = shelf.move_all
    faults = [ValueError("a fault"), ValueError("another")]

    async def faulty() -> None:
        if faults:
            raise faults.pop()
        await real()

    monkeypatch.setattr(shelf, "move_all", faulty)
    id_ = await saved(store, at=NOW + timedelta(30_000))
    with capture_logs() as logged:
        upkeep = asyncio.create_task(store.upkeep())
        await eventually(lambda: sound_of(id_) in distant.files, PATIENT, "it goes on")
        upkeep.cancel()
        await asyncio.gather(upkeep, return_exceptions=True)
    assert sum(line["log_level"] == "error" for line in logged) == 2
    await store.close()
