"""Softphones on a real Asterisk: they register, hear each other, press keys, answer by header, refuse."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.asterisk.autoanswer import variables_for
from ivr.asterisk.instance import AsteriskInstance
from ivr.free_ports import PHONE_RTP
from ivr.softphone.phone import Answer, Kind, Softphone, SoftphoneError
from tests import sound
from tests.instance_asterisk import AMI_SECRET, PASSWORD, phone, running_asterisk
from tests.real import need

TRIES = 3
"""A promised time is measured again where the machine was busy elsewhere meanwhile."""
CALLER_HZ, OPERATOR_HZ = 440.0, 1000.0
EXTENSIONS = """
[dzvin-phones]
exten => 7001,1,Dial(PJSIP/op1,15)
exten => 7002,1,Answer()
 same => n,Read(KEYS,,4,,1,5)
 same => n,GotoIf($["${KEYS}" = "19*0"]?:wrong)
 same => n,Echo()
 same => n(wrong),Hangup()
[softphone-test]
exten => echo,1,Answer()
 same => n,Echo()
"""


@asynccontextmanager
async def two_phones(
    folder: Path, answer: Answer
) -> AsyncIterator[tuple[AsteriskInstance, Softphone, Softphone]]:
    need("baresip")
    phones = [phone("op1"), phone("caller1")]
    modules = ("app_echo.so", "app_read.so")
    async with running_asterisk(
        phones, extra={"extensions.conf": EXTENSIONS}, extra_modules=modules
    ) as asterisk:
        port = asterisk.addresses.sip_port
        async with (
            Softphone("caller1", PASSWORD, port, folder / "caller1", CALLER_HZ) as caller,
            Softphone("op1", PASSWORD, port, folder / "op1", OPERATOR_HZ, answer) as operator,
        ):
            await asyncio.gather(caller.register(), operator.register())
            yield asterisk, caller, operator


async def originate(asterisk: AsteriskInstance, kind: str) -> None:
    """Call op1 the way the server does, into the echo."""
    variables = [f"Variable: {name}={value}" for name, value in variables_for(kind)]
    reader, writer = await asyncio.open_connection(asterisk.addresses.ami_host, asterisk.addresses.ami_port)
    login = ["Action: Login", "Username: dzvin", f"Secret: {AMI_SECRET}", "Events: off", "", ""]
    call = [
        "Action: Originate",
        "Async: true",
        "Channel: PJSIP/op1",
        "Context: softphone-test",
        "Exten: echo",
    ]
    writer.write("\r\n".join([*login, *call, "Priority: 1", *variables, "", ""]).encode())
    await asyncio.wait_for(reader.readuntil(b"Originate successfully queued"), 15)
    writer.close()


async def test_two_phones_hear_each_other(tmp_path: Path) -> None:
    took: list[float] = []
    async with two_phones(tmp_path, Answer.AT_ONCE) as (_, caller, operator):
        while not took or (min(took) >= 1.0 and len(took) < TRIES):
            took.append(await talk_and_hang_up(caller, operator))
            assert sound.hears(caller.heard(), OPERATOR_HZ, 0.3)
            assert not sound.hears(caller.heard(), CALLER_HZ, 0.3)
            assert sound.hears(operator.heard(), CALLER_HZ, 0.3)
    assert min(took) < 1.0, took
    offer = re.search(r"^INVITE sip:7001@.*?^m=audio (\d+) ", said_by("caller1", tmp_path), re.M | re.S)
    assert offer is not None
    assert int(offer[1]) in PHONE_RTP


async def talk_and_hang_up(caller: Softphone, operator: Softphone) -> float:
    """Both hear each other; seconds from the operator's end of the call to the caller's."""
    seen, rang, earlier = len(caller.events), len(operator.events), len(caller.recordings())
    await caller.dial("7001")
    await caller.wait_for(Kind.ESTABLISHED, since=seen)
    await operator.wait_for(Kind.ESTABLISHED, since=rang)
    assert await hears_within(caller, OPERATOR_HZ, earlier=earlier)
    assert await hears_within(operator, CALLER_HZ, earlier=earlier)
    assert caller.talking
    hung_up_at = await operator.hang_up()
    closed = await caller.wait_for(Kind.CLOSED, since=seen)
    assert not caller.talking
    await operator.wait_for(Kind.CLOSED, since=rang)
    return closed.at - hung_up_at


def said_by(name: str, folder: Path) -> str:
    return (folder / name / "baresip.log").read_text(encoding="utf-8", errors="replace")


async def hears_within(listener: Softphone, hz: float, within: float = 8.0, earlier: int = 0) -> bool:
    """Whether half a second of the tone is in the growing recording before the deadline.

    `earlier`: so many recordings were there before the call.
    """
    deadline = asyncio.get_running_loop().time() + within
    while asyncio.get_running_loop().time() < deadline:
        if len(listener.recordings()) > earlier and sound.heard_for(listener.heard(), hz) >= 0.5:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_pressed_keys_arrive(tmp_path: Path) -> None:
    """Only the right four keys lead to the echo, in which the caller hears itself."""
    async with two_phones(tmp_path, Answer.BY_HAND) as (_, caller, __):
        await caller.dial("7002")
        await caller.wait_for(Kind.ESTABLISHED)
        await caller.press("19*0")
        assert await hears_within(caller, CALLER_HZ)
        await caller.hang_up()
        seen = len(caller.events)
        await caller.dial("7002")
        await caller.wait_for(Kind.ESTABLISHED, since=seen)
        await caller.press("1900")
        await caller.wait_for(Kind.CLOSED, since=seen)


@pytest.mark.parametrize("kind", ["baresip", "yealink", "generic"])
async def test_the_phone_answers_because_of_the_header(tmp_path: Path, kind: str) -> None:
    took: list[float] = []
    async with two_phones(tmp_path, Answer.BY_HEADER) as (asterisk, _, operator):
        while not took or (min(took) >= 0.5 and len(took) < TRIES):
            seen = len(operator.events)
            await originate(asterisk, kind)
            rang = await operator.wait_for(Kind.INCOMING, since=seen)
            answered = await operator.wait_for(Kind.ESTABLISHED, since=seen)
            took.append(answered.at - rang.at)
            headers = await operator.headers_of(rang.call_id)
            assert headers["call-info"] == "<sip:acd>;answer-after=0"
            await operator.hang_up()
            await operator.wait_for(Kind.CLOSED, since=seen)
    assert min(took) < 0.5, took


async def test_without_the_header_the_same_phone_only_rings(tmp_path: Path) -> None:
    async with two_phones(tmp_path, Answer.BY_HEADER) as (_, caller, operator):
        await caller.dial("7001")
        await operator.wait_for(Kind.INCOMING)
        await caller.wait_for(Kind.RINGING)
        with pytest.raises(SoftphoneError, match="no ESTABLISHED"):
            await operator.wait_for(Kind.ESTABLISHED, within=1.0)
        await caller.hang_up()
        await operator.wait_for(Kind.CLOSED)


async def test_refused_busy_unregistered_and_vanished(tmp_path: Path) -> None:
    async with two_phones(tmp_path, Answer.BY_HAND) as (_, caller, operator):
        await caller.dial("7001")
        await operator.wait_for(Kind.INCOMING)
        await operator.reject()
        await caller.wait_for(Kind.CLOSED)
        operator.answer = Answer.BUSY
        seen, rang = len(caller.events), len(operator.events)
        await caller.dial("7001")
        await operator.wait_for(Kind.CLOSED, since=rang)  # long before the 15 s of Dial
        await caller.wait_for(Kind.CLOSED, since=seen)
        await operator.unregister()
        seen, rang = len(caller.events), len(operator.events)
        await caller.dial("7001")
        await caller.wait_for(Kind.CLOSED, since=seen)
        assert not [event for event in operator.events[rang:] if event.kind is Kind.INCOMING]
        await operator.register()
        await operator.vanish()
        assert operator.pid is None


async def test_unregistered_in_the_middle_of_a_call_it_comes_back_and_forgets_nothing(tmp_path: Path) -> None:
    async with two_phones(tmp_path, Answer.AT_ONCE) as (_, caller, operator):
        for count in (1, 2, 3):
            rang, seen = len(operator.events), len(caller.events)
            await caller.dial("7001")
            talk = await operator.wait_for(Kind.ESTABLISHED, since=rang)
            assert await hears_within(operator, CALLER_HZ, earlier=count - 1)
            before, pid = list(operator.events), operator.pid
            await operator.unregister()
            assert operator.events[: len(before)] == before
            closed = await operator.wait_for(Kind.CLOSED, since=rang, within=1)
            assert closed.call_id == talk.call_id
            assert not operator.talking
            await caller.wait_for(Kind.CLOSED, since=seen)
            assert operator.pid not in (None, pid)
            assert len(operator.recordings()) == count
            assert sound.hears(operator.heard(), CALLER_HZ, 0.3)
            await operator.register()


async def test_a_wrong_password_is_said_plainly(tmp_path: Path) -> None:
    need("baresip")
    async with (
        running_asterisk([phone("op1")]) as asterisk,
        Softphone("op1", "wrong-password", asterisk.addresses.sip_port, tmp_path / "op1") as liar,
    ):
        with pytest.raises(SoftphoneError, match="was not registered: 401"):
            await liar.register()
