"""What it takes to play and to record sound over a stream, with and without speech recognition."""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from acd.core.words import CallId
from ivr.asterisk.agi import AgiSession
from ivr.asterisk.audiosocket import AudioSocketServer
from ivr.asterisk.audiosocket_codec import sends_keys
from ivr.drafts import Drafts
from ivr.flow.said import Recording, Said
from ivr.media.catalogue import Catalogue, expand
from ivr.media.spoken import SpokenError
from ivr.question import Asks
from ivr.recorder import Recorder
from ivr.recordings import RecordingError, RecordingStore
from ivr.speech.voice import VoiceSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounds:
    """Always there, whatever becomes of the models."""

    streams: AudioSocketServer
    listener: Asks
    recorder: Recorder
    catalogue: Catalogue
    store: RecordingStore
    drafts: Drafts
    voice: VoiceSettings

    def key(self, call: CallId, key: str) -> None:
        """A key that AMI has reported."""
        if not self.listener.key(call, key):
            self.recorder.key(call, key)

    async def keys_in_stream(self, agi: AgiSession) -> bool:
        """Whether this Asterisk's streams carry keys."""
        if self.listener.keys_in_stream is None:
            self.listener.keys_in_stream = sends_keys(await agi.get_variable("VERSION()"))
        return self.listener.keys_in_stream

    async def of(self, said: Iterable[Said], language: str, *, by: str) -> list[bytes]:
        """The sound of all of it, for `by`; what cannot be had is left out. Never raises."""
        sounds: list[bytes] = []
        for part in said:
            sounds += await self._of(part, language, by)
        return sounds

    async def _of(self, part: Said, language: str, by: str) -> list[bytes]:
        if isinstance(part, Recording):
            return [sound for sound in [await self.recorded(part.id, by=by)] if sound]
        try:
            prompts = expand([part], language)
        except SpokenError as error:
            log.warning("a piece cannot be said", why=str(error))
            return []
        await self.catalogue.load(prompts, language)
        found = [(prompt, self.catalogue.pcm(prompt, language)) for prompt in prompts]
        for prompt, sound in found:
            if sound is None:
                log.warning("a prompt cannot be played", prompt=prompt, language=language)
        return [sound for _, sound in found if sound]

    async def recorded(self, id_: str, *, by: str) -> bytes:
        """The sound of a recording, empty where it cannot be had."""
        try:
            return await self.store.pcm(id_, by=by)
        except RecordingError as error:
            log.warning("a recording cannot be played", recording=id_, why=str(error))
            return b""
