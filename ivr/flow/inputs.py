"""What can reach a dialogue. Every (step, input) pair has a result."""

from dataclasses import dataclass

from acd.core.words import LeaveReason
from ivr.flow.hook import HookAnswer


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
class KeysEntered:
    """The answer to an `Ask` with an entry: complete, ended by the end key or by a pause, or impossible."""

    keys: str
    """0-9 * #, without the end key."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the caller said."""

    text: str
    """Words parted by spaces; '' or '[unk]' where none of the phrases was recognised."""
    confidence: float
    """0 to 1."""
    recording: str = ""
    """Id of the stored sound, where it was asked for."""


@dataclass(frozen=True, slots=True)
class SpokeTooLong:
    """The caller went on speaking beyond the limit of `Listen`."""


@dataclass(frozen=True, slots=True)
class RecogniserBusy:
    """Nothing was asked: no stream is free for listening."""


@dataclass(frozen=True, slots=True)
class RecogniserDead:
    """The recogniser failed while the caller spoke, or before."""


@dataclass(frozen=True, slots=True)
class HookAnswered:
    answer: HookAnswer


@dataclass(frozen=True, slots=True)
class HookFailed:
    """The web service gave no usable answer in time."""

    why: str


@dataclass(frozen=True, slots=True)
class Silence:
    """The caller neither pressed a key nor spoke within the time of `Ask`."""


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
class Recorded:
    """A recording has ended."""

    recording: str
    """Id of the stored sound; '' where nothing was said, or nothing could be stored."""
    seconds: float
    """Of sound, without the silence at its end."""
    failed: bool = False
    """It could not be recorded or stored."""
    key: str = ""
    """The key that ended it, other than '#'; '' for any other end."""


@dataclass(frozen=True, slots=True)
class NumberChecked:
    """Whether a number can be called back."""

    number: str
    """As it will be dialled."""
    ok: bool


@dataclass(frozen=True, slots=True)
class Promised:
    """What became of KeepMessage or PromiseCallBack."""

    ok: bool
    refused: str = ""
    """The centre's code where it was refused, for instance 'already-promised'; '' for a fault of ours."""


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
    | KeysEntered
    | Heard
    | SpokeTooLong
    | RecogniserBusy
    | RecogniserDead
    | HookAnswered
    | HookFailed
    | Silence
    | QueueLeft
    | TalkOver
    | TransferOver
    | Recorded
    | NumberChecked
    | Promised
    | CallerGone
    | PromptMissing
)
