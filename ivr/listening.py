"""One question to a caller over one stream: prompts out, voice and keys in, whichever answers first.

What happens when is decided by `ivr.turn`; here are the stream, the voice detector, the recogniser and the
clock. Sound is handled in the callback of the socket that brought it: a voice stops the prompt in the same
turn of the event loop.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from acd.core.words import CallId
from ivr import turn
from ivr.asterisk.agi import AgiSession
from ivr.asterisk.audiosocket import (
    AudioSocketServer,
    AudioStream,
    Ended,
    Key,
    Sound,
    StreamEvent,
)
from ivr.question import Busy, Dead, ListeningFailed, Outcome, Question, TooLong, Words
from ivr.sound_stream import HELD_UP, beep, connected, why_lost
from ivr.speech.port import NoModel, Recogniser, RecogniserBusy, Recognition, SpeechError
from ivr.speech.voice import SpeechEnded, SpeechStarted, VoiceDetector, VoiceEvent, VoiceSettings

log = structlog.get_logger(__name__)

_BYTES_A_SECOND = 16_000
_COMES_WITHIN = 0.3
"""Seconds in which what the caller has said comes after the machine stood still: it was said in time."""


class Detector(Protocol):
    """Says when the caller begins and ends to speak (`ivr.speech.voice`)."""

    def feed(self, frame: bytes) -> VoiceEvent | None:
        """20 ms more."""

    def forget(self) -> None:
        """Speech under way does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningSettings:
    """Durations in seconds."""

    voice: VoiceSettings = field(default_factory=VoiceSettings)
    """Its `longest_for` is the question's."""
    result_within: float = 2.0
    """From the end of speech to the words."""
    connect_within: float = 3.0
    """Asterisk itself gives up after 2 s."""
    close_within: float = 2.0
    """From our goodbye until Asterisk's command has returned."""
    detector: Callable[[VoiceSettings], Detector] = VoiceDetector


class Listener:
    """Asks callers. Implements `ivr.question.Asks`."""

    def __init__(
        self,
        server: AudioSocketServer,
        recogniser: Recogniser | None,
        settings: ListeningSettings | None = None,
    ) -> None:
        self._server, self._recogniser = server, recogniser
        self._settings = settings or ListeningSettings()
        self.keys_in_stream: bool | None = None
        """False for an Asterisk whose streams carry no keys (`sends_keys`): they have to be told by `key`.
        None: not known yet, taken for True."""
        self._live: dict[CallId, _Asking] = {}

    def key(self, call: CallId, key: str) -> bool:
        """A key that AMI has reported; whether it was used. Where streams carry keys, theirs count alone."""
        asking = self._live.get(call)
        if self.keys_in_stream is not False or asking is None:
            return False
        asking.key(key)
        return True

    async def ask(self, agi: AgiSession, question: Question) -> Outcome:
        """The answer. Raises CallerGone, ListeningFailed.

        Without a model for the language only keys count; an utterance of any words that is to be kept is then
        kept without its words. No other AGI command of this caller can run meanwhile.
        """
        try:
            recognition = self._open(question)
        except RecogniserBusy:
            return Busy()
        except SpeechError as error:
            log.warning("listening.recogniser", why=str(error))
            return Dead()
        try:
            async with connected(
                self._server, agi, self._settings.connect_within, self._settings.close_within
            ) as (stream, command):
                keys_in_stream = self.keys_in_stream is not False
                asking = _Asking(stream, recognition, question, self._settings, keys_in_stream)
                self._live[agi.environment.call] = asking
                return await asking.outcome(command)
        finally:
            self._live.pop(agi.environment.call, None)
            if recognition is not None:
                recognition.close()

    def _open(self, question: Question) -> Recognition | None:
        """None where only keys can be understood."""
        if self._recogniser is None or (question.phrases is None and not question.free):
            return None
        with contextlib.suppress(NoModel):
            phrases = None if question.free else question.phrases
            patient = question.end_after is not None
            return self._recogniser.open(question.language, phrases, patient=patient)
        return None


class _Asking:
    """One question over one stream, from the first prompt to the outcome."""

    def __init__(
        self,
        stream: AudioStream,
        recognition: Recognition | None,
        question: Question,
        settings: ListeningSettings,
        keys_in_stream: bool,
    ) -> None:
        self._stream, self._recognition, self._settings = stream, recognition, settings
        self._question, self._keys_in_stream = question, keys_in_stream
        self._loop = asyncio.get_running_loop()
        end_after = question.end_after or settings.voice.end_after
        voice = replace(settings.voice, longest_for=question.longest_for, end_after=end_after)
        self._detector = settings.detector(voice)
        self._said = bytearray()
        self._result: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._held_up = False
        self._over: asyncio.Future[Outcome | None] = self._loop.create_future()
        """None: the stream has ended before."""
        prompt = b"".join((*question.sounds, beep())) if question.beep else b"".join(question.sounds)
        self._prompt = prompt
        self._rules = _rules(question, settings, recognition is not None, len(prompt) / _BYTES_A_SECOND)
        self._state: turn.State = turn.begin(self._rules, self._loop.time())

    async def outcome(self, command: asyncio.Task[bool]) -> Outcome:
        """Raises CallerGone, ListeningFailed."""
        command.add_done_callback(self._lost)
        try:
            self._stream.play(self._prompt).add_done_callback(self._played)
            self._stream.take(self._event)
            self._arm()
            outcome = await self._over
        finally:
            self._close()
        if outcome is None:
            raise await why_lost(command)
        return self._with_sound(outcome)

    def _close(self) -> None:
        self._stream.stop_playing()
        if self._timer is not None:
            self._timer.cancel()
        if self._result is not None:
            self._result.cancel()

    def _with_sound(self, outcome: Outcome) -> Outcome:
        if self._question.keep and isinstance(outcome, Words | TooLong):
            return replace(outcome, sound=bytes(self._said))
        return outcome

    # What comes in

    def _event(self, event: StreamEvent) -> None:
        if self._over.done():
            return
        try:
            match event:
                case Sound(pcm=pcm):
                    self._sound(pcm)
                case Key(key=key):
                    if self._keys_in_stream:
                        self._tell(turn.Key(key))
                case Ended():
                    self._lost()
        except Exception as error:  # a callback of the socket: nobody else would hear of it
            self._fail(error)

    def key(self, key: str) -> None:
        """Told beside the stream."""
        try:
            self._tell(turn.Key(key))
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """A fault of ours costs this way of asking, not the call."""
        log.error("listening.failed", exc_info=error)
        if not self._over.done():
            self._over.set_exception(ListeningFailed(f"{type(error).__name__}: {error}"))

    def _lost(self, _: object = None) -> None:
        if not self._over.done():
            self._over.set_result(None)

    def _played(self, playing: asyncio.Future[bool]) -> None:
        if isinstance(self._state, turn.Prompting) and not playing.cancelled() and playing.result():
            self._detector.forget() if self._question.beep else None
            self._tell(turn.Played())

    def _sound(self, pcm: bytes) -> None:
        if not self._rules.listens:
            return
        spoke = isinstance(self._state, turn.Speaking)
        voice = self._detector.feed(pcm)
        if isinstance(voice, SpeechStarted):
            self._tell(turn.VoiceBegan())
            pcm = voice.sound
        if not isinstance(self._state, turn.Speaking):
            return
        self._hear(pcm)
        if spoke:
            self._tell(turn.SoundCame())
        if isinstance(voice, SpeechEnded):
            self._tell(turn.VoiceEnded(voice.too_long))
        elif self._recognition is not None and self._recognition.ended:
            self._tell(turn.VoiceEnded())

    def _hear(self, pcm: bytes) -> None:
        if self._recognition is not None:
            self._recognition.feed(pcm)
        if self._question.keep:
            self._said += pcm

    # What is done

    def _tell(self, given: turn.Input) -> None:
        if self._over.done():
            return
        self._state, acts = turn.step(self._rules, self._state, given, self._loop.time())
        for act in acts:
            match act:
                case turn.Act.STOP_PROMPT:
                    self._stream.stop_playing()
                case turn.Act.RECOGNISE:
                    self._result = asyncio.create_task(self._recognise())
        if isinstance(self._state, turn.Over):
            self._over.set_result(self._state.outcome)
        else:
            self._arm()

    async def _recognise(self) -> None:
        assert self._recognition is not None
        try:
            heard = await self._recognition.result(self._settings.result_within)
        except SpeechError as error:
            log.warning("listening.recogniser", why=str(error))
            self._tell(turn.RecogniserFailed())
        except Exception as error:
            self._fail(error)
        else:
            self._tell(turn.Recognised(heard.text, heard.confidence))

    def _arm(self) -> None:
        """A deadline that moves away is not followed at once: the timer looks when it wakes."""
        due = turn.deadline(self._state)
        if due is None or (self._timer is not None and self._timer.when() <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._wake_at(due)

    def _wake_at(self, due: float) -> None:
        self._timer = self._loop.call_at(due, self._wake, due)

    def _wake(self, due: float) -> None:
        self._timer = None
        self._held_up = not self._held_up and self._loop.time() - due > HELD_UP
        if self._held_up:
            self._wake_at(self._loop.time() + _COMES_WITHIN)
            return
        try:
            self._tell(turn.Elapsed())
        except Exception as error:
            self._fail(error)


def _rules(
    question: Question, settings: ListeningSettings, recognises: bool, prompt_for: float
) -> turn.Rules:
    return turn.Rules(
        keys=question.keys,
        wait_for=question.wait_for,
        prompt_for=prompt_for,
        listens=recognises or (question.free and question.keep),
        recognises=recognises,
        barge_in=not question.beep,
        end_key_ends_voice=question.free,
        longest_for=question.longest_for + settings.voice.end_after,
        result_within=settings.result_within,
    )
