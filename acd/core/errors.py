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


@dataclass(frozen=True, slots=True)
class Refused:
    """Carried in `Outcome.refusal`."""

    code: RefusalCode
    operator: str
    text: str


class CoreError(Exception):
    """Base of the core's own exceptions."""


class CodecError(CoreError, ValueError):
    """Data that is no fact or checkpoint of ours; says where."""
