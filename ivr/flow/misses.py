"""Answers that lead nowhere, and those that mean the same everywhere: the operator, another language."""

from dataclasses import replace

from ivr.flow import inputs, wording
from ivr.flow.hearing import SPEECH_FAULTS, Entry, Miss
from ivr.flow.inputs import Input
from ivr.flow.model import OPERATOR, Asker, Kind, Question, Voicemail
from ivr.flow.questions import Choice, SwitchTo, everywhere
from ivr.flow.states import Asked, Reviewing
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
_LIMIT_OF = {
    Miss.SILENT: "silence-limit",
    Miss.WRONG_KEY: "wrong-key-limit",
    Miss.NOT_UNDERSTOOD: "misheard-limit",
    Miss.UNSURE: "misheard-limit",
    Miss.TOO_LONG: "misheard-limit",
}


def no_answer(walk: Walk, step: Asker, state: Asked, given: Input) -> None:
    """An input that is neither a key nor words: silence, a fault of the recogniser, or one to ignore."""
    miss = _MISSES.get(type(given))
    if miss is None:
        walk.ignore(given)
    else:
        missed(walk, step, state, miss)


def other_key(walk: Walk, step: Asker, state: Asked, key: str) -> None:
    """A key that the question itself gives no meaning."""
    line = walk.line
    if key == "0" and line is not None and line.operator is not None:
        leave(walk, state, OPERATOR, key)
    elif line is not None and key == line.language_key:
        switch(walk, state, next_language(walk))
    else:
        missed(walk, step, state, Miss.WRONG_KEY)


def next_language(walk: Walk) -> str:
    languages = walk.line.languages if walk.line is not None else (walk.session.language,)
    here = languages.index(walk.session.language) if walk.session.language in languages else -1
    return languages[(here + 1) % len(languages)]


def asks_for_help(walk: Walk, entry: Entry | None, keys: str) -> bool:
    """The operator's key or the language key alone, where a single key is not the whole answer.

    A pattern that is this very digit makes it an answer: the 0 of a score from 0 to 10.
    """
    line = walk.line
    if line is None or keys not in ("0", line.language_key):
        return False
    if entry is None or not entry.fits(keys):
        return True
    return keys not in entry.patterns and max(map(len, entry.patterns)) > 1


# ---- words


def said_everywhere(walk: Walk, step: Asker, state: Asked, heard: inputs.Heard) -> bool:
    """Whether it was the operator or another language that was asked for; then that is done."""
    table = everywhere(walk.dialplan, walk.line, walk.session.language)
    choice = choice_of(table, heard.text)
    if choice is None:
        return False
    if is_understood(walk, step, state, True, heard):
        choose(walk, state, choice, wording.match(heard.text, table) or "")
    return True


def choice_of(table: dict[str, Choice], text: str) -> Choice | None:
    phrase = wording.match(text, table)
    return None if phrase is None else table[phrase]


def is_understood(walk: Walk, step: Asker, state: Asked, known: bool, heard: inputs.Heard) -> bool:
    """False: it was not, and what follows from that is done."""
    own = None if isinstance(step, Voicemail) else step.sure_from
    sure_from = walk.dialplan.hearing.sure_from if own is None else own
    if _UNKNOWN in heard.text:
        sure_from = max(sure_from, SURE_BESIDE_UNKNOWN)
    if known and heard.confidence >= sure_from:
        return True
    missed(walk, step, state, Miss.UNSURE if known else Miss.NOT_UNDERSTOOD)
    return False


def without_noise(heard: str) -> str:
    """A hem or noise before and after the words does no harm; between them a digit may have been lost."""
    text = heard.strip()
    while text != (inner := text.removeprefix(_UNKNOWN).removesuffix(_UNKNOWN).strip()):
        text = inner
    return text


def choose(walk: Walk, state: Asked, choice: Choice, phrase: str) -> None:
    if isinstance(choice, SwitchTo):
        switch(walk, state, choice.language)
    else:
        leave(walk, state, choice, f"said {phrase}")


def switch(walk: Walk, state: Asked, language: str) -> None:
    """The same question in another language."""
    walk.note(f"language {language}")
    walk.speak(language)
    walk.ask_anew(state)


def leave(walk: Walk, state: Asked, target: str, edge: str) -> None:
    """Go on elsewhere; what was said into a message is kept first."""
    if isinstance(state, Reviewing):
        walk.keep_message(state, target, edge, thank=False)
    else:
        walk.go(target, edge)


# ---- what follows a miss


def missed(walk: Walk, step: Asker, state: Asked, miss: Miss, first: tuple[str, ...] = ()) -> None:
    """Ask again, or take the edge for this miss; beyond a limit of the call, the line's `otherwise`.

    `first` is said before the question is put again, instead of what belongs to the miss.
    """
    if walk.count(miss):
        _beyond_limit(walk, step, state, _LIMIT_OF[miss])
    elif miss in SPEECH_FAULTS:
        _go_on_by_keys(walk, step, state, miss)
    elif state.asked < step.retry.tries:
        walk.note(miss)
        again = replace(state, asked=state.asked + 1)
        walk.ask(again, first or step.retry.prompts(miss, again.asked))
    else:
        give_up(walk, step, state, miss)


def not_confirmed(walk: Walk, step: Asker, state: Asked, asked: int, again: Asked) -> None:
    """The answer was read back and is wrong: `again` asks for another one, for the `asked` + 1st time."""
    walk.note("not-confirmed")
    if walk.count(Miss.NOT_UNDERSTOOD):
        _beyond_limit(walk, step, state, "misheard-limit")
    elif asked < step.retry.tries:
        walk.ask(again)
    else:
        give_up(walk, step, state, Miss.NOT_UNDERSTOOD)


def _beyond_limit(walk: Walk, step: Asker, state: Asked, edge: str) -> None:
    if isinstance(state, Reviewing) and isinstance(step, Voicemail):
        walk.keep_message(state, walk.last_chance(step.then), edge)
    else:
        walk.go_otherwise(edge)


def _go_on_by_keys(walk: Walk, step: Asker, state: Asked, miss: Miss) -> None:
    """It is not the caller's fault: the question is put again, by keys, where there are keys for it."""
    by_keys = not isinstance(step, Question) or step.kind is not Kind.UTTERANCE
    if miss in step.retry.edges or not by_keys or state.keys_only:
        give_up(walk, step, state, miss)
        return
    walk.note(miss)
    walk.ask(replace(state, keys_only=True), step.retry.prompts(miss, 2))


def give_up(walk: Walk, step: Asker, state: Asked, miss: Miss) -> None:
    """Asked often enough. A message is left then: nobody loses one by a wrong key."""
    target = step.retry.edges.get(miss)
    if isinstance(state, Reviewing) and isinstance(step, Voicemail):
        walk.keep_message(state, step.then, f"if-{miss}")
    elif target is None:
        walk.go_otherwise(f"if-{miss}")
    else:
        walk.go(target, f"if-{miss}")
