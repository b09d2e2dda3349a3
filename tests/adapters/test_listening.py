"""A question over a real socket: a scripted caller, the real voice detector, a scripted recogniser."""

import asyncio
import time
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ivr import listening, turn
from ivr.asterisk.agi import AgiSession, CallerGone
from ivr.asterisk.audiosocket import AudioSocketServer
from ivr.asterisk.testing import FakeAgiPeer, FakeAudioPeer, tone
from ivr.listening import Listener, ListeningSettings
from ivr.question import (
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
from ivr.speech.port import Heard, NoModel, RecogniserBusy, RecogniserDead
from tests.adapters.agi_calls import one_call
from tests.eventually import eventually
from tests.machine import ran_for, stood_still
from tests.sound import voice

PROMPT = tone(440, 3.0)
PHRASES = ("баланс", "оператор")


def _rising(sound: bytes) -> bytes:
    """Louder and louder, so that no piece of it is heard twice."""
    samples = array("h", sound)
    return array("h", [round(one * (0.5 + n / len(samples))) for n, one in enumerate(samples)]).tobytes()


VOICE = _rising(voice(0.6))
TONE, BEEP = tone(440, 0.2), tone(1400, 0.25, 0.2)


@pytest.fixture(autouse=True)
def sound_alone_ends_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller here stands still whenever the test does, and has more to say then: no time may end it."""
    rules = listening._rules

    def patient(*given: Any, **named: Any) -> turn.Rules:
        return replace(rules(*given, **named), gap_for=60.0, longest_for=60.0)

    monkeypatch.setattr(listening, "_rules", patient)


@dataclass
class ScriptedRecognition:
    heard: Heard | Exception
    ends_after: int
    """Frames after which it has heard enough by itself."""
    answers_after: float
    sound: bytearray = field(default_factory=bytearray)
    asked: bool = False
    closed: bool = False
    fed: int = 0

    def feed(self, sound: bytes) -> None:
        self.sound += sound
        self.fed += 1

    @property
    def ended(self) -> bool:
        return self.fed >= self.ends_after

    async def result(self, within: float) -> Heard:
        self.asked = True
        await asyncio.sleep(self.answers_after)
        if isinstance(self.heard, Exception):
            raise self.heard
        return self.heard

    def close(self) -> None:
        self.closed = True


@dataclass
class ScriptedRecogniser:
    heard: Heard | Exception = field(default_factory=lambda: Heard("баланс", 0.9))
    ends_after: int = 100_000
    answers_after: float = 0.0
    refuses: Exception | None = None
    opened: list[tuple[str, Sequence[str] | None]] = field(default_factory=list)
    recognitions: list[ScriptedRecognition] = field(default_factory=list)

    languages = frozenset({"uk"})

    def open(
        self, language: str, phrases: Sequence[str] | None, *, patient: bool = False
    ) -> ScriptedRecognition:
        self.opened.append((language, phrases))
        if self.refuses is not None:
            raise self.refuses
        self.recognitions.append(ScriptedRecognition(self.heard, self.ends_after, self.answers_after))
        return self.recognitions[-1]


@dataclass
class Room:
    """A call that can be asked."""

    agi: AgiSession
    peer: FakeAgiPeer
    server: AudioSocketServer
    recogniser: ScriptedRecogniser
    listener: Listener

    async def ask(
        self, question: Question, act: Callable[[FakeAudioPeer], object] = lambda _: None
    ) -> Outcome:
        """Ask, and let the caller do something as soon as the prompt is heard (or the stream is there)."""
        asking = asyncio.create_task(self.listener.ask(self.agi, question))
        before = len(self.peer.audio)
        await eventually(lambda: asking.done() or len(self.peer.audio) > before)
        if not asking.done():
            audio = self.peer.audio[-1]
            await eventually(lambda: audio.last_sound_at > 0 if question.sounds else audio.heard)
            act(audio)
        return await asyncio.wait_for(asking, 20)

    @property
    def audio(self) -> FakeAudioPeer:
        return self.peer.audio[-1]


@asynccontextmanager
async def room(recogniser: ScriptedRecogniser | None = None, **settings: object) -> AsyncIterator[Room]:
    recogniser = recogniser or ScriptedRecogniser()
    server = AudioSocketServer()
    await server.start()
    listening = replace(ListeningSettings(), **settings)  # type: ignore[arg-type]
    try:
        async with one_call() as (agi, peer):
            yield Room(agi, peer, server, recogniser, Listener(server, recogniser, listening))
    finally:
        await server.close(2)
        assert all(recognition.closed for recognition in recogniser.recognitions)


MENU = Question(sounds=(PROMPT,), phrases=PHRASES, wait_for=5.0)
SHORT = replace(MENU, sounds=(TONE,), wait_for=0.4)


def says_after(sound: bytes, said: bytes) -> Callable[[FakeAudioPeer], object]:
    """A caller who hears a sound to its end, and a moment of silence after it, before they speak."""
    speaking: list[asyncio.Task[None]] = []

    def is_over(audio: FakeAudioPeer) -> bool:
        return sound in audio.sound and not any(any(frame) for _, frame in audio.heard[-3:])

    async def speak(audio: FakeAudioPeer) -> None:
        await eventually(lambda: is_over(audio))
        audio.say(said)

    return lambda audio: speaking.append(asyncio.create_task(speak(audio)))


async def test_words_over_the_prompt_stop_it_and_are_recognised() -> None:
    async with room() as r:
        assert await r.ask(MENU, lambda audio: audio.say(VOICE)) == Words("баланс", 0.9)
        assert r.recogniser.opened == [("uk", PHRASES)]
        spoke_at, stopped_at = r.audio.said_at[0], r.audio.last_sound_at
        assert stopped_at - spoke_at - stood_still(spoke_at, stopped_at) < 0.3
        assert VOICE[:4000] in bytes(r.recogniser.recognitions[0].sound)
        await r.agi.answer()
        assert [command[0] for command in r.peer.commands] == ["EXEC", "ANSWER"]


async def test_words_after_the_prompt() -> None:
    async with room() as r:
        question = replace(SHORT, wait_for=5.0)
        assert await r.ask(question, says_after(TONE, VOICE)) == Words("баланс", 0.9)
        assert TONE in r.audio.sound
        assert VOICE[:4000] in bytes(r.recogniser.recognitions[0].sound)


async def test_silence_is_heard_by_nobody() -> None:
    async with room() as r:
        began = time.monotonic()
        assert await r.ask(SHORT) == Silent()
        took = time.monotonic() - began
        assert took > 0.55
        assert took - stood_still(began) < 3
        assert r.recogniser.recognitions[0].fed == 0
        assert not r.recogniser.recognitions[0].asked


async def test_a_key_stops_the_prompt_and_wins() -> None:
    async with room() as r:
        assert await r.ask(MENU, lambda audio: audio.press("3")) == Keys("3")
        assert sum(any(frame) for _, frame in r.audio.heard) * 0.02 < 1


async def test_a_key_wins_over_a_recognition_under_way() -> None:
    async with room(ScriptedRecogniser(answers_after=30)) as r:
        asking = asyncio.create_task(r.ask(MENU, lambda audio: audio.say(VOICE)))
        await eventually(lambda: r.recogniser.recognitions and r.recogniser.recognitions[0].asked)
        r.audio.press("1")
        assert await asyncio.wait_for(asking, 5) == Keys("1")


async def test_an_entry_of_several_keys_over_the_prompt() -> None:
    def four(typed: str) -> str:
        return "complete" if len(typed) == 4 else "more"

    rules = KeyRules(verdict=four, pause_for=0.5, end_key="#")
    async with room() as r:
        entry = replace(MENU, keys=rules)
        assert await r.ask(entry, lambda audio: [audio.press(key) for key in "1234"]) == Keys("1234")
        ended = await r.ask(entry, lambda audio: [audio.press(key) for key in "12#"])
        assert ended == Keys("12", ended_by_end_key=True)
        paused = await r.ask(entry, lambda audio: (audio.press("7"), audio.say(VOICE)))
        assert paused == Keys("7")
        assert r.recogniser.recognitions[-1].fed == 0


async def test_keys_of_an_old_asterisk_come_beside_the_stream_and_count_once() -> None:
    async with room() as r:
        call = r.agi.environment.call
        assert not r.listener.key(call, "1")
        entry = replace(MENU, keys=KeyRules(verdict=lambda typed: "complete" if len(typed) == 2 else "more"))

        def both(audio: FakeAudioPeer) -> None:
            audio.press("5")
            assert r.listener.key(call, "6") is not r.listener.keys_in_stream
            assert r.listener.key(call, "7") is not r.listener.keys_in_stream
            audio.press("8")

        assert await r.ask(entry, both) == Keys("58")
        r.listener.keys_in_stream = False
        assert await r.ask(entry, both) == Keys("67")
        assert not r.listener.key(call, "1")


async def test_the_recogniser_ends_the_utterance_itself() -> None:
    async with room(ScriptedRecogniser(ends_after=10)) as r:
        began = time.monotonic()
        assert await r.ask(MENU, lambda audio: audio.say(voice(5.0))) == Words("баланс", 0.9)
        assert ran_for(began) < 2


async def test_too_long_an_utterance() -> None:
    async with room() as r:
        question = replace(MENU, longest_for=1.0, keep=True)
        outcome = await r.ask(question, lambda audio: audio.say(voice(5.0)))
        assert isinstance(outcome, TooLong)
        assert 12_000 < len(outcome.sound) < 32_000
        assert not r.recogniser.recognitions[0].asked


async def test_a_free_utterance_is_kept_after_the_tone() -> None:
    async with room(ScriptedRecogniser(Heard("вулиця шевченка", 0.7))) as r:
        question = Question(sounds=(TONE,), free=True, beep=True, keep=True)
        outcome = await r.ask(question, says_after(TONE + BEEP, VOICE))
        assert isinstance(outcome, Words)
        assert (outcome.text, outcome.confidence) == ("вулиця шевченка", 0.7)
        assert VOICE[:4000] in outcome.sound
        assert r.recogniser.opened == [("uk", None)]
        assert TONE + BEEP[:3200] in r.audio.sound


async def test_voice_before_the_tone_does_not_count() -> None:
    async with room() as r:
        question = replace(SHORT, sounds=(tone(440, 1.5),), free=True, beep=True, wait_for=0.3)
        assert await r.ask(question, lambda audio: audio.say(VOICE)) == Silent()
        assert tone(440, 1.5) in r.audio.sound


@pytest.mark.parametrize(("error", "outcome"), [(RecogniserBusy(), Busy()), (RecogniserDead(), Dead())])
async def test_a_recogniser_that_cannot_listen_is_told_before_anything_plays(
    error: Exception, outcome: Outcome
) -> None:
    async with room(ScriptedRecogniser(refuses=error)) as r:
        assert await r.ask(MENU) == outcome
        assert r.peer.commands == []


async def test_without_a_model_keys_go_on() -> None:
    async with room(ScriptedRecogniser(refuses=NoModel())) as r:
        assert await r.ask(MENU, lambda audio: (audio.say(VOICE), audio.press("2"))) == Keys("2")
        silent = replace(SHORT, wait_for=0.9)
        assert await r.ask(silent, lambda audio: audio.say(VOICE)) == Silent()


async def test_without_a_model_a_free_utterance_is_still_kept() -> None:
    async with room(ScriptedRecogniser(refuses=NoModel())) as r:
        question = replace(MENU, free=True, keep=True)
        outcome = await r.ask(question, lambda audio: audio.say(VOICE))
        assert isinstance(outcome, Words)
        assert outcome.text == ""
        assert VOICE[:4000] in outcome.sound


async def test_keys_only_opens_no_recogniser() -> None:
    async with room() as r:
        assert await r.ask(replace(MENU, phrases=None), lambda audio: audio.press("5")) == Keys("5")
        assert r.recogniser.opened == []


async def test_the_recogniser_dies_in_mid_word() -> None:
    async with room(ScriptedRecogniser(heard=RecogniserDead(), ends_after=5)) as r:
        assert await r.ask(MENU, lambda audio: audio.say(VOICE)) == Dead()


async def test_a_recogniser_that_never_answers_is_given_up() -> None:
    async with room(ScriptedRecogniser(answers_after=60), result_within=0.2) as r:
        assert await r.ask(MENU, lambda audio: audio.say(VOICE)) == Dead()


async def test_the_caller_hangs_up_while_the_prompt_plays() -> None:
    async with room() as r:
        with pytest.raises(CallerGone):
            await r.ask(MENU, lambda _: r.peer.hang_up())
        await eventually(lambda: r.server.connections == 0)


async def test_asterisk_dies_while_the_prompt_plays() -> None:
    async with room() as r:
        with pytest.raises(CallerGone):
            await r.ask(MENU, lambda _: r.peer.vanish())


@pytest.mark.parametrize("data", [b"garbage!", b"\x00\x00\x00", b"\xff\x00\x00"])
async def test_a_lost_stream_leaves_the_call_to_plain_commands(data: bytes) -> None:
    async with room() as r:
        with pytest.raises(ListeningFailed):
            await r.ask(MENU, lambda audio: audio.send_raw(data))
        await r.agi.answer()


@pytest.mark.parametrize(
    "reply", ["200 result=-1", "200 result=0", "200 result=-2", "510 Invalid or unknown command"]
)
async def test_asterisk_cannot_connect(reply: str) -> None:
    async with room() as r:
        r.peer.answers["EXEC AudioSocket"] = reply
        began = time.monotonic()
        with pytest.raises(ListeningFailed):
            await r.ask(MENU)
        assert ran_for(began) < 2
        await r.agi.answer()


async def test_asterisk_does_not_connect_and_says_nothing() -> None:
    async with room(connect_within=0.2, close_within=0.2) as r:
        r.peer.answers["EXEC AudioSocket"] = ""
        with pytest.raises(ListeningFailed, match=r"within 0\.2 s"):
            await r.ask(MENU)


async def test_the_limit_of_streams_is_a_fault_that_keys_survive() -> None:
    async with room() as r:
        server = AudioSocketServer(limit=0)
        await server.start()
        with pytest.raises(ListeningFailed, match="0 streams"):
            await Listener(server, r.recogniser).ask(r.agi, MENU)
        await server.close()
        await r.agi.answer()


async def test_a_fault_of_our_own_costs_the_way_of_asking_and_not_the_call() -> None:
    def broken(typed: str) -> str:
        raise RuntimeError("no verdict")

    async with room() as r:
        with pytest.raises(ListeningFailed, match="no verdict"):
            await r.ask(replace(MENU, keys=KeyRules(verdict=broken)), lambda audio: audio.press("1"))
        await r.agi.answer()


async def test_a_cancelled_question_leaves_nothing_behind() -> None:
    async with room() as r:
        asking = asyncio.create_task(r.listener.ask(r.agi, MENU))
        await eventually(lambda: r.peer.audio and r.audio.last_sound_at > 0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(asking, 5)
        await eventually(lambda: r.server.connections == 0)
        await r.agi.answer()


async def test_questions_follow_each_other_quickly() -> None:
    async with room() as r:
        began = time.monotonic()
        for key in "12345":
            assert await r.ask(MENU, lambda audio, key=key: audio.press(key)) == Keys(key)  # type: ignore[misc]
        assert ran_for(began) < 5
        assert all(audio.goodbye for audio in r.peer.audio)
