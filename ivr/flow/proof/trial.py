"""One line put to the test: each kind of caller from the start, and from every question in the middle."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.flow.model import Line
from ivr.flow.proof.explore import NONE, Control, Explorer, Meaning, Way
from ivr.flow.proof.parts import PROVEN, Bounds, CallerKind, Figures, Path, Trap, TrapKind, Worst
from ivr.flow.proof.paths import path_of
from ivr.flow.proof.solver import Measure, Solver, Verdict
from ivr.flow.proof.worlds import Moment
from ivr.flow.session import Session, start
from ivr.flow.states import Asking

Before = Mapping[Control, tuple[Control | None, Way]]
"""How a state was come to by right answers: from where and by which way."""


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
    """`at` each moment that matters, then `worst` and `traps`."""

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

    def at(self, moment: Moment, solvers: Mapping[CallerKind, Solver], hears: Collection[str]) -> None:
        firsts: list[Way] = []
        for session in self._starts(moment, hears):
            for first in self._explorer.begin(session, moment):
                firsts.append(first)
                for caller, solver in solvers.items():
                    self._from_start(session.language, caller, solver.judge(first), first)
        before = self._right_answers(firsts, moment)
        for control, (_, way) in before.items():
            if isinstance(control.session.state, Asking):
                question = replace(way, waited=0.0, steps=0, at_limit=False)
                for caller in PROVEN:
                    if caller in solvers:
                        self._from_question(caller, solvers[caller].judge(question), question, before)

    def _starts(self, moment: Moment, hears: Collection[str]) -> Iterator[Session]:
        """Of a caller who is not known, and of those whose language is; with and without a recogniser."""
        plan = self._explorer.dialplan
        for remembered in (None, *self._line.languages):
            fresh = start(plan, self._line.id, "", moment.at, remembered=remembered, hears=hears)
            yield fresh
            yield replace(fresh, speech_faults=plan.hearing.faults_allowed)

    def _right_answers(self, firsts: Sequence[Way], moment: Moment) -> Before:
        """All states that right answers lead to, whatever the centre does."""
        before: dict[Control, tuple[Control | None, Way]] = {}
        ahead: deque[tuple[Control | None, Way]] = deque((None, first) for first in firsts)
        while ahead:
            former, way = ahead.popleft()
            if way.control in before:
                continue
            before[way.control] = (former, way)
            if len(before) > self._bounds.states:
                self._note(CallerKind.WANDERING, TrapKind.NOT_PROVEN, way, None, None)
                break
            if not way.control.ended:
                more = self._explorer.ways(way.control, NONE, moment, CallerKind.WANDERING)
                ahead.extend((way.control, one) for one in more if one.meaning is not Meaning.MISS)
        return before

    def _record(self, language: str, caller: CallerKind) -> tuple[_Record, _Record, _Record]:
        return self._records.setdefault((language, caller), (_Record(), _Record(), _Record()))

    def _from_start(self, language: str, caller: CallerKind, verdict: Verdict, first: Way) -> None:
        helped, ended, _ = self._record(language, caller)
        helped.take(verdict.helped)
        ended.take(verdict.ended)
        self._judge(caller, verdict, first, None)

    def _from_question(self, caller: CallerKind, verdict: Verdict, question: Way, before: Before) -> None:
        _, _, later = self._record(question.control.session.language, caller)
        later.take(verdict.helped)
        self._judge(caller, verdict, question, before)

    def _judge(self, caller: CallerKind, verdict: Verdict, first: Way, before: Before | None) -> None:
        if caller in self.traps or (caller is CallerKind.WANDERING and verdict.kind is not TrapKind.ENDLESS):
            return
        allowed = self._bounds.of(caller)
        if verdict.kind is not None:
            self._note(caller, verdict.kind, first, verdict.trap, before)
        elif verdict.helped is not None and verdict.helped.seconds > allowed:
            self._note(caller, TrapKind.TOO_LONG, first, verdict.helped.path, before)

    def _note(
        self,
        caller: CallerKind,
        kind: TrapKind,
        first: Way,
        path: Callable[[], Path] | None,
        before: Before | None,
    ) -> None:
        self.traps[caller] = Trap(
            line=self._line.id,
            language=first.control.session.language,
            caller=caller,
            kind=kind,
            path=path() if path else None,
            right_answers=_way_there(first.control, before) if before is not None else None,
            allowed=self._bounds.of(caller),
        )


def _way_there(control: Control, before: Before) -> Path:
    """The right answers that lead to the question of `control`, without the last one."""
    ways = []
    former = before[control][0]
    while former is not None:
        former, way = before[former]
        ways.append(way)
    return path_of(reversed(ways))
