"""The AGI header and reply readers and the command encoder against any input."""

import asyncio
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.asterisk.agi import AgiSession
from ivr.asterisk.agi_environment import BadEnvironment, parse_environment, readable
from ivr.asterisk.agi_reply import AgiReply, BadReply, HungUp, ReplyReader
from ivr.asterisk.agi_server import FastAgiServer
from ivr.asterisk.encode import COMMAND_LIMIT, UnsafeValue, agi_command, agi_word
from ivr.asterisk.testing import FakeAgiPeer, split_command

REPLY_PARTS = st.sampled_from(
    [
        "200 result=1",
        "200 result=0 (",
        ")",
        "(a)",
        "520-",
        "520 ",
        "HANGUP",
        "511 x",
        "100 Trying",
        "-1",
        " endpos=",
        "x",
    ]
)
LINES = st.lists(st.one_of(st.text(max_size=40), st.lists(REPLY_PARTS, max_size=4).map("".join)), max_size=12)
HEADER_LINES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from(FakeAgiPeer(0, "line").environment().splitlines()),
        st.builds(
            lambda n, v: f"agi_{n}: {v}".encode(),
            st.sampled_from(["uniqueid", "extension", "arg_1"]),
            st.text(),
        ),
    ),
    max_size=30,
)


@given(st.text(max_size=200))
def test_any_text_comes_back_from_asterisks_parser_or_is_refused(value: str) -> None:
    try:
        word = agi_word(value)
    except UnsafeValue:
        assert any(
            ord(letter) < 0x20 or letter == "\x7f" or 0xD800 <= ord(letter) < 0xE000 for letter in value
        )
        return
    assert split_command(word) == [value]


@given(st.lists(st.text(max_size=30), max_size=8))
def test_a_command_is_one_line_with_exactly_its_words(arguments: list[str]) -> None:
    try:
        line = agi_command(("SET VARIABLE", *arguments))
    except UnsafeValue:
        return
    assert split_command(line) == ["SET", "VARIABLE", *arguments]
    assert "\n" not in line
    assert "\r" not in line
    assert len(line.encode()) <= COMMAND_LIMIT


@given(LINES)
def test_the_reply_reader_stands_any_lines(lines: list[str]) -> None:
    reader = ReplyReader()
    for line in lines:
        try:
            said = reader.feed(line)
        except BadReply:
            return
        assert said is None or isinstance(said, (AgiReply, HungUp))


@given(st.integers(-1, 999), st.text(alphabet=st.characters(exclude_characters=")\n\r"), max_size=60))
def test_a_reply_after_any_whole_reply_is_read_in_step(result: int, data: str) -> None:
    reader = ReplyReader()
    first = reader.feed(f"200 result={result} ({data})")
    second = reader.feed("200 result=7")
    assert isinstance(first, AgiReply)
    assert (first.result, first.data) == (result, data)
    assert second == AgiReply(200, 7, "7", "", None)


@given(st.binary(max_size=100))
def test_any_bytes_are_readable(raw: bytes) -> None:
    assert isinstance(readable(raw), str)


@given(HEADER_LINES)
def test_any_header_block_is_a_call_or_refused(lines: list[bytes]) -> None:
    try:
        environment = parse_environment(lines)
    except BadEnvironment:
        return
    assert environment.call
    texts = [environment.route, environment.caller_name, environment.dialled, *environment.arguments]
    assert all(letter >= " " for text in texts for letter in text)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(max_size=400), max_size=4))
def test_the_server_stands_any_bytes(pieces: list[bytes]) -> None:
    """After any peer the next call is served, within a second."""

    async def scenario() -> None:
        answered = asyncio.Event()

        async def handler(session: AgiSession) -> None:
            await session.answer()
            answered.set()

        server = FastAgiServer("127.0.0.1", 0, {"line": handler})
        await server.start()
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.writelines(pieces)
        writer.close()
        async with FakeAgiPeer(server.port, "line"):
            await asyncio.wait_for(answered.wait(), 5)
        await server.close(1)

    began = time.monotonic()
    asyncio.run(scenario())
    assert time.monotonic() - began < 5
