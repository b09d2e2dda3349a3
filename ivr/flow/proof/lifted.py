"""A dialplan whose surroundings may do anything: what the interpreter asks of them is answered either way.

Nothing of the interpreter is done here a second time. Its dialplan is changed: a choice that hangs on a
clock, a queue, a switch, a caller's number or answer becomes a web service that answers as it likes. What
cannot be changed so (the hours of a line, a choice that also reads values) asks an oracle, and `every_step`
runs the interpreter once for each row of its answers. Every question turns out either way each time it is
asked, and questions do not know of each other: that is more than can happen, so nothing is missed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from acd.core.work import CallingTimes
from ivr.flow.conditions import (
    LOTS,
    AllOf,
    Condition,
    LanguageIs,
    Share,
    Single,
    SwitchOn,
    ValueBetween,
    ValueIs,
    World,
    parts_of,
)
from ivr.flow.hearing import ANY_DIGIT
from ivr.flow.hours import Hours
from ivr.flow.inputs import Input
from ivr.flow.model import (
    ByHours,
    CallBack,
    Choose,
    Dialplan,
    DialplanStep,
    Hook,
    Kind,
    Question,
    Rule,
    SetValues,
)
from ivr.flow.proof.parts import OverBudget
from ivr.flow.proof.reading import lines_alike, read_by, read_later
from ivr.flow.said import PieceKind, Slot
from ivr.flow.session import Session, Step, step

MOST_RUNS = 4096
"""So many rows of answers are tried for one input."""
CHANCE = "chance:"
"""Address of the web service that stands for the surroundings: it answers at once, whatever it likes."""
FILL = "7"
"""Stands for any digit."""
SAID: Mapping[PieceKind, str] = {
    "digits": "7777",
    "number": "777",
    "amount": "777.77",
    "date": "2027-12-27",
    "time": "17:57",
    "duration": "77777",
}
"""What is said of a value that only a web service gives: as long as usual ones."""


class Oracle(frozenset[str]):
    """Answers the questions of one run by a plan, then with no. It stands for the switches that are on."""

    _plan: Sequence[bool] = ()

    def begin(self, plan: Sequence[bool]) -> None:
        self._plan = plan
        self._answers: dict[str, bool] = {}

    def ask(self, question: str) -> bool:
        """The same answer to the same question."""
        known = self._answers.get(question)
        if known is None:
            at = len(self._answers)
            known = self._answers[question] = at < len(self._plan) and self._plan[at]
        return known

    def __contains__(self, question: object) -> bool:
        return self.ask(str(question))

    def next_plans(self) -> Iterator[tuple[bool, ...]]:
        """Those that differ first in a question that the plan did not answer."""
        given = tuple(self._answers.values())
        for at in range(len(self._plan), len(given)):
            yield (*given[:at], True)


class _EitherWay:
    """A truth that turns out as the oracle says."""

    def __init__(self, oracle: Oracle, question: str) -> None:
        self._oracle, self._question = oracle, question

    def __bool__(self) -> bool:
        return self._oracle.ask(self._question)


class _AskedHours(Hours):
    """Open or closed as the oracle says."""

    oracle: Oracle

    def is_open(self, now: datetime) -> bool:
        return self.oracle.ask(f"hours {self.id}")


class _AskedTimes(CallingTimes):
    """A caller may be called or not, as the oracle says."""

    oracle: Oracle

    def allows(self, at: float) -> bool:
        return self.oracle.ask(f"called {self.time_zone}")


@dataclass(frozen=True, slots=True)
class Lifted:
    dialplan: Dialplan
    original: Dialplan
    oracle: Oracle
    either: bool
    """Whether a caller's language is known, once the call has begun: true and false."""
    tracked: frozenset[str]
    """Names of values that the dialplan alone sets and that its conditions read."""
    later: Mapping[str, frozenset[str]]
    """By step: those of them that are read after it."""
    alike: Mapping[str, str]
    """From each line to one that does the same after the beginning of a call."""
    always: Mapping[str, str]
    """Values under which the slots find what is said."""
    now: datetime
    """Noon of the day: of the times of a day some are to come and some are of tomorrow."""
    limit: int
    """Of steps in one walk: more than any line allows, and yet an end to walks that go in a circle."""

    def still_read(self, session: Session) -> tuple[tuple[str, str], ...]:
        """The values that decide something after the step where `session` waits."""
        names = self.later.get(session.step, ())
        return tuple((name, session.values[name]) for name in names if name in session.values)

    def every_step(self, session: Session, given: Input) -> list[Step]:
        """The results in whatever surroundings. OverBudget: there are too many."""
        plans: list[tuple[bool, ...]] = [()]
        found: list[Step] = []
        world = World(switches=self.oracle)
        while plans:
            self.oracle.begin(plans.pop())
            found.append(step(self.dialplan, session, given, self.now, world))
            plans.extend(self.oracle.next_plans())
            if len(found) + len(plans) > MOST_RUNS:
                raise OverBudget(f"conditions that are asked one after the other, after '{session.step}'")
        return found


def lift(dialplan: Dialplan, now: datetime, tracked: frozenset[str]) -> Lifted:
    """`tracked`: values that are told apart; of others every condition turns out either way. `now`, aware, is
    only the day from which spoken dates are reckoned."""
    oracle = Oracle()
    limit = 100 + 2 * max((line.limits.steps for line in dialplan.lines.values()), default=0)
    steps = {name: _lifted(one, tracked, oracle) for name, one in dialplan.steps.items()}
    lines = {
        name: replace(line, limits=replace(line.limits, steps=limit)) for name, line in dialplan.lines.items()
    }
    hours = {name: _asked(known, name, oracle) for name, known in dialplan.hours.items()}
    return Lifted(
        dialplan=replace(dialplan, steps=steps, lines=lines, hours=hours),
        original=dialplan,
        oracle=oracle,
        either=cast(bool, _EitherWay(oracle, "language known")),
        tracked=tracked,
        later=read_later(dialplan, tracked),
        alike=lines_alike(dialplan),
        always=_always(dialplan),
        now=now.replace(hour=12, minute=0, second=0, microsecond=0),
        limit=limit,
    )


def _asked(hours: Hours, name: str, oracle: Oracle) -> Hours:
    asked = _AskedHours(id=name, time_zone=hours.time_zone, week=hours.week)
    object.__setattr__(asked, "oracle", oracle)  # the class it comes from is frozen
    return asked


def _asked_times(times: CallingTimes, oracle: Oracle) -> CallingTimes:
    asked = _AskedTimes(time_zone=times.time_zone, week=times.week)
    object.__setattr__(asked, "oracle", oracle)  # the class it comes from is frozen
    return asked


def own_values(dialplan: Dialplan) -> frozenset[str]:
    """Names of values that conditions read and that the dialplan alone sets, not a caller."""
    read: set[str] = set()
    given: set[str] = set()
    own: set[str] = set()
    for one in dialplan.steps.values():
        match one:
            case Choose():
                read |= read_by(one)
            case SetValues(values=values):
                own |= values.keys()
            case _:
                given.add(getattr(one, "name", ""))
    return frozenset(read & own - given)


def _lifted(one: DialplanStep, tracked: frozenset[str], oracle: Oracle) -> DialplanStep:
    if isinstance(one, Choose):
        return _open_choice(_lifted_choose(one, tracked))
    if isinstance(one, ByHours):
        return _turns_out(one.id, {"open": one.if_open, "closed": one.if_closed})
    if isinstance(one, CallBack):
        # the number that a value holds is taken to be there: to be refused it then is the longer way
        times = _asked_times(one.times, oracle) if one.times is not None else None
        one = replace(one, number="", times=times)
    prompts = getattr(one, "prompts", ())
    if not any(isinstance(part, Slot) for part in prompts):
        return one
    changed: Any = {"prompts": tuple(_lifted_slot(part) for part in prompts)}
    return replace(one, **changed)


def _lifted_slot(part: object) -> object:
    return replace(part, value=_place(part)) if isinstance(part, Slot) else part


def _place(slot: Slot) -> str:
    """A name that no dialplan can give to a value."""
    return f"{slot.kind}: {slot.value}"


def _lifted_choose(choose: Choose, tracked: frozenset[str]) -> Choose:
    rules: list[Rule] = []
    shared = 0
    for rule in choose.rules:
        match rule.condition:
            case Share(first=first, count=count) if first == shared and first + count >= LOTS:
                # who was not of the former shares of this step is of the last one
                return replace(choose, rules=tuple(rules), otherwise=rule.then)
            case condition:
                shared += condition.count if isinstance(condition, Share) else 0
                rules.append(Rule(_lifted_condition(choose, condition, tracked), rule.then))
    return replace(choose, rules=tuple(rules))


def _lifted_condition(choose: Choose, condition: Condition, tracked: frozenset[str]) -> Condition:
    """What is known is asked, all else turns out either way."""
    parts = tuple(
        part if _is_known(part, tracked) else SwitchOn(_question(choose, part))
        for part in parts_of(condition)
    )
    return AllOf(parts) if isinstance(condition, AllOf) else parts[0]


def _is_known(part: Single, tracked: frozenset[str]) -> bool:
    match part:
        case ValueIs(name=name) | ValueBetween(name=name):
            return name in tracked
        case _:
            return isinstance(part, LanguageIs)


def _open_choice(choose: Choose) -> DialplanStep:
    """A step that waits for how it turns out, if nothing but the surroundings decides."""
    asked = (part for rule in choose.rules for part in parts_of(rule.condition))
    if not all(isinstance(part, SwitchOn) for part in asked):
        return choose
    ways = {f"rule-{number}": rule.then for number, rule in enumerate(choose.rules, 1)}
    return _turns_out(choose.id, {**ways, "otherwise": choose.otherwise})


def _turns_out(name: str, ways: Mapping[str, str]) -> Hook:
    last = list(ways.values())[-1]
    return Hook(id=name, url=CHANCE, deadline=0.0, tries=0, answers=ways, then=last, if_failed=last)


def _question(choose: Choose, part: Single) -> str:
    return f"{choose.id} {part}" if isinstance(part, Share) else str(part)


def _always(dialplan: Dialplan) -> dict[str, str]:
    """The longest text that the dialplan can give to each value that is said."""
    own: dict[str, list[str]] = {}
    slots: list[Slot] = []
    for one in dialplan.steps.values():
        slots += [part for part in getattr(one, "prompts", ()) if isinstance(part, Slot)]
        if isinstance(one, SetValues):
            for name, text in one.values.items():
                own.setdefault(name, []).append(text)
        elif isinstance(one, Question):
            own.setdefault(one.name, []).extend(_answers_to(one))
    return {
        _place(slot): max(own.get(slot.value, ()), key=len, default="") or SAID[slot.kind] for slot in slots
    }


def _answers_to(question: Question) -> Iterator[str]:
    if question.kind is Kind.DATE:
        yield SAID["date"]
    elif question.entry is not None:
        yield from (pattern.replace(ANY_DIGIT, FILL) for pattern in question.entry.patterns)
