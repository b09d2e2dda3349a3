"""No sound comes: the machine stood still, which cuts nobody short, or the phone has nothing more to send."""

import asyncio
import time

from ivr.asterisk.audiosocket import AudioSocketServer
from ivr.asterisk.testing import FakeAgiPeer, FakeAudioPeer
from ivr.listening import Listener
from ivr.question import Question, Words
from ivr.recorder import Recorder
from ivr.take import TakeRules
from tests.adapters.agi_calls import one_call
from tests.eventually import eventually
from tests.sound import voice

SAID_FOR = 3.0
ALMOST_ALL = SAID_FOR - 0.5
"""Cut at the stall it would be 1.2 s."""


async def speaks(peer: FakeAgiPeer) -> FakeAudioPeer:
    """After everything that is played to the caller, for a second so far."""
    await eventually(lambda: peer.audio and peer.audio[-1].heard)
    audio = peer.audio[-1]
    await eventually(lambda: time.monotonic() - audio.last_sound_at > 0.1)
    audio.say(voice(SAID_FOR))
    await eventually(lambda: len(audio.said_at) > 50)
    return audio


async def speaks_over_a_stall(peer: FakeAgiPeer, stall_for: float) -> None:
    await speaks(peer)
    time.sleep(stall_for)  # noqa: ASYNC251 - the fake caller stands still as well


async def speaks_and_sends_no_more(peer: FakeAgiPeer) -> None:
    (await speaks(peer)).send_no_more()


async def test_an_utterance_goes_on_after_a_stall_longer_than_any_gap() -> None:
    server = AudioSocketServer()
    await server.start()
    question = Question(free=True, keep=True, longest_for=20.0, end_after=0.5)
    async with one_call() as (agi, peer):
        speaking = asyncio.create_task(speaks_over_a_stall(peer, 1.5))
        outcome = await asyncio.wait_for(Listener(server, None).ask(agi, question), 20)
        await speaking
    await server.close()
    assert isinstance(outcome, Words)
    assert len(outcome.sound) / 16000 > ALMOST_ALL


async def test_a_message_goes_on_after_a_stall_longer_than_any_gap() -> None:
    server = AudioSocketServer()
    await server.start()
    rules = TakeRules(longest_for=20.0, end_after=0.5)
    async with one_call() as (agi, peer):
        speaking = asyncio.create_task(speaks_over_a_stall(peer, 2.0))
        recording = Recorder(server).record(agi, (), rules, lambda _: None, keys_in_stream=True)
        taken = await asyncio.wait_for(recording, 20)
        await speaking
    await server.close()
    assert len(taken.sound) / 16000 > ALMOST_ALL


async def test_a_phone_that_sends_no_more_ends_its_utterance_and_its_message() -> None:
    server = AudioSocketServer()
    await server.start()
    question = Question(free=True, keep=True, longest_for=60.0, end_after=0.5)
    async with one_call() as (agi, peer):
        speaking = asyncio.create_task(speaks_and_sends_no_more(peer))
        outcome = await asyncio.wait_for(Listener(server, None).ask(agi, question), 20)
        await speaking
        assert isinstance(outcome, Words)
        assert 0.8 < len(outcome.sound) / 16000 < ALMOST_ALL
    rules = TakeRules(longest_for=60.0, end_after=0.5)
    async with one_call() as (agi, peer):
        speaking = asyncio.create_task(speaks_and_sends_no_more(peer))
        recording = Recorder(server).record(agi, (), rules, lambda _: None, keys_in_stream=True)
        taken = await asyncio.wait_for(recording, 20)
        await speaking
    await server.close()
    assert 0.5 < len(taken.sound) / 16000 < ALMOST_ALL
