"""AudioSocket's frames against bytes written by hand from the protocol's description."""

from uuid import UUID

import pytest

from ivr.asterisk.audiosocket_codec import (
    END_FRAME,
    SILENCE_FRAME,
    SOUND_HEADER,
    SOUND_LIMIT,
    BadFrame,
    FrameDecoder,
    Kind,
    encode,
    sends_keys,
)

ID = UUID("01234567-89ab-cdef-0123-456789abcdef")


def test_frames_as_the_protocol_writes_them() -> None:
    assert encode(Kind.UUID, ID.bytes) == bytes.fromhex("01 0010 0123456789abcdef0123456789abcdef")
    assert encode(Kind.KEY, b"5") == bytes.fromhex("03 0001 35")
    assert encode(Kind.SOUND, b"\x01\x02\x03\x04") == bytes.fromhex("10 0004 01020304")
    assert encode(Kind.ERROR) == bytes.fromhex("ff 0000")
    assert bytes.fromhex("00 0000") == END_FRAME
    assert bytes.fromhex("10 0140") == SOUND_HEADER
    assert SOUND_HEADER + bytes(320) == SILENCE_FRAME


def test_frames_are_read_whole_whatever_the_pieces() -> None:
    data = encode(Kind.UUID, ID.bytes) + encode(Kind.KEY, b"#") + END_FRAME
    decoder = FrameDecoder()
    frames = [frame for byte in data for frame in decoder.feed(bytes([byte]))]
    assert frames == [(Kind.UUID, ID.bytes), (Kind.KEY, b"#"), (Kind.END, b"")]
    assert not decoder.half


def test_half_a_frame_is_known_as_such() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(SILENCE_FRAME[:100]) == []
    assert decoder.half
    assert decoder.feed(SILENCE_FRAME[100:]) == [(Kind.SOUND, bytes(320))]
    assert not decoder.half


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        bytes.fromhex("02 0000"),
        bytes.fromhex("01 000f"),
        bytes.fromhex("01 0011"),
        bytes.fromhex("03 0000"),
        bytes.fromhex("03 0002"),
        bytes.fromhex("10 0003"),
        bytes.fromhex("10 ffff"),
        bytes((0x10, (SOUND_LIMIT + 2) >> 8, (SOUND_LIMIT + 2) & 0xFF)),
        bytes.fromhex("00 0001"),
    ],
)
def test_a_wrong_header_is_refused_before_its_payload_comes(data: bytes) -> None:
    with pytest.raises(BadFrame):
        FrameDecoder().feed(data)


def test_what_cannot_be_a_frame_is_not_encoded() -> None:
    for kind, payload in ((Kind.UUID, b"short"), (Kind.KEY, b""), (Kind.SOUND, b"\0")):
        with pytest.raises(BadFrame):
            encode(kind, payload)


@pytest.mark.parametrize(
    ("version", "known"),
    [
        ("22.10.1", True),
        ("22.10.1+dfsg+~cs6.17.60671434-1", True),
        ("22.4.0", True),
        ("22.3.0", False),
        ("21.9.0", True),
        ("21.8.0", False),
        ("20.14.0", True),
        ("20.6.0~dfsg+~cs6.13.40431414-2build5", False),
        ("certified-20.7-cert6", False),
        ("18.26.1", False),
        ("23.0.0", True),
        ("GIT-master-abc", False),
    ],
)
def test_which_asterisk_sends_keys(version: str, known: bool) -> None:
    assert sends_keys(version) is known
