"""What a caller's answer to a menu or question means, and what becomes of one that leads nowhere."""

from dataclasses import replace
from datetime import date
from typing import assert_never

from ivr.flow import inputs, wording
from ivr.flow.hearing import SPEECH_FAULTS, Miss
from ivr.flow.inputs import Input
from ivr.flow.model import GOODBYE, OPERATOR, Kind, Menu, Question
from ivr.flow.questions import NO_KEY, YES_KEY, Choice, SwitchTo, choices, everywhere
from ivr.flow.states import Asking, Confirming
from ivr.flow.walk import Walk

_UNKNOWN = "[unk]"
SURE_BESIDE_UNKNOWN = 0.8
"""A part of another word ('no' of 'notebook') is heard as a phrase with [unk] beside it, less surely."""
_MISSES: dict[type[Input], Miss] = {
    inputs.Silence: Miss.SILENT,
    inputs.SpokeTooLong: Miss.TOO_LONG,
    inputs.RecogniserBusy: Miss.SPEECH_BUSY,
    inputs.RecogniserDead: Miss.SPEECH_DEAD,
}


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
        case _ if (kind := _MISSES.get(type(given))) is not None:
            missed(walk, step, state, kind)
        case _:
            walk.ignore(given)


def when_confirming(walk: Walk, state: Confirming, given: Input) -> None:
    step = walk.current
    if not isinstance(step, Question):  # another version of the dialplan than the call began with
        walk.go(GOODBYE, "step-gone")
        return
    match given:
        case inputs.KeyPressed(key) if key in (YES_KEY, NO_KEY):
            _confirmed(walk, step, state, key == YES_KEY)
        case inputs.KeyPressed(key):
            _other_key(walk, step, state, key)
        case inputs.Heard():
            _yes_or_no(walk, step, state, given)
        case _ if (kind := _MISSES.get(type(given))) is not None:
            missed(walk, step, state, kind)
        case _:
            walk.ignore(given)


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
    _other_key(walk, step, state, key)


def _other_key(walk: Walk, step: Menu | Question, state: Asking | Confirming, key: str) -> None:
    """A key that the question itself gives no meaning."""
    line = walk.line
    if key == "0" and line is not None and line.operator is not None:
        walk.go(OPERATOR, key)
    elif line is not None and key == line.language_key:
        languages = line.languages
        here = languages.index(walk.session.language) if walk.session.language in languages else -1
        _switch(walk, state, languages[(here + 1) % len(languages)])
    else:
        missed(walk, step, state, Miss.WRONG_KEY)


def _keys(walk: Walk, step: Menu | Question, state: Asking, keys: str) -> None:
    if _asks_for_help(walk, step, keys):
        _other_key(walk, step, state, keys)
        return
    value = _typed(walk, step, keys) if isinstance(step, Question) else None
    if isinstance(step, Question) and value is not None:
        _given(walk, step, state, value, spoken=False)
    else:
        missed(walk, step, state, Miss.WRONG_KEY)


def _asks_for_help(walk: Walk, step: Menu | Question, keys: str) -> bool:
    """The operator's key or the language key alone, where a single key is not the whole answer.

    A pattern that is this very digit makes it an answer: the 0 of a score from 0 to 10.
    """
    line = walk.line
    if line is None or keys not in ("0", line.language_key):
        return False
    entry = step.entry if isinstance(step, Question) else None
    if entry is None or not entry.fits(keys):
        return True
    return keys not in entry.patterns and max(map(len, entry.patterns)) > 1


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
        choice = _choice(table, heard.text)
        if _is_understood(walk, step, state, choice is not None, heard) and choice is not None:
            _choose(walk, state, choice, wording.match(heard.text, table) or "")
    elif step.kind is Kind.UTTERANCE:
        if heard.recording:
            walk.keep(f"{step.name}-recording", heard.recording)
        _accept(walk, step, heard.text)
    elif not _said_everywhere(walk, step, state, heard):
        _answer(walk, step, state, heard)


def _answer(walk: Walk, step: Question, state: Asking, heard: inputs.Heard) -> None:
    if step.kind is Kind.YES_NO:
        answer = wording.read_yes_no(heard.text, walk.session.language)
        if _is_understood(walk, step, state, answer is not None, heard) and answer is not None:
            _decide(walk, step, answer)
        return
    value = _spoken(walk, step, heard.text)
    if _is_understood(walk, step, state, value is not None, heard) and value is not None:
        _given(walk, step, state, value, spoken=True)


def _said_everywhere(walk: Walk, step: Question, state: Asking | Confirming, heard: inputs.Heard) -> bool:
    """Whether it was the operator or another language that was asked for; then that is done."""
    table = everywhere(walk.dialplan, walk.line, walk.session.language)
    choice = _choice(table, heard.text)
    if choice is None:
        return False
    if _is_understood(walk, step, state, True, heard):
        _choose(walk, state, choice, wording.match(heard.text, table) or "")
    return True


def _choice(table: dict[str, Choice], text: str) -> Choice | None:
    phrase = wording.match(text, table)
    return None if phrase is None else table[phrase]


def _is_understood(
    walk: Walk, step: Menu | Question, state: Asking | Confirming, known: bool, heard: inputs.Heard
) -> bool:
    """False: it was not, and what follows from that is done."""
    sure_from = walk.dialplan.hearing.sure_from if step.sure_from is None else step.sure_from
    if _UNKNOWN in heard.text:
        sure_from = max(sure_from, SURE_BESIDE_UNKNOWN)
    if known and heard.confidence >= sure_from:
        return True
    missed(walk, step, state, Miss.UNSURE if known else Miss.NOT_UNDERSTOOD)
    return False


def _spoken(walk: Walk, step: Question, heard: str) -> str | None:
    """A hem or noise before and after the words does no harm; between them a digit may have been lost."""
    language, text = walk.session.language, heard.strip()
    while text != (inner := text.removeprefix(_UNKNOWN).removesuffix(_UNKNOWN).strip()):
        text = inner
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


def _choose(walk: Walk, state: Asking | Confirming, choice: Choice, phrase: str) -> None:
    if isinstance(choice, SwitchTo):
        _switch(walk, state, choice.language)
    else:
        walk.go(choice, f"said {phrase}")


def _switch(walk: Walk, state: Asking | Confirming, language: str) -> None:
    """The same question in another language."""
    walk.note(f"language {language}")
    walk.speak(language)
    walk.ask_anew(state)


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
    if _said_everywhere(walk, step, state, heard):
        return
    answer = wording.read_yes_no(heard.text, walk.session.language)
    if _is_understood(walk, step, state, answer is not None, heard) and answer is not None:
        _confirmed(walk, step, state, answer)


def _confirmed(walk: Walk, step: Question, state: Confirming, right: bool) -> None:
    if right:
        _accept(walk, step, state.value)
        return
    walk.note("not-confirmed")
    if walk.count(Miss.NOT_UNDERSTOOD):
        walk.go_otherwise("misheard-limit")
    elif state.before < step.retry.tries:
        walk.ask(Asking(step.id, state.before + 1, state.keys_only))
    else:
        _give_up(walk, step, Miss.NOT_UNDERSTOOD)


def missed(walk: Walk, step: Menu | Question, state: Asking | Confirming, miss: Miss) -> None:
    """Ask again, or take the edge for this miss; beyond a limit of the call, the line's `otherwise`."""
    if walk.count(miss):
        walk.go_otherwise(_LIMIT_OF[miss])
    elif miss in SPEECH_FAULTS:
        _go_on_by_keys(walk, step, state, miss)
    elif state.asked < step.retry.tries:
        walk.note(miss)
        again = replace(state, asked=state.asked + 1)
        walk.ask(again, step.retry.prompts(miss, again.asked))
    else:
        _give_up(walk, step, miss)


_LIMIT_OF = {
    Miss.SILENT: "silence-limit",
    Miss.WRONG_KEY: "wrong-key-limit",
    Miss.NOT_UNDERSTOOD: "misheard-limit",
    Miss.UNSURE: "misheard-limit",
    Miss.TOO_LONG: "misheard-limit",
}


def _go_on_by_keys(walk: Walk, step: Menu | Question, state: Asking | Confirming, miss: Miss) -> None:
    """It is not the caller's fault: the question is put again, by keys, where there are keys for it."""
    by_keys = not isinstance(step, Question) or step.kind is not Kind.UTTERANCE
    if miss in step.retry.edges or not by_keys or state.keys_only:
        _give_up(walk, step, miss)
        return
    walk.note(miss)
    walk.ask(replace(state, keys_only=True), step.retry.prompts(miss, 2))


def _give_up(walk: Walk, step: Menu | Question, miss: Miss) -> None:
    target = step.retry.edges.get(miss)
    if target is None:
        walk.go_otherwise(f"if-{miss}")
    else:
        walk.go(target, f"if-{miss}")


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
