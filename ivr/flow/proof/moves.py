"""Everything that can be answered to an action, as a finite set of inputs that stand for all others.

One answer stands for all that the interpreter cannot tell apart: one phrase for each choice, one word that is
not understood, one entry for each pattern and for each value that a condition asks for.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from acd.core.words import LeaveReason
from ivr.flow import inputs, wording
from ivr.flow.actions import Action, Ask, CallHook, EnterQueue, Play, Transfer
from ivr.flow.hearing import ANY_DIGIT, Entry, Verdict
from ivr.flow.hook import HookAnswer
from ivr.flow.inputs import Input
from ivr.flow.model import KEYS, Dialplan, Hook, Kind, Menu, Question
from ivr.flow.proof.parts import SERVICE_SAYS
from ivr.flow.proof.values import FILL, Values
from ivr.flow.questions import choices, everywhere
from ivr.flow.states import Confirming, Session

LOST, SURE, UNSURE = "[unk]", 1.0, 0.0


def possible(
    dialplan: Dialplan, values: Values, session: Session, action: Action | None, now: datetime
) -> Iterator[Input]:
    """What may answer `action`, in `session`. None where nothing does."""
    match action:
        case Play():
            yield inputs.PlayDone()
        case Ask():
            yield inputs.Silence()
            yield from _keys(dialplan, values, session, action, now)
            if action.listen is not None:
                yield from _words(dialplan, values, session, now)
        case CallHook():
            yield from _hook_answers(dialplan, values, session)
        case EnterQueue(leave_keys=keys):
            for reason in (LeaveReason.QUEUE_FULL, LeaveReason.NOBODY_LOGGED_IN, LeaveReason.WAITED_TOO_LONG):
                yield inputs.QueueLeft(reason)
            yield inputs.TalkOver()
            yield from map(inputs.KeyPressed, keys)
        case Transfer():
            yield inputs.TransferOver(False)
            yield inputs.TransferOver(True)
        case _:
            return


def _keys(dialplan: Dialplan, values: Values, session: Session, ask: Ask, now: datetime) -> Iterator[Input]:
    if ask.entry is None:
        yield from map(inputs.KeyPressed, KEYS)
        return
    yield from map(inputs.KeysEntered, _single_keys(ask.entry))
    step = dialplan.steps.get(session.step)
    for keys in _fitting(step, values, ask.entry, now):
        yield inputs.KeysEntered(keys)
        yield inputs.KeysEntered(f"{keys[:-1]}*")


def _single_keys(entry: Entry) -> Iterator[str]:
    """The key for an operator, those that may mean a language, and a digit after which more would be waited
    for."""
    yield from "0*#"
    yield from islice((key for key in "123456789" if entry.verdict(key) is Verdict.MORE), 1)


def _fitting(step: object, values: Values, entry: Entry, now: datetime) -> Iterator[str]:
    """Whole answers, some of which may be no dates: those that take longest to type and to read back, and
    the longest of those that conditions ask for."""
    patterns = [max(entry.patterns, key=size, default="") for size in (len, _digits_of_number)]
    fitting = [pattern.replace(ANY_DIGIT, FILL) for pattern in patterns]
    if not isinstance(step, Question) or step.kind is Kind.DATE:
        yield from (*fitting, *(text for text in (f"{now:%d%m}", f"{now:%d%m%Y}") if entry.fits(text)))
        return
    fitting += [text for text in values.texts(step.name) if entry.fits(text)]
    if step.kind is not Kind.NUMBER:
        yield from values.longest_alike(step.name, fitting)
        return
    numbers = {text.lstrip("0") or "0": text for text in fitting}
    longest = values.longest_alike(step.name, numbers)
    yield from dict.fromkeys([fitting[0], *(numbers[number] for number in longest)])


def _digits_of_number(pattern: str) -> int:
    return len(pattern.lstrip("0"))


def _words(dialplan: Dialplan, values: Values, session: Session, now: datetime) -> Iterator[Input]:
    yield inputs.SpokeTooLong()
    yield inputs.RecogniserBusy()
    yield inputs.RecogniserDead()
    yield inputs.Heard(LOST, SURE)
    line, step, language = (
        dialplan.lines.get(session.line),
        dialplan.steps.get(session.step),
        session.language,
    )
    known: dict[object, str] = {}
    if isinstance(step, Menu):
        table = choices(dialplan, line, step, language)
    else:
        table = everywhere(dialplan, line, language)
    for phrase, choice in table.items():
        known.setdefault(choice, phrase)
    said = [*known.values()]
    if isinstance(step, Question):
        said += _spoken(step, values, session, now)
    for text in said:
        yield inputs.Heard(text, SURE)
    for text in said:
        yield inputs.Heard(text, UNSURE)


def _spoken(step: Question, values: Values, session: Session, now: datetime) -> list[str]:
    language = session.language
    if isinstance(session.state, Confirming) or step.kind is Kind.YES_NO:
        return [*wording.yes_words(language)[:1], *wording.no_words(language)[:1]]
    if step.kind is Kind.UTTERANCE:
        return [LOST, *values.texts(step.name)]
    if step.kind is Kind.DATE:
        words = wording.date_vocabulary(language)
        return list(islice((word for word in words if wording.read_date(word, language, now.date())), 1))
    digit = digit_words(language)
    entries = _fitting(step, values, step.entry, now) if step.entry else [FILL, *values.texts(step.name)]
    return [" ".join(digit[key] for key in keys) for keys in entries if set(keys) <= set(digit)]


def digit_words(language: str) -> dict[str, str]:
    """From a digit to its word; empty for a language that is not known."""
    found: dict[str, str] = {}
    for word in wording.number_vocabulary(language):
        for reading in wording.digit_readings(word, language):
            if len(reading) == 1:
                found.setdefault(reading, word)
    return found


def _hook_answers(dialplan: Dialplan, values: Values, session: Session) -> Iterator[Input]:
    """With words to say: without them the answer takes the same way, only sooner."""
    yield inputs.HookFailed("it gives no usable answer")
    hook = dialplan.steps.get(session.step)
    words = hook.answers if isinstance(hook, Hook) else ()
    for given in values.from_hook():
        for word in ("", *words):
            yield inputs.HookAnswered(HookAnswer(word, (SERVICE_SAYS,), given))


# ---- time


def seconds_of(action: Action | None, said_for: float, given: Input) -> float:
    """From the end of `action`'s prompts, which take `said_for`, to `given`, at the latest.

    Time in a queue and in talks is not counted: the caller has reached somebody.
    """
    match action, given:
        case Ask(listen=listen), inputs.Heard() | inputs.SpokeTooLong() | inputs.RecogniserDead():
            return action.wait_for + (listen.longest_for if listen else 0.0)
        case Ask(entry=Entry() as entry), inputs.KeysEntered(keys):
            ends_by_pause = entry.verdict(keys) in (Verdict.MORE, Verdict.MAYBE)
            return action.wait_for + entry.pause_for * (len(keys) - 1 + ends_by_pause)
        case Ask(), _:
            return action.wait_for
        case CallHook(), _:
            return max(0.0, action.deadline * action.tries - said_for)
        case Transfer(ring_for=ring_for), inputs.TransferOver(answered=False):
            return ring_for
        case _:
            return 0.0
