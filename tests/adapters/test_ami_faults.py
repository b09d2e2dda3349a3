"""Faults P1 to P9 of panoramisk's AMI side and bad peers, against our client on loopback."""

import asyncio
import time
from dataclasses import replace

import pytest

from ivr.asterisk.ami import (
    Ami,
    AmiLost,
    AmiMessage,
    AmiTimeout,
    AmiTimes,
    LinkState,
)
from ivr.asterisk.ami_protocol import BlockReader
from ivr.asterisk.encode import UnsafeValue
from ivr.asterisk.testing import FakeAsteriskAmi, ami_event
from tests.adapters.ami_client import QUICK, connected
from tests.eventually import eventually
from tests.machine import ran_for


async def test_p1_an_exception_in_a_callback_harms_neither_link_nor_next_event() -> None:
    seen: list[str] = []

    def failing(message: AmiMessage) -> None:
        seen.append(message.name)
        raise RuntimeError(message.name)

    async with FakeAsteriskAmi() as fake:
        ami = Ami("127.0.0.1", fake.port, "dzvin", "secret", failing, times=QUICK)
        ami.start()
        await ami.until_ready(5)
        await fake.send(b"".join(ami_event(f"E{n}") for n in range(5)))
        await eventually(lambda: len(seen) == 6)
        await ami.action("Ping")
        await ami.close()
        assert seen == ["FullyBooted", "E0", "E1", "E2", "E3", "E4"]
        assert fake.connections == 1


def _split_stream() -> bytes:
    headers = {"Channel": "PJSIP/a-00000001", "CallerIDName": "Іван Иванов 🎧", "Digit": "5"}
    return b"Asterisk Call Manager/11.0.0\r\n" + ami_event("A", headers) + ami_event("B", headers)


@pytest.mark.parametrize("at", range(1, len(_split_stream())))
def test_p2_split_at_every_byte_loses_no_letter(at: int) -> None:
    stream, reader, messages = _split_stream(), BlockReader(), []
    for piece in (stream[:at], stream[at:]):
        reader.feed(piece)
        while (block := reader.next()) is not None:
            messages.append(AmiMessage(block))
    assert [message.name for message in messages] == ["A", "B"]
    assert {message["CallerIDName"] for message in messages} == {"Іван Иванов 🎧"}


async def test_p2_single_bytes_over_a_socket() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (_, heard):
        fake.chunk = 1
        await fake.event("UserEvent", {"UserEvent": "Hi", "Name": "Іванов"})
        await eventually(lambda: heard.names() == ["UserEvent"])
        assert heard.events[-1]["name"] == "Іванов"


async def test_p2_bytes_that_are_no_utf8_are_replaced() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (_, heard):
        await fake.send(b"Event: X\r\nName: \xc8\xe2\xe0\xed!\r\n\r\n" + ami_event("Y"))
        await eventually(lambda: heard.names() == ["X", "Y"])
        assert heard.events[-2]["Name"].endswith("!")


@pytest.mark.parametrize(
    "headers",
    [
        {"CallerID": "x\r\n\r\nAction: Command\r\nCommand: core stop now"},
        {"CallerID": "x\nAction: Command"},
        {"Caller\r\nID": "x"},
        {"Caller: ID": "x"},
        {"Variable": ["a=1", "b=2\r\nc"]},
        {"Variable": "x" * 1100},
        {"Variable": [f"v{n}=1" for n in range(130)]},
        {"action": "Command"},
        {"Channel": "x\0y"},
    ],
)
async def test_p3_nothing_unsafe_is_sent(headers: dict[str, str | list[str]]) -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, _):
        with pytest.raises(UnsafeValue):
            await ami.action("Originate", headers)
        assert ami.under_way == 0
        await ami.action("Ping")
        assert fake.actions("Originate") == []
        assert b"core stop now" not in fake.raw


async def test_p4_answer_to_an_originate_without_async_is_just_an_answer() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, _):
        fake.answers["originate"] = lambda action: [
            fake.response(action, "Success", Message="Originate successfully queued")
        ]
        answer = await ami.action("Originate", {"Channel": "PJSIP/op1"})
        assert answer["Message"] == "Originate successfully queued"


async def test_p5_p6_actions_under_way_fail_and_are_never_sent_again() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, heard):
        fake.unanswered = {"originate"}
        item = ami_event("CoreShowChannel", {"Uniqueid": "1"})
        fake.answers["coreshowchannels"] = lambda action: [
            fake.response(action, "Success", EventList="start"),
            item.replace(b"\r\n\r\n", f"\r\nActionID: {action['actionid']}\r\n\r\n".encode()),
        ]
        waiting = [
            asyncio.create_task(ami.action("Originate", {"Channel": "PJSIP/op1"})),
            asyncio.create_task(ami.collect("CoreShowChannels")),
        ]
        await eventually(lambda: len(fake.received) >= 3)
        fake.drop()
        results = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 10)
        assert [type(result) for result in results] == [AmiLost, AmiLost]
        await eventually(lambda: heard.links == [LinkState.READY, LinkState.LOST, LinkState.READY])
        await ami.action("Ping")
        assert len(fake.actions("Originate")) == 1
        assert ami.under_way == 0


async def test_p7_half_open_link_is_noticed_within_three_seconds() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake, AmiTimes()) as (ami, heard):
        fake.mute = True
        began = time.monotonic()
        await eventually(lambda: LinkState.LOST in heard.links, within=5)
        assert ran_for(began) <= 3.1
        fake.mute = False
        await ami.until_ready(5)


async def test_p7_lost_pongs_leak_nothing_and_a_talking_peer_is_alive() -> None:
    times = replace(QUICK, ping_every=0.02, pong_for=0.4)
    async with FakeAsteriskAmi() as fake, connected(fake, times) as (ami, heard):
        fake.answers["ping"] = lambda _: [ami_event("Newstate", {"Uniqueid": "1"})]
        await eventually(lambda: len(fake.actions("Ping")) >= 4)
        assert heard.links == [LinkState.READY]
        assert ami.under_way <= 1


async def test_p8_unanswered_and_cancelled_actions_leave_nothing_behind() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, heard):
        fake.unanswered = {"redirect"}
        with pytest.raises(AmiTimeout, match="Redirect"):
            await ami.action("Redirect", deadline=0.05)
        cancelled = asyncio.create_task(ami.action("Redirect"))
        await eventually(lambda: len(fake.actions("Redirect")) == 2)
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        for late in fake.actions("Redirect"):
            await fake.send(fake.response(late, "Success"))
        await ami.action("Ping")
        assert ami.under_way == 0
        assert heard.names() == []


async def test_p9_close_during_back_off_stays_closed() -> None:
    async with FakeAsteriskAmi() as fake:
        async with connected(fake, replace(QUICK, retry_from=0.2, retry_max=0.2)) as (ami, heard):
            fake.drop()
            await eventually(lambda: LinkState.LOST in heard.links)
            await ami.close()
            with pytest.raises(AmiTimeout):
                await ami.until_ready(0.5)
        assert fake.connections == 1
        assert fake.open == 0


async def test_p9_close_while_connecting_and_before_start() -> None:
    async with FakeAsteriskAmi(booted=False) as fake:
        async with connected(fake, wait=False) as (ami, heard):
            await eventually(lambda: fake.actions("Login"))
        assert heard.links == []
        await eventually(lambda: fake.open == 0)
        never = Ami("127.0.0.1", fake.port, "dzvin", "secret", heard.events.append)
        await never.close()
        assert not ami.ready
