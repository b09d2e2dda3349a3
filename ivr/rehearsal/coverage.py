"""Which steps of a dialplan, and which ways out of each, scenarios have walked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from acd.core.settings import QueueSettings
from acd.core.words import QueueId
from ivr.dialplan.loader import Loaded
from ivr.flow.inputs import HookAnswered, HookFailed
from ivr.flow.model import (
    GOODBYE,
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
from ivr.trial import Walked

LINE = "line "
"""Before a line's id, where it stands among the steps."""
_OF_QUEUE = {
    "queue-full": "if-full",
    "waited-too-long": "if-waited-too-long",
    "nobody-logged-in": "if-nobody-logged-in",
    "after-talk": "after-talk",
}
_OF_QUESTION = {"given": "then", "yes": "if-yes", "no": "if-no"}
_OF_TRANSFER = {"not-answered": "if-not-answered", "after-talk": "after-talk"}
_OF_PROMISE = {"kept": "then", "promised": "then", "already-promised": "then"}
_OF_HOURS = {"open": "if-open", "closed": "if-closed"}


@dataclass(frozen=True, slots=True)
class Covered:
    """One step or line. `ways` are named by the keys of the files, such as `key 1`, `if-full`, `then`."""

    name: str
    walked: bool
    ways: tuple[str, ...]
    missing: tuple[str, ...]
    """Of the ways: those that no scenario goes."""


@dataclass(frozen=True, slots=True)
class Coverage:
    places: tuple[Covered, ...]
    """Lines, then steps, in the order of the files."""

    @property
    def steps(self) -> tuple[int, int]:
        """Walked, of all; lines are no steps."""
        steps = [place for place in self.places if not place.name.startswith(LINE)]
        return sum(place.walked for place in steps), len(steps)

    @property
    def ways(self) -> tuple[int, int]:
        """Walked, of all."""
        total = sum(len(place.ways) for place in self.places)
        return total - sum(len(place.missing) for place in self.places), total


def coverage(loaded: Loaded, walked: Iterable[Walked]) -> Coverage:
    plan = loaded.dialplan
    entered: set[str] = set()
    gone: set[tuple[str, str]] = set()
    for one in walked:
        entered.update(one.entered)
        gone.update(_gone(plan, one))
    called = {place for place, _ in gone}
    lines = ((LINE + line.id, _ways_of_line(line)) for line in plan.lines.values())
    steps = ((step.id, tuple(_ways(step, loaded.settings.queues))) for step in plan.steps.values())
    return Coverage(
        tuple(
            Covered(
                name,
                name in entered or (name.startswith(LINE) and name in called),
                ways,
                tuple(way for way in ways if (name, way) not in gone),
            )
            for name, ways in (*lines, *steps)
        )
    )


def _ways_of_line(line: Line) -> tuple[str, ...]:
    known = ("if-language-known",) if line.if_language_known is not None else ()
    closed = ("if-closed",) if line.hours is not None else ()
    return ("start", *known, *closed)


def _ways(step: DialplanStep, queues: Mapping[QueueId, QueueSettings]) -> Iterator[str]:
    """Those that are written, and those that a queue's settings make possible."""
    match step:
        case Menu():
            yield from (f"key {key}" for key in step.keys)
            yield from dict.fromkeys(f"words for {target}" for _, target in _phrases(step))
            yield from (f"if-{miss}" for miss in step.retry.edges)
        case Question():
            yield from ("if-yes", "if-no") if step.kind is Kind.YES_NO else ("then",)
            yield from (f"if-{miss}" for miss in step.retry.edges)
        case Hook():
            yield from (f"answer {word}" for word in step.answers)
            yield from ["then"] if not step.answers or step.then != GOODBYE else []
            yield "if-failed"
        case Wait():
            yield from (f"key {key}" for key in step.leave_keys)
            yield from _ways_of_queue(queues[step.queue])
        case TransferOut():
            yield from _OF_TRANSFER.values()
        case Voicemail():
            yield from ("then", "if-empty", "if-failed")
        case CallBack():
            yield from ("then", "if-refused", "if-failed")
            yield from (f"if-{miss}" for miss in step.retry.edges)
        case ByHours():
            yield from _OF_HOURS.values()
        case Choose():
            yield from (f"rule {number}" for number, _ in enumerate(step.rules, 1))
            yield "otherwise"
        case Message() | Language() | SetValues():
            yield "then"
        case OtherLine() | Farewell():
            pass
        case _:
            assert_never(step)


def _ways_of_queue(queue: QueueSettings) -> Iterator[str]:
    yield from ["if-full"] if queue.max_waiting is not None else []
    yield from ["if-waited-too-long"] if queue.max_wait_for is not None else []
    yield from ["if-nobody-logged-in"] if queue.leave_if_nobody_logged_in else []
    yield "after-talk"


def _phrases(menu: Menu) -> Iterator[tuple[str, str]]:
    for phrases in menu.phrases.values():
        yield from phrases.items()


def _gone(plan: Dialplan, walked: Walked) -> Iterator[tuple[str, str]]:
    """(place, way) of one input's walk, from its trace; where that says less, from input and steps."""
    for entry in walked.trace:
        match entry.split("/", 2):
            case [line, "open" | "closed" as state]:
                yield from _way_of_line(plan, line, state, walked.entered)
            case [_, name, edge] if name in plan.steps:
                yield from ((name, way) for way in _way(plan.steps[name], edge))
            case _:
                pass
    for name in walked.entered:
        if isinstance(plan.steps.get(name), Language | SetValues):
            yield name, "then"
    hook = plan.steps.get(walked.step)
    if isinstance(hook, Hook):
        yield from ((hook.id, way) for way in _way_of_hook(hook, walked))


def _way_of_line(
    plan: Dialplan, name: str, state: str, entered: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    line = plan.lines.get(name)
    if line is None:
        return
    if state == "closed":
        yield LINE + name, "if-closed"
    elif line.if_language_known in entered and line.start not in entered:
        yield LINE + name, "if-language-known"
    else:
        yield LINE + name, "start"


def _way(step: DialplanStep, edge: str) -> Iterator[str]:
    match step:
        case Menu():
            said = edge.removeprefix("said ")
            if edge in step.keys:
                yield f"key {edge}"
            elif edge.startswith("said "):
                yield from {f"words for {target}" for phrase, target in _phrases(step) if phrase == said}
            else:
                yield edge
        case Question():
            yield _OF_QUESTION.get(edge, edge)
        case Wait():
            yield _OF_QUEUE.get(edge, f"key {edge}")
        case TransferOut():
            yield _OF_TRANSFER.get(edge, edge)
        case Voicemail() | CallBack():
            yield _OF_PROMISE.get(edge, edge.partition(" ")[0])
        case ByHours():
            yield _OF_HOURS.get(edge, edge)
        case Choose():
            yield edge.replace("-", " ") if edge.startswith("rule-") else edge
        case Message():
            yield "then"
        case Hook() | Language() | SetValues() | OtherLine() | Farewell():
            pass
        case _:
            assert_never(step)


def _way_of_hook(hook: Hook, walked: Walked) -> Iterator[str]:
    match walked.given:
        case HookAnswered(answer):
            if not answer.go:
                yield "then"
            else:
                yield f"answer {answer.go}" if answer.go in hook.answers else "if-failed"
        case HookFailed():
            yield "if-failed"
        case _:
            pass
