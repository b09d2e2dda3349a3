"""The interpreter of a caller's dialogue: pure, total and bounded.

`step` has a result for every pair of session and input. A late or doubled input changes nothing:
the result has no actions, and the dialogue goes on waiting for the answer of its former action.
Silence, a wrong key and a failed destination are three different edges. Their counters live for the
whole call; beyond a limit the call goes to an `otherwise` edge once, and beyond the next to a goodbye.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from ivr.flow import inputs
from ivr.flow.actions import Action
from ivr.flow.inputs import Input
from ivr.flow.model import GOODBYE, Dialplan, Menu, TransferOut, Wait
from ivr.flow.states import Asking, Ended, Fresh, Leaving, Playing, Session, State, Transferring, Waiting
from ivr.flow.walk import Walk

__all__ = ["Session", "State", "Step", "start", "step"]


@dataclass(frozen=True, slots=True)
class Step:
    session: Session
    actions: tuple[Action, ...]
    """Empty: go on waiting for the answer of the former action."""
    trace: tuple[str, ...]
    """For the log, like 'main/menu/3': line, step and edge."""


def start(dialplan: Dialplan, line: str, caller: str, now: datetime) -> Session:
    """A session for a call to `line`, a number or an id. It begins with the input `Started`.

    A line nobody knows is no error: the caller hears so and is hung up. ValueError: `now` has no time zone.
    """
    _need_time_zone(now)
    found = dialplan.find_line(line)
    return Session(
        line=found.id if found else "",
        caller=caller,
        language=found.languages[0] if found else _any_language(dialplan),
    )


def step(dialplan: Dialplan, session: Session, given: Input, now: datetime) -> Step:
    """What follows from `given` at `now` (aware; ValueError otherwise)."""
    _need_time_zone(now)
    walk = Walk(dialplan, session, now)
    match given:
        case inputs.CallerGone():
            _caller_gone(walk)
        case inputs.PromptMissing(prompt):
            walk.note(f"prompt-missing {prompt}")
        case _:
            _dispatch(walk, given)
    return Step(walk.session, tuple(walk.actions), tuple(walk.trace))


def _dispatch(walk: Walk, given: Input) -> None:
    state: State = walk.session.state
    match state:
        case Fresh():
            _when_fresh(walk, given)
        case Playing():
            _when_playing(walk, state, given)
        case Asking():
            _when_asking(walk, state, given)
        case Waiting():
            _when_waiting(walk, given)
        case Transferring():
            _when_transferring(walk, given)
        case Leaving():
            _when_leaving(walk, given)
        case Ended():
            walk.ignore(given)
        case _:
            assert_never(state)


def _when_fresh(walk: Walk, given: Input) -> None:
    match given:
        case inputs.Started():
            walk.begin()
        case _:
            walk.ignore(given)


def _when_playing(walk: Walk, state: Playing, given: Input) -> None:
    match given:
        case inputs.PlayDone():
            walk.go(state.then, "done")
        case _:
            walk.ignore(given)


def _when_leaving(walk: Walk, given: Input) -> None:
    match given:
        case inputs.PlayDone():
            walk.hang_up()
        case _:
            walk.ignore(given)


def _when_asking(walk: Walk, state: Asking, given: Input) -> None:
    menu = walk.current
    if not isinstance(menu, Menu):  # another version of the dialplan than the call began with
        walk.go(GOODBYE, "step-gone")
        return
    match given:
        case inputs.KeyPressed(key):
            _choose(walk, menu, state, key)
        case inputs.Silence():
            _stay_silent(walk, menu, state)
        case _:
            walk.ignore(given)


def _choose(walk: Walk, menu: Menu, state: Asking, key: str) -> None:
    line = walk.line
    target = menu.keys.get(key)
    if target is None and key == "0" and line is not None:
        target = line.operator
    if target is not None:
        walk.go(target, key)
        return
    wrong_keys = walk.session.wrong_keys + 1
    walk.session = replace(walk.session, wrong_keys=wrong_keys)
    if line is None or wrong_keys >= line.limits.wrong_keys or walk.session.last_chance:
        walk.go_otherwise("wrong-key-limit")
    elif state.asked < menu.tries:
        walk.ask_again(menu, walk.dialplan.prompts.wrong_key, state.asked + 1, "wrong-key")
    elif menu.if_wrong_key is not None:
        walk.go(menu.if_wrong_key, "if-wrong-key")
    else:
        walk.go_otherwise("if-wrong-key")


def _stay_silent(walk: Walk, menu: Menu, state: Asking) -> None:
    line = walk.line
    silences = walk.session.silences + 1
    walk.session = replace(walk.session, silences=silences)
    if line is None or silences >= line.limits.silences or walk.session.last_chance:
        walk.go_otherwise("silence-limit")
    elif state.asked < menu.tries:
        walk.ask_again(menu, walk.dialplan.prompts.silence, state.asked + 1, "silence")
    elif menu.if_silent is not None:
        walk.go(menu.if_silent, "if-silent")
    else:
        walk.go_otherwise("if-silent")


def _when_waiting(walk: Walk, given: Input) -> None:
    wait = walk.current
    if not isinstance(wait, Wait):  # another version of the dialplan than the call began with
        walk.go(GOODBYE, "step-gone")
        return
    match given:
        case inputs.QueueLeft(reason):
            walk.leave_queue(wait, reason)
        case inputs.TalkOver():
            walk.go(wait.after_talk, "after-talk")
        case inputs.KeyPressed(key) if key in wait.leave_keys:
            walk.go(wait.leave_keys[key], key)
        case _:
            walk.ignore(given)


def _when_transferring(walk: Walk, given: Input) -> None:
    transfer = walk.current
    if not isinstance(transfer, TransferOut):  # another version of the dialplan than the call began with
        walk.go(GOODBYE, "step-gone")
        return
    match given:
        case inputs.TransferOver(True):
            walk.go(transfer.after_talk, "after-talk")
        case inputs.TransferOver(False):
            walk.go(transfer.if_not_answered, "not-answered")
        case _:
            walk.ignore(given)


def _caller_gone(walk: Walk) -> None:
    if isinstance(walk.session.state, Ended):
        walk.ignore(inputs.CallerGone())
        return
    walk.note("caller-gone")
    walk.session = replace(walk.session, state=Ended())


def _any_language(dialplan: Dialplan) -> str:
    return next((line.languages[0] for line in dialplan.lines.values()), "en")


def _need_time_zone(now: datetime) -> None:
    if now.tzinfo is None:
        raise ValueError("the moment has no time zone")
