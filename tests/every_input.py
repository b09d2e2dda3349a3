"""What may be answered to each action, and how long that takes: a second time, nothing of the proof's."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from acd.core.words import LeaveReason
from ivr.flow import inputs, wording
from ivr.flow.actions import (
    Ask,
    CallHook,
    CheckNumber,
    EnterQueue,
    KeepMessage,
    Play,
    PromiseCallBack,
    Record,
    Transfer,
)
from ivr.flow.hearing import Entry
from ivr.flow.hook import HookAnswer
from ivr.flow.inputs import Input
from ivr.flow.model import CallBack, Dialplan, Hook, Menu, Voicemail
from ivr.flow.proof import SERVICE_SAYS
from ivr.flow.session import Session
from ivr.flow.states import TypingTime

SPOKEN = {
    "uk": ["посилка", "так", "ні", "оператор", "англійською", "завтра"],
    "en": ["parcel", "yes", "no", "operator", "ukrainian", "tomorrow"],
}
SEVEN = {"uk": "сім", "en": "seven"}
ZERO = {"uk": "нуль", "en": "zero"}
ONE = {"uk": "один", "en": "one"}
NUMBER = "+380777777777"
"""Of a caller; withheld by others."""
TYPED = [*"057*#", "07", "77", "81", "7*", "077", "07*", "777", "777*", "7777", "07777", "0777", "077*"]
CLOCK = ["17", "717", "0717", "1717", "171*"]


def every_input(plan: Dialplan, session: Session, action: Any, now: datetime) -> Iterator[Input]:
    """As long as nobody has helped the caller; whoever has, `returns`."""
    match action:
        case Play():
            yield inputs.PlayDone()
        case Ask(entry=entry, listen=listen):
            yield inputs.Silence()
            if entry is None:
                yield from map(inputs.KeyPressed, "0123456789*#")
            else:
                clock = CLOCK if isinstance(session.state, TypingTime) else []
                typed = dict.fromkeys([*TYPED, *clock, f"{now:%d%m}"])
                yield from (inputs.KeysEntered(keys) for keys in typed if _can_be_typed(keys, entry))
            if listen is not None:
                yield from _words(plan, session)
        case CallHook():
            yield inputs.HookFailed("down")
            hook = plan.steps[session.step]
            assert isinstance(hook, Hook)
            for word in ("", "strange", *hook.answers):
                for say in ((), (SERVICE_SAYS,)) if hook.url else ((),):
                    yield inputs.HookAnswered(HookAnswer(word, say, {}))
        case EnterQueue():
            yield inputs.QueueLeft(LeaveReason.QUEUE_FULL)
            yield inputs.QueueLeft(LeaveReason.NOBODY_LOGGED_IN)
        case Transfer():
            yield inputs.TransferOver(False)
        case _:
            yield from _promises(action)


def _promises(action: Any) -> Iterator[Input]:
    match action:
        case Record(longest_for=longest_for):
            for key in ("", "5", "#"):
                yield inputs.Recorded("message", longest_for, key=key)
                yield inputs.Recorded("", 0.0, key=key)
            yield inputs.Recorded("message", 1.0)
            yield inputs.Recorded("noise", 0.2)
            yield inputs.Recorded("", 0.0, failed=True)
            yield inputs.Recorded("noise", 5.0, failed=True)
        case CheckNumber(number=number):
            yield from (inputs.NumberChecked(one, True) for one in (number, NUMBER))
            yield inputs.NumberChecked(number, False)
        case KeepMessage():
            yield inputs.Promised(False)
        case PromiseCallBack():
            yield from (inputs.Promised(False, why) for why in ("", "unknown-queue", "refused"))
        case _:
            raise AssertionError(f"nothing answers {action}")


def _words(plan: Dialplan, session: Session) -> Iterator[Input]:
    yield inputs.SpokeTooLong()
    yield inputs.RecogniserBusy()
    yield inputs.RecogniserDead()
    yield inputs.Heard("[unk]", 0.9)
    seven, zero = SEVEN[session.language], ZERO[session.language]
    numbers = [" ".join([seven] * size) for size in (1, 2, 3, 4)] + [f"{zero} {seven} {seven}"]
    menu = plan.steps.get(session.step)
    if isinstance(menu, Voicemail | CallBack):
        numbers += _words_of_work(session.language)
    phrases = menu.phrases.get(session.language, {}) if isinstance(menu, Menu) else {}
    for text in dict.fromkeys([*SPOKEN[session.language], *numbers, *phrases]):
        for confidence in (0.9, 0.1):
            yield inputs.Heard(text, confidence)


def wait(action: Any, given: Input) -> float:
    match action:
        case Transfer():
            return action.ring_for
        case Record():
            is_message = isinstance(given, inputs.Recorded) and given.seconds >= 1 and not given.failed
            return 0.0 if is_message else action.end_after
        case Ask(entry=entry, listen=listen, wait_for=wait_for):
            match given:
                case inputs.Heard() | inputs.SpokeTooLong():
                    return wait_for + (listen.longest_for if listen else 0.0)
                case inputs.KeysEntered(keys) if entry is not None:
                    pauses = len(keys) - 1 + (entry.verdict(keys) in ("more", "maybe"))
                    return wait_for + pauses * entry.pause_for
                case _:
                    return wait_for
        case _:
            return 0.0


def returns(action: Any) -> list[Input]:
    match action:
        case EnterQueue(leave_keys=keys):
            left = [LeaveReason.WAITED_TOO_LONG, LeaveReason.CHOSE_TO_LEAVE]
            return [*map(inputs.QueueLeft, left), inputs.TalkOver(), *map(inputs.KeyPressed, keys)]
        case Transfer():
            return [inputs.TransferOver(True)]
        case Record(longest_for=longest_for):
            keys = ("0", "*")
            empty = [inputs.Recorded("", 0.0, key=key) for key in keys]
            return [*empty, *(inputs.Recorded("message", longest_for, key=key) for key in keys)]
        case KeepMessage():
            return [inputs.Promised(True)]
        case PromiseCallBack():
            return [inputs.Promised(True), inputs.Promised(False, "already-promised")]
        case _:
            return []


def _can_be_typed(keys: str, entry: Entry) -> bool:
    """An entry ends with the key that completes it or makes it impossible."""
    return all(entry.verdict(keys[:size]) in ("more", "maybe") for size in range(1, len(keys)))


def _words_of_work(language: str) -> list[str]:
    """One for each choice, and numbers that are a time of the day."""
    one, seven, zero = ONE[language], SEVEN[language], ZERO[language]
    chosen = [*wording.in_turn_words(language)[:1], *wording.at_time_words(language)[:1]]
    reviewed = [word for words in wording.message_words(language) for word in words[:1]]
    return [*chosen, *reviewed, f"{one} {seven}", f"{zero} {seven} {one} {seven}"]
