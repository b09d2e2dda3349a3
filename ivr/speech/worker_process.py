"""One worker process as the server keeps it: started, listened to, killed when it hangs, started again."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import structlog

from ivr.speech.link import Link
from ivr.speech.recognition import WorkerRecognition
from ivr.speech.settings import SpeechSettings
from ivr.speech.wire import Asked, Kind, Message, Orders, pack, state_of

log = structlog.get_logger("speech")

_PACKAGES = Path(__file__).resolve().parents[2]
_LONGEST_LINE = 300
_ENDS_WITHIN = 0.3
_SLOW = "it was not ready in time"
_MOST_LINES = 50
"""Of a worker's complaints, in one life."""


@dataclass(slots=True)
class ModelTrouble:
    """Models that cannot be loaded, learnt by all workers together."""

    broken: dict[str, str] = field(default_factory=dict)
    """Reason by language."""
    _deaths: dict[str, int] = field(default_factory=dict)

    def died_loading(self, language: str) -> None:
        """Once may be chance; twice is the model."""
        self._deaths[language] = self._deaths.get(language, 0) + 1
        if self._deaths[language] > 1:
            self.broken[language] = "the recogniser crashes while it loads the model"

    def loaded(self, language: str) -> None:
        self._deaths.pop(language, None)


class WorkerProcess:
    """`folders` are the models to load; `trouble` is shared with the other workers."""

    def __init__(
        self,
        number: int,
        settings: SpeechSettings,
        folders: Mapping[str, Path],
        trouble: ModelTrouble,
        on_lost: Callable[[int], None],
    ) -> None:
        """`on_lost` is told how many utterances were lost whenever the worker dies."""
        self.number = number
        self.restarts = 0
        self.pid: int | None = None
        self.languages: frozenset[str] = frozenset()
        """Empty while no process is ready."""
        self.late = 0.0
        self.tried = asyncio.Event()
        """The first process was ready or has failed."""
        self.streams: dict[int, WorkerRecognition] = {}
        self._settings = settings
        self._folders = folders
        self._trouble = trouble
        self._on_lost = on_lost
        self._link: Link | None = None
        self._loading = ""
        self._answered = True
        self._busy_for = 0.0
        self._ready = asyncio.Event()
        self._status = 0

    @property
    def load(self) -> int:
        return sum(stream.cost for stream in self.streams.values())

    def open(self, number: int, cost: int, asked: Asked) -> WorkerRecognition:
        assert self._link is not None
        stream = WorkerRecognition(number, cost, self._link, lambda over: self._forget(over.number))
        self.streams[number] = stream
        stream.open(asked)
        return stream

    async def keep(self) -> None:
        """Run a process and replace it whenever it ends, until cancelled or no model is left to load."""
        pause, loop = 0.0, asyncio.get_running_loop()
        try:
            while self._wanted():
                began = loop.time()
                why = await self._live()
                self.tried.set()
                if loop.time() - began > self._settings.steady_after:
                    pause = 0.0
                pause = min(self._settings.longest_pause, max(self._settings.first_pause, 2 * pause))
                log.warning(
                    "speech_worker_lost", worker=self.number, why=why, status=self._status, again_in=pause
                )
                await asyncio.sleep(pause)
                self.restarts += 1
        finally:
            self.tried.set()

    def _wanted(self) -> dict[str, str]:
        return {one: str(folder) for one, folder in self._folders.items() if one not in self._trouble.broken}

    async def _live(self) -> str:
        """One process from its start to its end; why it ended."""
        self._loading, self._answered, self._busy_for = "", True, 0.0
        self._ready.clear()
        try:
            async with self._process() as link:
                why = await self._watch(link)
        except Exception as error:  # nothing may end the supervision
            why = f"it cannot be started: {error!r}"
        if self._loading and why != _SLOW:
            self._trouble.died_loading(self._loading)
        return why

    @contextlib.asynccontextmanager
    async def _process(self) -> AsyncIterator[Link]:
        ours, theirs = socket.socketpair()
        try:
            process = await self._spawn(theirs)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        complaints = asyncio.create_task(self._complaints(process))
        loop = asyncio.get_running_loop()
        try:
            _, link = await loop.create_unix_connection(lambda: Link(self._take), sock=ours)
            self.pid, self._link = process.pid, link
            try:
                yield link
            finally:
                self._lose(link)
        finally:
            self.pid, self._link = None, None
            self._status = await _end(process)
            await complaints

    async def _spawn(self, theirs: socket.socket) -> asyncio.subprocess.Process:
        settings = self._settings
        orders = Orders(
            models=self._wanted(),
            threads=settings.threads,
            parent=os.getpid(),
            socket=theirs.fileno(),
            niceness=settings.niceness,
            late_limit=settings.late_limit,
            measure=settings.measure,
        )
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ivr.speech.worker", orders.dumped()),
            pass_fds=(theirs.fileno(),),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            cwd=_PACKAGES,
            # Threads of a mathematical library would fight with ours for the same cores.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            start_new_session=True,  # Ctrl-C is for the server
        )

    async def _watch(self, link: Link) -> str:
        if not await self._is_ready(link):
            return link.gone.result() if link.gone.done() else _SLOW
        silent_for = 0.0
        while True:
            if link.gone.done():
                return link.gone.result()
            silent_for = 0.0 if self._answered else silent_for + self._settings.heartbeat
            if silent_for >= self._settings.hang_after:
                link.cut(f"it hangs: no answer for {silent_for:g} s")
            elif self._busy_for >= self._settings.stuck_after:
                link.cut(f"it hangs: one piece of sound for {self._busy_for:.0f} s")
            if self._answered:
                self._answered = False
                link.send(pack(Kind.PING))
            await asyncio.wait({link.gone}, timeout=self._settings.heartbeat)

    async def _is_ready(self, link: Link) -> bool:
        ready = asyncio.create_task(self._ready.wait())
        waited: set[asyncio.Future[Any]] = {ready, link.gone}
        try:
            await asyncio.wait(
                waited, timeout=self._settings.load_within, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ready.cancel()
        return self._ready.is_set()

    def _take(self, message: Message) -> None:
        match message.kind:
            case Kind.LOADING:
                self._loading = message.text()
            case Kind.READY:
                self._be_ready(cast(dict[str, Any], message.json()))
            case Kind.STATE:
                self._answered = True
                self.late, self._busy_for = state_of(message)
            case _ if (stream := self.streams.get(message.stream)) is not None:
                stream.take(message)
            case _:
                pass

    def _be_ready(self, said: dict[str, Any]) -> None:
        self._loading = ""
        for language, why in said["failed"].items():
            self._trouble.broken[language] = f"the recogniser cannot load the model ({why})"
        self.languages = frozenset(said["languages"])
        for language in self.languages:
            self._trouble.loaded(language)
        self._ready.set()
        self.tried.set()
        log.info("speech_worker_ready", worker=self.number, pid=self.pid, languages=sorted(self.languages))

    def _lose(self, link: Link) -> None:
        """Every utterance in the process fails now."""
        self.languages, self.late = frozenset(), 0.0
        link.cut("it is ended")
        why, lost = f"the recogniser's process is lost: {link.gone.result()}", [*self.streams.values()]
        self.streams.clear()
        for stream in lost:
            stream.fail(why)
        if lost:
            self._on_lost(len(lost))

    def _forget(self, number: int) -> None:
        self.streams.pop(number, None)

    async def _complaints(self, process: asyncio.subprocess.Process) -> None:
        """What native code prints; after a crash, where it happened."""
        assert process.stderr is not None
        async for line in _lines(process.stderr):
            log.warning("speech_worker_said", worker=self.number, text=line)


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    """Native code prints single letters, and pages: whole lines, not too long, and not too many of them."""
    rest, left = b"", _MOST_LINES
    while data := await reader.read(4096):
        *lines, rest = (rest + data).split(b"\n")
        rest = rest[-_LONGEST_LINE:]
        for text in filter(None, (line[:_LONGEST_LINE].decode(errors="replace").strip() for line in lines)):
            if left > 0:
                left -= 1
                yield text


async def _end(process: asyncio.subprocess.Process) -> int:
    """Its exit status, negative for a signal: one that crashed has one of its own, the others are killed.

    No `wait_for`: until Python 3.12 it swallows a cancellation that comes with the end, and `stop` would wait
    for a supervision that goes on.
    """
    try:
        async with asyncio.timeout(_ENDS_WITHIN):
            return await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return await process.wait()
