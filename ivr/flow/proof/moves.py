"""Everything that can be answered to an action, as a finite set of inputs that stand for all others.

One answer stands for all that the interpreter cannot tell apart: one phrase for each choice, one word that is
not understood, the entries that take longest to type and to read back.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache

from acd.core.words import LeaveReason
from ivr.flow import inputs, wording
from ivr.flow.actions import (
    Action,
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
from ivr.flow.call_back import ALREADY_PROMISED
from ivr.flow.hearing import ANY_DIGIT, Entry, Verdict
from ivr.flow.hook import HookAnswer
from ivr.flow.inputs import Input
from ivr.flow.model import KEYS, CallBack, Dialplan, Hook, Kind, Line, Menu, Question
from ivr.flow.proof.lifted import CHANCE, FILL
from ivr.flow.proof.parts import SERVICE_SAYS, OverBudget
from ivr.flow.questions import Choice, choices, everywhere
from ivr.flow.states import (
    ChoosingWhen,
    Confirming,
    ConfirmingNumber,
    ConfirmingTime,
    Reviewing,
    Session,
    TypingNumber,
    TypingTime,
)
from ivr.flow.work_questions import key_phrases

KEYED = Reviewing | ChoosingWhen
"""Questions whose keys may be said by words of their own."""
LOST, SURE, UNSURE = "[unk]", 1.0, 0.0
NUMBER = "+380777777777"
"""Of the caller."""
MESSAGE = "message"
"""Id of what a caller recorded."""
CLOCK = ("1737", "0737")
"""Times of a day, one on either side of noon."""


def answers(dialplan: Dialplan, session: Session, ask: Ask, now: datetime) -> Iterator[Input]:
    """What a caller may answer to `ask`, rightly or not."""
    yield inputs.Silence()
    yield from _keys(dialplan, session, ask, now)
    if ask.listen is not None:
        yield from _words(dialplan, session, now)


def seeks(ask: Ask) -> Input:
    """What somebody does who wants a person."""
    return inputs.KeyPressed("0") if ask.entry is None else inputs.KeysEntered("0")


def outcomes(dialplan: Dialplan, session: Session, action: Action) -> Iterator[Input]:
    """What may come of an action that asks nothing of the caller, as long as nobody has helped them."""
    match action:
        case Play():
            yield inputs.PlayDone()
        case CallHook(url=url) if url == CHANCE:
            chance = dialplan.steps[session.step]
            ways = chance.answers if isinstance(chance, Hook) else ()
            yield from (inputs.HookAnswered(HookAnswer(way)) for way in ways)
        case CallHook():
            yield inputs.HookFailed("it gives no usable answer")
            hook = dialplan.steps.get(session.step)
            for word in ("", *(hook.answers if isinstance(hook, Hook) else ())):
                # without words to say the answer takes the same way, only sooner
                yield inputs.HookAnswered(HookAnswer(word, (SERVICE_SAYS,)))
        case EnterQueue():
            yield inputs.QueueLeft(LeaveReason.QUEUE_FULL)
            yield inputs.QueueLeft(LeaveReason.NOBODY_LOGGED_IN)
        case Transfer():
            yield inputs.TransferOver(False)
        case Record(longest_for=longest_for):
            yield inputs.Recorded(MESSAGE, longest_for)
            yield inputs.Recorded("", 0.0)
            yield inputs.Recorded("", 0.0, failed=True)
        case CheckNumber(number=number):
            yield inputs.NumberChecked(max(number, NUMBER, key=len), True)
            yield inputs.NumberChecked(number, False)
        case KeepMessage():
            yield inputs.Promised(False)
        case PromiseCallBack():
            yield inputs.Promised(False)
            yield inputs.Promised(False, "refused")
        case _:
            raise OverBudget(f"what may come of {type(action).__name__} is not known")


def returns(action: Action, line: Line | None) -> Iterator[Input]:
    """How a caller comes back who was helped: waited for somebody, talked to them, or could leave a message
    and pressed a key instead."""
    match action:
        case EnterQueue(leave_keys=keys):
            yield inputs.QueueLeft(LeaveReason.WAITED_TOO_LONG)
            yield inputs.TalkOver()
            yield from map(inputs.KeyPressed, keys)
        case Transfer():
            yield inputs.TransferOver(True)
        case Record(longest_for=longest_for):
            for key in ("0", line.language_key if line is not None else ""):
                yield inputs.Recorded("", 0.0, key=key)
                yield inputs.Recorded(MESSAGE, longest_for, key=key)
        case KeepMessage():
            yield inputs.Promised(True)
        case PromiseCallBack():
            yield inputs.Promised(True)
            yield inputs.Promised(False, ALREADY_PROMISED)
        case _:
            return


def helps(action: Action | None) -> str:
    """To whom it leads, if nobody refuses; '' for an action that is no help yet."""
    match action:
        case EnterQueue(queue=queue):
            return f"queue {queue}"
        case Transfer(number=number):
            return f"transfer to {number}"
        case KeepMessage(queue=queue):
            return f"a message for {queue}"
        case PromiseCallBack(queue=queue):
            return f"a call-back by {queue}"
        case _:
            return ""


def _keys(dialplan: Dialplan, session: Session, ask: Ask, now: datetime) -> Iterator[Input]:
    if ask.entry is None:
        yield from map(inputs.KeyPressed, KEYS)
        return
    yield from map(inputs.KeysEntered, KEYS)
    step = dialplan.steps.get(session.step)
    fitting = CLOCK if isinstance(session.state, TypingTime) else _fitting(step, ask.entry, now)
    for keys in fitting:
        if len(keys) > 1:
            yield inputs.KeysEntered(keys)
            yield inputs.KeysEntered(f"{keys[:-1]}*")


def _fitting(step: object, entry: Entry, now: datetime | None = None) -> Iterator[str]:
    """Whole answers: those that take longest to type and, as numbers, to read back."""
    patterns = [max(entry.patterns, key=size, default="") for size in (len, _digits_of_number)]
    yield from dict.fromkeys(pattern.replace(ANY_DIGIT, FILL) for pattern in patterns)
    if now is not None and isinstance(step, Question) and step.kind is Kind.DATE:
        yield from (text for text in (f"{now:%d%m}", f"{now:%d%m%Y}") if entry.fits(text))


def _digits_of_number(pattern: str) -> int:
    return len(pattern.lstrip("0"))


def _words(dialplan: Dialplan, session: Session, now: datetime) -> Iterator[Input]:
    yield inputs.SpokeTooLong()
    yield inputs.RecogniserBusy()
    yield inputs.RecogniserDead()
    yield inputs.Heard(LOST, SURE)
    line, step = dialplan.lines.get(session.line), dialplan.steps.get(session.step)
    if isinstance(step, Menu):
        table = choices(dialplan, line, step, session.language)
    else:
        table = everywhere(dialplan, line, session.language)
    own = key_phrases(session.state, session.language) if isinstance(session.state, KEYED) else {}
    known: dict[Choice, str] = dict.fromkeys([*table.values(), *own.values()], "")
    for phrase, choice in (*table.items(), *own.items()):
        known[choice] = known[choice] or phrase
    said = [*known.values()]
    if isinstance(step, Question):
        said += _spoken(step, session, now)
    elif isinstance(step, CallBack):
        said += _spoken_of_call_back(step, session)
    for text in said:
        yield inputs.Heard(text, SURE)
    yield from (inputs.Heard(text, UNSURE) for text in said[:1])


def _spoken(step: Question, session: Session, now: datetime) -> list[str]:
    language = session.language
    if isinstance(session.state, Confirming) or step.kind is Kind.YES_NO:
        return [*wording.yes_words(language)[:1], *wording.no_words(language)[:1]]
    if step.kind is Kind.UTTERANCE:
        return ["", LOST]
    if step.kind is Kind.DATE:
        words = wording.date_vocabulary(language)
        return [word for word in words if wording.read_date(word, language, now.date())][:1]
    return _digit_by_digit(_fitting(step, step.entry, now) if step.entry else [FILL], language)


def _spoken_of_call_back(step: CallBack, session: Session) -> list[str]:
    language = session.language
    match session.state:
        case ConfirmingNumber() | ConfirmingTime():
            return [*wording.yes_words(language)[:1], *wording.no_words(language)[:1]]
        case TypingNumber():
            return _digit_by_digit(_fitting(step, step.entry), language)
        case TypingTime():
            return _digit_by_digit(CLOCK, language)
        case _:
            return []


def _digit_by_digit(numbers: Iterable[str], language: str) -> list[str]:
    digit = digit_words(language)
    return [" ".join(digit[key] for key in keys) for keys in numbers if set(keys) <= set(digit)]


@cache
def digit_words(language: str) -> dict[str, str]:
    """From a digit to its word; empty for a language that is not known."""
    found: dict[str, str] = {}
    for word in wording.number_vocabulary(language):
        for reading in wording.digit_readings(word, language):
            if len(reading) == 1:
                found.setdefault(reading, word)
    return found


# ---- time


def seconds_of(action: Action, given: Input) -> float:
    """From the end of `action`'s prompts to `given`, at the latest, in seconds.

    Time in a queue, in talks and of a message is not counted: the caller has reached somebody. What a web
    service takes is counted with its prompts.
    """
    match action, given:
        case Ask(listen=listen), inputs.Heard() | inputs.SpokeTooLong() | inputs.RecogniserDead():
            return action.wait_for + (listen.longest_for if listen else 0.0)
        case Ask(entry=Entry() as entry), inputs.KeysEntered(keys):
            ends_by_pause = entry.verdict(keys) in (Verdict.MORE, Verdict.MAYBE)
            return action.wait_for + entry.pause_for * (len(keys) - 1 + ends_by_pause)
        case Ask(), _:
            return action.wait_for
        case Transfer(ring_for=ring_for), inputs.TransferOver(answered=False):
            return ring_for
        case Record(end_after=end_after), inputs.Recorded(recording):
            return 0.0 if recording else end_after
        case _:
            return 0.0
