"""A work item as the operator hears of it."""

from acd.core.work import Reach, WorkKind
from acd.core.work_state import WorkItem
from ivr.flow.said import Count, Digits, Duration, Recording, Said

_LONGEST = 8_639_999
"""Seconds that can be said."""
NOT_REACHED = {
    Reach.BUSY: "work-not-reached-busy",
    Reach.NO_ANSWER: "work-not-reached-no-answer",
    Reach.MACHINE: "work-not-reached-machine",
    Reach.WRONG_PERSON: "work-not-reached-wrong-person",
    Reach.GAVE_UP: "work-not-reached-gave-up",
    Reach.FORBIDDEN: "work-not-allowed",
}


def dials_itself(item: WorkItem) -> bool:
    """A call-back that no operator has to decide about."""
    return item.promise is WorkKind.CALL_BACK and not item.by_hand


def header(item: WorkItem, now: float) -> tuple[Said, ...]:
    """Whose it is, and since when it waits."""
    waited = Duration(min(_LONGEST, max(0, round(now - item.made_at))))
    return (*_whose(item), "work-waited", waited)


def _whose(item: WorkItem) -> tuple[Said, ...]:
    digits = "".join(letter for letter in item.caller if letter in "0123456789")
    if item.promise is WorkKind.VOICEMAIL:
        return ("work-voicemail-from", Digits(digits)) if digits else ("work-voicemail-withheld",)
    return ("work-by-hand" if item.by_hand else "work-call-back-for", Digits(digits))


def notes(item: WorkItem) -> tuple[Said, ...]:
    """What colleagues have said about it."""
    spoken = (("work-note", Recording(each.recording)) for each in item.messages if each.by is not None)
    return tuple(part for note in spoken for part in note)


def message_title(item: WorkItem, index: int) -> tuple[Said, ...]:
    """Which of several messages it is, or that it is a colleague's note."""
    if item.messages[index].by is not None:
        return ("work-note",)
    return ("work-message-number", Count(index + 1)) if len(item.messages) > 1 else ()


def menu(item: WorkItem) -> str:
    return "work-menu" if item.messages else "work-menu-call-back"
