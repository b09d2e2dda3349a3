"""Every fault of panoramisk's FastAGI side (F1-F13) and every bad peer, against our server on loopback."""

import asyncio
import time

import pytest

from ivr.asterisk.agi import AgiRefused, AgiSession, CallerGone
from ivr.asterisk.agi_server import FastAgiServer
from ivr.asterisk.encode import UnsafeValue
from ivr.asterisk.testing import FakeAgiPeer
from tests.adapters.agi_calls import ENVIRONMENT, Sessions, one_call, serving
from tests.eventually import eventually
from tests.machine import ran_for


async def raw(port: int, *pieces: bytes) -> bytes:
    """Send the pieces, end, and read what comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    writer.write_eof()
    said = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return said


async def test_f1_connect_and_close_leaves_the_loop_alive() -> None:
    sessions = Sessions()
    async with serving(sessions) as server:
        for piece in (b"", b"agi_network: yes\n", ENVIRONMENT[:-1]):
            assert await raw(server.port, piece) == b""
        began = time.monotonic()
        async with FakeAgiPeer(server.port, "line") as peer:
            session = await sessions.next()
            await session.answer()
        assert time.monotonic() - began < 10
        assert peer.commands == [["ANSWER"]]


async def test_f2_slow_header_is_cut_off_at_its_deadline() -> None:
    sessions = Sessions()
    async with serving(sessions, header_for=0.2) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"agi_network: yes\n")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        assert sessions.arrived.empty()


@pytest.mark.parametrize("filler", [b"agi_x: " + b"x" * 1_000_000, b"agi_x: y\n" * 120_000])
async def test_f2_header_of_a_megabyte_is_refused(filler: bytes) -> None:
    sessions = Sessions()
    async with serving(sessions) as server:
        try:
            said = await raw(server.port, b"agi_network: yes\n", filler, b"\n\n")
        except OSError:
            said = b""
        assert said == b""
        await eventually(lambda: server.calls == 0)
        assert sessions.arrived.empty()


@pytest.mark.parametrize("value", ["x\nHANGUP", "x\r\nHANGUP", "x\0", "x\x1b", "x\x7f"])
async def test_f3_control_characters_never_reach_the_wire(value: str) -> None:
    async with one_call() as (session, peer):
        with pytest.raises(UnsafeValue, match="SET VARIABLE argument 2"):
            await session.set_variable("NAME", value)
        with pytest.raises(UnsafeValue):
            await session.execute("Playback", value)
        await session.answer()
        assert peer.commands == [["ANSWER"]]


async def test_f3_quotes_and_backslashes_arrive_as_they_are() -> None:
    async with one_call() as (session, peer):
        value = 'say "no" \\ and \\" Привіт'
        await session.set_variable("X", value)
        assert peer.commands == [["SET", "VARIABLE", "X", value]]
        assert await session.get_variable("X") == value


async def test_f4_hangup_line_in_a_command_ends_it_as_caller_gone() -> None:
    async with one_call(lambda peer: peer.sounds.update(long=30.0)) as (session, peer):
        playing = asyncio.create_task(session.play("long"))
        await eventually(lambda: peer.commands != [])
        peer.hang_up()
        with pytest.raises(CallerGone):
            await asyncio.wait_for(playing, 10)
        with pytest.raises(CallerGone):
            await session.get_variable("A")


async def test_f4_hangup_line_between_commands_wakes_at_once() -> None:
    async with one_call() as (session, peer):
        waiting = asyncio.create_task(session.until_gone())
        await session.music(True)
        peer.hang_up()
        began = time.monotonic()
        await asyncio.wait_for(waiting, 10)
        assert ran_for(began) < 0.5


async def test_f4_hangup_in_place_of_a_reply_shifts_no_later_reply() -> None:
    answers = {"GET FULL": "HANGUP\n200 result=1 (old)"}
    async with one_call(lambda peer: peer.answers.update(answers)) as (session, _):
        with pytest.raises(CallerGone):
            await session.get_variable("A")
        with pytest.raises(CallerGone):
            await session.get_variable("B")


@pytest.mark.parametrize(
    "usage",
    [
        "520 Invalid command syntax.  Proper usage not available.",
        "520-Invalid command syntax.  Proper usage follows:\nUsage: A\n B\n520 End of proper usage.",
    ],
)
async def test_f5_usage_replies_of_one_and_of_many_lines(usage: str) -> None:
    async with one_call(lambda peer: peer.answers.update({"FOO": usage})) as (session, peer):
        with pytest.raises(AgiRefused, match="520 Invalid command syntax"):
            await asyncio.wait_for(session.command("FOO"), 10)
        peer.variables["A"] = "still in step"
        assert await session.get_variable("A") == "still in step"


async def test_unknown_command_and_unknown_application_are_refused() -> None:
    answers = {"EXEC Nothing": "200 result=-2"}
    async with one_call(lambda peer: peer.answers.update(answers)) as (session, _):
        with pytest.raises(AgiRefused, match="510"):
            await session.command("NO SUCH")
        with pytest.raises(AgiRefused, match="Nothing"):
            await session.execute("Nothing")


@pytest.mark.parametrize("name", ["hangup", "HANGUP", "-1", "(hangup)", "511"])
async def test_f6_a_value_called_hangup_is_a_value(name: str) -> None:
    async with one_call(lambda peer: peer.variables.update({"CALLERID(name)": name})) as (session, _):
        assert await session.get_variable("CALLERID(name)") == name
        assert not session.gone.is_set()


async def test_f7_a_line_end_in_a_variable_forges_no_reply() -> None:
    forged = "x)\n200 result=1 (forged)\nHANGUP"
    async with one_call(lambda peer: peer.variables.update(NAME=forged, NEXT="true")) as (session, _):
        assert await session.get_variable("NAME") == forged
        assert await session.get_variable("NEXT") == "true"


async def test_f7_a_raw_value_with_line_ends_is_one_reply() -> None:
    answers = {"GET VARIABLE": "200 result=1 (one\ntwo (2).\nHANGUP\nthree)"}
    async with one_call(lambda peer: peer.answers.update(answers)) as (session, peer):
        reply = await session.command("GET VARIABLE", "NAME")
        assert reply.data == "one\ntwo (2).\nHANGUP\nthree"
        peer.variables["A"] = "in step"
        assert await session.get_variable("A") == "in step"


async def test_f8_a_forged_header_changes_neither_route_nor_dialled_number() -> None:
    forged = "Eve\nagi_network_script: admin\nagi_extension: 0900\nagi_uniqueid: 1.1\nagi_arg_1: evil"
    async with one_call(calleridname=forged, arg_1="good") as (session, _):
        environment = session.environment
        assert (environment.route, environment.call) == ("line", "1795000000.1")
        assert (environment.dialled, environment.arguments) == ("100", ("good",))
        assert environment.caller_name == "Eve"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Іваненко".encode("cp1251"), "Іваненко"),
        ("Іваненко".encode()[:-1], "Іваненк"),
        ("Іваненко".encode(), "Іваненко"),
        (b"A\x1bB\x07", "A B"),
        (b"unknown", ""),
    ],
)
async def test_f9_names_in_cp1251_or_cut_in_mid_letter(name: bytes, shown: str) -> None:
    sessions = Sessions()
    async with serving(sessions) as server:
        block = ENVIRONMENT.replace(b"agi_calleridname: unknown", b"agi_calleridname: " + name)
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(block)
        session = await sessions.next()
        writer.close()
        assert session.environment.caller_name == shown


async def test_f10_end_of_the_connection_is_caller_gone() -> None:
    async with one_call(lambda peer: peer.sounds.update(long=30.0)) as (session, peer):
        playing = asyncio.create_task(session.play("long"))
        await eventually(lambda: peer.commands != [])
        peer.vanish()
        with pytest.raises(CallerGone):
            await asyncio.wait_for(playing, 10)
        assert session.gone.is_set()


@pytest.mark.parametrize("reply", ["200 result=-1 (hangup)", "511 Command Not Permitted on a dead channel"])
async def test_f10_minus_one_and_511_are_caller_gone(reply: str) -> None:
    answers = {"ANSWER": reply, "CHANNEL STATUS": "511 Command Not Permitted on a dead channel"}
    async with one_call(lambda peer: peer.answers.update(answers)) as (session, _):
        with pytest.raises(CallerGone):
            await session.answer()
        assert session.gone.is_set()


async def test_missing_file_is_not_a_hang_up() -> None:
    async with one_call(lambda peer: peer.missing.add("no/such")) as (session, _):
        played = await session.play("no/such")
        assert played.missing
        assert not played.played_to_end
        assert not session.gone.is_set()


async def test_f11_cancelled_handlers_are_cancelled_and_close_is_bounded() -> None:
    ended: list[str] = []

    async def polite(session: AgiSession) -> None:
        try:
            await session.answer()
            await session.until_gone()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    server = FastAgiServer("127.0.0.1", 0, {"line": polite})
    await server.start()
    async with FakeAgiPeer(server.port, "line") as peer:
        await eventually(lambda: peer.commands == [["ANSWER"]])
        await asyncio.wait_for(server.close(1), 10)
        await asyncio.wait_for(peer.closed.wait(), 10)
    assert ended == ["cancelled"]
    assert server.calls == 0


async def test_f11_a_handler_that_refuses_to_end_does_not_hold_up_the_shutdown() -> None:
    release = asyncio.Event()

    async def stubborn(session: AgiSession) -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    server = FastAgiServer("127.0.0.1", 0, {"line": stubborn})
    await server.start()
    async with FakeAgiPeer(server.port, "line"):
        await eventually(lambda: server.calls == 1)
        await asyncio.wait_for(server.close(0.1), 10)
        release.set()
        await eventually(lambda: server.calls == 0)


async def test_f12_any_callable_can_be_a_handler() -> None:
    sessions = Sessions()
    async with serving(lambda session: sessions(session)) as server, FakeAgiPeer(server.port, "line"):
        await (await sessions.next()).answer()


async def test_f13_two_tasks_share_a_session_without_mixing_replies() -> None:
    wanted = {f"V{n}": f"value {n}" for n in range(40)}
    async with one_call(lambda peer: peer.variables.update(wanted)) as (session, _):
        got = await asyncio.gather(*(session.get_variable(name) for name in wanted))
        assert got == list(wanted.values())
