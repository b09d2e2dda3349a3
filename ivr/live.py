"""The versions that a running server uses: taken over, tried, taken back, without a call noticing.

One change at a time: the new version is read in another thread, Asterisk is told of new phones, the change
is written down (from then on it counts, whatever happens to this process), and then it is put to work in one
step on the event loop. Calls in progress keep their version; its queues stay until the last of them is over.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import structlog

from ivr.arrangement import Arrangement, Edition, read_edition, write_ending
from ivr.book import Book, CallEnd
from ivr.config import Settings
from ivr.errors import Plain
from ivr.versions import Change, Overtaken, VersionStore, What
from ivr.versions.canary import Comparison, Worse, passed

log = structlog.get_logger(__name__)

COME_BACK_WITHIN = 60.0
"""So long after its start a server keeps versions for calls that come back to it."""
LOOK_EVERY_FOR = 1.0
_HELD = 6
"""Versions in memory beside those in use: going back to one of them takes no reading."""
BY_ITSELF = "dzvin"
"""Who did it, where no person did."""

Apply = Callable[[Arrangement], None]
Prepare = Callable[[Arrangement, bool], Awaitable[str]]
"""Makes ready what takes time, such as Asterisk's phones; what is left for a person to do, '' for nothing.
The flag: recordings may be new."""


class LiveVersions:
    def __init__(
        self,
        settings: Settings,
        store: VersionStore,
        first: Arrangement,
        *,
        apply: Apply,
        prepare: Prepare,
        in_use: Callable[[], Mapping[int, int]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`in_use`: how many calls go by each version now."""
        self._settings, self._store = settings, store
        self._apply, self._prepare, self._in_use, self._clock = apply, prepare, in_use, clock
        self.now = first
        self.comparison = Comparison()
        """Since the trial or this server began."""
        self._held: dict[int, Edition] = {}
        self._one_at_a_time = asyncio.Lock()
        self._started_at = clock()
        self._awaited = frozenset(edition.number for edition in first.ending)
        """Versions whose calls may come back to this server after a restart."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._deciding = False
        for edition in self._editions(first):
            self._hold(edition)

    async def start(self) -> None:
        """Also take over what was published between the reading of `first` and now."""
        self._watch = asyncio.create_task(self._watching(), name="versions")
        with contextlib.suppress(Plain):
            await self.catch_up()

    async def stop(self) -> None:
        for task in (self._watch, *self._tasks):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    # What is asked by people and by itself

    async def change(self, after: int, wanted: Change, *, recordings: bool = True) -> tuple[Change, str]:
        """Make `wanted` count if the change with the serial `after` still does. And what is left to be done.

        Overtaken: somebody was faster. Plain: it cannot be used or written; then all stays as it is.
        """
        async with self._one_at_a_time:
            if self.now.change.serial != after:
                raise Overtaken(self.now.change)
            arrangement = await self._arrange(wanted)
            left = await self._prepare(arrangement, recordings)
            made = await asyncio.to_thread(self._store.change, self.now.change, wanted)
            self._put(replace(arrangement, change=made))
            return made, left

    async def catch_up(self) -> Change:
        """What counts in the store counts here."""
        async with self._one_at_a_time:
            found = await asyncio.to_thread(self._store.live)
            if found is not None and found != self.now.change:
                arrangement = await self._arrange(found)
                await self._prepare(arrangement, True)
                self._put(arrangement)
            return self.now.change

    async def fetch(self, number: int) -> Book | None:
        """For a call that comes back to an older version."""
        try:
            return (await self._edition(number)).book
        except Plain as error:
            log.warning("a call cannot go on by its version", version=number, why=str(error))
            return None

    def status(self) -> dict[str, Any]:
        """For people: what counts, calls by version, and the trial's figures."""
        return {
            "change": asdict(self.now.change),
            "calls": {str(number): count for number, count in self._in_use().items()},
            "tried": asdict(self.comparison.tried),
            "live": asdict(self.comparison.live),
        }

    # How it goes on

    async def _arrange(self, change: Change) -> Arrangement:
        live = await self._edition(change.live)
        tried = await self._edition(change.canary.number) if change.canary else None
        shown = {live.number, tried.number if tried else None}
        in_use = self._in_use()
        ending = [
            edition
            for edition in self._editions(self.now)
            if edition.number not in shown and (in_use.get(edition.number) or self._may_come_back(edition))
        ]
        return Arrangement(change, live, tried, tuple(ending))

    def _may_come_back(self, edition: Edition) -> bool:
        recent = self._clock() - self._started_at < COME_BACK_WITHIN
        return recent and edition.number in self._awaited

    async def _edition(self, number: int) -> Edition:
        if number not in self._held:
            self._hold(await asyncio.to_thread(read_edition, self._settings, self._store, number))
        return self._held[number]

    def _hold(self, edition: Edition) -> None:
        self._held[edition.number] = edition
        used = {one.number for one in self._editions(self.now)} | {edition.number}
        for number in [number for number in self._held if number not in used][:-_HELD]:
            del self._held[number]

    @staticmethod
    def _editions(arrangement: Arrangement) -> list[Edition]:
        tried = [arrangement.tried] if arrangement.tried else []
        return [arrangement.live, *tried, *arrangement.ending]

    def _put(self, arrangement: Arrangement) -> None:
        before, self.now = self.now, arrangement
        if arrangement.change.canary != before.change.canary:
            self.comparison = Comparison()
        self._apply(arrangement)
        self._note_ending()
        change = arrangement.change
        log.info(
            f"dialplan {change.what}",
            version=change.live,
            before=before.change.live,
            on_trial=change.canary.number if change.canary else None,
            who=change.who,
            why=change.why,
        )

    def _note_ending(self) -> None:
        """The versions that calls go by: those that are ending, and those that may be soon."""
        numbers = [edition.number for edition in self._editions(self.now)]
        asyncio.get_running_loop().run_in_executor(None, write_ending, self._store, numbers)

    # Calls that end

    def call_ended(self, end: CallEnd) -> None:
        canary = self.now.change.canary
        if canary is not None and end.version in (canary.number, self.now.live.number):
            worse = self.comparison.add(end.outcome, on_trial=end.version == canary.number)
            if worse is not None:
                self._decide(What.WORSE, self.now.live.number, str(worse), worse)
            elif passed(canary, self.comparison.tried, self._clock()):
                self._decide(What.FINISH, canary.number, self._passed_because())
        if any(edition.number == end.version for edition in self.now.ending):
            self._let_go()

    def _passed_because(self) -> str:
        return f"not clearly worse in {self.comparison.tried.calls} calls"

    def _decide(self, what: What, live: int, why: str, worse: Worse | None = None) -> None:
        """The end of a trial, without a person."""
        if self._deciding:
            return
        self._deciding = True
        if worse is not None:
            log.error("the version on trial is clearly worse and is taken back", why=why, chance=worse.chance)
        wanted = Change(serial=0, what=what, live=live, canary=None, at=self._clock(), who=BY_ITSELF, why=why)
        task = asyncio.create_task(self._end_trial(wanted), name="end of a trial")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end_trial(self, wanted: Change) -> None:
        try:
            await self.change(self.now.change.serial, wanted, recordings=False)
        except Plain as error:  # a person was faster, or the disk is full: callers must not be tried on
            log.error("the end of a trial could not be written down", why=str(error))
            if wanted.what is What.WORSE and self.now.change.canary is not None:
                self._put(replace(self.now, change=replace(self.now.change, canary=None), tried=None))
        finally:
            self._deciding = False

    def _let_go(self) -> None:
        """Versions whose last call is over: their queues and numbers are needed no longer."""
        in_use = self._in_use()
        kept = tuple(
            edition
            for edition in self.now.ending
            if in_use.get(edition.number) or self._may_come_back(edition)
        )
        if kept != self.now.ending:
            gone = [edition.number for edition in self.now.ending if edition not in kept]
            self.now = replace(self.now, ending=kept)
            self._apply(self.now)
            self._note_ending()
            log.info("no call goes by these versions any more", versions=gone)

    async def _watching(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_FOR)
            self._let_go()
            canary = self.now.change.canary
            if canary is not None and passed(canary, self.comparison.tried, self._clock()):
                self._decide(What.FINISH, canary.number, self._passed_because())
