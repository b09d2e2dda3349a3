"""The store of recordings, whatever shelf its files lie on: ids, facts, retention, proofs, access log.

The sidecar is written last, so a recording with one is complete. Nobody hears or reads a recording, and none
is removed, without a line that says so: it is written before.
"""

import asyncio
from collections.abc import Awaitable, Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from ivr.recordings import sidecar
from ivr.recordings.ids import day_of, facts_of, id_in, make_id, sound_of, time_of
from ivr.recordings.port import (
    LONGEST_S,
    RATE_HZ,
    Access,
    Facts,
    NotFound,
    Proof,
    RecordingError,
    RecordingsFull,
    RecordingStore,
    Rules,
    Unreadable,
    Word,
)
from ivr.recordings.records import Lines, Records
from ivr.recordings.shelf import Shelf
from ivr.recordings.threads import disk_threads

log = structlog.get_logger(__name__)

PROOFS = "removed.jsonl"
ACCESSES = "accesses.jsonl"
_AFTER_FAULT = 60.0
_AT_ONCE = 8
"""Sidecars that are read together for a listing."""
_MOST_KNOWN = 500_000
_MOST_FAILURES = 5
"""Removals that fail until a purge gives up."""


class Recordings:
    """Implements `RecordingStore`. Proofs and accesses are files in `records`."""

    def __init__(self, shelf: Shelf, records: Path, rules: Rules, *, within: float = 5.0) -> None:
        """`within`: seconds that anybody waits for the disk of `records` at most."""
        self.rules = rules
        self._shelf = shelf
        self._proofs: Lines = Records(records / PROOFS)
        self._accesses: Lines = Records(records / ACCESSES)
        self._clerk = disk_threads(records, 1, within=within)
        self._queues: dict[str, str] = {}
        """Queue by id, of those that a purge has looked at and left."""

    async def save(
        self,
        call: str,
        name: str,
        pcm: bytes,
        *,
        transcript: str,
        confidence: float,
        language: str,
        at: datetime,
        queue: str = "",
    ) -> str:
        seconds = len(pcm) // 2 / RATE_HZ
        if not 0 < seconds <= LONGEST_S:
            raise RecordingError(f"a recording of {seconds:.1f} s is not stored: 0 to {LONGEST_S} s are")
        pcm = pcm[: len(pcm) // 2 * 2]
        facts = Facts(
            id=make_id(call, name, at),
            call=call,
            name=name,
            at=at.astimezone(UTC),
            queue=queue,
            language=language,
            transcript=transcript,
            confidence=confidence,
            seconds=seconds,
            sha256=sidecar.digest(pcm),
        )
        await self._shelf.put(
            {sound_of(facts.id): sidecar.wav(pcm), facts_of(facts.id): sidecar.dumped(facts)}
        )
        return facts.id

    async def pcm(self, id_: str, *, by: str, why: str = "played") -> bytes:
        data = await self._shelf.get(sound_of(id_))
        await self._write_access(id_, by, why)
        return sidecar.samples(data)

    async def facts(self, id_: str, *, by: str, why: str = "read") -> Facts:
        facts = await self._facts(id_)
        await self._write_access(id_, by, why)
        return facts

    async def ids(self, since: date | None = None) -> list[str]:
        return list(_ids(name for name in await self._shelf.names(since) if name == _facts_name(name)))

    async def listing(
        self, *, since: date | None = None, most: int = 1000, but: Container[str] = frozenset()
    ) -> list[Facts]:
        wanted = [id_ for id_ in await self.ids(since) if id_ not in but][-most:]
        found: list[Facts | None] = []
        for at in range(0, len(wanted), _AT_ONCE):
            found += await asyncio.gather(*map(self._facts_if_there, wanted[at : at + _AT_ONCE]))
        return [_unsaid(facts) for facts in found if facts is not None]

    async def note(
        self, id_: str, transcript: str, words: Sequence[Word], *, confidence: float | None = None
    ) -> None:
        facts = sidecar.noted(await self._facts(id_), transcript, words, confidence)
        await self._shelf.put({facts_of(id_): sidecar.dumped(facts)})

    async def remove(self, id_: str, *, why: str) -> None:
        await self._remove(id_, why, datetime.now(UTC))

    async def purge(self, now: datetime) -> int:
        today = now.astimezone(UTC).date()
        days = self.rules.by_queue()
        least = today - timedelta(min([self.rules.kept_days, *days.values()]))
        old = [id_ for id_ in _ids(await self._shelf.names()) if day_of(id_) < least]
        removed = failures = 0
        for id_ in old:
            kept = await self._kept_days(id_, days)
            if day_of(id_) >= today - timedelta(kept) or self.rules.in_use(id_):
                continue
            try:
                await self._remove(id_, f"kept for {kept} days", now)
                removed += 1
            except RecordingError as error:
                log.warning("an old recording is not removed", recording=id_, why=str(error))
                failures += 1
                if failures >= _MOST_FAILURES:
                    raise
        await self._shelf.tidy(least)
        return removed

    async def proofs(self) -> list[Proof]:
        return [Proof(**_without_chain(line)) for line in await self._clerk.run(self._proofs.read)]

    async def accesses(self, id_: str | None = None) -> list[Access]:
        found = [Access(**_without_chain(line)) for line in await self._clerk.run(self._accesses.read)]
        return [access for access in found if id_ in (None, access.id)]

    async def upkeep(self) -> None:
        await asyncio.gather(_go_on(self._shelf.upkeep), _go_on(lambda: keep_purging(self)))

    async def close(self) -> None:
        await self._shelf.close()
        await self._clerk.close()

    async def _facts(self, id_: str) -> Facts:
        return sidecar.loaded(await self._shelf.get(facts_of(id_)))

    async def _facts_if_there(self, id_: str) -> Facts | None:
        try:
            return await self._facts(id_)
        except NotFound:
            return None
        except Unreadable as error:
            return _unreadable(id_, str(error))

    # Removing

    async def _kept_days(self, id_: str, days: Mapping[str, int]) -> int:
        """By its queue; where that cannot be told, as long as any."""
        if not days:
            return self.rules.kept_days
        if id_ not in self._queues:
            try:
                queue = (await self._facts(id_)).queue
            except NotFound:
                queue = ""
            except RecordingError:
                return max(self.rules.kept_days, *days.values())
            if len(self._queues) >= _MOST_KNOWN:
                self._queues.clear()
            self._queues[id_] = queue
        return days.get(self._queues[id_], self.rules.kept_days)

    async def _remove(self, id_: str, why: str, now: datetime) -> None:
        proof = asdict(await self._proof(id_, why, now))
        written = True
        try:
            await self._clerk.run(lambda: self._proofs.add([proof]))
        except RecordingsFull:
            written = False  # what is removed makes the room for its own proof
        await self._shelf.remove(sound_of(id_))
        await self._shelf.remove(facts_of(id_))
        self._queues.pop(id_, None)
        if not written:
            log.warning("a recording was removed from a full disk", **proof)
            await self._clerk.run(lambda: self._proofs.add([proof]))

    async def _proof(self, id_: str, why: str, now: datetime) -> Proof:
        """NotFound: there is neither sound nor sidecar."""
        facts, data = await self._whatever(facts_of(id_)), await self._whatever(sound_of(id_))
        if facts is None and data is None:
            raise NotFound("there is no such recording")
        known = _readable(facts)
        sound = _sound_of(data or b"")
        return Proof(
            id=id_,
            queue=known.queue if known else "",
            sha256=sidecar.digest(sound),
            size=len(sound),
            recorded_at=known.at.isoformat(timespec="seconds") if known else day_of(id_).isoformat(),
            removed_at=now.astimezone(UTC).isoformat(timespec="seconds"),
            why=why,
        )

    async def _whatever(self, name: str) -> bytes | None:
        """What lies there, also where it can no longer be opened; None: nothing."""
        try:
            return await self._shelf.get(name)
        except NotFound:
            return None
        except RecordingError:
            return await self._shelf.stored(name)

    # Records

    async def _write_access(self, id_: str, by: str, why: str) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        access = asdict(Access(id=id_, at=at, by=by, why=why))
        try:
            await self._clerk.run(lambda: self._accesses.add([access]))
        except RecordingError as error:
            raise type(error)(f"it is not handed out, for that cannot be written down: {error}") from None


async def _go_on(work: Callable[[], Awaitable[None]]) -> None:
    """No fault may end it for good."""
    while True:
        try:
            return await work()
        except Exception:
            log.exception("the upkeep of recordings failed", again_in=_AFTER_FAULT)
            await asyncio.sleep(_AFTER_FAULT)


async def keep_purging(store: RecordingStore, every: float = 6 * 3600) -> None:
    """Purge now and every so many seconds, until cancelled."""
    while True:
        try:
            if removed := await store.purge(datetime.now(UTC)):
                log.info("old recordings were removed", recordings=removed)
        except RecordingError as error:
            log.warning("old recordings cannot be removed", why=str(error))
        await asyncio.sleep(every)


def _ids(names: Iterable[str]) -> Iterator[str]:
    """Each once, in order."""
    return iter(dict.fromkeys(id_ for name in names if (id_ := id_in(name))))


def _facts_name(name: str) -> str:
    id_ = id_in(name)
    return facts_of(id_) if id_ else ""


def _unsaid(facts: Facts) -> Facts:
    return replace(facts, transcript="", words=() if facts.transcribed else None)


def _unreadable(id_: str, why: str) -> Facts:
    return Facts(
        id=id_,
        call="",
        name="",
        at=time_of(id_),
        queue="",
        language="",
        transcript="",
        confidence=0.0,
        seconds=0.0,
        unreadable=why,
    )


def _readable(facts: bytes | None) -> Facts | None:
    try:
        return None if facts is None else sidecar.loaded(facts)
    except RecordingError:
        return None


def _sound_of(data: bytes) -> bytes:
    """The samples; a damaged or sealed file as it is."""
    try:
        return sidecar.samples(data)
    except RecordingError:
        return data


def _without_chain(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in ("number", "before")}
