"""Faults P10 to P20 of panoramisk's AMI side: links, floods, lists and messages, on loopback."""

import asyncio
import gc
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest
from structlog.testing import capture_logs

from ivr.asterisk.ami import (
    ActionRefused,
    Ami,
    AmiLost,
    AmiMessage,
    AmiNotReady,
    AmiTimeout,
    AmiTimes,
    LinkState,
    ListBroken,
)
from ivr.asterisk.ami_protocol import BACKLOG_HIGH, PendingAction
from ivr.asterisk.encode import UnsafeValue
from ivr.asterisk.testing import FakeAsteriskAmi, ami_event
from ivr.asterisk.translate import ChannelSeen, translate
from tests.adapters.ami_client import QUICK, connected
from tests.eventually import eventually
from tests.machine import stood_still
from tests.real import free_port


async def test_p10_wrong_secret_is_tried_slowly_told_and_never_logged() -> None:
    times = replace(QUICK, refused_from=0.2, refused_max=0.4)
    async with FakeAsteriskAmi() as fake:
        with capture_logs() as logs:
            async with connected(fake, times, secret="wr0ng-pass", wait=False) as (_, heard):
                await eventually(lambda: fake.connections >= 5)
                assert fake.connected_at[4] - fake.connected_at[2] >= 0.35
                assert heard.links == [LinkState.REFUSED]
        assert any(entry["event"] == "ami.login_refused" and entry["alarm"] for entry in logs)
        assert "wr0ng-pass" not in str(logs)


async def test_p10_the_default_pause_after_a_refusal_is_long() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake, AmiTimes(), secret="no", wait=False) as (_, heard):
        await eventually(lambda: heard.links == [LinkState.REFUSED])
        with pytest.raises(AssertionError):
            await eventually(lambda: fake.connections > 1, within=0.7)


async def test_p10_unanswered_login_is_given_up() -> None:
    async with FakeAsteriskAmi() as fake:
        fake.mute = True
        async with connected(fake, replace(QUICK, login_for=0.1), wait=False) as (ami, _):
            await eventually(lambda: fake.connections >= 2)
            fake.mute = False
            await ami.until_ready(5)


async def test_p10_pauses_grow_with_jitter_and_are_bounded() -> None:
    ami = Ami("127.0.0.1", 1, "dzvin", "secret", lambda message: None)
    for n in range(1, 2000, 7):
        longest = min(2.0, 0.1 * 2 ** min(n - 1, 16))
        assert longest / 2 <= ami._pause(n, 0) <= longest
        assert 15 <= ami._pause(n, n) <= 300


async def test_p11_an_action_without_a_link_says_so() -> None:
    ami = Ami("127.0.0.1", 1, "dzvin", "secret", lambda message: None)
    with pytest.raises(AmiNotReady, match="Ping"):
        await ami.action("Ping")
    ami.start()
    with pytest.raises(AmiNotReady):
        await ami.collect("CoreShowChannels")
    await ami.close()


async def test_p12_only_wanted_events_reach_the_callback() -> None:
    seen: list[str] = []
    async with FakeAsteriskAmi() as fake:
        ami = Ami(
            "127.0.0.1", fake.port, "dzvin", "secret", lambda m: seen.append(m.name), events={"Newstate"}
        )
        ami.start()
        await ami.until_ready(5)
        await fake.send(ami_event("VarSet") + ami_event("Newstate") + ami_event("Newexten"))
        await ami.action("Ping")
        await ami.close()
    assert seen == ["Newstate"]


class Busy(NamedTuple):
    """The event loop between two turns of one task: processor seconds, from and to."""

    seconds: float
    began: float
    ended: float

    @property
    def of_our_own(self) -> float:
        """A machine that stands still may count its stall as our processor time."""
        return self.seconds - stood_still(self.began, self.ended)


@pytest.fixture
def no_collections() -> Iterator[None]:
    """A collection of the whole test run's garbage is no work of the reader's."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collections")
async def test_p13_a_flood_neither_stalls_the_loop_nor_the_link() -> None:
    flood = b"".join(
        ami_event("Newstate", {"Uniqueid": f"1.{n}", "Filler": "x" * 300}) for n in range(20_000)
    )
    async with FakeAsteriskAmi() as fake, connected(fake, AmiTimes()) as (ami, heard):
        busy: list[Busy] = []
        running = True

        async def measure() -> None:
            while running:
                began, before = time.monotonic(), time.thread_time()
                await asyncio.sleep(0)
                busy.append(Busy(time.thread_time() - before, began, time.monotonic()))

        watch = asyncio.create_task(measure())
        await fake.send(flood)
        await eventually(lambda: len(heard.names()) >= 20_000, within=20)
        running = False
        await watch
        assert [event["uniqueid"] for event in heard.events[1:]] == [f"1.{n}" for n in range(20_000)]
        assert heard.links == [LinkState.READY]
        assert max(turn.of_our_own for turn in busy) < 0.1
        await ami.action("Ping")


async def test_p13_a_slow_consumer_bounds_memory_and_keeps_the_link() -> None:
    block = ami_event("Newstate", {"Filler": "x" * 4000})
    taken = 0

    def slow(message: AmiMessage) -> None:
        nonlocal taken
        taken += 1
        if taken < 1000:
            time.sleep(0.001)

    times = replace(QUICK, ping_every=0.05, pong_for=0.4)
    async with FakeAsteriskAmi() as fake:
        ami = Ami("127.0.0.1", fake.port, "dzvin", "secret", slow, times=times)
        ami.start()
        await ami.until_ready(5)
        link = ami._link
        assert link is not None
        sending = asyncio.create_task(fake.send(block * 2500))
        most = 0
        while taken < 2501:
            most = max(most, link.reader.backlog)
            await asyncio.sleep(0)
        await sending
        assert most <= BACKLOG_HIGH + 300_000
        assert fake.connections == 1
        assert ami.ready
        await ami.close()


async def test_p13_a_message_without_end_is_cut_off() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, heard):
        await fake.send(b"Event: X\r\nFiller: " + b"x" * 400_000)
        await eventually(lambda: LinkState.LOST in heard.links)
        await ami.until_ready(5)


async def test_a_peer_that_is_no_asterisk_is_left() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    ami = Ami("127.0.0.1", server.sockets[0].getsockname()[1], "u", "s", lambda message: None, times=QUICK)
    ami.start()
    with pytest.raises(AmiTimeout):
        await ami.until_ready(0.3)
    await ami.close()
    server.close()


async def test_p14_events_with_an_action_id_reach_the_callback() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, heard):
        ended = ami_event("OriginateResponse", {"ActionID": "leg-1", "Response": "Failure", "Reason": "5"})
        fake.answers["originate"] = lambda action: [ended, fake.response(action, "Success"), ended]
        await ami.action("Originate", {"ActionID": "leg-1"})
        await eventually(lambda: heard.names() == ["OriginateResponse"] * 2)


async def test_p14_list_items_go_to_the_list_and_nothing_else() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, heard):
        fake.lists["coreshowchannels"] = [{"Uniqueid": str(n)} for n in range(50)]
        first, second = await asyncio.gather(ami.collect("CoreShowChannels"), ami.collect("CoreShowChannels"))
        assert [item["Uniqueid"] for item in first] == [str(n) for n in range(50)]
        assert len(second) == 50
        assert heard.names() == []


@pytest.mark.parametrize(
    ("end", "count", "why"),
    [("Cancelled", None, "cancelled"), ("Complete", 3, "not '3'"), ("Complete", 0, "not '0'")],
)
async def test_p14_broken_lists_are_errors(end: str, count: int | None, why: str) -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, _):
        fake.answers["coreshowchannels"] = lambda action: fake.list_answer(action, [{"A": "1"}], end, count)
        with pytest.raises(ListBroken, match=why):
            await ami.collect("CoreShowChannels")
        assert ami.under_way == 0


async def test_p14_a_refused_list_and_an_answer_that_is_no_list() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, _):
        fake.answers["coreshowchannels"] = lambda action: [
            fake.response(action, "Error", Message="Permission denied")
        ]
        with pytest.raises(ActionRefused) as refused:
            await ami.collect("CoreShowChannels")
        assert refused.value.reason == "Permission denied"
        with pytest.raises(ListBroken):
            await ami.collect("Ping")


async def test_p14_a_list_that_never_ends_is_a_timeout() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, _):
        fake.answers["coreshowchannels"] = lambda action: fake.list_answer(action, [{"A": "1"}])[:-1]
        with pytest.raises(AmiTimeout):
            await ami.collect("CoreShowChannels", deadline=0.05)
        assert ami.under_way == 0


async def test_p15_many_actions_at_once_each_get_their_own_answer() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, _):
        fake.answers["getvar"] = lambda action: [
            fake.response(action, "Success", Variable=action["variable"], Value=action["variable"])
        ]
        answers = await asyncio.gather(*(ami.action("Getvar", {"Variable": f"V{n}"}) for n in range(200)))
        assert [answer["Value"] for answer in answers] == [f"V{n}" for n in range(200)]
        with pytest.raises(UnsafeValue, match="under way"):
            await asyncio.gather(*(ami.action("Getvar", {"Variable": "x", "ActionID": "same"}) for _ in "ab"))


async def test_p17_repeated_headers_escapes_and_misspelt_names() -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (_, heard):
        await fake.send(
            b'Event: Status\r\nChanVariable: a=1\r\nChanVariable: b=2\r\nCallerIDName: a\\"b\\\\n\\nc\r\n'
            b"Data: C:\\new\r\nEmpty:\r\n\r\n"
        )
        await eventually(lambda: heard.names() == ["Status"])
        message = heard.events[-1]
        assert message["chanvariable"] == "a=1"
        assert message.all("ChanVariable") == ("a=1", "b=2")
        assert message["CallerIDName"] == 'a"b\\n\nc'
        assert message["Data"] == "C:\\new"
        assert message["Empty"] == ""
        with pytest.raises(KeyError):
            message["ChanVariabel"]


async def test_actions_wait_for_fully_booted() -> None:
    async with FakeAsteriskAmi(booted=False) as fake, connected(fake, wait=False) as (ami, heard):
        await eventually(lambda: fake.actions("Login"))
        with pytest.raises(AmiNotReady):
            await ami.action("Originate")
        await fake.event("FullyBooted")
        await ami.until_ready(5)
        assert heard.links == [LinkState.READY]


async def test_shutdown_of_asterisk_and_its_return() -> None:
    fake = FakeAsteriskAmi()
    fake.port = free_port()
    async with fake, connected(fake) as (ami, heard):
        fake.stop_listening()
        await fake.event("Shutdown", {"Shutdown": "Cleanly", "Restart": "True"})
        await eventually(lambda: heard.links == [LinkState.READY, LinkState.LOST])
        with pytest.raises(AmiNotReady):
            await ami.action("Ping")
        await fake.listen()
        await ami.until_ready(5)


@pytest.mark.parametrize("cut", range(0, 400, 13))
async def test_reset_at_any_byte_of_a_list(cut: int) -> None:
    async with FakeAsteriskAmi() as fake, connected(fake) as (ami, heard):
        fake.lists["coreshowchannels"] = [{"Uniqueid": "1", "CallerIDName": "Іван"}] * 3

        def cut_off(action: dict[str, str]) -> list[bytes]:
            asyncio.get_running_loop().call_soon(fake.drop)
            return [b"".join(fake.list_answer(action, fake.lists["coreshowchannels"]))[:cut]]

        fake.answers["coreshowchannels"] = cut_off
        with pytest.raises(AmiLost):
            await ami.collect("CoreShowChannels")
        await ami.until_ready(5)
        del fake.answers["coreshowchannels"]
        assert len(await ami.collect("CoreShowChannels")) == 3
        assert heard.names() == []


async def test_p18_two_calls_of_one_second_are_two_channels() -> None:
    headers = {"Channel": "PJSIP/t-00000001", "ChannelStateDesc": "Ring"}
    async with FakeAsteriskAmi() as fake, connected(fake) as (_, heard):
        for unique in ("1795000000.7", "1795000000.8", "1795000001.7"):
            await fake.event("Newchannel", headers | {"Uniqueid": unique})
        await eventually(lambda: len(heard.names()) == 3)
        seen = [translate(message) for message in heard.events[1:]]
        assert len({event.channel for event in seen if isinstance(event, ChannelSeen)}) == 3


@pytest.mark.filterwarnings("error")
def test_p20_a_client_is_made_outside_a_running_loop_and_used_in_one() -> None:
    ami = Ami("127.0.0.1", 1, "dzvin", "secret", lambda message: None)

    async def use() -> None:
        ami.start()
        with pytest.raises(AmiTimeout):
            await ami.until_ready(0.05)
        await ami.close()

    asyncio.run(use())


def test_a_secret_that_cannot_be_sent_is_refused_without_being_shown() -> None:
    with pytest.raises(UnsafeValue) as refused:
        Ami("127.0.0.1", 1, "dzvin", "s3cr3t\r\nAction: Command", lambda message: None)
    assert refused.value.field == "secret"
    assert "s3cr3t" not in str(refused.value)


async def test_a_secret_is_not_shown_by_an_action() -> None:
    login = PendingAction("Login", {"Username": "dzvin", "Secret": "s3cr3t"}, False)
    assert "s3cr3t" not in f"{login!r}"
