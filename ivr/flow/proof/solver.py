"""What becomes of one kind of caller from a given state ."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ivr.flow.proof.explore import NONE, Explorer, State, Way
from ivr.flow.proof.longest import Longest, Value, Ways
from ivr.flow.proof.parts import CallerKind, Figures, OverBudget, Path, TrapKind
from ivr.flow.proof.paths import circle, until_end, until_help

WANDERING_STATES = 20_000
"""So many states are looked at for the exact figures of a caller who gives every answer."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Figures whose path is told only if somebody asks."""

    seconds: float
    steps: int
    path: Callable[[], Path]

    def figures(self) -> Figures:
        return Figures(seconds=self.seconds, steps=self.steps, path=self.path())


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: TrapKind | None
    """CIRCLE, ENDLESS or NOT_PROVEN."""
    helped: Measure | None = None
    ended: Measure | None = None
    trap: Callable[[], Path] | None = None
    """Of a CIRCLE: into it and once around."""


class Solver:
    """Without the limit of steps first, then, where it could be met, with it.

    A caller who only misses walks so few steps that the limit is not met: then both give the same.
    """

    def __init__(self, caller: CallerKind, explorer: Explorer, states: int) -> None:
        def freely(state: State) -> Ways:
            control, counts, _ = state
            ways = explorer.ways(control, counts, caller)
            return [(way, (way.control, way.after(counts), 0)) for way in ways]

        def counted(state: State) -> Ways:
            control, counts, steps = state
            ways = explorer.ways_counted(control, counts, steps, caller)
            return [(way, (way.control, way.after(counts), steps + way.steps)) for way in ways]

        self._wanders = caller is CallerKind.WANDERING
        self._fewest = explorer.fewest_steps
        self._free = Longest(freely, states)
        self._exact = Longest(counted, WANDERING_STATES if self._wanders else states)

    def judge(self, first: Way) -> Verdict:
        """Of the caller for whom `first` has just happened."""
        try:
            if self._wanders:
                return self._exactly(first, False)
            state = (first.control, first.after(NONE), 0)
            value = self._free.value(state)
            if value.stuck:
                return Verdict(TrapKind.ENDLESS, trap=partial(until_end, self._free, first, state))
            may_meet_limit = (
                value.at_limit or first.at_limit or first.steps + value.ended_steps > self._fewest
            )
            if value.circular or may_meet_limit:
                return self._exactly(first, value.circular)
            return Verdict(None, *_measures(self._free, first, state, value))
        except OverBudget:
            return Verdict(TrapKind.NOT_PROVEN)

    def _exactly(self, first: Way, circular: bool) -> Verdict:
        """`circular`: without the limit of steps it would go on for ever."""
        counts = first.after(NONE)
        state = (first.control, counts, first.steps)
        around = partial(circle, self._free, first, (first.control, counts, 0))
        try:
            value = self._exact.value(state)
        except OverBudget:
            if not circular:
                raise
            return Verdict(TrapKind.CIRCLE, trap=around)
        if value.circular or value.stuck:
            return Verdict(TrapKind.ENDLESS, trap=partial(circle, self._exact, first, state))
        helped, ended = _measures(self._exact, first, state, value)
        if self._wanders or not (circular or value.at_limit or first.at_limit):
            return Verdict(None, helped, ended)
        return Verdict(TrapKind.CIRCLE, helped, ended, around if circular else ended.path)


def _measures(longest: Longest, first: Way, state: State, value: Value) -> tuple[Measure, Measure]:
    return (
        Measure(
            first.seconds + value.helped,
            first.steps + value.helped_steps,
            partial(until_help, longest, first, state),
        ),
        Measure(
            first.seconds + value.ended,
            first.steps + value.ended_steps,
            partial(until_end, longest, first, state),
        ),
    )
