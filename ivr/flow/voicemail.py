"""Taking a message: it is recorded, the caller decides what becomes of it, and it is put down.

Nobody loses a message by silence, a wrong key or hanging up: whatever ends the review leaves it.
"""

from dataclasses import replace

from ivr.flow import inputs, wording
from ivr.flow.actions import DropRecordings, KeepMessage
from ivr.flow.hearing import Miss
from ivr.flow.inputs import Input
from ivr.flow.misses import (
    is_understood,
    next_language,
    no_answer,
    other_key,
    said_everywhere,
)
from ivr.flow.model import GOODBYE, OPERATOR, Voicemail
from ivr.flow.said import Recording, Said
from ivr.flow.states import Keeping, Reviewing, TakingMessage
from ivr.flow.walk import Walk
from ivr.flow.work_prompts import VoicemailPrompt
from ivr.flow.work_questions import (
    ADD_KEY,
    ANEW_KEY,
    KEEP_KEY,
    LISTEN_KEY,
    MIN_ROOM_FOR,
    key_phrases,
)

END_KEY = "#"


def when_taking(walk: Walk, state: TakingMessage, given: Input) -> None:
    step = walk.current
    if not isinstance(step, Voicemail):  # another version of the dialplan than the call began with
        walk.go(GOODBYE, "step-gone")
        return
    match given:
        case inputs.Recorded(failed=True):
            _drop(walk, given.recording)
            _not_recorded(walk, step, state)
        case inputs.Recorded() if given.recording and given.seconds >= step.shortest_for:
            _recorded(walk, step, state, given)
        case inputs.Recorded():
            _drop(walk, given.recording)
            _empty(walk, step, state, given.key)
        case _:
            walk.ignore(given)


def _recorded(walk: Walk, step: Voicemail, state: TakingMessage, given: inputs.Recorded) -> None:
    before = () if state.anew else state.recordings
    if state.anew and state.recordings:
        walk.actions.append(DropRecordings(state.recordings))
    seconds = given.seconds + (0.0 if state.anew else state.seconds)
    review = Reviewing(state.step, state.visit, (*before, given.recording), seconds)
    walk.note("recorded")
    if given.key and _means_elsewhere(walk, given.key):
        other_key(walk, step, review, given.key)
    elif step.review:
        full = (VoicemailPrompt.FULL,) if _is_full(step, seconds) else ()
        walk.ask(review, full)
    else:
        walk.keep_message(review, step.then, "left")


def _empty(walk: Walk, step: Voicemail, state: TakingMessage, key: str) -> None:
    """Nothing was said: counts as silence, unless the caller asks for something else by a key."""
    if state.recordings:
        walk.note("empty")
        _back_to_review(walk, state, VoicemailPrompt.EMPTY)
    elif key == "0" and _means_elsewhere(walk, key):
        walk.go(OPERATOR, key)
    elif key and _means_elsewhere(walk, key):
        walk.note(f"language {next_language(walk)}")
        walk.speak(next_language(walk))
        walk.record(state, (VoicemailPrompt.AGAIN,))
    elif walk.count(Miss.SILENT):
        walk.go_otherwise("silence-limit")
    elif state.asked < step.retry.tries:
        walk.note("empty")
        again = replace(state, asked=state.asked + 1)
        walk.record(again, (VoicemailPrompt.EMPTY, VoicemailPrompt.AGAIN))
    else:
        walk.note("if-empty")
        walk.say((VoicemailPrompt.EMPTY,), step.if_empty)


def _not_recorded(walk: Walk, step: Voicemail, state: TakingMessage) -> None:
    if state.recordings:
        walk.note("failed")
        _back_to_review(walk, state, VoicemailPrompt.FAILED)
    else:
        walk.note("if-failed")
        walk.say((VoicemailPrompt.FAILED,), step.if_failed)


def _back_to_review(walk: Walk, state: TakingMessage, first: Said) -> None:
    """What was said before is still there."""
    walk.ask_anew(Reviewing(state.step, state.visit, state.recordings, state.seconds), (first,))


def _means_elsewhere(walk: Walk, key: str) -> bool:
    """The operator's key or the language key; not the key that ends every recording."""
    line = walk.line
    return (
        line is not None
        and key != END_KEY
        and ((key == "0" and line.operator is not None) or key == line.language_key)
    )


def _drop(walk: Walk, recording: str) -> None:
    if recording:
        walk.actions.append(DropRecordings((recording,)))


def _is_full(step: Voicemail, seconds: float) -> bool:
    return step.longest_for - seconds < MIN_ROOM_FOR


# ---- the review


def when_reviewing(walk: Walk, state: Reviewing, given: Input) -> None:
    step = walk.current
    if not isinstance(step, Voicemail):  # another version of the dialplan than the call began with
        walk.go(GOODBYE, "step-gone")
        return
    match given:
        case inputs.KeyPressed(key) if key in (KEEP_KEY, LISTEN_KEY, ANEW_KEY, ADD_KEY):
            _chosen(walk, step, state, key)
        case inputs.KeyPressed(key):
            other_key(walk, step, state, key)
        case inputs.Heard():
            _words(walk, step, state, given)
        case inputs.Silence():
            walk.keep_message(state, step.then, "left")
        case _:
            no_answer(walk, step, state, given)


def _words(walk: Walk, step: Voicemail, state: Reviewing, heard: inputs.Heard) -> None:
    own = key_phrases(state, walk.session.language)
    phrase = wording.match(heard.text, own)
    if phrase is None and said_everywhere(walk, step, state, heard):
        return
    if is_understood(walk, step, state, phrase is not None, heard) and phrase is not None:
        _chosen(walk, step, state, own[phrase])


def _chosen(walk: Walk, step: Voicemail, state: Reviewing, key: str) -> None:
    taking = TakingMessage(state.step, state.visit, state.recordings, state.seconds)
    fresh = replace(state, asked=1)
    if key == KEEP_KEY:
        walk.keep_message(state, step.then, "left")
    elif key == LISTEN_KEY:
        walk.note("listens")
        walk.ask_anew(fresh, tuple(Recording(id) for id in state.recordings))
    elif key == ANEW_KEY:
        walk.note("anew")
        walk.record(replace(taking, anew=True), (VoicemailPrompt.AGAIN,))
    elif _is_full(step, state.seconds):
        walk.note("full")
        walk.ask_anew(fresh, (VoicemailPrompt.FULL,))
    else:
        walk.note("adds")
        walk.record(taking, (VoicemailPrompt.AGAIN,))


# ---- putting it down


def when_keeping(walk: Walk, state: Keeping, given: Input) -> None:
    step = walk.current
    if not isinstance(step, Voicemail):  # another version of the dialplan than the call began with
        walk.go(GOODBYE, "step-gone")
        return
    match given:
        case inputs.Promised(ok=True) if state.thank:
            walk.note("kept")
            walk.say((VoicemailPrompt.KEPT,), state.then)
        case inputs.Promised(ok=True):
            walk.go(state.then, "kept-first")
        case inputs.Promised(refused=refused):
            walk.note(f"if-failed {refused}".strip())
            walk.say((VoicemailPrompt.FAILED,), step.if_failed)
        case _:
            walk.ignore(given)


def keep_of_gone(walk: Walk) -> None:
    """The caller has hung up: what was said so far is left. Putting it down twice is the same message."""
    match walk.session.state, walk.current:
        case TakingMessage() | Reviewing() | Keeping() as state, Voicemail(queue=queue) if state.recordings:
            walk.note("left")
            walk.actions.append(KeepMessage(queue, state.recordings, state.visit))
