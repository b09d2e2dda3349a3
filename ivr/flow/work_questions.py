"""What the dialogues of voicemail and call-backs say and to which words they listen."""

from typing import assert_never

from ivr.flow import wording
from ivr.flow.actions import Ask
from ivr.flow.hearing import Entry, Listen
from ivr.flow.model import CallBack, Dialplan, Kind, Line, Voicemail
from ivr.flow.questions import everywhere, listen_for, listens
from ivr.flow.said import Digits, Said, TimeOfDay
from ivr.flow.states import (
    ChoosingWhen,
    ConfirmingNumber,
    ConfirmingTime,
    Reviewing,
    Session,
    TypingNumber,
    TypingTime,
)
from ivr.flow.work_prompts import CallBackPrompt, CallTimePrompt, VoicemailPrompt

KEEP_KEY, LISTEN_KEY, ANEW_KEY, ADD_KEY = "1", "2", "3", "4"
IN_TURN_KEY, AT_TIME_KEY = "1", "2"
TIME_ENTRY = Entry(patterns=("X", "XX", "XXX", "XXXX"))
"""An hour, or hour and minutes."""
MIN_ROOM_FOR = 2.0
"""Seconds; with less room nothing can be added to a message."""
SHORTEST_NUMBER = 3
"""Digits."""

WorkAsked = Reviewing | TypingNumber | ConfirmingNumber | ChoosingWhen | TypingTime | ConfirmingTime


def ask_work(
    dialplan: Dialplan,
    line: Line | None,
    session: Session,
    step: Voicemail | CallBack,
    state: WorkAsked,
    first: tuple[Said, ...] = (),
) -> Ask:
    """The action for `state`, with `first` said before it."""
    listening = listens(dialplan, session, state.keys_only)
    words = (*first, *_words(dialplan, state, listening))
    listen = _listen(dialplan, line, session, state) if listening else None
    return Ask(words, step.wait_for, _entry(step, state), listen)


def _words(dialplan: Dialplan, state: WorkAsked, listening: bool) -> tuple[Said, ...]:
    prompts = dialplan.prompts
    confirm = prompts.confirm if listening else prompts.confirm_by_keys
    match state:
        case Reviewing():
            return (VoicemailPrompt.REVIEW if listening else VoicemailPrompt.REVIEW_KEYS,)
        case TypingNumber():
            return (CallBackPrompt.SAY_NUMBER if listening else CallBackPrompt.TYPE_NUMBER,)
        case ConfirmingNumber(number=number):
            return CallBackPrompt.NUMBER, Digits(number.removeprefix("+")), confirm
        case ChoosingWhen():
            return (CallTimePrompt.WHEN,)
        case TypingTime():
            return (CallTimePrompt.TYPE_TIME,)
        case ConfirmingTime(clock=clock, tomorrow=tomorrow):
            day = CallTimePrompt.TOMORROW if tomorrow else CallTimePrompt.TODAY
            return day, TimeOfDay(clock), confirm
        case _:
            assert_never(state)


def _entry(step: Voicemail | CallBack, state: WorkAsked) -> Entry | None:
    if isinstance(state, TypingNumber) and isinstance(step, CallBack):
        return step.entry
    return TIME_ENTRY if isinstance(state, TypingTime) else None


def _listen(dialplan: Dialplan, line: Line | None, session: Session, state: WorkAsked) -> Listen | None:
    match state:
        case TypingNumber() | TypingTime():
            return listen_for(dialplan, line, session, Kind.DIGITS)
        case ConfirmingNumber() | ConfirmingTime():
            return listen_for(dialplan, line, session, Kind.YES_NO)
        case Reviewing() | ChoosingWhen():
            own = key_phrases(state, session.language)
            phrases = tuple({**everywhere(dialplan, line, session.language), **own})
            return Listen(phrases=phrases, longest_for=dialplan.hearing.longest_for) if phrases else None
        case _:
            assert_never(state)


def key_phrases(state: Reviewing | ChoosingWhen, language: str) -> dict[str, str]:
    """From what a caller may say to the key that means the same."""
    if isinstance(state, ChoosingWhen):
        keys = {IN_TURN_KEY: wording.in_turn_words(language), AT_TIME_KEY: wording.at_time_words(language)}
    else:
        message = wording.message_words(language)
        keys = dict(zip((KEEP_KEY, LISTEN_KEY, ANEW_KEY, ADD_KEY), message, strict=False))
    return {phrase: key for key, phrases in keys.items() for phrase in phrases}


def as_number(text: str) -> str:
    """A telephone number that can be said and called; '': this is none, for instance a withheld one."""
    digits = text.removeprefix("+")
    return text if digits.isascii() and digits.isdecimal() and len(digits) >= SHORTEST_NUMBER else ""
