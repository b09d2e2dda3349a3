"""Callers leave messages over a real socket: recorded, kept whole, and never lost by a hang-up or a crash."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from acd.clock import Clock
from acd.core.center import Center
from acd.core.settings import CenterSettings
from acd.core.testing import MemoryJournal
from acd.core.words import QueueId
from acd.service import AcdService
from ivr.asterisk.agi import AgiSession, CallerGone
from ivr.asterisk.audiosocket import AudioSocketServer
from ivr.asterisk.testing import FakeAgiPeer, FakeAudioPeer
from ivr.drafts import Drafts
from ivr.flow import inputs
from ivr.flow.actions import Record
from ivr.listening import Listener
from ivr.media.catalogue import Catalogue
from ivr.messages import Caller, Messages
from ivr.recorder import Recorder
from ivr.recordings.testing import MemoryRecordings
from ivr.softphone.tone import write_short_tone
from ivr.sounds import Sounds
from ivr.speech.voice import VoiceSettings, loudness_db
from tests.adapters.agi_calls import one_call
from tests.eventually import eventually
from tests.sound import voice

ACTION = Record(("welcome",), longest_for=6.0, end_after=1.0)
MAIN = QueueId("main")
CALLER = Caller(call="1795000000.1", number="0501234567", line="main", language="uk")


@pytest.fixture(autouse=True)
def gaps_end_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller here stands still whenever the test does, and has more to say then."""
    monkeypatch.setattr("ivr.recorder._GAP_FOR", 60.0)


@dataclass
class Room:
    agi: AgiSession
    peer: FakeAgiPeer
    sounds: Sounds
    store: MemoryRecordings
    messages: Messages

    async def record(
        self, act: Callable[[FakeAudioPeer], object] = lambda _: None, action: Record = ACTION
    ) -> inputs.Recorded:
        """`act` as soon as the tone is over."""
        recording = asyncio.create_task(self.messages.record(action, MAIN, CALLER))
        before = len(self.peer.audio)
        await eventually(lambda: recording.done() or len(self.peer.audio) > before)
        audio = self.peer.audio[-1]
        await eventually(lambda: recording.done() or tone_is_over(audio))
        act(audio)
        return await asyncio.wait_for(recording, 20)


def tone_is_over(audio: FakeAudioPeer) -> bool:
    """Two sounds were heard, the prompt (0.2 s) and the tone (0.25 s), and then silence."""
    loud = [any(frame) for _, frame in audio.heard]
    return sum(loud) * 0.02 >= 0.4 and not any(loud[-3:])


@asynccontextmanager
async def room(folder: Path) -> AsyncIterator[Room]:
    (folder / "uk").mkdir(parents=True, exist_ok=True)
    write_short_tone(folder / "uk" / "welcome.wav", 500.0, 0.2)
    server = AudioSocketServer()
    await server.start()
    store = MemoryRecordings()
    sounds = Sounds(
        streams=server,
        listener=Listener(server, None),
        recorder=Recorder(server),
        catalogue=Catalogue(folder, ["uk"]),
        store=store,
        drafts=Drafts(folder / "drafts"),
        voice=VoiceSettings(),
    )
    service = AcdService(Center(CenterSettings(queues={}, operators={}), 0.0), MemoryJournal(), Clock())
    try:
        async with one_call(lambda peer: peer.variables.update({"VERSION()": "22.10.0"})) as (agi, peer):
            yield Room(agi, peer, sounds, store, Messages(agi, sounds, service, lambda *_: None))
    finally:
        await server.close()
        await sounds.drafts.close()


async def test_what_is_said_is_stored_without_the_silence_and_as_loud_as_a_prompt(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        recorded = await here.record(lambda audio: audio.say(voice(1.5, amplitude=800.0)))
        assert not recorded.failed
        assert 1.4 < recorded.seconds < 2.2
        pcm = await here.store.pcm(recorded.recording, by="test")
        assert len(pcm) == pytest.approx(recorded.seconds * 16000)
        assert loudness_db(pcm[8000:16000]) == pytest.approx(-20.0, abs=2.0)


async def test_nothing_said_is_nothing_stored(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        assert await here.record() == inputs.Recorded("", 0.0)
        assert not here.store.shelf.files


async def test_keys_and_the_limit_end_it(tmp_path: Path) -> None:
    async with room(tmp_path) as here:

        async def says_and_presses(audio: FakeAudioPeer) -> None:
            audio.say(voice(5.0))
            await eventually(lambda: len(audio.said_at) > 60)
            audio.press("4")

        acting: list[asyncio.Task[None]] = []
        by_key = await here.record(lambda audio: acting.append(asyncio.create_task(says_and_presses(audio))))
        assert 1.0 < by_key.seconds < 2.5
        assert by_key.key == "4"
        by_limit = await here.record(
            lambda audio: audio.say(voice(5.0)), Record(("welcome",), longest_for=1.0, end_after=3.0)
        )
        assert by_limit.seconds == pytest.approx(1.2, abs=0.2)


async def test_a_pause_shorter_than_the_silence_is_part_of_it(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        said = voice(0.8) + bytes(16000 * 8 // 10) + voice(0.8)
        recorded = await here.record(lambda audio: audio.say(said))
        assert 2.3 < recorded.seconds < 3.1


async def test_a_hang_up_in_mid_word_keeps_what_was_said(tmp_path: Path) -> None:
    async with room(tmp_path) as here:

        async def says_and_leaves(audio: FakeAudioPeer) -> None:
            audio.say(voice(5.0))
            await eventually(lambda: len(audio.said_at) > 80)
            here.peer.hang_up()

        acting: list[asyncio.Task[None]] = []
        recorded = await here.record(lambda audio: acting.append(asyncio.create_task(says_and_leaves(audio))))
        assert not recorded.failed
        assert 1.3 < recorded.seconds < 3.5


async def test_a_hang_up_before_the_tone_is_a_caller_who_is_gone(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        recording = asyncio.create_task(here.messages.record(ACTION, MAIN, CALLER))
        await eventually(lambda: len(here.peer.audio) > 0)
        here.peer.hang_up()
        with pytest.raises(CallerGone):
            await asyncio.wait_for(recording, 5)


async def test_a_full_disk_is_a_failed_recording(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        here.store.shelf.room = 1000
        recorded = await here.record(lambda audio: audio.say(voice(1.0)))
        assert recorded == inputs.Recorded("", 0.0, failed=True)


async def test_a_crash_in_mid_word_leaves_a_draft_with_what_was_said(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        recording = asyncio.create_task(here.messages.record(ACTION, MAIN, CALLER))
        await eventually(lambda: len(here.peer.audio) > 0)
        audio = here.peer.audio[-1]
        await eventually(lambda: tone_is_over(audio))
        audio.say(voice(5.0))
        await eventually(lambda: len(audio.said_at) > 80)
        recording.cancel()
        await asyncio.gather(recording, return_exceptions=True)
        ((draft, raw),) = await here.sounds.drafts.left()
    assert (draft.call, draft.queue, draft.caller) == (CALLER.call, "main", CALLER.number)
    assert len(raw) > 16000
