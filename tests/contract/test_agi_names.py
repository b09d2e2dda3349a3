"""Callers' names as hostile or foreign phones send them, through a real Asterisk into a session."""

import itertools
import socket

from ivr.asterisk.agi import AgiSession
from ivr.asterisk.agi_server import FastAgiServer
from tests.contract.ami_asterisk import small_asterisk
from tests.eventually import eventually

NAMES: dict[str, tuple[bytes, str | None]] = {
    "cyrillic": ("Іван Іваненко".encode(), "Іван Іваненко"),
    "cp1251": ("Іваненко".encode("cp1251"), ""),
    "cut in mid-letter": ("Іваненко".encode()[:-1], "Іваненк"),
    "line feed": (b"Eve\nagi_extension: 0900", None),
    "escaped line feed": (b"Eve\\\nagi_extension: 0900", None),
    "folded line": (b"Eve\r\n agi_extension: 0900", None),
    "escape and bell": (b"Eve\x1b[31m\x07", None),
    "end of header": (b"Eve\n\n200 result=1", None),
    "quotes": (b'Eve \\" agi_extension: 0900', None),
    "hangup": (b"HANGUP", "HANGUP"),
}
"""The name as sent and as shown. None: Asterisk 22.10 makes no call of it (seen for every bare line end); if
another release does, the call must still be what it is."""


_numbers = itertools.count(1)
"""A port may come again; what names a call may not."""


def _invite(name: bytes, port: int, server: int) -> bytes:
    call = f"{port}-{next(_numbers)}"
    lines = [
        f"INVITE sip:123@127.0.0.1:{server} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{call}",
        "Max-Forwards: 70",
        f'From: "NAME" <sip:op2@127.0.0.1>;tag=t{call}',
        f"To: <sip:123@127.0.0.1:{server}>",
        f"Call-ID: {call}@127.0.0.1",
        "CSeq: 1 INVITE",
        f"Contact: <sip:op2@127.0.0.1:{port}>",
        "Content-Type: application/sdp",
    ]
    origin = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
    media = f"{origin}c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n"
    head = "\r\n".join([*lines, f"Content-Length: {len(media)}"]) + "\r\n\r\n"
    return (head + media).encode().replace(b"NAME", name)


async def test_no_name_changes_what_the_call_is() -> None:
    """Where Asterisk lets a name in at all, the call keeps its number, and every command stays in step."""
    arrived: dict[str, AgiSession] = {}

    async def handler(session: AgiSession) -> None:
        await session.set_variable("MARK", "mine")
        assert await session.get_variable("MARK") == "mine"
        arrived[session.environment.call] = session
        await session.until_gone()

    async with small_asterisk() as asterisk:
        server = FastAgiServer("127.0.0.1", asterisk.agi, {"line/123": handler})
        await server.start()
        for name, wanted in NAMES.values():
            session = await _call(name, asterisk.sip, arrived, within=1.0 if wanted is None else 8.0)
            shown = session.environment.caller_name if session else None
            assert wanted is None or shown == wanted
            if session is not None:
                assert session.environment.dialled == "123"
                assert session.environment.endpoint == "op2"
                assert all(letter >= " " for letter in session.environment.caller_name)
        await server.close(2)


async def _call(name: bytes, server: int, arrived: dict[str, AgiSession], within: float) -> AgiSession | None:
    """The session that this name's INVITE leads to; None where Asterisk does not answer it with a call."""
    before = set(arrived)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.sendto(_invite(name, phone.getsockname()[1], server), ("127.0.0.1", server))
        try:
            await eventually(lambda: set(arrived) - before, within=within)
        except AssertionError:
            return None
    return arrived[(set(arrived) - before).pop()]
