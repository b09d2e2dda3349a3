"""What a waiting call needs to go on after the server was restarted, kept in one variable of its channel.

A compact JSON list, checked word by word when it comes back: a value that is not ours means a new dialogue.
"""

import json
from dataclasses import replace

from ivr.flow.inputs import PlayDone
from ivr.flow.model import Dialplan, Wait
from ivr.flow.session import Session
from ivr.flow.states import Playing, Waiting

VARIABLE = "DZVIN_STATE"
_FORMAT = 3
_BEFORE = 2
"""The same without a version."""
_COUNTED_TO = 100_000
_LONGEST = 1500
"""Bytes: Asterisk reads a line of AGI up to 2,048."""


def pack(session: Session, version: int = 0) -> str:
    """The session at its queue step and the version of the dialplan that it goes by.

    Its caller is not in it, for the channel knows the number.
    Values that make it too long are left out, the oldest first.
    """
    counters = [
        session.silences,
        session.wrong_keys,
        session.misheard,
        session.speech_faults,
        session.steps,
        int(session.last_chance),
    ]
    values = list(session.values.items())
    while True:
        words = [_FORMAT, session.line, session.language, session.step, counters, dict(values), version]
        packed = json.dumps(words, ensure_ascii=True, separators=(",", ":"))
        if len(packed) <= _LONGEST or not values:
            return packed
        del values[0]


def version_of(text: str) -> int:
    """The version of the dialplan that the session goes by; 0: not ours, or unknown."""
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        return 0
    match words:
        case [int(form), _, _, _, _, _, int(version)] if form == _FORMAT and _is_count(version):
            return version
        case _:
            return 0


def unpack(text: str, plan: Dialplan, caller: str, hears: frozenset[str] = frozenset()) -> Session | None:
    """The session as it was, waiting at its queue step. None: not ours, or the step is gone."""
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match words:
        case [int(form), str(line), str(language), str(step), [*counters], {**values}, *_]:
            pass
        case _:
            return None
    if (
        form not in (_FORMAT, _BEFORE)
        or len(counters) != 6
        or not all(_is_count(counter) for counter in counters)
    ):
        return None
    texts = {str(name): value for name, value in values.items() if isinstance(value, str)}
    if len(texts) != len(values):
        return None
    silences, wrong, misheard, faults, steps, last = counters
    if line not in plan.lines or not isinstance(plan.steps.get(step), Wait):
        return None
    if not (language.isascii() and language.isalpha() and len(language) <= 3):
        return None
    return Session(
        line=line,
        caller=caller,
        language=language,
        state=Waiting(step),
        silences=silences,
        wrong_keys=wrong,
        misheard=misheard,
        speech_faults=faults,
        steps=steps,
        last_chance=bool(last),
        values=texts,
        hears=hears,
    )


def _is_count(counter: object) -> bool:
    return isinstance(counter, int) and 0 <= counter < _COUNTED_TO


def before_queue(session: Session) -> tuple[Session, PlayDone]:
    """A session and an input that lead into the queue step of `session` again."""
    return replace(session, state=Playing(session.step, then=session.step)), PlayDone()
