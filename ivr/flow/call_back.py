"""Promising a call-back: which number, when, and that it was taken down.

No number is called that its owner has not confirmed, and nothing is promised that the caller has not heard.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.flow import inputs, wording
from ivr.flow.actions import PromiseCallBack
from ivr.flow.hearing import Entry, Miss
from ivr.flow.inputs import Input
from ivr.flow.misses import (
    asks_for_help,
    is_understood,
    missed,
    no_answer,
    not_confirmed,
    other_key,
    said_everywhere,
    without_noise,
)
from ivr.flow.model import GOODBYE, CallBack
from ivr.flow.questions import NO_KEY, YES_KEY, said
from ivr.flow.said import Said
from ivr.flow.states import (
    CheckingNumber,
    ChoosingWhen,
    ConfirmingNumber,
    ConfirmingTime,
    Promising,
    TypingNumber,
    TypingTime,
)
from ivr.flow.walk import Walk
from ivr.flow.work_prompts import CallBackPrompt, CallTimePrompt
from ivr.flow.work_questions import AT_TIME_KEY, IN_TURN_KEY, TIME_ENTRY, as_number, key_phrases

ALREADY_PROMISED = "already-promised"
_OUR_FAULT = frozenset({"", "unknown-queue"})
"""Refusals that are nobody's decision."""

CallBackState = (
    CheckingNumber
    | TypingNumber
    | ConfirmingNumber
    | ChoosingWhen
    | TypingTime
    | ConfirmingTime
    | Promising
)  # fmt: skip


def when_calling_back(walk: Walk, state: CallBackState, given: Input) -> None:
    step = walk.current
    if not isinstance(step, CallBack):  # another version of the dialplan than the call began with
        walk.go(GOODBYE, "step-gone")
        return
    match state:
        case CheckingNumber():
            _when_checking(walk, step, state, given)
        case TypingNumber() | TypingTime():
            _when_typing(walk, step, state, given)
        case ConfirmingNumber() | ConfirmingTime():
            _when_confirming(walk, step, state, given)
        case ChoosingWhen():
            _when_choosing(walk, step, state, given)
        case Promising():
            _when_promising(walk, step, state, given)


# ---- the number


def _when_checking(walk: Walk, step: CallBack, state: CheckingNumber, given: Input) -> None:
    match given:
        case inputs.NumberChecked(number, True) if as_number(number):
            walk.note("number-ok")
            confirming = ConfirmingNumber(
                step.id, number, state.own, keys_only=state.keys_only, before=state.asked
            )
            walk.ask(confirming, _greeting(walk, step) if state.own else ())
        case inputs.NumberChecked():
            _not_this_number(walk, step, state)
        case _:
            walk.ignore(given)


def _not_this_number(walk: Walk, step: CallBack, state: CheckingNumber) -> None:
    typing = TypingNumber(step.id, state.asked, state.keys_only)
    if not state.own:
        miss = Miss.NOT_UNDERSTOOD if state.spoken else Miss.WRONG_KEY
        if state.asked < step.retry.tries:
            missed(walk, step, typing, miss, (CallBackPrompt.NOT_THIS_NUMBER,))
        elif walk.count(miss):
            walk.go_otherwise("wrong-key-limit" if miss is Miss.WRONG_KEY else "misheard-limit")
        else:
            _refuse(walk, step, "not-this-number")
    elif step.may_type:
        walk.note("not-this-number")
        walk.ask_anew(typing, (*_greeting(walk, step), CallBackPrompt.NOT_THIS_NUMBER))
    else:
        _refuse(walk, step, "not-this-number")


def _refuse(walk: Walk, step: CallBack, edge: str) -> None:
    walk.note(f"if-refused {edge}")
    walk.say((CallBackPrompt.REFUSED,), step.if_refused)


def _greeting(walk: Walk, step: CallBack) -> tuple[Said, ...]:
    return said(step.prompts, walk.session.values)


def _number_confirmed(walk: Walk, step: CallBack, state: ConfirmingNumber, right: bool) -> None:
    typing = TypingNumber(step.id, state.before + 1, state.keys_only)
    if right and step.choose_time:
        walk.note("number-confirmed")
        walk.ask_anew(ChoosingWhen(step.id, state.number, keys_only=state.keys_only))
    elif right:
        _promise(walk, step, state.number, None, "number-confirmed")
    elif not step.may_type:
        walk.go(step.if_refused, "if-refused no")
    elif state.own:
        walk.note("other-number")
        walk.ask_anew(replace(typing, asked=1))
    else:
        not_confirmed(walk, step, state, state.before, typing)


# ---- keys and words that make a number or a time


def _when_typing(walk: Walk, step: CallBack, state: TypingNumber | TypingTime, given: Input) -> None:
    entry = step.entry if isinstance(state, TypingNumber) else TIME_ENTRY
    match given:
        case inputs.KeysEntered(keys) | inputs.KeyPressed(keys):
            if asks_for_help(walk, entry, keys):
                other_key(walk, step, state, keys)
            elif entry.fits(keys):
                _given(walk, step, state, keys, spoken=False)
            else:
                missed(walk, step, state, Miss.WRONG_KEY)
        case inputs.Heard():
            if not said_everywhere(walk, step, state, given):
                _spoken(walk, step, state, entry, given)
        case _:
            no_answer(walk, step, state, given)


def _spoken(
    walk: Walk, step: CallBack, state: TypingNumber | TypingTime, entry: Entry, heard: inputs.Heard
) -> None:
    readings = wording.digit_readings(without_noise(heard.text), walk.session.language)
    digits = next((digits for digits in readings if entry.fits(digits)), None)
    if is_understood(walk, step, state, digits is not None, heard) and digits is not None:
        _given(walk, step, state, digits, spoken=True)


def _given(
    walk: Walk, step: CallBack, state: TypingNumber | TypingTime, digits: str, *, spoken: bool
) -> None:
    if isinstance(state, TypingTime):
        _time_given(walk, step, state, digits, spoken)
        return
    walk.note("said" if spoken else "typed")
    walk.check_number(
        CheckingNumber(
            step.id, digits, own=False, spoken=spoken, asked=state.asked, keys_only=state.keys_only
        )
    )


def _when_confirming(
    walk: Walk, step: CallBack, state: ConfirmingNumber | ConfirmingTime, given: Input
) -> None:
    match given:
        case inputs.KeyPressed(key) if key in (YES_KEY, NO_KEY):
            _confirmed(walk, step, state, key == YES_KEY)
        case inputs.KeyPressed(key):
            other_key(walk, step, state, key)
        case inputs.Heard():
            if not said_everywhere(walk, step, state, given):
                answer = wording.read_yes_no(given.text, walk.session.language)
                if is_understood(walk, step, state, answer is not None, given) and answer is not None:
                    _confirmed(walk, step, state, answer)
        case _:
            no_answer(walk, step, state, given)


def _confirmed(walk: Walk, step: CallBack, state: ConfirmingNumber | ConfirmingTime, right: bool) -> None:
    if isinstance(state, ConfirmingNumber):
        _number_confirmed(walk, step, state, right)
    elif right:
        _promise(walk, step, state.number, state.at, "time-confirmed")
    else:
        typing = TypingTime(step.id, state.number, state.before + 1, state.keys_only)
        not_confirmed(walk, step, state, state.before, typing)


# ---- the time


def _when_choosing(walk: Walk, step: CallBack, state: ChoosingWhen, given: Input) -> None:
    """The number is confirmed, so who says nothing is called in turn, as the prompt tells."""
    match given:
        case inputs.KeyPressed(key) if key in (IN_TURN_KEY, AT_TIME_KEY):
            _when(walk, step, state, key)
        case inputs.KeyPressed(key):
            other_key(walk, step, state, key)
        case inputs.Silence():
            _when(walk, step, state, IN_TURN_KEY)
        case inputs.Heard():
            own = key_phrases(state, walk.session.language)
            phrase = wording.match(given.text, own)
            if phrase is None and said_everywhere(walk, step, state, given):
                return
            if is_understood(walk, step, state, phrase is not None, given) and phrase is not None:
                _when(walk, step, state, own[phrase])
        case _:
            no_answer(walk, step, state, given)


def _when(walk: Walk, step: CallBack, state: ChoosingWhen, key: str) -> None:
    if key == IN_TURN_KEY:
        _promise(walk, step, state.number, None, "in-turn")
    else:
        walk.note("at-a-time")
        walk.ask_anew(TypingTime(step.id, state.number, keys_only=state.keys_only))


def _time_given(walk: Walk, step: CallBack, state: TypingTime, digits: str, spoken: bool) -> None:
    clock = _clock(digits)
    moment = _next(walk, step, clock) if clock is not None else None
    if clock is None or moment is None:
        miss = Miss.NOT_UNDERSTOOD if spoken else Miss.WRONG_KEY
        missed(walk, step, state, miss, (CallTimePrompt.NOT_THIS_TIME,) if clock is not None else ())
        return
    at, tomorrow = moment
    walk.note("said" if spoken else "typed")
    walk.ask(
        ConfirmingTime(
            step.id, state.number, at, clock, tomorrow, keys_only=state.keys_only, before=state.asked
        )
    )


def _clock(digits: str) -> time | None:
    """'9', '14', '930' or '1430' as a time of day."""
    hour, minute = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    return time(int(hour), int(minute)) if int(hour) < 24 and int(minute) < 60 else None


def _next(walk: Walk, step: CallBack, clock: time) -> tuple[float, bool] | None:
    """Today or, where that is past, tomorrow, in epoch seconds; None: nobody may be called then."""
    zone = ZoneInfo(step.times.time_zone) if step.times is not None else walk.now.tzinfo
    here = walk.now.astimezone(zone)
    at = datetime.combine(here.date(), clock, zone)
    tomorrow = at <= here
    if tomorrow:
        at = datetime.combine(here.date() + timedelta(days=1), clock, zone)
    moment = at.timestamp()
    return (moment, tomorrow) if step.times is None or step.times.allows(moment) else None


# ---- the promise


def _promise(walk: Walk, step: CallBack, number: str, at: float | None, edge: str) -> None:
    walk.note(edge)
    walk.session = replace(walk.session, state=Promising(step.id, at is not None))
    walk.actions.append(PromiseCallBack(step.queue, number, walk.session.steps, at))


def _when_promising(walk: Walk, step: CallBack, state: Promising, given: Input) -> None:
    match given:
        case inputs.Promised(ok=True):
            walk.note("promised")
            words = CallTimePrompt.PROMISED_AT if state.chosen else CallBackPrompt.PROMISED
            walk.say((words,), step.then)
        case inputs.Promised(refused=refused) if refused == ALREADY_PROMISED:
            walk.note(refused)
            walk.say((CallBackPrompt.ALREADY,), step.then)
        case inputs.Promised(refused=refused) if refused in _OUR_FAULT:
            walk.note(f"if-failed {refused}".strip())
            walk.say((CallBackPrompt.FAILED,), step.if_failed)
        case inputs.Promised(refused=refused):
            _refuse(walk, step, refused)
        case _:
            walk.ignore(given)
