"""What one caller is told and asked: through a stream that listens where words count, by keys elsewhere.

Keys never depend on speech: where no stream comes about, the same question goes by AGI's own commands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never

import structlog

from acd.core.words import CallId
from ivr.announce import prompt_file
from ivr.asterisk.agi import AgiSession
from ivr.asterisk.audiosocket_codec import sends_keys
from ivr.flow import inputs
from ivr.flow.actions import Ask
from ivr.flow.hearing import Entry, Listen, Verdict
from ivr.flow.inputs import Input
from ivr.flow.model import KEYS
from ivr.flow.said import Recording, Said
from ivr.media.catalogue import Catalogue, expand
from ivr.media.spoken import SpokenError
from ivr.question import (
    Asks,
    Busy,
    Dead,
    KeyRules,
    Keys,
    ListeningFailed,
    Outcome,
    Question,
    Silent,
    TooLong,
    Words,
)
from ivr.recordings import RecordingError, RecordingStore
from ivr.sound_stream import connected, why_lost
from ivr.sounds import Sounds
from ivr.speech.port import Recogniser

log = structlog.get_logger(__name__)

_END_KEY = "#"
"""Of an utterance."""
_OURS = "dialogue"
"""Who plays a caller's own recording, in the log of accesses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """What it takes to understand words. Without it everything goes by keys."""

    recogniser: Recogniser
    listener: Asks
    catalogue: Catalogue
    recordings: RecordingStore


class Conversation:
    """One caller's. Every method raises CallerGone once the caller is gone."""

    def __init__(self, agi: AgiSession, ears: Ears | None, sounds: Sounds | None = None) -> None:
        self._agi = agi
        self._ears = ears
        self._sounds = sounds
        self._call: CallId = agi.environment.call

    async def play(self, said: Sequence[Said], language: str) -> None:
        """Say all of it; what cannot be played is left out."""
        if self._sounds is not None and _has_recording(said):
            await self._play_sounds(self._sounds, said, language)
            return
        for prompt in self._prompts(said, language):
            await self._play(prompt)

    async def _play_sounds(self, sounds: Sounds, said: Sequence[Said], language: str) -> None:
        """By a stream: Asterisk does not see the folder of recordings."""
        heard = await sounds.of(said, language, by=_OURS)
        try:
            async with connected(sounds.streams, self._agi) as (stream, command):
                if not await stream.play(b"".join(heard)):
                    raise await why_lost(command)
        except ListeningFailed as error:
            log.warning("no stream for a recording, it is left out", call=self._call, why=str(error))

    async def ask(self, ask: Ask, language: str) -> Input:
        """The caller's answer."""
        if ask.listen is not None and self._ears is not None:
            try:
                return await self._by_voice(self._ears, ask, ask.listen, language)
            except ListeningFailed as error:
                log.warning("no stream for a question, it goes by keys", call=self._call, why=str(error))
                if ask.listen.keep:
                    return inputs.RecogniserDead()
        elif ask.listen is not None:
            return inputs.RecogniserDead()
        elif self._sounds is not None and _has_recording(ask.said):
            try:
                return await self._by_keys_in_stream(self._sounds, ask, language)
            except ListeningFailed as error:
                log.warning("no stream for a recording, it is left out", call=self._call, why=str(error))
        return await self._by_keys(ask, language)

    def _prompts(self, said: Sequence[Said], language: str) -> list[str]:
        """Ids of recordings; a piece that cannot be put together in this language is left out."""
        prompts: list[str] = []
        for part in said:
            if isinstance(part, Recording):
                continue
            try:
                prompts += expand([part], language)
            except SpokenError as error:
                log.warning("a piece cannot be said", call=self._call, why=str(error))
        return prompts

    async def _play(self, prompt: str, interrupt_keys: str = "") -> str | None:
        played = await self._agi.play(prompt_file(prompt), interrupt_keys)
        if played.missing:
            log.warning("a prompt cannot be played", call=self._call, prompt=prompt)
        return played.key

    # By keys

    async def _by_keys(self, ask: Ask, language: str) -> Input:
        key = await self._first_key(ask, language)
        if key is None:
            return inputs.Silence()
        return inputs.KeyPressed(key) if ask.entry is None else await self._more_keys(key, ask.entry)

    async def _first_key(self, ask: Ask, language: str) -> str | None:
        for prompt in self._prompts(ask.said, language):
            key = await self._play(prompt, KEYS)
            if key is not None:
                return key
        return await self._agi.wait_for_key(ask.wait_for)

    async def _more_keys(self, first: str, entry: Entry) -> Input:
        typed = first
        while entry.verdict(typed) in (Verdict.MORE, Verdict.MAYBE):
            key = await self._agi.wait_for_key(entry.pause_for)
            if key is None or key == entry.end_key:
                break
            typed += key
        return inputs.KeysEntered(typed)

    async def _by_keys_in_stream(self, sounds: Sounds, ask: Ask, language: str) -> Input:
        await sounds.keys_in_stream(self._agi)
        question = Question(
            sounds=await sounds.of(ask.said, language, by=_OURS),
            wait_for=ask.wait_for,
            language=language,
            keys=_key_rules(ask),
        )
        match await sounds.listener.ask(self._agi, question):
            case Keys(typed=typed):
                return inputs.KeysEntered(typed) if ask.entry is not None else inputs.KeyPressed(typed)
            case _:
                return inputs.Silence()

    # By voice

    async def _by_voice(self, ears: Ears, ask: Ask, listen: Listen, language: str) -> Input:
        if ears.listener.keys_in_stream is None:
            ears.listener.keys_in_stream = sends_keys(await self._agi.get_variable("VERSION()"))
        question = Question(
            sounds=await self._sounds_of(ears, ask.said, language),
            wait_for=ask.wait_for,
            language=language,
            keys=_key_rules(ask),
            phrases=listen.phrases or None,
            free=listen.free,
            longest_for=listen.longest_for,
            end_after=listen.end_after,
            keep=listen.keep,
            beep=listen.keep,
        )
        outcome = await ears.listener.ask(self._agi, question)
        return await self._answer(ears, ask, outcome, language)

    async def _sounds_of(self, ears: Ears, said: Sequence[Said], language: str) -> list[bytes]:
        if self._sounds is not None:
            return await self._sounds.of(said, language, by=_OURS)
        prompts = self._prompts(said, language)
        await ears.catalogue.load(prompts, language)
        sounds = [self._sound(ears.catalogue, prompt, language) for prompt in prompts]
        return [sound for sound in sounds if sound]

    def _sound(self, catalogue: Catalogue, prompt: str, language: str) -> bytes:
        sound = catalogue.pcm(prompt, language)
        if sound is None:
            log.warning("a prompt cannot be played", call=self._call, prompt=prompt, language=language)
        return sound or b""

    async def _answer(self, ears: Ears, ask: Ask, outcome: Outcome, language: str) -> Input:
        match outcome:
            case Keys(typed=typed):
                return inputs.KeysEntered(typed) if ask.entry is not None else inputs.KeyPressed(typed)
            case Words(text=text, confidence=confidence, sound=sound):
                kept = await self._keep(ears, sound, text, confidence, language) if sound else ""
                return inputs.Heard(text, confidence, kept)
            case Silent():
                return inputs.Silence()
            case TooLong(sound=sound):
                return await self._too_long(ears, sound, language)
            case Busy():
                return inputs.RecogniserBusy()
            case Dead():
                return inputs.RecogniserDead()
            case _:
                assert_never(outcome)

    async def _too_long(self, ears: Ears, sound: bytes, language: str) -> Input:
        """What was said within the time of a free utterance is a message all the same."""
        if not sound:
            return inputs.SpokeTooLong()
        return inputs.Heard("", 0.0, await self._keep(ears, sound, "", 0.0, language))

    async def _keep(self, ears: Ears, sound: bytes, text: str, confidence: float, language: str) -> str:
        """Store an utterance; '' when that fails, for the call goes on with its text."""
        try:
            return await ears.recordings.save(
                self._call,
                "utterance",
                sound,
                transcript=text,
                confidence=confidence,
                language=language,
                at=datetime.now(UTC),
            )
        except RecordingError as error:
            log.warning("an utterance was not stored", call=self._call, why=str(error))
            return ""


def _has_recording(said: Sequence[Said]) -> bool:
    return any(isinstance(part, Recording) for part in said)


def _key_rules(ask: Ask) -> KeyRules:
    if ask.entry is not None:
        entry = ask.entry
        return KeyRules(verdict=entry.verdict, pause_for=entry.pause_for, end_key=entry.end_key)
    return KeyRules(end_key=_END_KEY if ask.listen is not None and ask.listen.keep else "")
