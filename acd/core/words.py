"""Names that the whole core shares: identifiers, causes and reasons, as they stand in the journal."""

from enum import StrEnum
from typing import NewType

CallId = NewType("CallId", str)
"""One caller's channel, for its whole life (Asterisk's Uniqueid of the caller's channel)."""
OperatorId = NewType("OperatorId", str)
QueueId = NewType("QueueId", str)
OfferId = NewType("OfferId", int)
"""One attempt to bring one call to one operator. Grows by one, never used again, also after a restart."""


class Cause(StrEnum):
    """Why an offer did not become a talk."""

    NO_ANSWER = "no answer"
    """The phone rang until the offer's deadline."""
    BUSY = "busy"
    REJECTED = "rejected"
    """The operator's phone declined."""
    UNREACHABLE = "unreachable"
    """The phone is not registered or does not respond."""
    LEG_LOST = "leg lost"
    """The operator's phone answered, then hung up before the caller was joined."""
    SWITCH_ERROR = "switch error"
    """The switch refused or did not answer; the operator is not to blame."""


class LeaveReason(StrEnum):
    """Why a call left its queue without an operator. The dialplan has edges for those a caller survives."""

    HUNG_UP = "hung up"
    QUEUE_FULL = "queue full"
    WAITED_TOO_LONG = "waited too long"
    NOBODY_LOGGED_IN = "nobody logged in"
    CHOSE_TO_LEAVE = "chose to leave"
    """The caller pressed a key of the queue step, or the dialplan took the call back."""
    CALL_BACK = "call-back"
    """The caller was promised a call-back and need not wait."""
    PUT_OFF = "put off"
    """The place of a work item: it waits for another time, or is over."""
    LOST = "lost"
    """The switch no longer knows the call, for instance after it was restarted."""


class Ended(StrEnum):
    """Who ended a talk."""

    CALLER = "caller"
    OPERATOR = "operator"
    UNKNOWN = "unknown"
    """The switch was away when it ended."""
