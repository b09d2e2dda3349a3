"""Refusals of a person's impossible command: the state did not change; the code is stable, the text not."""

from dataclasses import dataclass
from enum import StrEnum


class RefusalCode(StrEnum):
    """Why a person's command could not be carried out; programs and prompts go by it."""

    UNKNOWN_OPERATOR = "unknown-operator"
    ALREADY_LOGGED_IN = "already-logged-in"
    NOT_LOGGED_IN = "not-logged-in"
    ALREADY_READY = "already-ready"
    UNKNOWN_BREAK_REASON = "unknown-break-reason"
    ALREADY_ON_THIS_BREAK = "already-on-this-break"
    ALREADY_CHOSEN = "already-chosen"
    """The next status is this one already."""
    NOT_IN_WRAP_UP = "not-in-wrap-up"
    BAD_DURATION = "bad-duration"
    ALREADY_PROMISED = "already-promised"
    """There is an open call-back for this number."""
    UNKNOWN_QUEUE = "unknown-queue"
    NO_NUMBER = "no-number"
    TOO_MANY = "too-many"
    """So many call-backs are promised that no more can be kept."""
    NO_WORK = "no-work"
    """No work item waits for this operator."""
    UNKNOWN_WORK = "unknown-work"
    WORK_TAKEN = "work-taken"
    """Somebody else has it."""
    NOT_YOURS = "not-yours"
    """Whoever settles a work item must have claimed it or talk about it."""
    BUSY = "busy"
    """The operator has a call or is not available."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Carried in `Outcome.refusal`."""

    code: RefusalCode
    operator: str
    """'' where no operator has asked."""
    text: str


class CoreError(Exception):
    """Base of the core's own exceptions."""


class CodecError(CoreError, ValueError):
    """Data that is no fact or checkpoint of ours; says where."""


class LedgerAway(Exception):
    """What was promised cannot be read now; the message is a sentence for people."""
