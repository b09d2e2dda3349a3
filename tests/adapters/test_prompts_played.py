"""Shipped prompts and music, played by a real Asterisk and heard by a softphone: whole, in its language."""

from pathlib import Path

import pytest

from ivr.softphone.phone import Kind, Softphone
from tests import sound
from tests.instance_asterisk import PASSWORD, PROJECT, phone, running_asterisk
from tests.real import need

PROMPTS = PROJECT / "prompts"
EXTENSIONS = """
[dzvin-phones]
exten => 7001,1,Answer()
 same => n,Playback(dzvin/welcome&dzvin/please-wait)
 same => n,MusicOnHold(default,5)
 same => n,Hangup()
"""


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
async def test_prompts_are_heard_whole_and_the_music_follows(tmp_path: Path, language: str) -> None:
    need("baresip")
    async with (
        running_asterisk(
            [phone("op1", language=language)],
            prompts=PROMPTS,
            music=PROMPTS / "music",
            own_music=True,
            extra={"extensions.conf": EXTENSIONS},
        ) as asterisk,
        Softphone("op1", PASSWORD, asterisk.addresses.sip_port, tmp_path / "op1", tone_hz=None) as listener,
    ):
        await listener.register()
        await listener.dial("7001")
        await listener.wait_for(Kind.CLOSED, within=25)
    heard = sound.read(listener.heard())
    welcome, please_wait = (
        sound.read(PROMPTS / language / f"{name}.wav") for name in ("welcome", "please-wait")
    )
    welcomed_at, wait_at = sound.find(heard, welcome, least=0.9), sound.find(heard, please_wait, least=0.9)
    assert welcomed_at is not None
    assert wait_at is not None
    assert wait_at >= welcomed_at + welcome.length_s - 0.1
    music = sound.read(PROMPTS / "music" / "default" / "default.wav").part(1, 3)
    assert sound.find(heard, music, least=0.9) is not None
    others = [folder for folder in ("uk", "ru", "en") if folder != language]
    assert not any(sound.find(heard, sound.read(PROMPTS / other / "welcome.wav")) for other in others)
