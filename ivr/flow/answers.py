"""What a caller's answer to a menu or a question means."""

from datetime import date
from typing import assert_never

from ivr.flow import inputs, wording
from ivr.flow.hearing import Miss
from ivr.flow.inputs import Input
from ivr.flow.misses import (
    asks_for_help,
    choice_of,
    choose,
    is_understood,
    missed,
    no_answer,
    not_confirmed,
    other_key,
    said_everywhere,
    without_noise,
)
from ivr.flow.model import GOODBYE, Kind, Menu, Question
from ivr.flow.questions import NO_KEY, YES_KEY, choices
from ivr.flow.states import Asking, Confirming
from ivr.flow.walk import Walk


def when_asking(walk: Walk, state: Asking, given: Input) -> None:
    step = walk.current
    if not isinstance(step, Menu | Question):  # another version of the dialplan than the call began with
        walk.go(GOODBYE, "step-gone")
        return
    match given:
        case inputs.KeyPressed(key):
            _key(walk, step, state, key)
        case inputs.KeysEntered(keys):
            _keys(walk, step, state, keys)
        case inputs.Heard():
            _words(walk, step, state, given)
        case _:
            no_answer(walk, step, state, given)


def when_confirming(walk: Walk, state: Confirming, given: Input) -> None:
    step = walk.current
    if not isinstance(step, Question):  # another version of the dialplan than the call began with
        walk.go(GOODBYE, "step-gone")
        return
    match given:
        case inputs.KeyPressed(key) if key in (YES_KEY, NO_KEY):
            _confirmed(walk, step, state, key == YES_KEY)
        case inputs.KeyPressed(key):
            other_key(walk, step, state, key)
        case inputs.Heard():
            _yes_or_no(walk, step, state, given)
        case _:
            no_answer(walk, step, state, given)


# ---- keys


def _key(walk: Walk, step: Menu | Question, state: Asking, key: str) -> None:
    if isinstance(step, Menu):
        target = step.keys.get(key)
        if target is not None:
            walk.go(target, key)
            return
    elif step.entry is not None:  # a switch that sends keys one by one
        _keys(walk, step, state, key)
        return
    elif step.kind is Kind.YES_NO and key in (YES_KEY, NO_KEY):
        _decide(walk, step, key == YES_KEY)
        return
    other_key(walk, step, state, key)


def _keys(walk: Walk, step: Menu | Question, state: Asking, keys: str) -> None:
    entry = step.entry if isinstance(step, Question) else None
    if asks_for_help(walk, entry, keys):
        other_key(walk, step, state, keys)
        return
    value = _typed(walk, step, keys) if isinstance(step, Question) else None
    if isinstance(step, Question) and value is not None:
        _given(walk, step, state, value, spoken=False)
    else:
        missed(walk, step, state, Miss.WRONG_KEY)


def _typed(walk: Walk, step: Question, keys: str) -> str | None:
    if step.entry is None or not step.entry.fits(keys):
        return None
    if step.kind is Kind.DATE:
        return _iso(wording.date_from_keys(keys, walk.now.date()))
    return str(int(keys)) if step.kind is Kind.NUMBER else keys


# ---- words


def _words(walk: Walk, step: Menu | Question, state: Asking, heard: inputs.Heard) -> None:
    if isinstance(step, Menu):
        table = choices(walk.dialplan, walk.line, step, walk.session.language)
        choice = choice_of(table, heard.text)
        if is_understood(walk, step, state, choice is not None, heard) and choice is not None:
            choose(walk, state, choice, wording.match(heard.text, table) or "")
    elif step.kind is Kind.UTTERANCE:
        if heard.recording:
            walk.keep(f"{step.name}-recording", heard.recording)
        _accept(walk, step, heard.text)
    elif not said_everywhere(walk, step, state, heard):
        _answer(walk, step, state, heard)


def _answer(walk: Walk, step: Question, state: Asking, heard: inputs.Heard) -> None:
    if step.kind is Kind.YES_NO:
        answer = wording.read_yes_no(heard.text, walk.session.language)
        if is_understood(walk, step, state, answer is not None, heard) and answer is not None:
            _decide(walk, step, answer)
        return
    value = _spoken(walk, step, heard.text)
    if is_understood(walk, step, state, value is not None, heard) and value is not None:
        _given(walk, step, state, value, spoken=True)


def _spoken(walk: Walk, step: Question, heard: str) -> str | None:
    language, text = walk.session.language, without_noise(heard)
    match step.kind:
        case Kind.NUMBER:
            number = wording.read_number(text, language)
            readings = wording.digit_readings(text, language) if number is None else (str(number),)
        case Kind.DIGITS:
            readings = wording.digit_readings(text, language)
        case Kind.DATE:
            return _iso(wording.read_date(text, language, walk.now.date()))
        case Kind.YES_NO | Kind.UTTERANCE:
            return None
        case _:
            assert_never(step.kind)
    fitting = next((digits for digits in readings if step.entry is None or step.entry.fits(digits)), None)
    return str(int(fitting)) if fitting is not None and step.kind is Kind.NUMBER else fitting


# ---- what follows


def _given(walk: Walk, step: Question, state: Asking, value: str, spoken: bool) -> None:
    if not step.confirm:
        _accept(walk, step, value)
        return
    walk.note("said" if spoken else "typed")
    walk.ask(Confirming(step.id, value, spoken, keys_only=state.keys_only, before=state.asked))


def _accept(walk: Walk, step: Question, value: str) -> None:
    if step.name:
        walk.keep(step.name, value)
    walk.go(step.then, "given")


def _decide(walk: Walk, step: Question, answer: bool) -> None:
    word = "yes" if answer else "no"
    if step.name:
        walk.keep(step.name, word)
    walk.go(step.then if answer else step.if_no, word)


def _yes_or_no(walk: Walk, step: Question, state: Confirming, heard: inputs.Heard) -> None:
    if said_everywhere(walk, step, state, heard):
        return
    answer = wording.read_yes_no(heard.text, walk.session.language)
    if is_understood(walk, step, state, answer is not None, heard) and answer is not None:
        _confirmed(walk, step, state, answer)


def _confirmed(walk: Walk, step: Question, state: Confirming, right: bool) -> None:
    if right:
        _accept(walk, step, state.value)
        return
    again = Asking(step.id, state.before + 1, state.keys_only)
    not_confirmed(walk, step, state, state.before, again)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
