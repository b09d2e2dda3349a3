"""What dialogues use beside Asterisk, made of the settings: ears, web hooks, the memory of languages."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import structlog

from acd.core.callers import CallerLanguages
from acd.storage import open_caller_languages
from acd.web import HooksState, SpeechState
from ivr.asking import Ears
from ivr.asterisk.audiosocket import AudioSocketServer
from ivr.config import Settings
from ivr.dialplan.fields import NOUNS
from ivr.dialplan.loader import Loaded
from ivr.drafts import Drafts
from ivr.hooks.client import HookClient
from ivr.keeping import open_store, seal_of
from ivr.listening import Listener, ListeningSettings
from ivr.media.catalogue import Catalogue
from ivr.recorder import Recorder
from ivr.recordings import RecordingStore
from ivr.secrets import read_secret
from ivr.sounds import Sounds
from ivr.speech.command import parse_transcriber
from ivr.speech.models import Models, find_models
from ivr.speech.pool import SpeechPool
from ivr.speech.settings import SpeechHealth, SpeechSettings, describe
from ivr.speech.transcribe import Transcriber, VoskTranscriber
from ivr.speech.transcribe_command import CommandTranscriber
from ivr.speech.voice import VoiceSettings
from ivr.transcripts import Transcripts
from ivr.vocabulary import unknown_phrases

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Equipment:
    """Made by `equip`. A call goes on without any part of it."""

    sounds: Sounds | None = None
    """Streams that play and record; made whether there are models or not."""
    ears: Ears | None = None
    """None: no language has a model, so every call goes by keys."""
    recordings: RecordingStore | None = None
    """What callers said: utterances and messages."""
    transcripts: Transcripts | None = None
    """None: nothing can transcribe. Set its `on_transcript` before `start`."""
    hooks: HookClient | None = None
    languages: CallerLanguages | None = None
    pool: SpeechPool | None = None
    _loading: asyncio.Task[None] | None = field(default=None, repr=False)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list, repr=False)

    @property
    def streams(self) -> AudioSocketServer | None:
        return self.sounds.streams if self.sounds is not None else None

    async def start(self) -> None:
        """Models load in the background; until then calls go by keys. OSError: no port for streams."""
        if self.sounds is not None:
            await self.sounds.streams.start()
            self._loading = asyncio.create_task(self._load(self.sounds), name="load speech models")
            self._tasks.append(self._loading)
        if self.recordings is not None:
            upkeep = self.recordings.upkeep()
            self._tasks.append(asyncio.create_task(upkeep, name="upkeep of recordings"))
        if self.transcripts is not None:
            self._tasks.append(asyncio.create_task(self.transcripts.run(), name="transcribe recordings"))

    async def _load(self, sounds: Sounds) -> None:
        if self.ears is not None:
            await sounds.catalogue.preload()
        if self.pool is not None:
            await self.pool.start()
            log.info("speech", what=describe(self.pool.health()))

    async def until_loaded(self, within: float) -> bool:
        """After `start`, wait for the models; whether any language is understood then."""
        if self._loading is not None:
            await asyncio.wait({self._loading}, timeout=within)
        return self.speech_state().state == "up"

    def speech_state(self) -> SpeechState:
        """For health and metrics."""
        return speech_state(self.pool.health()) if self.pool is not None else SpeechState()

    def hooks_state(self) -> HooksState:
        """For health and metrics."""
        if self.hooks is None:
            return HooksState()
        tally = self.hooks.tally
        return HooksState(answered=tally.answered, failed=tally.failed, silent_for=tally.silent_for)

    async def stop(self) -> None:
        """Also without a start."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        if self.sounds is not None:
            await self.sounds.streams.close()
        if self.pool is not None:
            await self.pool.stop()
        if self.sounds is not None:
            await self.sounds.drafts.close()
        if self.recordings is not None:
            await self.recordings.close()
        if self.hooks is not None:
            await self.hooks.close()
        if self.languages is not None:
            await self.languages.close()


def speech_state(health: SpeechHealth) -> SpeechState:
    """As the web face tells it."""
    understood = health.languages if health.workers_alive else ()
    return SpeechState(
        state="up" if understood else "down",
        languages=tuple(sorted(understood)),
        streams=health.load,
        limit=health.limit,
        busy_refusals=health.busy_refusals,
        failures=health.failures,
        restarts=health.restarts,
    )


async def equip(settings: Settings, loaded: Loaded) -> Equipment:
    """Nothing started but the memory of languages. Plain: a setting cannot be used."""
    models = await asyncio.to_thread(find_models, settings.speech_folders)
    _tell(models, loaded)
    recordings = open_store(settings)
    equipment = Equipment(
        recordings=recordings,
        hooks=HookClient(_token(settings), nouns=NOUNS),
        languages=open_caller_languages(settings.database),
    )
    if settings.transcribe_command or models.usable:
        equipment.transcripts = Transcripts(recordings, _transcriber(settings, models))
    if models.usable:
        equipment.pool = _pool(settings, models)
    sounds = equipment.sounds = _sounds(settings, loaded, equipment.pool, recordings)
    if equipment.pool is not None:
        equipment.ears = Ears(
            recogniser=equipment.pool,
            listener=sounds.listener,
            catalogue=sounds.catalogue,
            recordings=recordings,
        )
    return equipment


def _transcriber(settings: Settings, models: Models) -> Transcriber:
    if settings.transcribe_command:
        return CommandTranscriber(parse_transcriber(settings.transcribe_command))
    return VoskTranscriber(models)


def _tell(models: Models, loaded: Loaded) -> None:
    for language, why in sorted(models.problems.items()):
        if language in loaded.media.languages:
            log.info("calls in this language go by keys", language=language, why=why)
    for problem in unknown_phrases(loaded, models):
        log.warning("a phrase cannot be understood", what=str(problem))


def _token(settings: Settings) -> str:
    return read_secret(settings.hook_token_file) if settings.hook_token_file is not None else ""


def _pool(settings: Settings, models: Models) -> SpeechPool:
    return SpeechPool(
        models,
        SpeechSettings(
            workers=settings.speech_workers,
            streams=settings.speech_streams,
            end_after=settings.speech_end_after,
        ),
    )


def _sounds(
    settings: Settings, loaded: Loaded, pool: SpeechPool | None, recordings: RecordingStore
) -> Sounds:
    streams = AudioSocketServer()
    voice = VoiceSettings(aggressiveness=settings.speech_voice, end_after=settings.speech_end_after)
    return Sounds(
        streams=streams,
        listener=Listener(streams, pool, ListeningSettings(voice=voice)),
        recorder=Recorder(streams),
        catalogue=Catalogue(settings.prompts, loaded.media.languages),
        store=recordings,
        drafts=Drafts(settings.run_folder / "messages", seal_of(settings)),
        voice=voice,
    )
