"""One scenario played by the interpreter: what happened, and the first thing that was not as expected."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from acd.core.words import QueueId
from ivr.dialplan.loader import Loaded
from ivr.dialplan.problems import Problem, shown
from ivr.flow.actions import Ask, CallHook, EnterQueue, KeepMessage, PromiseCallBack, Record, Transfer
from ivr.flow.conditions import QueueNow, World
from ivr.flow.hook import HookAnswer
from ivr.flow.hours import WHOLE_DAY, Hours, Period, Periods
from ivr.flow.inputs import Promised
from ivr.flow.model import Dialplan
from ivr.flow.said import Said
from ivr.numbers import dialable
from ivr.rehearsal.expecting import unmet
from ivr.rehearsal.lots import NoLot, lot_that_draws
from ivr.rehearsal.scenario import Doing, HangUp, RecordingFails, Scenario, Unheard
from ivr.rehearsal.schema import (
    ExpectGroup,
    ExpectStep,
    MessageStep,
    PressStep,
    SayStep,
    ScenarioGroup,
    SilentStep,
    TypeStep,
    WaitStep,
)
from ivr.trial import Moment, NotNow, Pending, QueueEnd, Trial, Walked

NOON = datetime(2026, 6, 1, 12, 0)
"""A Monday, for scenarios that name no moment; everything is open then."""
_ALWAYS: Periods = (Period(0, WHOLE_DAY),)


class Book(Protocol):
    """What is heard; `ivr.prompt_book.PromptBook`."""

    def words(self, said: Said, language: str) -> str: ...

    def seconds(self, said: Said, language: str) -> float: ...


@dataclass(frozen=True, slots=True)
class Result:
    scenario: Scenario
    failures: tuple[Problem, ...]
    """Of the step that went wrong first; () when all was as expected."""
    moments: tuple[Moment, ...]
    walked: tuple[Walked, ...]
    passed: float
    """Virtual seconds."""


class _Unplayable(Exception):
    """The scenario does not tell what it must; one sentence."""


def play(scenario: Scenario, loaded: Loaded, book: Book, region: str = "UA") -> Result:
    """Never raises on a scenario without mistakes. `region`: country of numbers that name none."""
    try:
        trial = _begin(scenario.group, loaded, book, region)
    except NoLot as refusal:
        return Result(scenario, (Problem(scenario.spot("draws"), str(refusal)),), (), (), 0.0)
    failures = _Player(scenario, trial, book).play()
    return Result(scenario, failures, tuple(trial.moments), tuple(trial.walked), trial.passed)


def _begin(group: ScenarioGroup, loaded: Loaded, book: Book, region: str) -> Trial:
    dialplan = loaded.dialplan
    line = dialplan.find_line(group.call)
    return Trial(
        replace(dialplan, hours=_hours(group, dialplan)),
        group.call,
        (group.at or NOON).replace(tzinfo=ZoneInfo(loaded.time_zone)),
        length=book.seconds,
        max_wait=_max_wait(loaded),
        caller=group.caller,
        remembered=group.language,
        hears=line.languages if line is not None and group.speech else (),
        lot=lot_that_draws(dialplan, group.draws) if group.draws else 0,
        world=_world(group, loaded),
        check=lambda number: dialable(number, region, loaded.outside.may_dial),
    )


def _max_wait(loaded: Loaded) -> Callable[[str], float | None]:
    return lambda queue: loaded.settings.queues[QueueId(queue)].max_wait_for


def _hours(group: ScenarioGroup, dialplan: Dialplan) -> dict[str, Hours]:
    """As written for a moment that is named; else open, unless they are said to be closed."""
    return {
        name: _all_day(hours, ())
        if group.closed is True or (isinstance(group.closed, tuple) and name in group.closed)
        else (hours if group.at is not None else _all_day(hours, _ALWAYS))
        for name, hours in dialplan.hours.items()
    }


def _all_day(hours: Hours, periods: Periods) -> Hours:
    day = periods
    return Hours(id=hours.id, time_zone=hours.time_zone, week=(day, day, day, day, day, day, day))


def _world(group: ScenarioGroup, loaded: Loaded) -> World:
    queues: dict[QueueId, QueueNow] = {}
    for name in loaded.settings.queues:
        told = group.queues.get(name)
        absent = told is not None and told.end(0) is QueueEnd.NOBODY
        operators = told.operators if told is not None else None
        if operators is None:
            operators = 0 if absent else 1
        expected = told.expected_wait if told is not None else None
        queues[name] = QueueNow(
            waiting=told.waiting if told is not None else 0,
            logged_in=operators,
            expected_wait=expected if expected is not None or operators == 0 else 0.0,
        )
    return World(queues=queues, switches=frozenset(group.switches))


class _Player:
    def __init__(self, scenario: Scenario, trial: Trial, book: Book) -> None:
        self._scenario, self._trial, self._book = scenario, trial, book
        self._visits: Counter[str] = Counter()
        self._looked_at = 0
        """Moments before the last expectations."""
        self._told: Pending | None = None
        """The queue or transfer whose outcome is that nothing comes of it yet."""
        trial.work.outcome = self._promised

    def play(self) -> tuple[Problem, ...]:
        spot = self._scenario.key_spot
        try:
            self._settle()
            for doing in self._scenario.doings:
                spot = doing.spot()
                failures = self._do(doing)
                if failures:
                    return failures
        except (NotNow, _Unplayable) as refusal:
            return (Problem(spot, str(refusal)),)
        return ()

    def _do(self, doing: Doing) -> tuple[Problem, ...]:
        match doing.group:
            case ExpectStep(expect=expect):
                return self._expect(doing, expect)
            case PressStep(press=keys):
                self._press(keys)
            case TypeStep(type=keys):
                self._type(keys)
            case SayStep(say=say):
                self._trial.say(say.words, say.sure)
            case MessageStep(message=message):
                self._trial.speak(message.lasts, key=message.key or "", hangs_up=message.hangs_up)
            case RecordingFails():
                self._trial.fail_recording()
            case SilentStep(silent=times):
                self._stay_silent(times)
            case WaitStep(wait=seconds):
                self._trial.wait(seconds)
            case HangUp():
                self._trial.hang_up()
            case Unheard(miss=miss):
                self._trial.fail_to_be_heard(miss)
        self._settle()
        return ()

    def _press(self, keys: str) -> None:
        for key in keys:
            self._trial.press(key)
            self._settle()

    def _type(self, keys: str) -> None:
        left = self._trial.type_in(keys)
        if left:
            raise NotNow(f"the number was complete before the last keys; {shown(left)} is left over")

    def _stay_silent(self, times: int | None) -> None:
        if times is None:
            while isinstance(self._trial.pending, Ask | Record):
                self._trial.stay_silent()
                self._settle()
            return
        for _ in range(times):
            self._trial.stay_silent()
            self._settle()

    def _expect(self, doing: Doing, expect: ExpectGroup) -> tuple[Problem, ...]:
        since = self._trial.moments[self._looked_at :]
        self._looked_at = len(self._trial.moments)
        return tuple(
            Problem(doing.spot("expect", *one.path), one.text)
            for one in unmet(expect, self._trial, since, self._book.words)
        )

    # The world around the caller

    def _settle(self) -> None:
        """Others act as the scenario tells, until it is the caller's turn."""
        while self._trial.pending is not self._told:
            pending = self._trial.pending
            match pending:
                case CallHook(step=step):
                    self._answer(step)
                case EnterQueue(queue=queue) if self._leave(queue):
                    pass
                case Transfer(number=number) if self._end_transfer(number):
                    pass
                case _:
                    self._told = pending

    def _visit(self, what: str) -> int:
        self._visits[what] += 1
        return self._visits[what] - 1

    def _answer(self, step: str) -> None:
        answers = self._scenario.group.web.get(step)
        if answers is None:
            raise _Unplayable(
                f"the step {shown(step)} asks its web service, and the scenario does not tell the answer;"
                f" add 'web: {{ {step}: … }}'"
            )
        answer = answers[min(self._visit(f"web {step}"), len(answers) - 1)]
        if answer.down:
            self._trial.fail_hook()
        else:
            self._trial.answer_hook(HookAnswer(answer.go or "", tuple(answer.say or ()), answer.values))

    def _promised(self, action: KeepMessage | PromiseCallBack) -> Promised:
        words = self._scenario.group.promises.get(action.queue, ["kept"])
        word = words[min(self._visit(f"promise {action.queue}"), len(words) - 1)]
        refused = {"already-promised": word, "refused": "too-many"}.get(word, "")
        return Promised(ok=word == "kept", refused=refused)

    def _leave(self, queue: str) -> bool:
        told = self._scenario.group.queues.get(queue)
        end = told.end(self._visit(f"queue {queue}")) if told is not None else None
        if end is not None:
            self._trial.leave_queue(end)
        return end is not None

    def _end_transfer(self, number: str) -> bool:
        told = self._scenario.group.transfers.get(number)
        word = told[min(self._visit(f"transfer {number}"), len(told) - 1)] if told else "rings"
        if word != "rings":
            self._trial.end_transfer(word == "answered")
        return word != "rings"
