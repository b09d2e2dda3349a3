"""One line put to the test: each kind of caller from the start, and from every question in the middle."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ivr.flow.model import Line
from ivr.flow.proof.explore import NONE, Control, Explorer, Meaning, Way
from ivr.flow.proof.parts import PROVEN, Bounds, CallerKind, Figures, Path, Trap, TrapKind, Worst
from ivr.flow.proof.paths import path_of
from ivr.flow.proof.solver import Measure, Solver, Verdict
from ivr.flow.session import Session, start
from ivr.flow.states import Asking

Before = Mapping[Control, tuple[Control | None, Way]]
"""How a state was come to by right answers: from where and by which way."""
Telling = Callable[[], Path]


@dataclass(slots=True)
class _Record:
    """The worst so far. `unknown`: one was not found out."""

    seconds: Measure | None = None
    steps: int = 0
    unknown: bool = False

    def take(self, measure: Measure | None) -> None:
        if measure is None:
            self.unknown = True
            return
        self.steps = max(self.steps, measure.steps)
        if self.seconds is None or measure.seconds > self.seconds.seconds:
            self.seconds = measure

    def figures(self) -> Figures | None:
        if self.unknown or self.seconds is None:
            return None
        return replace(self.seconds.figures(), steps=self.steps)


class LineTrial:
    """`run`, then `worst` and `traps`."""

    def __init__(self, explorer: Explorer, line: Line, bounds: Bounds) -> None:
        self.traps: dict[CallerKind, Trap] = {}
        self._records: dict[tuple[str, CallerKind], tuple[_Record, _Record, _Record]] = {}
        self._explorer, self._line, self._bounds = explorer, line, bounds

    def worst(self) -> Iterator[Worst]:
        for (language, caller), (helped, ended, later) in sorted(self._records.items()):
            yield Worst(
                line=self._line.id,
                language=language,
                caller=caller,
                helped=helped.figures(),
                ended=ended.figures(),
                later=later.figures(),
            )

    def run(self, solvers: Mapping[CallerKind, Solver], hears: Collection[str], now: datetime) -> None:
        firsts: list[Way] = []
        for session in self._starts(now, hears):
            for first in self._explorer.begin(session):
                firsts.append(first)
                for caller, solver in solvers.items():
                    self._from_start(session.language, caller, solver.judge(first), first)
        before = self._right_answers(firsts)
        for control, (former, way) in before.items():
            if isinstance(control.session.state, Asking):
                question = replace(way, waited=0.0, seconds=way.said_for, steps=0, at_limit=False)
                there = partial(_way_to, former, before)
                for caller in PROVEN:
                    if caller in solvers:
                        self._from_question(caller, solvers[caller].judge(question), question, there)

    def _starts(self, now: datetime, hears: Collection[str]) -> Iterator[Session]:
        """Of a caller who is not known, and of those whose language is; with and without a recogniser."""
        plan = self._explorer.dialplan
        for remembered in (None, *self._line.languages):
            fresh = start(plan, self._line.id, "", now, remembered=remembered, hears=hears)
            yield fresh
            yield replace(fresh, speech_faults=plan.hearing.faults_allowed)

    def _right_answers(self, firsts: Sequence[Way]) -> Before:
        """All states that right answers lead to, whatever the centre does."""
        before: dict[Control, tuple[Control | None, Way]] = {}
        ahead: deque[tuple[Control | None, Way]] = deque((None, first) for first in firsts)
        while ahead:
            former, way = ahead.popleft()
            if way.at_limit and CallerKind.WANDERING not in self.traps:
                around = partial(path_of, [replace(way, waited=0.0, seconds=way.said_for)])
                self._note(
                    CallerKind.WANDERING, TrapKind.CIRCLE, way, around, partial(_way_to, former, before)
                )
            if way.control in before:
                continue
            before[way.control] = (former, way)
            if len(before) > self._bounds.states:
                self._note(CallerKind.WANDERING, TrapKind.NOT_PROVEN, way, None, None)
                break
            if not way.control.ended:
                more = self._explorer.ways(way.control, NONE, CallerKind.WANDERING)
                ahead.extend((way.control, one) for one in more if one.meaning is not Meaning.MISS)
        return before

    def _record(self, language: str, caller: CallerKind) -> tuple[_Record, _Record, _Record]:
        return self._records.setdefault((language, caller), (_Record(), _Record(), _Record()))

    def _from_start(self, language: str, caller: CallerKind, verdict: Verdict, first: Way) -> None:
        helped, ended, _ = self._record(language, caller)
        helped.take(verdict.helped)
        ended.take(verdict.ended)
        self._judge(caller, verdict, first, None)

    def _from_question(self, caller: CallerKind, verdict: Verdict, question: Way, there: Telling) -> None:
        _, _, later = self._record(question.control.session.language, caller)
        later.take(verdict.helped)
        self._judge(caller, verdict, question, there)

    def _judge(self, caller: CallerKind, verdict: Verdict, first: Way, there: Telling | None) -> None:
        if caller in self.traps or (caller is CallerKind.WANDERING and verdict.kind is not TrapKind.ENDLESS):
            return
        allowed = self._bounds.of(caller)
        if verdict.kind is not None:
            self._note(caller, verdict.kind, first, verdict.trap, there)
        elif verdict.helped is not None and verdict.helped.seconds > allowed:
            self._note(caller, TrapKind.TOO_LONG, first, verdict.helped.path, there)

    def _note(
        self,
        caller: CallerKind,
        kind: TrapKind,
        first: Way,
        path: Telling | None,
        there: Telling | None,
    ) -> None:
        self.traps[caller] = Trap(
            line=self._line.id,
            language=first.control.session.language,
            caller=caller,
            kind=kind,
            path=path() if path else None,
            right_answers=there() if there else None,
            allowed=self._bounds.of(caller),
        )


def _way_to(control: Control | None, before: Before) -> Path:
    """The right answers that lead there."""
    ways = []
    while control is not None:
        control, way = before[control]
        ways.append(way)
    return path_of(reversed(ways))
