"""The AMI encoder and the reader of its stream against any input."""

import asyncio
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from ivr.asterisk.ami_message import AmiMessage, unescaped
from ivr.asterisk.ami_protocol import BlockReader, NotAmi, PendingAction
from ivr.asterisk.encode import HEADER_LIMIT, LINE_LIMIT, UnsafeValue, ami_action
from ivr.asterisk.translate import WANTED_EVENTS, translate

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
VALUES = st.one_of(st.text(max_size=80), st.lists(st.text(max_size=30), max_size=4))
HEADERS = st.dictionaries(
    st.one_of(st.sampled_from(["CallerID", "Variable", "Channel"]), st.text(max_size=12)), VALUES
)
PIECES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from(
            [b"\r\n\r\n", b"\r\n", b"Event: Hangup", b"Response: Success", b"ActionID: x", b": ", b"\xd0"]
        ),
    ),
    max_size=40,
).map(b"".join)


async def _encoded(headers: dict[str, str | list[str]]) -> bytes:
    return ami_action(PendingAction("Originate", headers, False))


def reference_parse(data: bytes) -> list[list[tuple[str, str]]]:
    """Actions as manager.c reads them: lines end with LF (a CR before it goes), actions with an empty one."""
    actions: list[list[tuple[str, str]]] = []
    headers: list[tuple[str, str]] = []
    for line in data.decode().split("\n")[:-1]:
        text = line.removesuffix("\r")
        if text:
            name, _, value = text.partition(":")
            headers.append((name, value.strip(" ")))
        elif headers:
            actions.append(headers)
            headers = []
    return actions


@given(HEADERS)
@example({"Channel": "", "channel": ""})
def test_no_value_adds_a_header_or_an_action(headers: dict[str, str | list[str]]) -> None:
    try:
        data = asyncio.run(_encoded(headers))
    except UnsafeValue:
        return
    assert len({name.lower() for name in headers}) == len(headers), "one of two would be lost"
    wanted = [
        (name, value)
        for name, values in headers.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    (action,) = reference_parse(data)
    given_by_us = [pair for pair in action if pair[0] not in ("Action", "ActionID") or pair in wanted]
    assert sorted(given_by_us) == sorted(wanted)
    assert dict(action)["Action"] == "Originate"
    assert len(action) <= HEADER_LIMIT
    assert all(len(line) + 2 <= LINE_LIMIT for line in data.split(b"\r\n"))


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=100).map(
        lambda text: text.strip(" ")
    )
)
def test_every_harmless_value_arrives_as_it_is(value: str) -> None:
    (action,) = reference_parse(asyncio.run(_encoded({"CallerID": value})))
    assert ("CallerID", value) in action


@given(PIECES, st.lists(st.integers(0, 2000), max_size=6))
def test_messages_do_not_depend_on_where_the_stream_was_split(data: bytes, cuts: list[int]) -> None:
    stream = BANNER + data
    places = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    pieces = [stream[start:end] for start, end in pairwise(places)]
    assert _blocks(pieces) == _blocks([stream])


def _blocks(pieces: list[bytes]) -> list[bytes]:
    reader, blocks = BlockReader(), []
    for piece in pieces:
        reader.feed(piece)
        while (block := reader.next()) is not None:
            blocks.append(block)
    return blocks


@given(st.binary(max_size=400))
def test_any_greeting_is_ami_or_refused(data: bytes) -> None:
    reader = BlockReader()
    reader.feed(data)
    try:
        reader.next()
    except NotAmi:
        assert not data.startswith(BANNER)


@given(PIECES, st.sampled_from(sorted(WANTED_EVENTS)))
def test_any_message_translates_without_a_fault(data: bytes, name: str) -> None:
    message = AmiMessage(b"Event: " + name.encode() + b"\r\n" + data.replace(b"\r\n\r\n", b"\r\n"))
    assert message.name == name
    translate(message)
    assert isinstance(message.action_id, str)
    assert isinstance(message.get("Channel"), str)


@given(st.text(max_size=60))
def test_unescape_undoes_asterisks_escape(text: str) -> None:
    letters = {"\a": "a", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}
    plain = {"\\": "\\", "'": "'", '"': '"', "?": "?"}
    escaped = "".join("\\" + (letters | plain)[x] if x in letters | plain else x for x in text)
    assert unescaped(escaped) == text
