"""Stored recordings get their text, one after the other, behind all else that the machine has to do."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import structlog

from ivr.recordings import Facts, NotFound, RecordingError, RecordingStore
from ivr.speech.port import SpeechError
from ivr.speech.transcribe import NotTranscribed, Transcriber, Transcript

log = structlog.get_logger(__name__)

MOST_WAITING = 1000
"""Recordings; what comes beyond is found in the store again when these are done."""
_MOST_SETTLED = 200_000
_BY = "transcriber"

OnTranscript = Callable[[str, Transcript], object]
"""Gets the recording's id and its text: at least once, for the same again after a restart at that moment."""


class Transcripts:
    """Make it of store and transcriber, set `on_transcript`, run `run`, and `add` each new recording.

    What a server that ended has left without a text is found again: the store is looked through at the start
    and every `again_every` seconds, `look_back` days back. Nothing of it ever holds a call up.
    """

    def __init__(
        self,
        store: RecordingStore,
        transcriber: Transcriber,
        on_transcript: OnTranscript | None = None,
        *,
        look_back: int = 2,
        again_every: float = 600.0,
        pause: float = 30.0,
    ) -> None:
        """`pause`: seconds until the next try where neither store nor recogniser can be had."""
        self._store, self._transcriber = store, transcriber
        self.on_transcript = on_transcript
        self._look_back, self._again_every, self._pause = look_back, again_every, pause
        self._waiting: dict[str, None] = {}
        self._settled: set[str] = set()
        """Recordings that need not be looked at again."""
        self._more = asyncio.Event()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def add(self, id_: str) -> None:
        """Soon; never blocks."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting[id_] = None
            self._more.set()

    async def run(self) -> None:
        """Until cancelled."""
        looking = asyncio.create_task(self._keep_looking(), name="look for untranscribed recordings")
        try:
            while True:
                await self._next()
        finally:
            looking.cancel()
            await self._transcriber.close()

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self._look()
            except RecordingError as error:
                log.warning("recordings without a text cannot be looked for", why=str(error))
            await asyncio.sleep(self._again_every)

    async def _look(self) -> None:
        if len(self._settled) > _MOST_SETTLED:
            self._settled.clear()
        most = 10 * MOST_WAITING
        for facts in await self._store.listing(since=self._since(), most=most, but=self._settled):
            if self._lacks_text(facts):
                self.add(facts.id)
            else:
                self._settled.add(facts.id)

    def _lacks_text(self, facts: Facts) -> bool:
        return (
            not facts.unreadable and not facts.transcribed and self._transcriber.understands(facts.language)
        )

    async def _next(self) -> None:
        while not self._waiting:
            self._more.clear()
            await self._more.wait()
        id_ = next(iter(self._waiting))
        try:
            await self._transcribe(id_)
        except NotFound:
            log.info("a recording was removed before it had a text", recording=id_)
        except (SpeechError, RecordingError) as error:
            log.warning("a recording waits for its text", recording=id_, why=str(error))
            await asyncio.sleep(self._pause)
        except Exception:  # one recording fails, the others get their texts
            log.exception("a recording gets no text", recording=id_)
            await asyncio.sleep(self._pause)
        self._waiting.pop(id_, None)

    async def _transcribe(self, id_: str) -> None:
        facts = await self._store.facts(id_, by=_BY, why="transcribe")
        if not self._lacks_text(facts):
            return
        pcm = await self._store.pcm(id_, by=_BY, why="transcribe")
        try:
            transcript = await self._transcriber.transcribe(pcm, facts.language)
        except NotTranscribed as error:
            log.warning("a recording stays without a text", recording=id_, why=str(error))
            transcript = Transcript("", 0.0)
        if self.on_transcript is not None:
            self.on_transcript(id_, transcript)
        await self._store.note(id_, transcript.text, transcript.words, confidence=transcript.confidence)

    def _since(self) -> date:
        return (datetime.now(UTC) - timedelta(self._look_back)).date()
