"""What a softphone does with incoming calls, and what happens at it. Times are `time.monotonic()` seconds."""

from dataclasses import dataclass, field
from enum import Enum

from ivr.softphone.trace import Headers


class Answer(Enum):
    """What the phone does with an incoming call."""

    BY_HEADER = "by header"  # answers at once if the INVITE asks for it, else rings
    AT_ONCE = "at once"
    BY_HAND = "by hand"  # rings until `accept()` or `reject()`
    BUSY = "busy"  # refuses with 486


class Kind(Enum):
    """What happened at the phone; the values are baresip's names of its events."""

    REGISTERING = "REGISTERING"
    REGISTERED = "REGISTER_OK"
    NOT_REGISTERED = "REGISTER_FAIL"
    UNREGISTERING = "UNREGISTERING"
    OUTGOING = "CALL_OUTGOING"
    INCOMING = "CALL_INCOMING"
    RINGING = "CALL_RINGING"
    PROGRESS = "CALL_PROGRESS"
    ESTABLISHED = "CALL_ESTABLISHED"
    CLOSED = "CALL_CLOSED"
    KEY = "CALL_DTMF_START"


@dataclass(frozen=True)
class PhoneEvent:
    """`at`: monotonic seconds; `detail`: why it closed, the key, the answer; `headers`: of the INVITE."""

    at: float
    kind: Kind
    call_id: str = ""
    peer: str = ""
    detail: str = ""
    headers: Headers = field(default_factory=dict)


class SoftphoneError(RuntimeError):
    """The softphone did not start, was refused by the server, or did not do as told in time."""
