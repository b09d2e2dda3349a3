"""What a person types in `dzvin try`, carried out in the call that is tried."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ivr.flow.actions import Ask, CallHook, EnterQueue, Record, Transfer
from ivr.flow.hook import HookAnswer
from ivr.flow.inputs import Promised
from ivr.flow.model import Hook
from ivr.trial import NotNow, QueueEnd, Trial

KEYS = re.compile(r"[0-9*#]+", re.ASCII)
QUEUE_WORDS = {
    "full": QueueEnd.FULL,
    "waited": QueueEnd.WAITED,
    "nobody": QueueEnd.NOBODY,
    "talk": QueueEnd.TALK,
}
TRANSFER_WORDS = {"answered": True, "not-answered": False}
PROMISE_WORDS = {
    "kept": Promised(ok=True),
    "already": Promised(ok=False, refused="already-promised"),
    "refused": Promised(ok=False, refused="too-many"),
    "failed": Promised(ok=False),
}
LETTERS_A_SECOND = 14.0
"""How fast a message is said."""
WAIT_FOR = 30.0
"""An empty line in a queue lets so many seconds pass."""
HELP = """\
1, 12, *, #             keys; several are one answer where a number is asked for
any other words         what the caller says, also into a message
(empty line)            silence; in a queue 30 seconds of waiting
/queue WORD             what becomes of the waiting caller: full, waited, nobody, talk
/transfer WORD          answered, not-answered
/hook WORD [NAME=VALUE] the web service's answer: a word, values; /hook down: none comes
/promise WORD           what becomes of messages and call-backs from now on: kept, already, refused, failed
/record down            the message that is being recorded is lost
/hang-up                the caller hangs up; /hang-up WORDS: having said so into a message
/quit                   the same, and no more
/help                   this"""


@dataclass(frozen=True, slots=True)
class Told:
    """What else the person should know; '' for nothing."""

    text: str = ""
    over: bool = False
    """The person wants no more."""


def carry_out(trial: Trial, typed: str) -> Told:
    """NotNow: it cannot be done where the call stands; the call is as before."""
    text = typed.strip()
    if text.startswith("/"):
        return _command(trial, text)
    if not text:
        _nothing(trial)
        return Told()
    if isinstance(trial.pending, Record):
        _message(trial, text)
        return Told()
    keys = text.replace(" ", "")
    if KEYS.fullmatch(keys):
        return _keys(trial, keys)
    if isinstance(trial.pending, Ask) and trial.pending.listen is None:
        raise NotNow("words are not listened to here; type keys")
    _need_caller(trial)
    trial.say(text)
    return Told()


def hint(trial: Trial) -> str:
    """What can be typed now, in a few words."""
    match trial.pending:
        case Ask(entry=entry, listen=listen):
            keys = "a key" if entry is None else "a number"
            return f"{keys} or words" if listen is not None else keys
        case EnterQueue():
            return f"/queue {'|'.join(QUEUE_WORDS)}"
        case Transfer():
            return f"/transfer {'|'.join(TRANSFER_WORDS)}"
        case Record():
            return "words of a message"
        case CallHook():
            return f"/hook {'|'.join((*hook_words(trial), 'down'))}"
        case None:
            return ""


def hook_words(trial: Trial) -> tuple[str, ...]:
    """The words by which the service that is asked now may answer."""
    hook = trial.dialplan.steps.get(trial.session.step)
    return tuple(hook.answers) if isinstance(hook, Hook) else ()


def _nothing(trial: Trial) -> None:
    match trial.pending:
        case EnterQueue():
            trial.wait(WAIT_FOR)
        case _:
            _need_caller(trial)
            trial.stay_silent()


def _message(trial: Trial, text: str) -> None:
    """Words, or one key that ends it."""
    if text in set("0123456789*#"):
        trial.speak(0.0, key=text.replace("#", ""))
    else:
        trial.speak(_seconds(text), text)


def _seconds(words: str) -> float:
    return max(2.0, len(words) / LETTERS_A_SECOND)


def _need_caller(trial: Trial) -> None:
    """While others have the word, the caller has nothing to do."""
    if isinstance(trial.pending, EnterQueue | Transfer | CallHook):
        raise NotNow(f"{trial.where}; type {hint(trial)}")


def _keys(trial: Trial, keys: str) -> Told:
    if isinstance(trial.pending, Transfer | CallHook):
        _need_caller(trial)
    while keys and isinstance(trial.pending, Ask | EnterQueue):
        if isinstance(trial.pending, Ask) and trial.pending.entry is not None:
            keys = trial.type_in(keys)
        else:
            trial.press(keys[0])
            keys = keys[1:]
    return Told(f"left over, for no key is heeded now: {keys}" if keys else "")


def _command(trial: Trial, text: str) -> Told:
    name, _, rest = text[1:].partition(" ")
    word = rest.strip()
    match name:
        case "quit" | "q":
            if trial.pending is not None:
                trial.hang_up()
            return Told(over=True)
        case "hang-up" if word and isinstance(trial.pending, Record):
            trial.speak(_seconds(word), word, hangs_up=True)
        case "hang-up":
            trial.hang_up()
        case "promise":
            result = PROMISE_WORDS[_one_of(PROMISE_WORDS, word, "/promise")]
            trial.work.outcome = lambda action: result
        case "record":
            _one_of(("down",), word, "/record")
            trial.fail_recording()
        case "help" | "h" | "?":
            return Told(HELP)
        case "queue":
            trial.leave_queue(QUEUE_WORDS[_one_of(QUEUE_WORDS, word, "/queue")])
        case "transfer":
            trial.end_transfer(TRANSFER_WORDS[_one_of(TRANSFER_WORDS, word, "/transfer")])
        case "hook":
            _hook(trial, word)
        case _:
            raise NotNow(f"there is no command /{name}; /help lists them")
    return Told()


def _one_of(known: Iterable[str], word: str, command: str) -> str:
    if word not in known:
        raise NotNow(f"write {command} and one of: {', '.join(known)}")
    return word


def _hook(trial: Trial, text: str) -> None:
    word, *pairs = text.split() or [""]
    known = hook_words(trial)
    if not isinstance(trial.pending, CallHook):
        raise NotNow(f"no web service is asked: {trial.where}")
    if word == "down":
        trial.fail_hook()
        return
    if known or word:
        _one_of((*known, "down"), word, "/hook")
    if strange := [pair for pair in pairs if not re.fullmatch(r"[a-z][a-z0-9-]*=.*", pair)]:
        raise NotNow(f"{strange[0]} is no value; write for instance debt=125.50")
    trial.answer_hook(HookAnswer(word, (), dict(pair.partition("=")[::2] for pair in pairs)))
