"""What a question says and to which words it listens: asked, asked again, or being confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from ivr.flow import wording
from ivr.flow.actions import Ask
from ivr.flow.hearing import AFTER_NUMBERS, AFTER_WORDS, Listen
from ivr.flow.model import OPERATOR, Dialplan, Kind, Line, Menu, Question
from ivr.flow.said import Amount, Count, Day, Digits, Duration, Piece, Said, Saying, Slot, TimeOfDay
from ivr.flow.states import Asking, Confirming, Session

YES_KEY, NO_KEY = "1", "2"
_END_AFTER = {
    Kind.DIGITS: AFTER_NUMBERS,
    Kind.NUMBER: AFTER_NUMBERS,
    Kind.DATE: AFTER_NUMBERS,
    Kind.YES_NO: None,
    Kind.UTTERANCE: AFTER_WORDS,
}


@dataclass(frozen=True, slots=True)
class SwitchTo:
    """The caller asks for another language."""

    language: str


Choice = str | SwitchTo
"""A target, or another language for the same question."""


def everywhere(dialplan: Dialplan, line: Line | None, language: str) -> dict[str, Choice]:
    """From phrase to choice: what a caller may say at every question."""
    words: dict[str, Choice] = {}
    if line is None:
        return words
    for other, phrases in wording.language_words(language).items():
        if other in line.languages:
            words |= dict.fromkeys(phrases, SwitchTo(other))
    if line.operator is not None:
        more = dialplan.hearing.operator_words.get(language, ())
        words |= dict.fromkeys((*wording.operator_words(language), *more), OPERATOR)
    return words


def choices(dialplan: Dialplan, line: Line | None, menu: Menu, language: str) -> dict[str, Choice]:
    """Those of the menu win over those of everywhere."""
    return {**everywhere(dialplan, line, language), **menu.phrases.get(language, {})}


def vocabulary(kind: Kind, language: str) -> tuple[str, ...]:
    """The words of an answer of this kind; none: any words."""
    match kind:
        case Kind.DIGITS | Kind.NUMBER:
            return wording.number_vocabulary(language)
        case Kind.DATE:
            return wording.date_vocabulary(language)
        case Kind.YES_NO:
            return (*wording.yes_words(language), *wording.no_words(language))
        case Kind.UTTERANCE:
            return ()


def ask(
    dialplan: Dialplan,
    line: Line | None,
    session: Session,
    step: Menu | Question,
    state: Asking | Confirming,
    first: tuple[Said, ...] = (),
) -> Ask:
    """The action for `state`, with `first` said before it."""
    listening = listens(dialplan, session, state.keys_only)
    if isinstance(step, Menu):
        phrases = tuple(choices(dialplan, line, step, session.language))
        heeded = listening and bool(phrases)
        listen = Listen(phrases=phrases, longest_for=dialplan.hearing.longest_for) if heeded else None
        return Ask((*first, *said(step.prompts, session.values)), step.wait_for, None, listen)
    if isinstance(state, Confirming):
        return _confirm(dialplan, line, session, step, state, first)
    return Ask(
        (*first, *said(step.prompts, session.values)),
        step.wait_for,
        step.entry,
        listen_for(dialplan, line, session, step.kind, step) if listening else None,
    )


def _confirm(
    dialplan: Dialplan,
    line: Line | None,
    session: Session,
    step: Question,
    state: Confirming,
    first: tuple[Said, ...],
) -> Ask:
    prompts = dialplan.prompts
    listening = listens(dialplan, session, state.keys_only)
    words = (
        prompts.confirm_heard if state.spoken else prompts.confirm_typed,
        *read_back(step.kind, state.value),
        prompts.confirm if listening else prompts.confirm_by_keys,
    )
    listen = listen_for(dialplan, line, session, Kind.YES_NO, step) if listening else None
    return Ask((*first, *words), step.wait_for, None, listen)


def listens(dialplan: Dialplan, session: Session, keys_only: bool) -> bool:
    """Whether words are listened to beside keys."""
    tired = session.speech_faults >= dialplan.hearing.faults_allowed
    return session.language in session.hears and not keys_only and not tired


def listen_for(
    dialplan: Dialplan, line: Line | None, session: Session, kind: Kind, step: Question | None = None
) -> Listen:
    """For an answer of this kind; `step` may know better how long that takes."""
    words = vocabulary(kind, session.language)
    free = kind is Kind.UTTERANCE
    phrases = (*words, *everywhere(dialplan, line, session.language)) if not free else ()
    given = step.end_after if step is not None and kind is step.kind else None
    return Listen(
        phrases=phrases,
        longest_for=(step.longest_for if step is not None else None) or dialplan.hearing.longest_for,
        end_after=_END_AFTER[kind] if given is None else given,
        keep=free,
    )


def read_back(kind: Kind, value: str) -> tuple[Said, ...]:
    """A value as the caller hears it before they confirm it: numbers digit by digit."""
    if kind is Kind.DATE:
        return (Day(date.fromisoformat(value)),)
    return (Digits(value),) if kind in (Kind.DIGITS, Kind.NUMBER) else ()


def said(sayings: tuple[Saying, ...], values: Mapping[str, str]) -> tuple[Said, ...]:
    """Slots filled with the values; one whose value is unknown or of another form is left out."""
    filled = (_fill(saying, values) if isinstance(saying, Slot) else saying for saying in sayings)
    return tuple(part for part in filled if part is not None)


def _fill(slot: Slot, values: Mapping[str, str]) -> Piece | None:
    try:
        return _piece(slot, values[slot.value])
    except (KeyError, ValueError):
        return None


def _piece(slot: Slot, value: str) -> Piece:
    """ValueError: the value has not the form of its kind."""
    match slot.kind:
        case "digits":
            return Digits(_digits(value))
        case "number":
            return Count(int(_digits(value)), slot.noun)
        case "amount":
            whole, _, part = value.partition(".")
            return Amount(int(_digits(whole)) * 100 + int(_digits(f"{part:0<2}"[:2])), slot.currency)
        case "date":
            return Day(date.fromisoformat(value))
        case "time":
            return TimeOfDay(time.fromisoformat(value))
        case "duration":
            return Duration(int(_digits(value)))


def _digits(text: str) -> str:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("digits are expected")
    return text
