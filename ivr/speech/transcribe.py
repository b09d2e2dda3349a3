"""Text of stored sound: by Vosk in a worker process of its own, or by any command.

Vosk's process is one more of those that hear live callers, at the lowest priority of the machine: no caller's
stream, thread or limit is touched by it, and sound that crashes it crashes nothing else. It is started for
the first message and ended when there is none for a while, for it holds all models in memory.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol

import structlog
from tenacity import AsyncRetrying, retry_if_result, stop_after_delay, wait_fixed

from ivr.flow.wording import normal
from ivr.speech.models import Models
from ivr.speech.pool import SpeechPool
from ivr.speech.port import NoModel, RecogniserDead, SpeechError
from ivr.speech.settings import ANY_WORDS_COST, SpeechSettings

log = structlog.get_logger("speech")

Word = tuple[str, float, float, float]
"""A word, its confidence (0 to 1), its beginning and end in seconds of the sound."""

TRANSCRIBER = SpeechSettings(
    workers=1,
    threads=1,
    streams=ANY_WORDS_COST,
    niceness=19,
    hang_after=60.0,
    stuck_after=120.0,
    late_limit=600.0,
    measure=True,
)
"""Patient, for the live callers of a busy machine go first."""
_PORTION = 1 << 15
"""Bytes, 2 s."""
_WITHIN = 180.0
"""Seconds for a portion, and for the end of a message."""


class NotTranscribed(SpeechError):
    """This sound cannot be transcribed; another may well be."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of one message; '' and none where nothing was understood."""

    text: str
    confidence: float
    """0 to 1: the mean of the words'."""
    words: tuple[Word, ...] = ()


class Transcriber(Protocol):
    """Takes one message at a time and may take long. Use on the event loop."""

    def understands(self, language: str) -> bool:
        """Whether there is any sense in asking."""

    async def transcribe(self, pcm: bytes, language: str) -> Transcript:
        """8 kHz 16-bit mono. NotTranscribed: do not try this sound again; SpeechError: later, perhaps."""

    async def close(self) -> None:
        """Give back what it holds; a message under way fails."""


class VoskTranscriber:
    """Implements `Transcriber`. Durations in seconds."""

    def __init__(
        self,
        models: Models,
        settings: SpeechSettings = TRANSCRIBER,
        *,
        tries: int = 3,
        idle_for: float = 60.0,
    ) -> None:
        """`tries`: so often the process may die of one message. `idle_for`: then the process is ended."""
        self._models, self._settings = models, settings
        self._tries, self._idle_for = tries, idle_for
        self._pool: SpeechPool | None = None
        self._one = asyncio.Lock()
        self._ending: asyncio.Task[None] | None = None

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the process, while there is one."""
        return self._pool.pids if self._pool is not None else ()

    def understands(self, language: str) -> bool:
        return language in self._models.usable

    async def transcribe(self, pcm: bytes, language: str) -> Transcript:
        if not self.understands(language):
            raise NoModel(f"{language}: {self._models.problems.get(language, 'no such language')}")
        async with self._one:
            self._stay()
            try:
                return await self._patiently(pcm, language)
            finally:
                self._ending = asyncio.create_task(self._end_when_idle(), name="end the transcriber")

    async def close(self) -> None:
        self._stay()
        await self._end()

    async def _patiently(self, pcm: bytes, language: str) -> Transcript:
        for left in reversed(range(self._tries)):
            pool = await self._ready(language)
            try:
                return await _hear(pool, pcm, language)
            except RecogniserDead as error:
                log.warning("a message was not transcribed", why=str(error), tries_left=left)
        raise NotTranscribed(f"the recogniser failed {self._tries} times with this sound")

    async def _ready(self, language: str) -> SpeechPool:
        """RecogniserDead: no process can be started. NoModel: it cannot load the model."""
        if self._pool is None:
            self._pool = SpeechPool(self._models, self._settings)
            await self._pool.start()
        pool = self._pool
        settled = AsyncRetrying(
            retry=retry_if_result(lambda ready: not ready),
            stop=stop_after_delay(self._settings.load_within),
            wait=wait_fixed(self._settings.heartbeat),
            retry_error_callback=lambda _: False,
        )
        await settled(_settled, pool, language)
        if language not in pool.languages:
            raise NoModel(f"{language}: {pool.health().problems.get(language, 'no such language')}")
        if not pool.health().workers_alive:
            raise RecogniserDead("no recogniser process can be started")
        return pool

    def _stay(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    async def _end_when_idle(self) -> None:
        await asyncio.sleep(self._idle_for)
        async with self._one:
            self._ending = None
            await self._end()

    async def _end(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.stop()


async def _settled(pool: SpeechPool, language: str) -> bool:
    return bool(pool.health().workers_alive) or language not in pool.languages


async def _hear(pool: SpeechPool, pcm: bytes, language: str) -> Transcript:
    """Portion by portion, so that the process can always answer. RecogniserDead."""
    stream = pool.open(language, None)
    try:
        for at in range(0, len(pcm), _PORTION):
            stream.feed(pcm[at : at + _PORTION])
            await stream.caught_up(_WITHIN)
        result = await stream.result(_WITHIN)
    finally:
        stream.close()
    words = ((normal(word), confidence, start, end) for word, confidence, start, end in stream.words)
    return Transcript(result.text, result.confidence, tuple(word for word in words if word[0]))
