"""A store in memory for tests, and what every store of recordings must do, as functions for real ones."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from ivr.recordings.ids import day_of
from ivr.recordings.port import (
    LONGEST_S,
    NotFound,
    RecordingError,
    RecordingsFull,
    RecordingStore,
    Rules,
    Word,
)
from ivr.recordings.store import Recordings

NOW = datetime(2026, 3, 29, 12, 0, 5, tzinfo=UTC)
SOUND = b"\x01\x02" * 8000
WORDS: tuple[Word, ...] = (("де", 0.9, 0.1, 0.2), ("посилка", 0.7, 0.3, 0.9))


class MemoryShelf:
    """Implements `Shelf`. Test knob: `room`, bytes that may lie there together."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.room: float = float("inf")
        self.closed = False

    async def put(self, files: Mapping[str, bytes]) -> None:
        self._check()
        after = {**self.files, **files}
        if sum(len(data) for data in after.values()) > self.room:
            raise RecordingsFull("the memory of this test is full")
        self.files = after

    async def get(self, name: str) -> bytes:
        self._check()
        if name not in self.files:
            raise NotFound("there is no such recording")
        return self.files[name]

    async def stored(self, name: str) -> bytes:
        return await self.get(name)

    async def remove(self, name: str) -> None:
        self._check()
        self.files.pop(name, None)

    async def names(self, since: date | None = None) -> list[str]:
        self._check()
        first = since.isoformat() if since else ""
        return sorted(name for name in self.files if name >= first)

    async def tidy(self, before: date) -> None:
        self._check()

    async def upkeep(self) -> None:
        return

    async def close(self) -> None:
        self.closed = True

    def _check(self) -> None:
        if self.closed:
            raise RecordingError("the server is ending: nothing is recorded any more")


class _MemoryLines:
    def __init__(self) -> None:
        self._lines: list[dict[str, Any]] = []

    def add(self, entries: Iterable[Mapping[str, object]]) -> None:
        self._lines += [dict(entry) for entry in entries]

    def read(self) -> list[dict[str, Any]]:
        return list(self._lines)


class MemoryRecordings(Recordings):
    """A store that forgets everything with its process. `shelf` is where its files lie."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.shelf = MemoryShelf()
        super().__init__(self.shelf, Path(), rules or Rules())
        self._proofs, self._accesses = _MemoryLines(), _MemoryLines()


class StoreUnderTest(Protocol):
    """A store that is open."""

    @property
    def store(self) -> RecordingStore: ...

    async def restart(self) -> None:
        """Close the store, and open another on the same recordings."""


RecordingCheck = Callable[[StoreUnderTest], Awaitable[None]]


async def check_recordings(make: Callable[[], AbstractAsyncContextManager[StoreUnderTest]]) -> None:
    """Any store must pass all; AssertionError says what is broken."""
    for check in RECORDING_CHECKS:
        async with make() as trial:
            await check(trial)


async def saved(
    store: RecordingStore, pcm: bytes = SOUND, *, at: datetime = NOW, queue: str = "", transcript: str = ""
) -> str:
    """A recording for a check; its id."""
    return await store.save(
        "c1", "message", pcm, transcript=transcript, confidence=0.0, language="uk", at=at, queue=queue
    )


async def _refused(doing: Awaitable[object], kind: type[RecordingError] = RecordingError) -> None:
    try:
        await doing
    except kind:
        return
    raise AssertionError(f"{kind.__name__} was expected")


async def gives_back_what_was_saved(trial: StoreUnderTest) -> None:
    pcm = secrets.token_bytes(40_000)
    id_ = await trial.store.save(
        "1711.17", "../x", pcm, transcript="так", confidence=0.81, language="uk", at=NOW, queue="claims"
    )
    for _ in range(2):
        assert await trial.store.pcm(id_, by="anna") == pcm
        facts = await trial.store.facts(id_, by="anna")
        assert (facts.call, facts.name, facts.at, facts.queue) == ("1711.17", "../x", NOW, "claims")
        assert (facts.transcript, facts.confidence, facts.language) == ("так", 0.81, "uk")
        assert (facts.seconds, facts.words, facts.transcribed) == (2.5, None, True)
        await trial.restart()


async def two_recordings_are_two(trial: StoreUnderTest) -> None:
    ids = [await saved(trial.store, bytes([number, 0]) * 100) for number in range(5)]
    assert len(set(ids)) == 5
    assert [(await trial.store.pcm(id_, by="anna"))[0] for id_ in ids] == [0, 1, 2, 3, 4]


async def what_is_not_there_is_said(trial: StoreUnderTest) -> None:
    gone = await saved(trial.store)
    await trial.store.remove(gone, why="not wanted")
    await _refused(trial.store.pcm(gone, by="anna"), NotFound)
    await _refused(trial.store.facts(gone, by="anna"), NotFound)
    await _refused(trial.store.note(gone, "", []), NotFound)
    await _refused(trial.store.remove(gone, why="again"), NotFound)
    for no_id in ("", "../../etc/passwd", gone[:-1], "20269999-120005-c1-message-00000000"):
        await _refused(trial.store.pcm(no_id, by="anna"))
        await _refused(trial.store.remove(no_id, why="no id"))
    assert await trial.store.listing() == []


async def bad_sound_is_refused(trial: StoreUnderTest) -> None:
    for pcm in (b"", b"\0", bytes(16000 * LONGEST_S + 2)):
        await _refused(saved(trial.store, pcm))
    assert await trial.store.listing() == []


async def transcripts_are_noted(trial: StoreUnderTest) -> None:
    id_ = await saved(trial.store)
    silent = await saved(trial.store)
    assert not (await trial.store.facts(id_, by="anna")).transcribed
    await trial.store.note(id_, "де посилка", WORDS)
    await trial.store.note(silent, "", [])
    await trial.restart()
    facts = await trial.store.facts(id_, by="anna")
    assert (facts.transcript, facts.confidence, facts.words) == ("де посилка", 0.8, WORDS)
    assert (await trial.store.facts(silent, by="anna")).transcribed, "nothing was said: that is known now"
    assert await trial.store.pcm(id_, by="anna") == SOUND
    await trial.store.note(id_, "де посилки", WORDS, confidence=0.3)
    assert (await trial.store.facts(id_, by="anna")).confidence == 0.3


async def lists_without_what_was_said(trial: StoreUnderTest) -> None:
    old = await saved(trial.store, at=NOW - timedelta(3), transcript="секрет")
    young = await saved(trial.store)
    found = await trial.store.listing()
    assert [facts.id for facts in found] == [old, young]
    assert [(facts.transcript, facts.transcribed) for facts in found] == [("", True), ("", False)]
    assert [facts.id for facts in await trial.store.listing(since=day_of(young))] == [young]
    assert [facts.id for facts in await trial.store.listing(most=1)] == [young]
    assert [facts.id for facts in await trial.store.listing(most=1, but={young})] == [old]
    assert await trial.store.ids() == [old, young]
    assert await trial.store.ids(since=day_of(young)) == [young]


async def removals_leave_a_proof(trial: StoreUnderTest) -> None:
    id_ = await saved(trial.store, queue="claims")
    known = (await trial.store.facts(id_, by="anna")).sha256
    await trial.store.remove(id_, why="the caller asked for it")
    await trial.restart()
    proof = (await trial.store.proofs())[-1]
    assert (proof.id, proof.queue, proof.why) == (id_, "claims", "the caller asked for it")
    assert (proof.sha256, proof.size) == (known, len(SOUND))
    assert datetime.fromisoformat(proof.recorded_at) == NOW
    assert datetime.fromisoformat(proof.removed_at) > NOW


async def purges_by_the_rules_of_the_queue(trial: StoreUnderTest) -> None:
    ages = {"": 31, "short": 8, "long": 31, "very long": 91}
    ids = {
        queue: await saved(trial.store, at=NOW - timedelta(age), queue=queue) for queue, age in ages.items()
    }
    wanted = await saved(trial.store, at=NOW - timedelta(300))
    young = await saved(trial.store, at=NOW - timedelta(7), queue="short")
    trial.store.rules = Rules(
        kept_days=30,
        by_queue=lambda: {"short": 7, "long": 90, "very long": 90},
        in_use=lambda id_: id_ == wanted,
    )
    assert await trial.store.purge(NOW) == 3
    left = {facts.id for facts in await trial.store.listing()}
    assert left == {ids["long"], wanted, young}
    assert {proof.id for proof in await trial.store.proofs()} == {ids[""], ids["short"], ids["very long"]}
    assert await trial.store.purge(NOW) == 0
    trial.store.rules = replace(trial.store.rules, in_use=lambda _: False)
    assert await trial.store.purge(NOW) == 1


async def accesses_are_written_down(trial: StoreUnderTest) -> None:
    first, other = await saved(trial.store), await saved(trial.store)
    await trial.store.pcm(first, by="anna", why="played")
    await trial.store.facts(other, by="boris", why="shown")
    await trial.store.listing()
    assert [(one.id, one.by, one.why) for one in await trial.store.accesses()] == [
        (first, "anna", "played"),
        (other, "boris", "shown"),
    ]
    await trial.store.remove(first, why="not wanted")
    assert [one.by for one in await trial.store.accesses(first)] == ["anna"]


async def after_the_end_all_is_refused(trial: StoreUnderTest) -> None:
    store, id_ = trial.store, await saved(trial.store)
    await trial.restart()
    await _refused(saved(store))
    await _refused(store.pcm(id_, by="anna"))
    assert await trial.store.pcm(id_, by="anna") == SOUND


RECORDING_CHECKS: tuple[RecordingCheck, ...] = (
    gives_back_what_was_saved,
    two_recordings_are_two,
    what_is_not_there_is_said,
    bad_sound_is_refused,
    transcripts_are_noted,
    lists_without_what_was_said,
    removals_leave_a_proof,
    purges_by_the_rules_of_the_queue,
    accesses_are_written_down,
    after_the_end_all_is_refused,
)
