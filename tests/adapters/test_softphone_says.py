"""A softphone that speaks: words on command in a call on a real Asterisk, which sends them back."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.softphone.baresip import ALAW, ULAW
from ivr.softphone.phone import Answer, Kind, Softphone, SoftphoneError
from ivr.softphone.tone import write_tone
from ivr.softphone.voice import Voice, VoiceMissing
from tests import sound
from tests.eventually import eventually
from tests.instance_asterisk import PASSWORD, phone, running_asterisk
from tests.real import need

ECHO = """
[dzvin-phones]
exten => 7003,1,Answer()
 same => n,Echo()
exten => 7004,1,Dial(PJSIP/caller1)
"""
HZ, OTHER_HZ = 440.0, 1000.0


@asynccontextmanager
async def caller_with_echo(folder: Path, codecs: str) -> AsyncIterator[Softphone]:
    """In a call in which it hears itself."""
    need("baresip")
    extra = {"extensions.conf": ECHO}
    async with (
        running_asterisk(
            [phone("caller1"), phone("caller2")],
            extra=extra,
            extra_modules=("app_echo.so", "app_dial.so"),
        ) as asterisk,
        Softphone("caller1", PASSWORD, asterisk.addresses.sip_port, folder, None, codecs=codecs) as caller,
    ):
        await caller.register()
        await call(caller)
        yield caller


async def call(caller: Softphone) -> None:
    seen, recorded = len(caller.events), len(caller.recordings())
    await caller.dial("7003")
    await caller.wait_for(Kind.ESTABLISHED, since=seen)
    await eventually(lambda: len(caller.recordings()) > recorded)


@pytest.mark.parametrize("codecs", [ULAW, ALAW], ids=["ulaw", "alaw"])
async def test_each_word_once_then_silence_also_in_the_next_call(tmp_path: Path, codecs: str) -> None:
    first, second = (write_tone(tmp_path / f"{hz}.wav", hz, 0.5) for hz in (HZ, OTHER_HZ))
    async with caller_with_echo(tmp_path / "caller", codecs) as caller:
        saying = await caller.say(first)
        await saying.over()
        assert 0 <= time.monotonic() - saying.ends_at < 5
        await (await caller.say(second)).over()
        await eventually(lambda: sound.heard_for(caller.heard(), OTHER_HZ) >= 0.9, 8)
        await asyncio.sleep(1.2)  # what would come after the words: nothing may
        assert 0.9 <= sound.heard_for(caller.heard(), HZ) <= 1.1
        assert 0.9 <= sound.heard_for(caller.heard(), OTHER_HZ) <= 1.1
        await caller.hang_up()
        await call(caller)
        await eventually(lambda: sound.read(caller.heard()).length_s > 1, 5)
        assert sound.is_silent(caller.heard())
        codec = "PCMU" if codecs == ULAW else "PCMA"
        assert f"<--- sndfile <--- {codec}" in (tmp_path / "caller" / "baresip.log").read_text()


async def test_who_has_spoken_answers_the_next_call_and_is_silent(tmp_path: Path) -> None:
    words = write_tone(tmp_path / "words.wav", HZ, 0.5)
    async with caller_with_echo(tmp_path / "caller", ULAW) as caller:
        await (await caller.say(words)).over()
        await caller.hang_up()
        await caller.wait_for(Kind.CLOSED)
        caller.answer = Answer.AT_ONCE
        folder = tmp_path / "other"
        port = int(caller.address.rpartition(":")[2])
        async with Softphone("caller2", PASSWORD, port, folder, OTHER_HZ) as other:
            await other.register()
            seen = len(caller.events)
            await other.dial("7004")
            await caller.wait_for(Kind.ESTABLISHED, since=seen)
            await eventually(lambda: sound.heard_for(caller.heard(), OTHER_HZ) > 1, 5)
            await eventually(lambda: bool(other.recordings()), 5)
            assert sound.is_silent(other.heard())


async def test_words_need_a_call_and_the_form_of_the_telephone(tmp_path: Path) -> None:
    caller = Softphone("caller1", PASSWORD, 5060, tmp_path, None)
    with pytest.raises(SoftphoneError, match="caller1 is in no call"):
        await caller.say(write_tone(tmp_path / "tone.wav", HZ, 0.5))


def test_a_voice_speaks_at_telephone_rate_with_silence_around(tmp_path: Path) -> None:
    need("espeak-ng")
    plain = sound.read(Voice("uk").say("оператор", tmp_path / "plain.wav"))
    around = sound.read(Voice("uk").say("оператор", tmp_path / "around.wav", silence_s=0.5))
    slow = sound.read(Voice("uk", "+f2", words_a_minute=90).say("оператор", tmp_path / "slow.wav"))
    assert plain.rate_hz == 8000
    assert around.length_s == pytest.approx(plain.length_s + 1.0, abs=0.01)
    assert sound.is_silent(around, 0.0, 0.5)
    assert slow.length_s > 1.2 * plain.length_s
    assert -16 < sound.peak_db(plain) < -4


def test_an_unknown_voice_is_named(tmp_path: Path) -> None:
    need("espeak-ng")
    with pytest.raises(VoiceMissing, match="xx-none"):
        Voice("xx-none").say("так", tmp_path / "none.wav")
