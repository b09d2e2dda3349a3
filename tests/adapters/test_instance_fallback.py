"""The dialplan in Asterisk itself: what a caller meets while the server is absent, dies or comes back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.asterisk.conf import Transfer
from ivr.asterisk.instance import AsteriskInstance
from ivr.softphone.phone import Answer, Kind, Softphone
from ivr.softphone.tone import write_tone
from tests import sound
from tests.eventually import eventually
from tests.instance_asterisk import PASSWORD, phone, running_asterisk
from tests.machine import stood_still
from tests.real import need

CALLER_HZ, APOLOGY_HZ, DUTY_HZ, MUSIC_HZ = 440.0, 1700.0, 1000.0, 350.0
FALLBACK_AFTER = 3
PHONES = [phone("caller1", lines_only=True), phone("duty"), phone("op1")]

Serve = Callable[[dict[str, str], asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


class AgiServer:
    """Answers FastAGI as the test says, and remembers what it was asked."""

    def __init__(self, port: int, serve: Serve) -> None:
        self.asked: list[dict[str, str]] = []
        self.asked_at: list[float] = []
        self._port, self._serve = port, serve
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._one, "127.0.0.1", self._port)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        lines = (await reader.readuntil(b"\n\n")).decode().splitlines()
        self.asked.append(dict(line.split(": ", 1) for line in lines if ": " in line))
        self.asked_at.append(asyncio.get_running_loop().time())
        await self._serve(self.asked[-1], reader, writer)

    def kill(self) -> None:
        """What a killed process looks like from outside: every socket closes at once."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()


async def command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: str) -> str:
    writer.write(f"{text}\n".encode())
    return (await asyncio.wait_for(reader.readline(), 10)).decode()


async def hold(_: dict[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer, music, and silence on the line from then on."""
    await command(reader, writer, "ANSWER")
    await command(reader, writer, "SET MUSIC ON")


async def finish(_: dict[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await command(reader, writer, "ANSWER")
    await command(reader, writer, "SET VARIABLE DZVIN_DONE 1")
    writer.close()


@asynccontextmanager
async def centre(
    folder: Path, **more: object
) -> AsyncIterator[tuple[AsteriskInstance, Softphone, Softphone]]:
    """Asterisk with a caller's phone and the phone on duty."""
    need("baresip")
    prompts, music = folder / "prompts", folder / "music"
    for made in (prompts / "en", music / "default"):
        made.mkdir(parents=True)
    write_tone(prompts / "en" / "apology.wav", APOLOGY_HZ, 1.5)
    write_tone(music / "default" / "tone.wav", MUSIC_HZ, 30.0)
    transfers = (Transfer(number="900", via="duty"),)
    settings: dict[str, object] = {"fallback_after": FALLBACK_AFTER, "transfers": transfers} | more
    sounds = {"prompts": prompts, "music": music, "own_music": True}
    async with running_asterisk(PHONES, **sounds, **settings) as asterisk:
        port = asterisk.addresses.sip_port
        async with (
            Softphone("caller1", PASSWORD, port, folder / "caller1", CALLER_HZ) as caller,
            Softphone("duty", PASSWORD, port, folder / "duty", DUTY_HZ, Answer.AT_ONCE) as duty,
        ):
            await asyncio.gather(caller.register(), duty.register())
            yield asterisk, caller, duty


async def test_without_a_server_music_then_the_apology_then_the_fallback_number(tmp_path: Path) -> None:
    async with centre(tmp_path, fallback_number="900") as (_, caller, duty):
        dialled = await caller.dial("100")
        await caller.wait_for(Kind.ESTABLISHED)
        rang = await duty.wait_for(Kind.INCOMING, within=20)
        await duty.wait_for(Kind.ESTABLISHED)
        assert rang.at - dialled > FALLBACK_AFTER
        assert rang.at - dialled - stood_still(dialled, rang.at) < FALLBACK_AFTER + 6
        await eventually(lambda: sound.heard_for(caller.heard(), DUTY_HZ) > 0.5, what="the caller hears duty")
        await eventually(lambda: sound.heard_for(duty.heard(), CALLER_HZ) > 0.5, what="duty hears the caller")
        await caller.hang_up()
        await duty.wait_for(Kind.CLOSED)
        heard = caller.heard()
        assert sound.heard_for(heard, APOLOGY_HZ) > 1.0
        assert sound.heard_for(heard, MUSIC_HZ) > FALLBACK_AFTER - 1.5


async def test_without_a_fallback_number_the_call_ends_after_the_apology(tmp_path: Path) -> None:
    async with centre(tmp_path) as (asterisk, caller, _):
        await caller.dial("100")
        await caller.wait_for(Kind.CLOSED, within=12)
        assert sound.heard_for(caller.heard(), APOLOGY_HZ) > 1.0
        async with asyncio.timeout(10):
            while await asterisk.calls():  # noqa: ASYNC110 - Asterisk has to be asked
                await asyncio.sleep(0.1)


async def test_a_killed_server_that_returns_gets_its_waiting_caller_back(tmp_path: Path) -> None:
    after = 8  # Asterisk counts whole seconds and asks every second: several questions must be left
    async with centre(tmp_path, fallback_number="900", fallback_after=after) as (asterisk, caller, duty):
        first = AgiServer(asterisk.addresses.fastagi_port, hold)
        await first.start()
        await caller.dial("+380501234567")
        await caller.wait_for(Kind.ESTABLISHED)
        # Longer with the server than the dialplan waits without one: the clock starts at the server's end.
        await asyncio.sleep(after + 2)
        first.kill()
        await asyncio.sleep(1.5)
        second = AgiServer(asterisk.addresses.fastagi_port, finish)
        await second.start()
        returned = asyncio.get_running_loop().time()
        await eventually(lambda: second.asked, what="the caller comes back")
        assert second.asked_at[0] - returned - stood_still(returned, second.asked_at[0]) < 4.0
        await caller.wait_for(Kind.CLOSED)
        assert first.asked[0]["agi_uniqueid"] == second.asked[0]["agi_uniqueid"]
        assert first.asked[0]["agi_network_script"] == "line"
        assert first.asked[0]["agi_extension"] == "+380501234567"
        assert not [event for event in duty.events if event.kind is Kind.INCOMING]
        heard = sound.read(caller.heard())
        assert sound.heard_for(heard, MUSIC_HZ) > heard.length_s - 2.5
        second.kill()


async def test_what_callers_may_not_dial(tmp_path: Path) -> None:
    """Codes, transfers and odd numbers: refused, and the server is never asked."""
    async with centre(tmp_path) as (asterisk, caller, duty):
        server = AgiServer(asterisk.addresses.fastagi_port, finish)
        await server.start()
        for number in ("*10", "duty", "s", "100&PJSIP", "1" * 33, "100*1"):
            seen = len(caller.events)
            await caller.dial(number)
            await caller.wait_for(Kind.CLOSED, since=seen)
        assert server.asked == []
        assert not [event for event in duty.events if event.kind is Kind.INCOMING]
        server.kill()


@pytest.mark.parametrize(("number", "script"), [("*10", "code"), ("*131", "code"), ("100", "line")])
async def test_operators_phones_reach_codes_and_lines(tmp_path: Path, number: str, script: str) -> None:
    need("baresip")
    async with running_asterisk(PHONES) as asterisk:
        server = AgiServer(asterisk.addresses.fastagi_port, finish)
        await server.start()
        async with Softphone("op1", PASSWORD, asterisk.addresses.sip_port, tmp_path, CALLER_HZ) as operator:
            await operator.register()
            await operator.dial(number)
            await operator.wait_for(Kind.CLOSED)
        assert [(one["agi_network_script"], one["agi_extension"]) for one in server.asked] == [
            (script, number)
        ]
        assert server.asked[0]["agi_channel"].startswith("PJSIP/op1-")
        server.kill()
