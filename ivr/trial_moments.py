"""What happens in a call that is tried, as data and in words. Times in seconds since the call came in."""

from dataclasses import dataclass
from enum import StrEnum

from ivr.flow.actions import CallHook, EnterQueue, Transfer
from ivr.flow.hearing import Entry, Verdict
from ivr.flow.inputs import Input
from ivr.flow.said import Said


class Kind(StrEnum):
    HEARS = "hears"
    DOES = "does"
    """The caller's act."""
    HAPPENS = "happens"
    """The act of the centre, of a web service or of another phone."""
    TRACE = "trace"


@dataclass(frozen=True, slots=True)
class Moment:
    at: float
    kind: Kind
    text: str
    """'' for what is heard."""
    said: Said | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Walked:
    """One input's way through the dialplan."""

    step: str
    """Where the call stood; '' at its beginning and while it says goodbye."""
    given: Input
    entered: tuple[str, ...]
    trace: tuple[str, ...]


class QueueEnd(StrEnum):
    """How a caller leaves a queue."""

    FULL = "full"
    NOBODY = "nobody-logged-in"
    WAITED = "waited-too-long"
    TALK = "talk"


class NotNow(Exception):
    """The call stands where this cannot be done; one sentence, which says what can."""


def entered(keys: str, entry: Entry) -> tuple[str, int, float]:
    """The answer, how many of `keys` made it, and the seconds of the pause that ended it."""
    for place, key in enumerate(keys):
        if key == entry.end_key and place > 0:
            return keys[:place], place + 1, 0.0
        if entry.verdict(keys[: place + 1]) in (Verdict.COMPLETE, Verdict.IMPOSSIBLE):
            return keys[: place + 1], place + 1, 0.0
    return keys, len(keys), entry.pause_for


def asked_of(hook: CallHook) -> str:
    values = ", ".join(f"{name}={value}" for name, value in hook.values.items())
    return f"{hook.url} is asked" + (f" with {values}" if values else "")


def begun(action: EnterQueue | Transfer) -> str:
    if isinstance(action, Transfer):
        return f"the number {action.number} is called for up to {action.ring_for:g} s"
    needs = ", ".join(f"{need.skill} {need.level}" for need in action.needs)
    keys = ", ".join(action.leave_keys)
    parts = [f"the caller waits in the queue {action.queue}"]
    parts += [f"needs {needs}"] if needs else []
    parts += [f"priority {action.priority}"] if action.priority is not None else []
    parts += [f"leaves with {keys}"] if keys else []
    return "; ".join(parts)
