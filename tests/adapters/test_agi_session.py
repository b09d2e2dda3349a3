"""What a FastAGI session does in good and bad times, against scripted callers on loopback."""

import asyncio

import pytest

from ivr.asterisk.agi import AgiSession, AgiTimeout, BridgeResult
from ivr.asterisk.encode import UnsafeValue
from ivr.asterisk.testing import FakeAgiPeer
from tests.adapters.agi_calls import ENVIRONMENT, Sessions, one_call, serving
from tests.eventually import eventually


async def test_a_cancelled_command_shifts_no_later_reply() -> None:
    async with one_call(lambda peer: peer.sounds.update(long=0.3)) as (session, peer):
        playing = asyncio.create_task(session.play("long"))
        await eventually(lambda: peer.commands != [])
        playing.cancel()
        peer.variables["A"] = "mine"
        assert await session.get_variable("A") == "mine"
        assert playing.cancelled()


async def test_no_command_is_written_beside_a_cancelled_one() -> None:
    """Asterisk overlooks a command that reaches it in one segment with another."""
    sessions = Sessions()
    async with serving(sessions) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(ENVIRONMENT)
        session = await sessions.next()
        playing = asyncio.create_task(session.play("long"))
        assert (await reader.readline()).startswith(b"STREAM FILE")
        playing.cancel()
        music = asyncio.create_task(session.music(True))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
        writer.write(b"200 result=0 endpos=800\n")
        assert (await reader.readline()).startswith(b"SET MUSIC")
        writer.write(b"200 result=0\n")
        await asyncio.wait_for(music, 5)
        writer.close()


async def test_a_command_past_its_deadline_shifts_no_later_reply() -> None:
    async with one_call() as (session, peer):
        with pytest.raises(AgiTimeout, match="WAIT FOR DIGIT"):
            await session.command("WAIT FOR DIGIT", "300", deadline=0.05)
        peer.variables["A"] = "mine"
        assert await session.get_variable("A") == "mine"


async def test_replies_nobody_asked_for_are_dropped() -> None:
    answers = {"ANSWER": "200 result=0\n200 result=1 (stale)\nagi_calleridname: x\n\n100 Trying\n200"}
    async with one_call(lambda peer: peer.answers.update(answers)) as (session, peer):
        await session.answer()
        peer.variables["A"] = "mine"
        assert await session.get_variable("A") == "mine"


@pytest.mark.parametrize("step", range(1, 40))
async def test_replies_split_anywhere(step: int) -> None:
    reply = "200 result=1 (Привіт%20%D0%86)\n".encode()
    sessions = Sessions()
    async with serving(sessions) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for start in range(0, len(ENVIRONMENT), step * 7):
            writer.write(ENVIRONMENT[start : start + step * 7])
            await asyncio.sleep(0)
        asked = asyncio.create_task((await sessions.next()).get_variable("A"))
        await asyncio.sleep(0)
        for start in range(0, len(reply), step):
            writer.write(reply[start : start + step])
            await asyncio.sleep(0.001)
        assert await asyncio.wait_for(asked, 5) == "Привіт І"
        writer.close()


async def test_unknown_route_is_closed_and_others_go_on() -> None:
    sessions = Sessions()
    async with serving(sessions) as server:
        async with FakeAgiPeer(server.port, "nowhere") as peer:
            await asyncio.wait_for(peer.closed.wait(), 10)
            assert peer.commands == []
        async with FakeAgiPeer(server.port, "/line?x=1"):
            assert (await sessions.next()).environment.route == "line"


async def test_a_handler_that_fails_ends_only_its_own_call() -> None:
    async def failing(session: AgiSession) -> None:
        raise RuntimeError("mine")

    async with serving(failing) as server:
        for _ in range(3):
            async with FakeAgiPeer(server.port, "line") as peer:
                await asyncio.wait_for(peer.closed.wait(), 10)
        await eventually(lambda: server.calls == 0)


async def test_many_short_calls_leave_no_tasks_behind() -> None:
    async def short(session: AgiSession) -> None:
        await session.answer()

    async with serving(short) as server:

        async def call() -> None:
            async with FakeAgiPeer(server.port, "line") as peer:
                await asyncio.wait_for(peer.closed.wait(), 10)

        before = len(asyncio.all_tasks())
        for _ in range(5):
            await asyncio.gather(*(call() for _ in range(40)))
        await eventually(lambda: server.calls == 0 and len(asyncio.all_tasks()) <= before)


async def test_environment_says_which_phone_calls() -> None:
    headers = {"channel": "PJSIP/op-1.x-0000001a", "extension": "*10", "arg_1": "first", "arg_2": "second"}
    async with one_call(**headers) as (session, _):
        assert session.environment.endpoint == "op-1.x"
        assert session.environment.dialled == "*10"
        assert session.environment.arguments == ("first", "second")


async def test_keys_interrupt_and_stops_are_told_apart() -> None:
    async with one_call(lambda peer: peer.sounds.update(long=30.0)) as (session, peer):
        peer.press("5")
        played = await session.play("long", "123456")
        assert (played.key, played.played_to_end) == ("5", False)
        stopping = asyncio.create_task(session.play_stoppable("long"))
        await eventually(lambda: peer.commands[-1][0] == "CONTROL")
        peer.stop_playing()
        stopped = await asyncio.wait_for(stopping, 10)
        assert (stopped.key, stopped.played_to_end, stopped.missing) == (None, False, False)
        whole = await session.play_stoppable("short")
        assert whole.played_to_end
        assert await session.wait_for_key(0.05) is None


async def test_bridge_and_dial_say_how_they_ended() -> None:
    async with one_call() as (session, peer):
        peer.variables.update(BRIDGERESULT="NONEXISTENT", DIALSTATUS="ANSWER", ANSWEREDTIME="42")
        assert await session.exec_bridge("PJSIP/op1-00000002") is BridgeResult.NO_SUCH_CHANNEL
        dialled = await session.exec_dial("PJSIP/100@trunk", 20)
        assert (dialled.status, dialled.talked_for) == ("ANSWER", 42.0)
        assert peer.commands[0] == ["EXEC", "Bridge", "PJSIP/op1-00000002"]
        with pytest.raises(UnsafeValue):
            await session.exec_bridge("PJSIP/a&PJSIP/b")
        with pytest.raises(UnsafeValue):
            await session.exec_dial("PJSIP/500&PJSIP/itsp/1900", 20)
        with pytest.raises(UnsafeValue):
            await session.execute("Dial", "PJSIP/a,30,g")


async def test_hang_up_ends_the_session_and_may_come_late() -> None:
    async with one_call() as (session, peer):
        await session.hang_up()
        assert session.gone.is_set()
        await session.hang_up()
        assert peer.commands == [["HANGUP"]]
