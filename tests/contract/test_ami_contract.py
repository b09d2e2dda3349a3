"""The scripted peers keep what the real Asterisk does: the same checks run against both."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from ivr.asterisk.agi import AgiRefused, AgiSession, AgiTimeout, BridgeResult, CallerGone
from ivr.asterisk.agi_server import FastAgiServer
from ivr.asterisk.ami import ActionRefused, Ami, AmiNotReady, LinkState
from ivr.asterisk.ami_switch import forwarding
from ivr.asterisk.encode import LINE_LIMIT
from ivr.asterisk.testing import FakeAgiPeer, FakeAsteriskAmi
from ivr.asterisk.translate import (
    BridgeEntered,
    KeyPressed,
    OriginateEnded,
    SwitchEvent,
    SwitchPicture,
    UserEventSeen,
    look_around,
)
from tests.contract.ami_asterisk import SECRET, SmallAsterisk, small_asterisk
from tests.eventually import eventually

PEERS = pytest.mark.parametrize("kind", ["fake", "asterisk"])
FORGED = "line\n200 result=1 (forged)\n"


@dataclass
class Seen:
    events: list[SwitchEvent] = field(default_factory=list)
    links: list[LinkState] = field(default_factory=list)

    def ended(self, action: str) -> OriginateEnded | None:
        found = [
            event for event in self.events if isinstance(event, OriginateEnded) and event.action == action
        ]
        return found[0] if found else None


@asynccontextmanager
async def watching(port: int) -> AsyncIterator[tuple[Ami, Seen]]:
    seen = Seen()
    ami = Ami("127.0.0.1", port, "dzvin", SECRET, forwarding(seen.events.append), seen.links.append)
    ami.start()
    try:
        await ami.until_ready(10)
        yield ami, seen
    finally:
        await asyncio.wait_for(ami.close(), 10)


@asynccontextmanager
async def ami_peer(kind: str) -> AsyncIterator[int]:
    if kind == "fake":
        async with FakeAsteriskAmi(secret=SECRET) as fake:
            fake.lists["devicestatelist"] = [
                {"Device": "PJSIP/op1", "State": "NOT_INUSE"},
                {"Device": "PJSIP/op2", "State": "UNAVAILABLE"},
            ]
            yield fake.port
    else:
        async with small_asterisk() as asterisk:
            yield asterisk.ami


@PEERS
async def test_ami_does_what_the_bridge_relies_on(kind: str) -> None:
    async with ami_peer(kind) as port, watching(port) as (ami, seen):
        assert (await ami.action("Ping")).success
        with pytest.raises(ActionRefused, match="unknown command"):
            await ami.action("NoSuchAction")
        picture = await look_until_reachable(ami, {"op1"})
        assert (picture.channels, picture.bridges, picture.reachable) == ({}, {}, {"op1"})
        leg = {
            "Channel": "PJSIP/op2",
            "Context": "dzvin-test",
            "Exten": "park",
            "Priority": "1",
            "Async": "true",
        }
        await ami.action("Originate", {**leg, "ActionID": "leg-7", "ChannelId": "dzvin-1-7"})
        await eventually(lambda: seen.ended("leg-7"))
        assert seen.ended("leg-7") == OriginateEnded("leg-7", "dzvin-1-7", success=False, reason=0)
        await refuses_a_wrong_secret(port)


async def look_until_reachable(ami: Ami, phones: set[str]) -> SwitchPicture:
    """Asterisk may know of its phones a moment after it lets anybody in."""
    deadline = time.monotonic() + 10
    while (picture := await look_around(ami)).reachable != phones:
        assert time.monotonic() < deadline, picture
        await asyncio.sleep(0.05)
    return picture


async def refuses_a_wrong_secret(port: int) -> None:
    links: list[LinkState] = []
    wrong = Ami("127.0.0.1", port, "dzvin", "wrong", lambda message: None, links.append)
    wrong.start()
    await eventually(lambda: links == [LinkState.REFUSED])
    with pytest.raises(AmiNotReady):
        await wrong.action("Ping")
    await asyncio.wait_for(wrong.close(), 10)


@asynccontextmanager
async def agi_call(kind: str) -> AsyncIterator[tuple[AgiSession, Callable[[], object]]]:
    """A call and a way for its caller to hang up."""
    arrived: asyncio.Queue[AgiSession] = asyncio.Queue()

    async def handler(session: AgiSession) -> None:
        arrived.put_nowait(session)
        await session.until_gone()

    if kind == "fake":
        server = FastAgiServer("127.0.0.1", 0, {"line/123": handler})
        await server.start()
        peer = FakeAgiPeer(
            server.port, "line/123", extension="123", arg_1="first", arg_2="second", callerid="050"
        )
        peer.missing, peer.sounds = {"no/such"}, {"tt-monkeys": 16.0}
        peer.variables["BRIDGERESULT"] = "NONEXISTENT"
        peer.answers["EXEC NoSuch"] = "200 result=-2"
        async with peer:
            yield await asyncio.wait_for(arrived.get(), 5), peer.hang_up
    else:
        async with small_asterisk() as asterisk, watching(asterisk.ami) as (ami, _):
            server = FastAgiServer("127.0.0.1", asterisk.agi, {"line/123": handler})
            await server.start()
            call = {"Channel": "Local/123@dzvin-test", "Application": "Wait", "Data": "60", "Async": "true"}
            await ami.action("Originate", {**call, "CallerID": "Іван <050>"})
            session = await asyncio.wait_for(arrived.get(), 5)
            gone = {"Channel": session.environment.channel}
            yield session, lambda: asyncio.ensure_future(ami.action("Hangup", gone))
    await server.close(2)


@PEERS
async def test_agi_does_what_the_bridge_relies_on(kind: str) -> None:
    async with agi_call(kind) as (session, hang_up):
        environment = session.environment
        assert (environment.route, environment.dialled, environment.caller) == ("line/123", "123", "050")
        assert environment.arguments == ("first", "second")
        await session.answer()
        for value in ('a "b" \\ c,d )( Привіт $ {X}', "hangup", " x ", "-1", ""):
            await session.set_variable("X", value)
            assert await session.get_variable("X") == value
        await refuses_and_stays_in_step(session)
        assert (await session.play("no/such")).missing
        assert (await session.play_stoppable("no/such")).missing
        assert (await session.play("beep")).played_to_end
        assert (await session.play_stoppable("beep")).played_to_end
        await session.music(True)
        assert await session.wait_for_key(0.05) is None
        assert await session.exec_bridge("PJSIP/none-00000000") is BridgeResult.NO_SUCH_CHANNEL
        await a_hang_up_ends_it(session, hang_up)


async def refuses_and_stays_in_step(session: AgiSession) -> None:
    for command, why in (("FOO BAR", "510"), ("STREAM FILE", "520" if _real(session) else "510")):
        with pytest.raises(AgiRefused, match=why):
            await session.command(command)
    with pytest.raises(AgiRefused, match="NoSuch"):
        await session.execute("NoSuch")
    await session.set_variable("X", "in step")
    with pytest.raises(AgiTimeout):
        await session.command("WAIT FOR DIGIT", "300", deadline=0.05)
    assert await session.get_variable("X") == "in step"


def _real(session: AgiSession) -> bool:
    return "agi_version" in session.environment.headers


async def a_hang_up_ends_it(session: AgiSession, hang_up: Callable[[], object]) -> None:
    playing = asyncio.create_task(session.play("tt-monkeys"))
    began = time.monotonic()
    asyncio.get_running_loop().call_later(0.2, hang_up)
    with pytest.raises(CallerGone):
        await asyncio.wait_for(playing, 12)
    assert time.monotonic() - began < 10, "the sound has 16 s"
    with pytest.raises(CallerGone):
        await session.answer()


async def _leg(ami: Ami, number: str, extension: str = "park") -> None:
    """A Local channel whose first half parks as a leg would; its other half answers in `extension`."""
    await ami.action(
        "Originate",
        {
            "Channel": f"Local/{extension}@dzvin-test/n", "Context": "dzvin-test", "Exten": "park",
            "Priority": "1", "Async": "true", "ActionID": f"leg-{number}", "ChannelId": f"dzvin-{number}",
            "OtherChannelId": f"dzvin-{number}-far",
        },
    )  # fmt: skip


async def test_real_bridge_keys_stop_and_a_forged_reply() -> None:
    done: asyncio.Queue[object] = asyncio.Queue()

    async def handler(session: AgiSession) -> None:
        await session.answer()
        forged = await session.command(
            "GET FULL VARIABLE", "${BASE64_DECODE(bGluZQoyMDAgcmVzdWx0PTEgKGZvcmdlZCkK)}"
        )
        done.put_nowait(forged.data)
        done.put_nowait(await session.get_variable("CALLERID(num)"))
        await session.set_language("uk")
        done.put_nowait(await session.get_variable("CHANNEL(language)"))
        done.put_nowait(session.environment.channel)
        done.put_nowait(await session.play_stoppable("tt-monkeys"))
        done.put_nowait(await session.exec_bridge("Local/keys@dzvin-test-00000000;1"))
        await session.until_gone()

    async def next_() -> object:
        return await asyncio.wait_for(done.get(), 10)

    async with small_asterisk() as asterisk, watching(asterisk.ami) as (ami, seen):
        server = FastAgiServer("127.0.0.1", asterisk.agi, {"line/123": handler})
        await server.start()
        await _leg(ami, "1", "keys")
        await eventually(lambda: seen.ended("leg-1"))
        await eventually(
            lambda: any(isinstance(event, UserEventSeen) and event.name == "Parked" for event in seen.events)
        )
        await ami.action(
            "Originate",
            {
                "Channel": "Local/123@dzvin-test/n",
                "Application": "Wait",
                "Data": "60",
                "Async": "true",
                "CallerID": "Ї <050>",
            },
        )
        assert str(await next_()).startswith("line\n200 result=1 (forged")
        assert [await next_(), await next_()] == ["050", "uk"]
        channel = str(await next_())
        await stop_when_it_plays(ami, channel, done)
        stopped = await next_()
        assert stopped.played_to_end is False  # type: ignore[attr-defined]
        await shows_the_bridge_then_ends_it(ami, seen)
        assert await next_() is BridgeResult.JOINED
        await server.close(2)


async def stop_when_it_plays(ami: Ami, channel: str, done: asyncio.Queue[object]) -> None:
    """Asterisk drops a stop that comes before the sound has begun, and says Success: so it is sent again."""
    ended = asyncio.create_task(_until(lambda: not done.empty()))
    while not ended.done():
        await ami.action("ControlPlayback", {"Channel": channel, "Control": "stop"})
        await asyncio.wait({ended}, timeout=0.05)
    await ended


async def _until(condition: Callable[[], object]) -> None:
    await eventually(condition, within=5)


async def shows_the_bridge_then_ends_it(ami: Ami, seen: Seen) -> None:
    await eventually(lambda: sum(isinstance(event, BridgeEntered) for event in seen.events) >= 2)
    picture = await look_around(ami)
    (inside,) = picture.bridges.values()
    assert "dzvin-1" in inside
    assert len(inside) == 2
    assert {live.context for live in picture.channels.values()} >= {"dzvin-test"}
    await eventually(lambda: any(isinstance(event, KeyPressed) and event.key == "5" for event in seen.events))
    await ami.action("Hangup", {"Channel": "Local/keys@dzvin-test-00000000;1"})


async def test_real_asterisk_killed_and_started_again() -> None:
    async with small_asterisk() as asterisk, watching(asterisk.ami) as (ami, seen):
        await _leg(ami, "1")
        await eventually(lambda: seen.ended("leg-1"))
        await asterisk.kill()
        await eventually(lambda: seen.links[-1] is LinkState.LOST)
        with pytest.raises(AmiNotReady):
            await ami.action("Ping")
        await asterisk.start()
        await eventually(lambda: seen.links[-1] is LinkState.READY, within=20)
        assert (await look_around(ami)).channels == {}


async def test_real_limits_of_lines_and_rights() -> None:
    async with small_asterisk() as asterisk, watching(asterisk.ami) as (ami, _):
        longest = "x" * (LINE_LIMIT - len("Variable: A=\r\n"))
        leg = {"Channel": "PJSIP/op2", "Application": "Wait", "Async": "true"}
        assert (await ami.action("Originate", {**leg, "Variable": f"A={longest}"})).success
        assert (await ami.action("Originate", {**leg, "Variable": [f"V{n}=1" for n in range(120)]})).success
        for name in ("PJSIPShowContacts", "Command", "GetConfig", "ModuleLoad"):
            with pytest.raises(ActionRefused, match="Permission denied"):
                await ami.action(name)
        await never_ready_without_system(asterisk)


async def never_ready_without_system(asterisk: SmallAsterisk) -> None:
    """Why the user needs read=system: Asterisk tells FullyBooted to nobody else."""
    ami = Ami("127.0.0.1", asterisk.ami, "nosystem", SECRET, lambda message: None)
    ami.start()
    with pytest.raises(AssertionError):
        await eventually(lambda: ami.ready, within=0.5)
    await ami.close()
