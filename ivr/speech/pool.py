"""The recogniser that the server uses: utterances spread over worker processes, within a limit."""

import asyncio
import itertools
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from ivr.speech.endpoint import with_trailing_silence
from ivr.speech.models import Models, SpeechModel
from ivr.speech.port import NoModel, RecogniserBusy, RecogniserDead
from ivr.speech.recognition import WorkerRecognition
from ivr.speech.settings import ANY_WORDS_COST, SpeechHealth, SpeechSettings
from ivr.speech.wire import Asked
from ivr.speech.worker_process import ModelTrouble, WorkerProcess

log = structlog.get_logger("speech")

_MOST_GRAMMARS = 1000


class SpeechPool:
    """Implements `Recogniser`.

    pool = SpeechPool(find_models(model_folders(setting, base)), SpeechSettings())
    await pool.start()
    recognition = pool.open("uk", ["так", "ні"])
    ...
    await pool.stop()
    """

    def __init__(self, models: Models, settings: SpeechSettings | None = None) -> None:
        self._models = models
        self._settings = settings or SpeechSettings()
        self._trouble = ModelTrouble()
        self._workers: list[WorkerProcess] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._views: tempfile.TemporaryDirectory[str] | None = None
        self._numbers = itertools.count(1)
        self._grammars: dict[tuple[str, tuple[str, ...]], str | None] = {}
        self._busy_refusals = 0
        self._failures = 0

    async def start(self) -> None:
        """Returns when each worker is ready, or has failed once and is tried again in the background."""
        if not self._models.usable:
            return
        folders = await asyncio.to_thread(self._make_views)
        for number in range(self._settings.workers):
            worker = WorkerProcess(number, self._settings, folders, self._trouble, self._lost)
            self._workers.append(worker)
            self._tasks.append(asyncio.create_task(worker.keep(), name=f"speech worker {number}"))
        await asyncio.gather(*(worker.tried.wait() for worker in self._workers))

    async def stop(self) -> None:
        """End all workers; utterances under way fail. Also twice, also without a start."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                log.error("speech_worker_fault", error=repr(ended))
        self._workers.clear()
        if self._views is not None:
            await asyncio.to_thread(self._views.cleanup)
            self._views = None

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(self._models.usable) - frozenset(self._trouble.broken)

    @property
    def models(self) -> Mapping[str, SpeechModel]:
        """By language: their vocabulary, to check phrases with."""
        return self._models.usable

    def open(
        self, language: str, phrases: Sequence[str] | None, *, patient: bool = False
    ) -> WorkerRecognition:
        """Raises RecogniserBusy, RecogniserDead, NoModel, the last one also if the model knows none of the
        phrases."""
        if language not in self.languages:
            raise NoModel(f"{language}: {self._problems().get(language, 'no such language')}")
        grammar = None if phrases is None else self._grammar(language, tuple(phrases))
        ready = [worker for worker in self._workers if language in worker.languages]
        if not ready:
            raise RecogniserDead("no recogniser process is ready")
        cost = ANY_WORDS_COST if phrases is None else 1
        if self._load() + cost > max(self._settings.streams, cost):
            self._busy_refusals += 1
            raise RecogniserBusy(f"{self._load()} of {self._settings.streams} streams are taken")
        worker = min(ready, key=lambda worker: worker.load)
        return worker.open(next(self._numbers), cost, Asked(language, grammar, patient))

    def health(self) -> SpeechHealth:
        return SpeechHealth(
            languages=self.languages,
            problems=self._problems(),
            workers=self._settings.workers if self._models.usable else 0,
            workers_alive=sum(bool(worker.languages) for worker in self._workers),
            streams=sum(len(worker.streams) for worker in self._workers),
            load=self._load(),
            limit=self._settings.streams,
            restarts=sum(worker.restarts for worker in self._workers),
            late=max((worker.late for worker in self._workers), default=0.0),
            busy_refusals=self._busy_refusals,
            failures=self._failures,
        )

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the worker processes that live now."""
        return tuple(worker.pid for worker in self._workers if worker.pid is not None)

    def _make_views(self) -> dict[str, Path]:
        self._views = tempfile.TemporaryDirectory(prefix="dzvin-speech-")
        return {
            language: with_trailing_silence(
                model.folder.resolve(), self._settings.end_after, Path(self._views.name) / language
            )
            for language, model in self._models.usable.items()
        }

    def _grammar(self, language: str, phrases: tuple[str, ...]) -> str:
        """NoModel if nothing would be left for the recogniser to listen to."""
        key = (language, phrases)
        if key not in self._grammars:
            if len(self._grammars) >= _MOST_GRAMMARS:
                self._grammars.clear()
            self._grammars[key] = self._models.usable[language].grammar(phrases)
        grammar = self._grammars[key]
        if grammar is None:
            raise NoModel(f"{language}: the model knows none of the {len(phrases)} phrases")
        return grammar

    def _load(self) -> int:
        return sum(worker.load for worker in self._workers)

    def _problems(self) -> dict[str, str]:
        return {**self._models.problems, **self._trouble.broken}

    def _lost(self, utterances: int) -> None:
        self._failures += utterances
