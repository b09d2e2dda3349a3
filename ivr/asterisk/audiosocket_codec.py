"""AudioSocket's frames as bytes: one byte of kind, two of length (big-endian), then the payload.

Protocol: https://docs.asterisk.org/Configuration/Channel-Drivers/AudioSocket/ and Asterisk's
res_audiosocket.c. Sound is 8 kHz, 16 bit, little-endian, mono; Asterisk sends 20 ms a frame.
"""

import re
from enum import IntEnum

FRAME_BYTES = 320
"""20 ms of sound."""
SOUND_LIMIT = 3200
"""Bytes of one sound frame: 200 ms, ten times what Asterisk sends."""
_HEADER = 3


class Kind(IntEnum):
    END = 0x00
    UUID = 0x01
    KEY = 0x03
    SOUND = 0x10
    ERROR = 0xFF


_LONGEST = {Kind.END: 0, Kind.UUID: 16, Kind.KEY: 1, Kind.SOUND: SOUND_LIMIT, Kind.ERROR: 255}
_SHORTEST = {Kind.END: 0, Kind.UUID: 16, Kind.KEY: 1, Kind.SOUND: 0, Kind.ERROR: 0}


_KEYS_SINCE = {20: 14, 21: 9, 22: 4}
"""Asterisk's change log: "audiosocket: added support for DTMF frames"."""


def sends_keys(version: str) -> bool:
    """Whether this Asterisk ('22.10.1', '20.6.0~dfsg') sends keys; False where the version cannot be read."""
    found = re.search(r"(\d+)\.(\d+)", version)
    if found is None or "cert" in version:
        return False
    major, minor = int(found[1]), int(found[2])
    return minor >= _KEYS_SINCE.get(major, 0) if major >= min(_KEYS_SINCE) else False


class BadFrame(ValueError):
    """The peer does not speak AudioSocket, or says more than it may: nothing after this can be read."""


Frame = tuple[int, bytes]
"""Kind and payload."""


def _check(kind: int, length: int) -> None:
    if kind not in _LONGEST:
        raise BadFrame(f"a frame of the unknown kind 0x{kind:02x}")
    if not _SHORTEST[Kind(kind)] <= length <= _LONGEST[Kind(kind)]:
        raise BadFrame(f"a frame of kind 0x{kind:02x} with {length} bytes")
    if kind == Kind.SOUND and length % 2:
        raise BadFrame(f"{length} bytes of sound, which is half a sample too much")


def encode(kind: Kind, payload: bytes = b"") -> bytes:
    """One frame. ValueError for a payload that this kind cannot have."""
    _check(kind, len(payload))
    return bytes((kind, len(payload) >> 8, len(payload) & 0xFF)) + payload


SOUND_HEADER = encode(Kind.SOUND, bytes(FRAME_BYTES))[:_HEADER]
SILENCE_FRAME = encode(Kind.SOUND, bytes(FRAME_BYTES))
END_FRAME = encode(Kind.END)


class FrameDecoder:
    """Feed it what arrives, in any pieces; it gives whole frames. It never holds more than one frame."""

    def __init__(self) -> None:
        self._rest = b""

    @property
    def half(self) -> bool:
        """A frame has begun whose end has not come."""
        return bool(self._rest)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now. Raises BadFrame, also when only the header is wrong."""
        buffer = self._rest + data if self._rest else data
        frames: list[Frame] = []
        at = 0
        while len(buffer) - at >= _HEADER:
            kind, length = buffer[at], buffer[at + 1] << 8 | buffer[at + 2]
            _check(kind, length)
            end = at + _HEADER + length
            if end > len(buffer):
                break
            frames.append((kind, buffer[at + _HEADER : end]))
            at = end
        self._rest = buffer[at:]
        return frames
