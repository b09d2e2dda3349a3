"""What the server and a worker process say to each other over a socket pair.

A message is kind (1 byte), stream (4), length of the body (4), body; numbers are little-endian, times are
CLOCK_MONOTONIC in seconds, which both processes share.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import IntEnum

_HEAD = struct.Struct("<BII")
_STAMP = struct.Struct("<d")
_STATE = struct.Struct("<dd")
LONGEST_BODY = 1 << 20


class WireError(ValueError):
    """The other side does not speak this protocol."""


class Kind(IntEnum):
    # to the worker
    OPEN = 1
    """JSON of `Asked`."""
    SOUND = 2
    """Time stamp, samples."""
    FINISH = 3
    CLOSE = 4
    PING = 5
    # to the server
    LOADING = 11
    """Language, whose model is loaded now."""
    READY = 12
    """JSON: loaded languages; reasons by language that could not be."""
    ENDED = 13
    """JSON: words; the recogniser heard the end of the utterance."""
    RESULT = 14
    """JSON: words, asked for by FINISH."""
    FAILED = 15
    """A sentence; the stream is over."""
    HEARD = 16
    """Time stamp of a piece of sound that has been worked through; only if the worker is to measure."""
    STATE = 17
    """Answer to PING: worst lateness since the last one, longest work under way, in seconds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What OPEN asks for."""

    language: str
    grammar: str | None
    """None: any words."""
    patient: bool = False
    """Only FINISH ends the utterance."""


Words = list[tuple[str, float, float, float]]
"""Words with their confidences, beginnings and ends in seconds from the first sound of the utterance."""


@dataclass(frozen=True, slots=True)
class Message:
    kind: Kind
    stream: int
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)

    def text(self) -> str:
        return self.body.decode("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a worker is started with, as its command-line argument."""

    models: dict[str, str]
    """Folder by language."""
    threads: int
    parent: int
    """Process that it must not outlive."""
    socket: int
    """File descriptor that it inherits."""
    niceness: int
    late_limit: float
    """Streams whose sound waits longer are given up."""
    measure: bool

    def dumped(self) -> str:
        return json.dumps(asdict(self))


def orders_from(text: str) -> Orders:
    return Orders(**json.loads(text))


def pack(kind: Kind, stream: int = 0, body: bytes = b"") -> bytes:
    return _HEAD.pack(kind, stream, len(body)) + body


def pack_json(kind: Kind, stream: int, value: object) -> bytes:
    return pack(kind, stream, json.dumps(value, ensure_ascii=False).encode())


def pack_sound(stream: int, at: float, samples: bytes) -> bytes:
    return pack(Kind.SOUND, stream, _STAMP.pack(at) + samples)


def sound_of(message: Message) -> tuple[float, bytes]:
    return stamp_of(message), message.body[_STAMP.size :]


def pack_stamp(kind: Kind, stream: int, at: float) -> bytes:
    return pack(kind, stream, _STAMP.pack(at))


def stamp_of(message: Message) -> float:
    return float(_STAMP.unpack_from(message.body)[0])


def pack_state(late: float, busy_for: float) -> bytes:
    return pack(Kind.STATE, 0, _STATE.pack(late, busy_for))


def state_of(message: Message) -> tuple[float, float]:
    late, busy_for = _STATE.unpack(message.body)
    return late, busy_for


class Unpacker:
    """Messages from bytes that come in any portions."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """WireError for what is no message."""
        self._rest += data
        while len(self._rest) >= _HEAD.size:
            kind, stream, length = _HEAD.unpack_from(self._rest)
            if length > LONGEST_BODY:
                raise WireError(f"a message of {length} bytes")
            if len(self._rest) < _HEAD.size + length:
                return
            body = bytes(self._rest[_HEAD.size : _HEAD.size + length])
            del self._rest[: _HEAD.size + length]
            try:
                yield Message(Kind(kind), stream, body)
            except ValueError:
                raise WireError(f"a message of unknown kind {kind}") from None
