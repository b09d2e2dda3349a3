"""The interpreter of a caller's dialogue: pure, total and bounded.

`step` has a result for every pair of session and input. A late or doubled input changes nothing:
the result has no actions, and the dialogue goes on waiting for the answer of its former action.
Silence, a wrong key, words that were not understood and a failed destination are different edges. Their
counters live for the whole call; beyond a limit the call goes to an `otherwise` edge once, and beyond the
next to a goodbye.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from ivr.flow import inputs
from ivr.flow.actions import Action
from ivr.flow.answers import when_asking, when_confirming
from ivr.flow.call_back import when_calling_back
from ivr.flow.conditions import NOWHERE, World
from ivr.flow.hook import HookAnswer
from ivr.flow.inputs import Input
from ivr.flow.model import GOODBYE, Dialplan, Hook, TransferOut, Wait
from ivr.flow.states import (
    Asking,
    CheckingNumber,
    ChoosingWhen,
    Confirming,
    ConfirmingNumber,
    ConfirmingTime,
    Ended,
    Fresh,
    Hooking,
    Keeping,
    Leaving,
    Playing,
    Promising,
    Reviewing,
    Session,
    State,
    TakingMessage,
    Transferring,
    TypingNumber,
    TypingTime,
    Waiting,
)
from ivr.flow.voicemail import keep_of_gone, when_keeping, when_reviewing, when_taking
from ivr.flow.walk import Walk

__all__ = ["Session", "State", "Step", "start", "step"]


@dataclass(frozen=True, slots=True)
class Step:
    session: Session
    actions: tuple[Action, ...]
    """Empty: go on waiting for the answer of the former action. After CallerGone: none, or a KeepMessage."""
    trace: tuple[str, ...]
    """For the log, like 'main/menu/3': line, step and edge."""
    entered: tuple[str, ...] = ()
    """Ids of the steps that the caller came to, in order; a step that is asked again is not entered again."""


def start(
    dialplan: Dialplan,
    line: str,
    caller: str,
    now: datetime,
    *,
    remembered: str | None = None,
    hears: Collection[str] = (),
    lot: int = 0,
) -> Session:
    """A session for a call to `line`, a number or an id. It begins with the input `Started`.

    `remembered` is the language that this caller chose in a former call; `hears` are the languages that the
    recogniser understands. By `lot`, any number, calls are shared out.

    A line nobody knows is no error: the caller hears so and is hung up. ValueError: `now` has no time zone.
    """
    _need_time_zone(now)
    found = dialplan.find_line(line)
    known = remembered if found is not None and remembered in found.languages else None
    return Session(
        line=found.id if found else "",
        caller=caller,
        language=known or (found.languages[0] if found else _any_language(dialplan)),
        hears=frozenset(hears),
        lot=lot,
        language_known=known is not None,
    )


def step(dialplan: Dialplan, session: Session, given: Input, now: datetime, world: World = NOWHERE) -> Step:
    """What follows from `given` at `now` (aware; ValueError otherwise) while the centre is as in `world`."""
    _need_time_zone(now)
    walk = Walk(dialplan, session, now, world)
    match given:
        case inputs.CallerGone():
            _caller_gone(walk)
        case inputs.PromptMissing(prompt):
            walk.note(f"prompt-missing {prompt}")
        case _:
            _dispatch(walk, given)
    return Step(walk.session, tuple(walk.actions), tuple(walk.trace), tuple(walk.entered))


def _dispatch(walk: Walk, given: Input) -> None:
    state: State = walk.session.state
    match state:
        case Fresh():
            _when_fresh(walk, given)
        case Playing():
            _when_playing(walk, state, given)
        case Asking():
            when_asking(walk, state, given)
        case Confirming():
            when_confirming(walk, state, given)
        case Hooking():
            _when_hooking(walk, given)
        case Waiting():
            _when_waiting(walk, given)
        case Transferring():
            _when_transferring(walk, given)
        case TakingMessage():
            when_taking(walk, state, given)
        case Reviewing():
            when_reviewing(walk, state, given)
        case Keeping():
            when_keeping(walk, state, given)
        case (
            CheckingNumber()
            | TypingNumber()
            | ConfirmingNumber()
            | ChoosingWhen()
            | TypingTime()
            | ConfirmingTime()
            | Promising()
        ):
            when_calling_back(walk, state, given)
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


def _when_hooking(walk: Walk, given: Input) -> None:
    hook = walk.current
    if not isinstance(hook, Hook):  # another version of the dialplan than the call began with
        walk.go(GOODBYE, "step-gone")
        return
    match given:
        case inputs.HookAnswered(answer):
            _follow(walk, hook, answer)
        case inputs.HookFailed():
            walk.go(hook.if_failed, "if-failed")
        case _:
            walk.ignore(given)


def _follow(walk: Walk, hook: Hook, answer: HookAnswer) -> None:
    target = hook.answers.get(answer.go) if answer.go else hook.then
    if target is None:
        walk.go(hook.if_failed, f"unknown-answer {answer.go}")
        return
    for name, value in answer.values.items():
        walk.keep(name, value)
    if answer.say:
        walk.note("answered")
        walk.say(answer.say, target)
    else:
        walk.go(target, answer.go or "answered")


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
    keep_of_gone(walk)
    walk.session = replace(walk.session, state=Ended())


def _any_language(dialplan: Dialplan) -> str:
    return next((line.languages[0] for line in dialplan.lines.values()), "en")


def _need_time_zone(now: datetime) -> None:
    if now.tzinfo is None:
        raise ValueError("the moment has no time zone")
