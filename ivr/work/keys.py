"""What the keys of the operator's phone do while a work item is handled.

One map for voicemail and call-backs; the prompts `work-menu` and `work-menu-call-back` tell it.
"""

from collections.abc import Mapping
from enum import Enum, auto


class Act(Enum):
    PLAY_PAUSE = auto()
    BACK = auto()
    """Five seconds."""
    FASTER = auto()
    """And again: as it was."""
    NEXT = auto()
    """The next message of the same caller."""
    CALL = auto()
    """Call the person now."""
    CLOSE = auto()
    """Then the number of a topic, or 0."""
    FORWARD = auto()
    """Then the number of a department, or 0 to go back; then a note may be spoken."""
    HAND_BACK = auto()


KEYS: Mapping[str, Act] = {
    "1": Act.PLAY_PAUSE,
    "2": Act.BACK,
    "3": Act.FASTER,
    "4": Act.NEXT,
    "5": Act.CALL,
    "6": Act.CLOSE,
    "7": Act.FORWARD,
    "8": Act.HAND_BACK,
}
NONE = "0"
"""No topic, or back from the departments."""
BACK_FOR = 5.0
"""Seconds that BACK goes back."""


def chosen(key: str, names: tuple[str, ...]) -> str | None:
    """Of topics or departments the one with this number, the first is 1; None for another key."""
    number = int(key) if key.isascii() and key.isdigit() else 0
    return names[number - 1] if 1 <= number <= len(names) else None
