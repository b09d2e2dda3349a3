"""The proof itself: from everywhere a caller can come to, the worst way to help."""

import gc
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from ivr.flow import walk
from ivr.flow.model import Dialplan, Line, OtherLine
from ivr.flow.proof.graph import Graph, Outcome, Place, Point, Way
from ivr.flow.proof.lifted import lift, own_values
from ivr.flow.proof.longest import Longest
from ivr.flow.proof.moves import NUMBER
from ivr.flow.proof.parts import (
    USUAL,
    Bounds,
    CallerKind,
    Figures,
    Length,
    OverBudget,
    Proof,
    Trap,
    TrapKind,
    Worst,
)
from ivr.flow.proof.paths import longest_path, path_of, path_round, sparest_path
from ivr.flow.proof.pieces import longest_pieces
from ivr.flow.proof.reading import read_by
from ivr.flow.session import start

EVERYBODY = tuple(CallerKind)


def prove(
    dialplan: Dialplan,
    length: Length,
    *,
    now: datetime,
    bounds: Bounds = USUAL,
    hears: Collection[str] | None = None,
    exactly: bool = False,
) -> Proof:
    """`now` is aware: the day from which spoken dates are reckoned.

    `hears`: as in `start`; None: all languages. `exactly`: values that the dialplan sets are told apart from
    the first; else only for callers who would be trapped without, and figures of others are upper bounds.
    """
    own = own_values(dialplan)
    tracked = own if exactly else frozenset[str]()
    callers: Collection[CallerKind] = EVERYBODY
    found: dict[tuple[str, CallerKind], Worst] = {}
    states = 0
    while True:
        graph = Graph(lift(dialplan, now, tracked), longest_pieces(length), bounds.states)
        try:
            with _without_collector():
                worst, traps = _run(dialplan, graph, now, bounds, callers, hears)
        except OverBudget as too_much:
            return Proof(worst=(), traps=(), not_proven=str(too_much), states=states + graph.size)
        states += graph.size
        found |= {(one.line, one.caller): one for one in worst}
        if not traps or tracked == own:
            break
        callers = [caller for caller in callers if any(trap.caller is caller for trap in traps)]
        tracked = _more_values(dialplan, own, tracked, traps)
    ordered = tuple(found[line, caller] for line in dialplan.lines for caller in CallerKind)
    return Proof(worst=ordered, traps=tuple(traps), not_proven="", states=states)


@contextmanager
def _without_collector() -> Iterator[None]:
    """A graph only grows until it is dropped as a whole; searching it for garbage takes long."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _run(
    dialplan: Dialplan,
    graph: Graph,
    now: datetime,
    bounds: Bounds,
    callers: Collection[CallerKind],
    hears: Collection[str] | None,
) -> tuple[list[Worst], list[Trap]]:
    proving = _Proving(dialplan, graph, bounds, callers)
    worst: list[Worst] = []
    traps: list[Trap] = []
    for line in dialplan.lines.values():
        reach = Reach(graph, dialplan, line, line.languages if hears is None else hears)
        roots = list(reach.roots(now))
        for caller in callers:
            one, trap = proving.of(line, caller, roots, reach)
            worst.append(one)
            traps += [trap] if trap is not None else []
    return worst, traps


def _more_values(
    dialplan: Dialplan, own: frozenset[str], tracked: frozenset[str], traps: Collection[Trap]
) -> frozenset[str]:
    """Those that the circles found so far read; if there are none of these, all."""
    steps = [dialplan.steps[name] for trap in traps for name in trap.circle]
    read = frozenset().union(*(read_by(step) for step in steps)) & own
    return tracked | read if read - tracked else own


@dataclass(frozen=True, slots=True)
class Root:
    """From here on time counts: the call begins, a right answer was given, or a queue or talk is over."""

    way: Way
    after: Place | None
    """Where they were before; None: the call begins."""
    used: int = 0
    """Steps that were walked before."""


class Reach:
    """Every point that any caller can come to from the start of a line."""

    def __init__(self, graph: Graph, dialplan: Dialplan, line: Line, hears: Collection[str]) -> None:
        self._graph, self._dialplan, self._line, self._hears = graph, dialplan, line, hears
        self._came: dict[Place, tuple[Place | None, Outcome]] = {}
        self._cut: set[tuple[object, ...]] = set()
        self._ahead: deque[Place] = deque()

    def roots(self, now: datetime) -> Iterator[Root]:
        yield from self._starts(now)
        while self._ahead:
            place = self._ahead.popleft()
            for outcome in self._graph.onwards(place):
                self._meet(place, outcome)
            for way in self._graph.returns(place):
                yield self._root(place, way)
            if place.fresh:
                yield from self._right_answers(place)

    def way_to(self, place: Place | None) -> list[Outcome]:
        """What a caller does who comes there."""
        outcomes: list[Outcome] = []
        while place is not None:
            place, outcome = self._came[place]
            outcomes.append(outcome)
        return outcomes[::-1]

    def _starts(self, now: datetime) -> Iterator[Root]:
        """Of a caller who is not known, and of those whose language is."""
        plan = self._graph.lifted.dialplan
        for remembered in (None, *self._line.languages):
            session = start(plan, self._line.id, NUMBER, now, remembered=remembered, hears=self._hears)
            for way in self._graph.begin(session):
                self._meet(None, way.outcome)
                yield Root(way, None)

    def _right_answers(self, place: Place) -> Iterator[Root]:
        session = place.session
        kind = (session.line, session.language, session.hears, tuple(session.values.items()))
        for way in self._graph.right_answers(place):
            yield self._root(place, way)
            # an answer that takes the last chance itself has steps left and is not cut off
            takes_it = way.outcome.to.session.last_chance
            if way.outcome.done.entered and not takes_it and kind not in self._cut:
                self._cut.add(kind)
                line = self._dialplan.lines[session.line]
                for cut in self._graph.cut_off(place, way.outcome.given):
                    yield self._root(place, cut, used=line.limits.steps)

    def _root(self, place: Place, way: Way, used: int = 0) -> Root:
        self._meet(place, way.outcome)
        return Root(way, place, used)

    def _meet(self, place: Place | None, outcome: Outcome) -> None:
        if outcome.to not in self._came:
            self._came[outcome.to] = (place, outcome)
            self._ahead.append(outcome.to)


class _Proving:
    """Judges roots. What was found out for one line serves the others."""

    def __init__(
        self, dialplan: Dialplan, graph: Graph, bounds: Bounds, callers: Collection[CallerKind]
    ) -> None:
        self._dialplan, self._graph, self._bounds = dialplan, graph, bounds
        limits = [line.limits.steps for line in dialplan.lines.values()]
        crosses = any(isinstance(step, OtherLine) for step in dialplan.steps.values())
        self._lowest = min(limits) if crosses and limits else None
        self._longest = {caller: self._longest_of(caller) for caller in callers}

    def of(
        self, line: Line, caller: CallerKind, roots: Sequence[Root], reach: Reach
    ) -> tuple[Worst, Trap | None]:
        longest = self._longest[caller]
        for root in roots:
            longest.after(root.way.to)
        found = self._trap(caller, roots)
        trap = self._told(line, caller, reach, *found) if found is not None else None
        starts = [root for root in roots if root.after is None]
        later = [root for root in roots if root.after is not None]
        worst = Worst(
            line=line.id,
            caller=caller,
            start=self._figures(longest, starts),
            later=self._figures(longest, later),
        )
        return worst, trap

    def _longest_of(self, caller: CallerKind) -> Longest:
        return Longest(lambda point: self._graph.ways(point, caller), self._allowed)

    def _allowed(self, point: Point) -> int:
        """Steps in the whole call. Where calls go from line to line, the lowest of their limits counts."""
        session = point.place.session
        limit = self._lowest
        if limit is None:
            limit = self._dialplan.lines[session.line].limits.steps
        return limit + (walk.GRACE_STEPS if session.last_chance else 0)

    def _figures(self, longest: Longest, roots: Collection[Root]) -> Figures | None:
        if not roots or any(longest.after(root.way.to).circle for root in roots):
            return None
        worst = max(roots, key=lambda root: _seconds(longest, root))
        return Figures(
            seconds=_seconds(longest, worst),
            steps=max(root.way.steps + longest.after(root.way.to).steps for root in roots),
            path=path_of(_outcomes(longest_path(worst.way, longest)), self._graph.length),
        )

    def _trap(self, caller: CallerKind, roots: Sequence[Root]) -> tuple[TrapKind, Root] | None:
        longest = self._longest[caller]
        for root in roots:
            if longest.after(root.way.to).circle is not None:
                return TrapKind.CIRCLE, root
        for root in roots:
            if longest.spare(root.way) < root.used:
                return TrapKind.CUT_OFF, root
        too_long = [root for root in roots if _seconds(longest, root) > self._bounds.of(caller)]
        at_start = [root for root in too_long if root.after is None]
        worst = max(at_start or too_long, key=lambda root: _seconds(longest, root), default=None)
        return None if worst is None else (TrapKind.TOO_LONG, worst)

    def _told(self, line: Line, caller: CallerKind, reach: Reach, kind: TrapKind, root: Root) -> Trap:
        longest, length = self._longest[caller], self._graph.length
        circle: tuple[str, ...] = ()
        match kind:
            case TrapKind.CIRCLE:
                ways, circle = path_round(root.way, longest)
            case TrapKind.CUT_OFF:
                ways = sparest_path(root.way, longest)
            case TrapKind.TOO_LONG:
                ways = longest_path(root.way, longest)
        return Trap(
            line=line.id,
            caller=caller,
            kind=kind,
            path=path_of(_outcomes(ways), length),
            before=path_of(reach.way_to(root.after), length) if root.after is not None else None,
            circle=circle,
            allowed=self._bounds.of(caller),
        )


def _seconds(longest: Longest, root: Root) -> float:
    return root.way.outcome.said_for + longest.after(root.way.to).seconds


def _outcomes(ways: list[Way]) -> list[Outcome]:
    return [way.outcome for way in ways]
