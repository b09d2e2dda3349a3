"""What makes no difference to the rest of a call, and is therefore told apart nowhere."""

from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING

from ivr.flow.hearing import Miss, Retry
from ivr.flow.inputs import Heard, Input, KeysEntered, SpokeTooLong
from ivr.flow.proof.moves import LOST, NUMBER, UNSURE
from ivr.flow.states import (
    Asking,
    CheckingNumber,
    ChoosingWhen,
    Confirming,
    ConfirmingTime,
    Keeping,
    Reviewing,
    Session,
    State,
    TakingMessage,
    TypingNumber,
    TypingTime,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ivr.flow.proof.graph import Outcome, Place

SOME_TIME = time(17, 37)
"""Every time of a day counts as the longest one."""


def plain_state(state: State) -> State:
    """Without which visit of a step it is, and without numbers and times that are not said any more."""
    match state:
        case TakingMessage() | Reviewing() | Keeping():
            return replace(state, visit=0)
        case CheckingNumber(number=number):
            # what is checked comes back as long as the usual number, or longer
            return replace(state, number="") if len(number) <= len(NUMBER) else state
        case ChoosingWhen() | TypingTime():
            return replace(state, number="")
        case ConfirmingTime():
            return replace(state, number="", at=0.0, clock=SOME_TIME)
        case _:
            return state


def may_be_refused(before: State, after: State) -> bool:
    """Whether a value was given that the caller may refuse when it is read back."""
    match before, after:
        case (Asking(), Confirming()) | (TypingNumber(), CheckingNumber()) | (TypingTime(), ConfirmingTime()):
            return True
        case _:
            return False


def longest_values(session: Session, found: "Iterable[Outcome]") -> "list[Outcome]":
    """What follows from answers in `session`, without values that are given sooner and read back sooner than
    another one: otherwise it makes no difference which value a caller is asked to confirm."""
    kept: list[Outcome] = []
    values: dict[object, list[Outcome]] = {}
    for one in found:
        state = one.to.session.state
        if one.miss or not may_be_refused(session.state, state):
            kept.append(one)
        elif isinstance(state, Confirming):
            values.setdefault((state.step, state.spoken), []).append(one)
        else:
            values.setdefault(one.to, []).append(one)
    for group in values.values():
        group.sort(key=lambda one: (one.waited, one.said_for), reverse=True)
        said_for = -1.0
        for one in group:
            if one.said_for > said_for:
                kept.append(one)
                said_for = one.said_for
    return kept


def longest_wrong(found: "Iterable[Outcome]", *, one_key: bool = False) -> "list[Outcome]":
    """Of wrong keys, or of single ones, after which the same is said in the same place, those that took
    longest to press; which ones they were makes no difference."""
    longest: dict[tuple[Place, float], Outcome] = {}
    for one in sorted(found, key=lambda one: one.waited):
        if not (one_key and isinstance(one.given, KeysEntered) and len(one.given.keys) > 1):
            longest[one.to, one.said_for] = one
    return list(longest.values())


def longest_misheard(
    retry: Retry, found: "Iterable[Outcome]", seconds: "Callable[[Iterable[str]], float]"
) -> "list[Outcome]":
    """Without words that are not understood, unsure or too long, where others of these take as long, lead to
    the same edges and are answered by words that last as long, each time."""
    kept: list[Outcome] = []
    longest: dict[tuple[str | None, float], list[tuple[list[float], Outcome]]] = {}
    for one in found:
        miss = _misheard(one.given)
        if miss is None:
            kept.append(one)
            continue
        words = [seconds(retry.prompts(miss, asked)) for asked in range(2, retry.tries + 1)]
        rivals = longest.setdefault((retry.edges.get(miss), one.waited), [])
        if not any(_lasts(rival, words) for rival, _ in rivals):
            rivals[:] = [(rival, other) for rival, other in rivals if not _lasts(words, rival)]
            rivals.append((words, one))
    return [*kept, *(one for rivals in longest.values() for _, one in rivals)]


def _lasts(words: list[float], others: list[float]) -> bool:
    return all(mine >= theirs for mine, theirs in zip(words, others, strict=True))


def _misheard(given: Input) -> Miss | None:
    match given:
        case SpokeTooLong():
            return Miss.TOO_LONG
        case Heard(text, confidence) if text == LOST or confidence == UNSURE:
            return Miss.NOT_UNDERSTOOD if text == LOST else Miss.UNSURE
        case _:
            return None
