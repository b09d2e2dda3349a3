"""What can reach a dialogue. Every (step, input) pair has a result."""

from dataclasses import dataclass

from acd.core.words import LeaveReason


@dataclass(frozen=True, slots=True)
class Started:
    """The call has arrived on its line."""


@dataclass(frozen=True, slots=True)
class PlayDone:
    """All prompts of the last `Play` were heard."""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    key: str
    """One of 0-9 * #."""


@dataclass(frozen=True, slots=True)
class Silence:
    """The caller pressed nothing within the time of `Ask`."""


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """The call left its queue without an operator, for instance QUEUE_FULL."""

    reason: LeaveReason


@dataclass(frozen=True, slots=True)
class TalkOver:
    """The operator hung up and the caller is still on the line."""


@dataclass(frozen=True, slots=True)
class TransferOver:
    """A transfer to a number ended; `answered` tells whether somebody spoke to the caller."""

    answered: bool


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The caller hung up."""


@dataclass(frozen=True, slots=True)
class PromptMissing:
    """The switch could not play a prompt; the dialogue goes on without it."""

    prompt: str


Input = (
    Started
    | PlayDone
    | KeyPressed
    | Silence
    | QueueLeft
    | TalkOver
    | TransferOver
    | CallerGone
    | PromptMissing
)
