"""`SqlCallerLanguages`: acd.core.callers.CallerLanguages on SQLite or PostgreSQL.

A database that is slow, locked or away costs the memory only: a question is answered None at its deadline,
what was chosen waits in memory (default 10,000 numbers, beyond it the oldest are given up) and is written
when the database is back. Numbers stand in no log: messages of the database are not shown, only their kind.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import structlog
from sqlalchemy import Insert, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from acd.core.callers import WITHIN, is_language, may_be_remembered
from acd.storage.engine import STATEMENT_FOR, new_engine, shown
from acd.storage.errors import NewerDatabase
from acd.storage.migrate import migrate
from acd.storage.tables import caller_languages

log = structlog.get_logger(__name__)

BATCH = 100
"""Numbers per transaction."""
BACK_OFF = 5.0
"""Seconds between two attempts at most."""
ASKED_AT_ONCE = 4
"""Questions in the database at once; the others wait, each until its own deadline."""
QUESTIONS = 256
"""On their way at once; while a dead database holds so many, more are answered None at once."""
DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLanguageSettings:
    kept_days: float = 365
    """Days after its choice that a language is forgotten."""
    held_limit: int = 10_000
    """Numbers that wait in memory for the database."""
    close_for: float = 2.0
    """Seconds that `close` waits for the database."""
    purge_every: float = DAY
    """Seconds between two removals of old rows; the first one is at the start."""


@dataclass(frozen=True, slots=True)
class _Choice:
    language: str
    at: float


class SqlCallerLanguages:
    """Made by `open_caller_languages`."""

    def __init__(self, url: str, settings: CallerLanguageSettings, now: Callable[[], float]) -> None:
        self.lost = 0
        """Choices given up since the start, because the database took none for too long."""
        self._url = url
        self._settings = settings
        self._now = now
        self._engine = new_engine(url, pool_pre_ping=True, hide_parameters=True)
        self._pending: OrderedDict[str, _Choice] = OrderedDict()
        self._questions: set[asyncio.Task[str | None]] = set()
        self._asking = asyncio.Semaphore(ASKED_AT_ONCE)
        self._ready = asyncio.Event()
        self._wake = asyncio.Event()
        self._written = asyncio.Event()
        self._away = False
        self._closed = False
        self._writer = asyncio.create_task(self._run(), name="caller languages")

    @property
    def waiting(self) -> int:
        """Choices that are not in the database yet."""
        return len(self._pending)

    async def language_of(self, number: str, within: float = WITHIN) -> str | None:
        if (choice := self._pending.get(number)) is not None:
            return choice.language
        if self._closed or not may_be_remembered(number) or len(self._questions) >= QUESTIONS:
            return None
        question = asyncio.create_task(self._find(number), name="language of a caller")
        self._questions.add(question)
        question.add_done_callback(self._questions.discard)
        try:
            await asyncio.wait({question}, timeout=max(within, 0.0))
            return question.result() if question.done() and not question.cancelled() else None
        finally:
            question.cancel()  # not awaited: a dead connection is slow to give up

    def remember(self, number: str, language: str) -> None:
        if self._closed or not may_be_remembered(number) or not is_language(language):
            return
        self._pending.pop(number, None)
        if len(self._pending) >= self._settings.held_limit:
            self._pending.popitem(last=False)
            self.lost += 1
        self._pending[number] = _Choice(language, self._now())
        self._written.clear()
        self._wake.set()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._pending and not self._away:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.close_for):
                    await self._written.wait()
        if self._pending:
            log.warning("languages of callers are not remembered: no database", callers=len(self._pending))
        tasks: set[asyncio.Task[str | None] | asyncio.Task[None]] = {self._writer, *self._questions}
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=self._settings.close_for)
        await asyncio.wait({asyncio.create_task(self._engine.dispose())}, timeout=self._settings.close_for)

    async def _find(self, number: str) -> str | None:
        table = caller_languages.c
        query = select(table.language).where(table.number == number, table.chosen_at >= self._oldest)
        try:
            async with asyncio.timeout(STATEMENT_FOR):
                await self._ready.wait()
                async with self._asking, self._engine.connect() as connection:
                    found: str | None = await connection.scalar(query)
            return found
        except Exception as error:  # a call goes on without its language, whatever the driver thinks of
            log.warning("the language of a caller cannot be read", why=_kind(error), url=shown(self._url))
            return None

    @property
    def _oldest(self) -> float:
        return self._now() - self._settings.kept_days * DAY

    async def _run(self) -> None:
        try:
            await self._insist(lambda: migrate(self._url))
        except NewerDatabase as error:
            log.error("languages of callers are not remembered", why=str(error))
            self._away = True
            return
        self._ready.set()
        while True:
            await self._insist(self._purge)
            await self._write_until(time.monotonic() + self._settings.purge_every)

    async def _write_until(self, end: float) -> None:
        while (left := end - time.monotonic()) > 0:
            self._wake.clear()
            while self._pending:
                await self._insist(self._write)
            self._written.set()
            try:
                async with asyncio.timeout(left):
                    await self._wake.wait()
            except TimeoutError:
                return

    async def _write(self) -> None:
        batch = list(islice(self._pending.items(), BATCH))
        rows = [
            {"number": number, "language": choice.language, "chosen_at": choice.at}
            for number, choice in batch
        ]
        async with self._engine.begin() as connection:
            await connection.execute(self._upsert(), rows)
        for number, choice in batch:
            if self._pending.get(number) is choice:
                del self._pending[number]

    def _upsert(self) -> Insert:
        if self._engine.dialect.name == "sqlite":
            lite = sqlite.insert(caller_languages)
            return lite.on_conflict_do_update(
                index_elements=["number"],
                set_={"language": lite.excluded.language, "chosen_at": lite.excluded.chosen_at},
            )
        big = postgresql.insert(caller_languages)
        return big.on_conflict_do_update(
            index_elements=["number"],
            set_={"language": big.excluded.language, "chosen_at": big.excluded.chosen_at},
        )

    async def _purge(self) -> None:
        async with self._engine.begin() as connection:
            old = delete(caller_languages).where(caller_languages.c.chosen_at < self._oldest)
            await connection.execute(old)

    async def _insist(self, action: Callable[[], Awaitable[None]]) -> None:
        retrying = AsyncRetrying(
            wait=wait_random_exponential(0.05, BACK_OFF),
            retry=retry_if_exception(_may_pass),
            before_sleep=self._failed,
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                async with asyncio.timeout(STATEMENT_FOR):
                    await action()
        self._away = False

    def _failed(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if not self._away:
            log.warning("languages of callers wait for the database", why=_kind(error), url=shown(self._url))
        self._away = True


def open_caller_languages(
    url: str,
    settings: CallerLanguageSettings | None = None,
    *,
    now: Callable[[], float] = time.time,
) -> SqlCallerLanguages:
    """Call it on the event loop. ValueError for a URL of another kind; the database may be away.

    The schema is brought to the newest in the background. `now`: seconds since the epoch.
    """
    return SqlCallerLanguages(url, settings or CallerLanguageSettings(), now)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, Exception) and not isinstance(error, NewerDatabase)


def _kind(error: BaseException | None) -> str:
    """Of the driver's error where it is wrapped; its text may quote a number."""
    return type(getattr(error, "orig", None) or error).__name__
