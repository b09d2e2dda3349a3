"""Where a step may lead, in words, and after how many seconds.

The caller calls for the first time, hears each prompt to its end, answers at once and is understood. What
nobody can foresee takes no time: waiting, ringing, typing, the answer of a web service. Ways that only open
after something like that, or after wrong keys, have no time at all.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from ivr.flow.conditions import (
    AllOf,
    CallerIs,
    Condition,
    IsOpen,
    LanguageIs,
    NobodyIn,
    Share,
    SwitchOn,
    ValueBetween,
    ValueIs,
    WaitingMoreThan,
    WaitLongerThan,
)
from ivr.flow.hearing import Miss, Retry
from ivr.flow.model import (
    GOODBYE,
    OPERATOR,
    ByHours,
    CallBack,
    Choose,
    Dialplan,
    DialplanStep,
    Farewell,
    Hook,
    Kind,
    Language,
    Line,
    Menu,
    Message,
    OtherLine,
    Question,
    SetValues,
    TransferOut,
    Voicemail,
    Wait,
)
from ivr.flow.said import Saying, Slot

OPERATOR_KEY = "0"
Length = Callable[[str, str], float]
"""Seconds of a prompt in a language."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller is in the dialogue."""

    line: str
    step: str
    """A step, or GOODBYE."""
    language: str


@dataclass(frozen=True, slots=True)
class Way:
    label: str
    """The key, the words, the condition; '' where there is nothing to say."""
    to: Place
    seconds: float | None = 0.0
    """From entering the step; None: nobody can say."""
    aside: bool = False
    """Not chosen by the caller: silence, a full queue, closing time, a service that fails."""
    everywhere: bool = False
    """The operator's key, which nobody needs to be shown at each question."""


class Ways:
    """Of one dialplan, with the lengths of its prompts."""

    def __init__(self, dialplan: Dialplan, length: Length) -> None:
        self._dialplan = dialplan
        self._length = length

    def of_line(self, line: Line) -> list[Way]:
        """From the answer to the first step."""
        language = line.languages[0]
        found = [Way("open" if line.hours else "", self._place(line, line.start, language))]
        if line.hours:
            found.append(Way("closed", self._place(line, line.if_closed, language), aside=True))
        if line.if_language_known:
            to = self._place(line, line.if_language_known, language)
            found.append(Way("language known", to, None, aside=True))
        return _joined(found)

    def of_step(self, place: Place) -> list[Way]:
        """Ways to the same place are one, with all their labels."""
        step, line = self._dialplan.steps.get(place.step), self._dialplan.lines[place.line]
        return _joined(self._ways(step, line, place.language)) if step is not None else []

    def _place(self, line: Line, target: str, language: str) -> Place:
        if target == OPERATOR:
            target = line.operator or GOODBYE
        known = target in self._dialplan.steps
        return Place(line.id, target if known else GOODBYE, language)

    def _ways(self, step: DialplanStep, line: Line, language: str) -> Iterator[Way]:
        def way(label: str, target: str, seconds: float | None = 0.0, *, aside: bool = False) -> Way:
            return Way(label, self._place(line, target, language), seconds, aside)

        match step:
            case Menu():
                heard = self._heard(step.prompts, language)
                yield from (way(label, target, heard) for label, target in _choices(step, language))
                yield from self._operator(step, heard, line, language)
                yield from self._missed(step.retry, heard + step.wait_for, line, language)
            case Question():
                heard = self._heard(step.prompts, language)
                yield way("yes" if step.kind is Kind.YES_NO else "given", step.then, heard)
                if step.kind is Kind.YES_NO:
                    yield way("no", step.if_no, heard)
                yield from self._operator(step, heard, line, language)
                yield from self._missed(step.retry, heard + step.wait_for, line, language)
            case Hook():
                heard = self._heard(step.prompts, language)
                yield from (way(word, target, heard) for word, target in step.answers.items())
                if step.then != GOODBYE or not step.answers:
                    yield way("answered", step.then, heard)
                yield way("no answer", step.if_failed, None, aside=True)
            case Message():
                yield way("", step.then, self._heard(step.prompts, language))
            case Wait():
                yield from (way(key, target, None, aside=True) for key, target in step.leave_keys.items())
                yield way("full", step.if_full, None, aside=True)
                yield way("waited too long", step.if_waited_too_long, None, aside=True)
                yield way("nobody logged in", step.if_nobody_logged_in, None, aside=True)
                yield from self._after_talk(step.after_talk, line, language)
            case TransferOut():
                yield way("not answered", step.if_not_answered, None, aside=True)
                yield from self._after_talk(step.after_talk, line, language)
            case Voicemail():
                yield from self._on("left", step.then, line, language)
                yield from self._on("nothing said", step.if_empty, line, language)
                yield from self._on("not stored", step.if_failed, line, language)
            case CallBack():
                heard = self._heard(step.prompts, language)
                yield from self._on("promised", step.then, line, language)
                yield from self._on("refused", step.if_refused, line, language)
                yield from self._on("not taken down", step.if_failed, line, language)
                yield from self._missed(step.retry, heard + step.wait_for, line, language)
            case Language():
                yield Way("", self._place(line, step.then, step.language))
            case ByHours():
                yield way("open", step.if_open)
                yield way("closed", step.if_closed, aside=True)
            case Choose():
                yield from (way(condition_words(rule.condition), rule.then) for rule in step.rules)
                yield way("otherwise", step.otherwise)
            case SetValues():
                yield way("", step.then)
            case OtherLine():
                other = self._dialplan.lines.get(step.line)
                yield from self.of_line(other) if other is not None else ()
            case Farewell():
                return
            case _:
                assert_never(step)

    def _operator(self, step: Menu | Question, heard: float, line: Line, language: str) -> Iterator[Way]:
        if line.operator is not None and not _means_something(OPERATOR_KEY, step):
            yield Way(OPERATOR_KEY, self._place(line, OPERATOR, language), heard, everywhere=True)

    def _after_talk(self, target: str, line: Line, language: str) -> Iterator[Way]:
        return self._on("after the talk", target, line, language)

    def _on(self, label: str, target: str, line: Line, language: str) -> Iterator[Way]:
        """After something that helps the caller; where nothing comes then, nothing is drawn."""
        if target != GOODBYE:
            yield Way(label, self._place(line, target, language), None, aside=True)

    def _missed(self, retry: Retry, asked_for: float, line: Line, language: str) -> Iterator[Way]:
        """The edges that are written; `asked_for`: seconds of one try with its silence."""
        for miss, target in retry.edges.items():
            seconds = None
            if miss is Miss.SILENT:
                again = (
                    prompt for asked in range(2, retry.tries + 1) for prompt in retry.prompts(miss, asked)
                )
                seconds = retry.tries * asked_for + self._heard(again, language)
            label = miss.value.replace("-", " ")
            yield Way(label, self._place(line, target, language), seconds, aside=True)

    def _heard(self, prompts: Iterable[Saying], language: str) -> float:
        return sum(self._length(prompt, language) for prompt in prompts if not isinstance(prompt, Slot))


def _means_something(key: str, step: Menu | Question) -> bool:
    """To the step itself, as in `ivr.flow.answers`."""
    if isinstance(step, Menu):
        return key in step.keys
    entry = step.entry
    return (
        entry is not None
        and entry.fits(key)
        and (key in entry.patterns or max(map(len, entry.patterns)) == 1)
    )


def _choices(menu: Menu, language: str) -> Iterator[tuple[str, str]]:
    """Keys first; then the first phrase for each target."""
    yield from menu.keys.items()
    told = set()
    for phrase, target in menu.phrases.get(language, {}).items():
        if target not in told:
            told.add(target)
            yield f"“{phrase}”", target


def _joined(ways: Iterable[Way]) -> list[Way]:
    found: dict[tuple[Place, bool], Way] = {}
    for way in ways:
        same = found.get((way.to, way.aside))
        if same is not None:
            known = [seconds for seconds in (same.seconds, way.seconds) if seconds is not None]
            told = (same, way) if same.everywhere == way.everywhere else (same,)
            label = ", ".join(one.label for one in told if one.label)
            everywhere = same.everywhere and way.everywhere
            way = Way(label, way.to, min(known, default=None), way.aside, everywhere)
        found[way.to, way.aside] = way
    return list(found.values())


def condition_words(condition: Condition) -> str:
    """Short, as in the dialplan."""
    match condition:
        case AllOf(parts):
            return ", ".join(condition_words(part) for part in parts)
        case CallerIs(patterns):
            return f"caller {', '.join(patterns)}"
        case ValueIs(name, texts):
            return f"{name} is {', '.join(texts)}"
        case ValueBetween(name, low, high):
            return f"{name} {low if low is not None else ''}–{high if high is not None else ''}"
        case IsOpen(hours):
            return f"{hours} open"
        case WaitingMoreThan(queue, callers):
            return f"more than {callers} wait in {queue}"
        case WaitLongerThan(queue, seconds):
            return f"wait in {queue} over {seconds:g} s"
        case NobodyIn(queue):
            return f"nobody in {queue}"
        case SwitchOn(name):
            return f"switch {name}"
        case LanguageIs(language):
            return f"language {language}"
        case Share(_, count):
            return f"{count} % of calls"
        case _:
            assert_never(condition)
