"""What a dialogue may find in the centre when an input comes: every answer to what it asks.

`every_step` runs the interpreter once for each way in which the questions of its conditions can be answered.
Only what it really asks branches. Within one input the answers agree with each other: there is one moment,
one number, one state of each queue. At the next input all of it is free again, for time passes: that is more
than can happen, so that nothing is missed.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import TypeVar
from zoneinfo import ZoneInfo

from acd.core.words import QueueId
from ivr.flow.conditions import (
    NOWHERE,
    CallerIs,
    Condition,
    NobodyIn,
    QueueNow,
    Share,
    WaitingMoreThan,
    WaitLongerThan,
    World,
    holds,
)
from ivr.flow.hours import Hours
from ivr.flow.inputs import Input
from ivr.flow.model import Choose, Dialplan
from ivr.flow.proof.parts import OverBudget
from ivr.flow.session import Session, Step, step

DAYS_AHEAD = 14
DATES_AHEAD = 400
"""Days in which exceptions and holidays are looked for."""
T = TypeVar("T")
LOTS_TRIED = 20_000
WAYS_LIMIT = 4096
"""So many worlds are tried for one input."""


class Oracle:
    """Answers questions of one run by a plan, then by 0, and remembers how many answers each one had."""

    def __init__(self, plan: Sequence[int]) -> None:
        self._plan = plan
        self._known: dict[Hashable, int] = {}
        self.taken: list[int] = []
        self.counts: list[int] = []

    def ask(self, question: Hashable, answers: int) -> int:
        """0 to `answers` - 1, the same for the same question."""
        if question not in self._known:
            at = len(self.taken)
            self.taken.append(self._plan[at] if at < len(self._plan) else 0)
            self.counts.append(answers)
            self._known[question] = self.taken[-1]
        return self._known[question]

    def next_plans(self, planned: int) -> Iterator[tuple[int, ...]]:
        """Those that differ for the first time in a question that the plan did not answer."""
        for at in range(planned, len(self.taken)):
            for answer in range(1, self.counts[at]):
                yield (*self.taken[:at], answer)


class _Queues(Mapping[QueueId, QueueNow]):
    def __init__(self, oracle: Oracle, states: Mapping[QueueId, Sequence[QueueNow]]) -> None:
        self._oracle, self._states = oracle, states

    def __getitem__(self, queue: QueueId) -> QueueNow:
        states = self._states[queue]
        return states[self._oracle.ask(("queue", queue), len(states))]

    def __iter__(self) -> Iterator[QueueId]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)


class _Switches(frozenset[str]):
    oracle: Oracle

    def __contains__(self, name: object) -> bool:
        return self.oracle.ask(("switch", name), 2) == 1


class _Calendar:
    """What is open, of the sets of hours that are ever open at the same time."""

    def __init__(self, oracle: Oracle, sets: Sequence[frozenset[str]]) -> None:
        self._oracle, self._left = oracle, sets

    def is_open(self, hours: str) -> bool:
        answers = sorted({hours in one for one in self._left})
        answer = answers[self._oracle.ask(("hours", hours), 2) if len(answers) == 2 else 0]
        self._left = [one for one in self._left if (hours in one) == answer]
        return answer


class _Asked(Mapping[str, Hours]):
    """Opening hours that ask the calendar."""

    def __init__(self, hours: Mapping[str, Hours], calendar: _Calendar) -> None:
        self._hours, self._calendar = hours, calendar

    def __getitem__(self, name: str) -> Hours:
        known = self._hours[name]
        asked = _AskedHours(id=known.id, time_zone=known.time_zone, week=known.week)
        asked.ask(self._calendar)
        return asked

    def __iter__(self) -> Iterator[str]:
        return iter(self._hours)

    def __len__(self) -> int:
        return len(self._hours)


class _AskedHours(Hours):
    __slots__ = ("_calendar",)
    _calendar: _Calendar

    def ask(self, calendar: _Calendar) -> None:
        object.__setattr__(self, "_calendar", calendar)

    def is_open(self, now: datetime) -> bool:
        return self._calendar.is_open(self.id)


@dataclass(frozen=True, slots=True)
class Centre:
    """The states of the centre that a dialplan can tell apart."""

    dialplan: Dialplan
    queues: Mapping[QueueId, Sequence[QueueNow]]
    open_sets: Sequence[frozenset[str]]
    now: datetime
    """Only its date counts."""
    _draws: dict[frozenset[str], list[tuple[int, str]]] = field(default_factory=dict)

    def first_step(self, session: Session, given: Input) -> tuple[Step, bool]:
        """One thing that can follow, and whether it is the only one."""
        done, oracle = self._ask(session, given, ())
        return done, not oracle.taken and not self._drawing([done])

    def every_step(self, session: Session, given: Input) -> list[Step]:
        """What can follow. OverBudget: there are too many worlds."""
        results = self._by_oracle(session, given)
        told: set[str] = set()
        while more := self._drawing(results) - told:
            told |= more
            results = [
                result
                for lot, caller in self._draws_of(frozenset(told))
                for result in self._by_oracle(replace(session, lot=lot, caller=caller), given)
            ]
        return results

    def _drawing(self, results: Iterable[Step]) -> set[str]:
        """Steps that were come to and ask for the call's lot or the caller's number."""
        entered = {name for result in results for name in result.entered}
        return {
            name
            for name in entered
            if isinstance(choose := self.dialplan.steps.get(name), Choose)
            and any(isinstance(rule.condition, CallerIs | Share) for rule in choose.rules)
        }

    def _draws_of(self, names: frozenset[str]) -> list[tuple[int, str]]:
        if names not in self._draws:
            chooses = [self.dialplan.steps[name] for name in sorted(names)]
            self._draws[names] = _lots_and_callers([step for step in chooses if isinstance(step, Choose)])
        return self._draws[names]

    def _by_oracle(self, session: Session, given: Input) -> list[Step]:
        results: list[Step] = []
        plans: list[tuple[int, ...]] = [()]
        while plans:
            if len(results) >= WAYS_LIMIT:
                raise OverBudget
            plan = plans.pop()
            done, oracle = self._ask(session, given, plan)
            results.append(done)
            plans += oracle.next_plans(len(plan))
        return results

    def _ask(self, session: Session, given: Input, plan: Sequence[int]) -> tuple[Step, Oracle]:
        oracle = Oracle(plan)
        switches = _Switches()
        switches.oracle = oracle
        world = World(queues=_Queues(oracle, self.queues), switches=switches)
        hours = _Asked(self.dialplan.hours, _Calendar(oracle, self.open_sets))
        return step(replace(self.dialplan, hours=hours), session, given, self.now, world), oracle


def centre_of(dialplan: Dialplan, now: datetime) -> Centre:
    """`now` (aware): from when on the hours are looked at."""
    return Centre(dialplan, _queue_states(dialplan), open_sets(tuple(dialplan.hours.values()), now), now)


def _conditions(dialplan: Dialplan) -> Iterator[Condition]:
    for entry in dialplan.steps.values():
        if isinstance(entry, Choose):
            yield from (rule.condition for rule in entry.rules)


def _queue_states(dialplan: Dialplan) -> dict[QueueId, list[QueueNow]]:
    """One state of each queue for each set of answers that it can give."""
    asked: dict[QueueId, list[Condition]] = {}
    for condition in _conditions(dialplan):
        if isinstance(condition, WaitingMoreThan | WaitLongerThan | NobodyIn):
            asked.setdefault(condition.queue, []).append(condition)
    return {queue: _states(queue, conditions) for queue, conditions in asked.items()}


def _states(queue: QueueId, conditions: Sequence[Condition]) -> list[QueueNow]:
    callers = {0, 1, *(c.callers + 1 for c in conditions if isinstance(c, WaitingMoreThan))}
    waits = {0.0, *(c.seconds + 1 for c in conditions if isinstance(c, WaitLongerThan))}
    return _distinct(
        (
            QueueNow(waiting=waiting, logged_in=logged_in, expected_wait=wait)
            for waiting in sorted(callers)
            for logged_in in (1, 0)
            for wait in (*sorted(waits), None)
        ),
        lambda state: tuple(_holds(condition, World(queues={queue: state})) for condition in conditions),
    )


def _holds(
    condition: Condition, world: World = NOWHERE, *, caller: str = "", lot: int = 0, at: str = ""
) -> bool:
    session = Session(line="", caller=caller, language="", lot=lot)
    return holds(condition, at, session, {}, world, datetime.min.replace(tzinfo=UTC))


def _lots_and_callers(chooses: Sequence[Choose]) -> list[tuple[int, str]]:
    """For each way in which these steps can share a call out and tell its caller: a lot and a number."""
    rules = [(choose.id, rule.condition) for choose in chooses for rule in choose.rules]
    shares = [(name, condition) for name, condition in rules if isinstance(condition, Share)]
    callers = [condition for _, condition in rules if isinstance(condition, CallerIs)]
    lots = _distinct(
        range(LOTS_TRIED if shares else 1),
        lambda lot: tuple(_holds(share, lot=lot, at=name) for name, share in shares),
    )
    numbers = _distinct(
        ("", *(pattern.replace("X", digit) for c in callers for pattern in c.patterns for digit in "7051")),
        lambda number: tuple(_holds(condition, caller=number) for condition in callers),
    )
    return list(product(lots, numbers))


def _distinct(candidates: Iterable[T], answers: Callable[[T], Hashable]) -> list[T]:
    """The first of those that answer alike."""
    found: dict[Hashable, T] = {}
    for candidate in candidates:
        found.setdefault(answers(candidate), candidate)
    return list(found.values())


# ---- hours


def open_sets(hours: Collection[Hours], now: datetime) -> list[frozenset[str]]:
    """Ids of the hours that are open at the same time, for each such set: of the next two weeks from `now`,
    and of the exceptions and holidays within DATES_AHEAD days."""
    times = sorted({now, *(at for entry in hours for at in _turns(entry, now) if at >= now)})
    return list(dict.fromkeys(frozenset(entry.id for entry in hours if entry.is_open(at)) for at in times))


def _turns(hours: Hours, now: datetime) -> Iterator[datetime]:
    """When it opens and closes, and the beginning of days."""
    zone = ZoneInfo(hours.time_zone)
    today = now.astimezone(zone).date()
    for day in _days(hours, today):
        midnight = datetime.combine(day, time(), zone)
        yield midnight
        for period in hours.periods_on(day):
            for minute in (period.opens, period.closes + (24 * 60 if period.crosses_midnight else 0)):
                yield datetime.combine(day, time(), zone) + timedelta(minutes=minute)


def _days(hours: Hours, today: date) -> set[date]:
    ahead = {today + timedelta(days=number) for number in range(-1, DAYS_AHEAD + 1)}
    last = today + timedelta(days=DATES_AHEAD)
    special = {*hours.dates, *hours.public_holidays}
    yearly = {today + timedelta(days=number) for number in range(DATES_AHEAD) if hours.yearly}
    special |= {day for day in yearly if (day.month, day.day) in hours.yearly}
    return ahead | {day for day in special if today <= day <= last}
