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
_FORMAT = 1
_COUNTED_TO = 100_000


def pack(session: Session) -> str:
    """The session at its queue step; its caller is not in it, for the channel knows the number."""
    counters = [session.silences, session.wrong_keys, session.steps, int(session.last_chance)]
    words = [_FORMAT, session.line, session.language, session.step, *counters]
    return json.dumps(words, ensure_ascii=True, separators=(",", ":"))


def unpack(text: str, plan: Dialplan, caller: str) -> Session | None:
    """The session as it was, waiting at its queue step. None: not ours, or the step is gone."""
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match words:
        case [
            int(form),
            str(line),
            str(language),
            str(step),
            int(silences),
            int(wrong),
            int(steps),
            int(last),
        ]:
            pass
        case _:
            return None
    counters = (silences, wrong, steps)
    if form != _FORMAT or not all(0 <= counter < _COUNTED_TO for counter in counters):
        return None
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
        steps=steps,
        last_chance=bool(last),
    )


def before_queue(session: Session) -> tuple[Session, PlayDone]:
    """A session and an input that lead into the queue step of `session` again."""
    return replace(session, state=Playing(session.step, then=session.step)), PlayDone()
