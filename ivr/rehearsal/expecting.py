"""Whether what a scenario expects is true where the call stands, and if not, how it is instead."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.dialplan.problems import shown
from ivr.flow.actions import EnterQueue, Transfer
from ivr.flow.said import Said
from ivr.flow.wording import normal
from ivr.rehearsal.schema import MOMENT, ExpectGroup, PromiseGroup
from ivr.trial import Kind, Moment, Trial

Words = Callable[[Said, str], str]
MOST_SHOWN = 12
"""Of what was heard, the last ones."""


@dataclass(frozen=True, slots=True)
class Unmet:
    path: tuple[str | int, ...]
    """Where it is written, below `expect`."""
    text: str


def unmet(expect: ExpectGroup, trial: Trial, since: Sequence[Moment], words: Words) -> Iterator[Unmet]:
    """Each expectation that is not true. `since`: what happened after the former expectations."""
    heard = [moment for moment in since if moment.kind is Kind.HEARS]
    yield from _hears(expect, heard, words)
    yield from _words(expect, heard, words)
    yield from _stands(expect, trial)
    yield from _promised(expect, trial)
    yield from _sent(expect, trial)
    if expect.language is not None and trial.session.language != expect.language:
        yield Unmet(
            ("language",),
            f"expected the language {shown(expect.language)}, it is {shown(trial.session.language)}",
        )
    if expect.within is not None and trial.passed > expect.within:
        yield Unmet(("within",), f"expected within {expect.within:g} s, it took {trial.passed:.1f} s")


def _stands(expect: ExpectGroup, trial: Trial) -> Iterator[Unmet]:
    pending, where = trial.pending, trial.where
    if expect.step is not None and trial.session.step != expect.step:
        yield Unmet(("step",), f"expected the step {shown(expect.step)}, but {where}")
    in_queue = isinstance(pending, EnterQueue) and pending.queue == expect.queue
    if expect.queue is not None and not in_queue:
        yield Unmet(("queue",), f"expected the queue {shown(expect.queue)}, but {where}")
    called = isinstance(pending, Transfer) and pending.number == expect.transfer
    if expect.transfer is not None and not called:
        yield Unmet(("transfer",), f"expected a transfer to {shown(expect.transfer)}, but {where}")
    if expect.ends is True and not trial.hung_up:
        yield Unmet(("ends",), f"expected that the dialogue has ended the call, but {_not_ended(trial)}")
    if expect.ends is False and trial.pending is None:
        yield Unmet(("ends",), "expected that the call goes on, but it is over")


def _promised(expect: ExpectGroup, trial: Trial) -> Iterator[Unmet]:
    """The last message and the last call-back of the call so far."""
    if expect.voicemail is not None:
        left = trial.work.messages[-1] if trial.work.messages else None
        found = {"queue": left.queue} if left is not None else {}
        yield from _as_promised("voicemail", expect.voicemail, found, "a message")
    if expect.call_back is not None:
        promise = trial.work.promises[-1] if trial.work.promises else None
        found = {}
        if promise is not None:
            found = {"queue": promise.queue, "number": promise.number, "at": _clock(promise.at, trial)}
        yield from _as_promised("call-back", expect.call_back, found, "a call-back")


def _as_promised(key: str, wanted: PromiseGroup, found: Mapping[str, str], what: str) -> Iterator[Unmet]:
    if wanted.made is not bool(found):
        is_there = f"there is one for the queue {shown(found['queue'])}" if found else "there is none"
        yield Unmet((key,), f"expected {what if wanted.made else f'no {what[2:]}'}, {is_there}")
        return
    asked = {"queue": wanted.queue, "number": wanted.number}
    asked["at"] = f"{wanted.at:{MOMENT}}" if wanted.at is not None else None
    for name, text in asked.items():
        if text is not None and found.get(name) != text:
            yield Unmet(
                (key,), f"expected {what} with {name} {shown(text)}, it is {shown(found.get(name) or 'none')}"
            )


def _clock(at: float | None, trial: Trial) -> str:
    return "" if at is None else f"{datetime.fromtimestamp(at, trial.now.tzinfo):{MOMENT}}"


def _not_ended(trial: Trial) -> str:
    return "the caller has hung up" if trial.pending is None else trial.where


def _hears(expect: ExpectGroup, heard: Sequence[Moment], words: Words) -> Iterator[Unmet]:
    """In this order, with anything between."""
    rest = iter(moment.said for moment in heard)
    before = ""
    for index, wanted in enumerate(expect.hears or ()):
        if wanted not in rest:
            after = f" after {before}" if before else ""
            text = f"expected to hear {_name(wanted, heard, words)}{after}; heard was {_list(heard, words)}"
            yield Unmet(("hears", index), text)
            return
        before = _name(wanted, heard, words)


def _words(expect: ExpectGroup, heard: Sequence[Moment], words: Words) -> Iterator[Unmet]:
    spoken = " ".join(words(moment.said, moment.language) for moment in heard if moment.said is not None)
    for index, wanted in enumerate(expect.words or ()):
        if f" {normal(wanted)} " not in f" {normal(spoken)} ":
            yield Unmet(
                ("words", index), f"expected the words {shown(wanted)}; heard was: {spoken or 'nothing'}"
            )


def _sent(expect: ExpectGroup, trial: Trial) -> Iterator[Unmet]:
    for step, values in (expect.sent or {}).items():
        asked = [hook.values for hook in trial.hooks if hook.step == step]
        if not asked:
            yield Unmet(
                ("sent", step), f"expected that the step {shown(step)} asks its web service, it did not"
            )
            continue
        for name, value in values.items():
            sent = asked[-1].get(name)
            if sent != value:
                instead = "it was not sent" if sent is None else f"sent was {shown(sent)}"
                yield Unmet(("sent", step, name), f"expected {name} {shown(value)} to be sent, {instead}")


def _list(heard: Sequence[Moment], words: Words) -> str:
    names = [_name(moment.said, [moment], words) for moment in heard if moment.said is not None]
    shortened = ["…"] if len(names) > MOST_SHOWN else []
    return ", ".join([*shortened, *names[-MOST_SHOWN:]]) or "nothing"


def _name(said: Said, heard: Sequence[Moment], words: Words) -> str:
    """A prompt's id; a piece in words of the language that was spoken."""
    if isinstance(said, str):
        return shown(said)
    return f'"{words(said, heard[-1].language if heard else "en")}"'
