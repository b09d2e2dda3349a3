"""The longest ways through a graph that is made while it is walked: by seconds, by steps.

Depth first, each state once; without a circle the result is exact. A state from which a circle can be reached
has none: `circular`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ivr.flow.proof.explore import State, Way
from ivr.flow.proof.parts import OverBudget

Ways = Sequence[tuple[Way, State]]


@dataclass(slots=True)
class Value:
    """Of the paths that begin in a state. Seconds from the end of what is said on the way into it."""

    helped: float = 0.0
    helped_by: int = -1
    """Which way comes first; -1: none, it is reached."""
    helped_steps: int = 0
    ended: float = 0.0
    ended_by: int = -1
    ended_steps: int = 0
    circular: bool = False
    circular_by: int = -1
    """A way into or along the circle."""
    stuck: bool = False
    """A state without a way is among them."""
    at_limit: bool = False
    """The limit of steps is met on one of the paths."""


@dataclass(slots=True)
class _Open:
    """A state that is being looked at."""

    state: State
    ways: Ways
    left: Iterator[int]
    value: Value = field(default_factory=Value)


class Longest:
    """`ways` gives what follows a state. OverBudget: more than `states` were met."""

    def __init__(self, ways: Callable[[State], Ways], states: int) -> None:
        self._ways, self._limit = ways, states
        self._known: dict[State, Value] = {}
        self._ways_of: dict[State, Ways] = {}

    def value(self, root: State) -> Value:
        if root not in self._known:
            self._walk(root)
        return self._known[root]

    def way(self, state: State, number: int) -> tuple[Way, State]:
        return self._ways_of[state][number]

    def _walk(self, root: State) -> None:
        stack = [self._open(root)]
        being_looked_at = {root}
        while stack:
            top = stack[-1]
            for number in top.left:
                follower = top.ways[number][1]
                if follower in self._known:
                    continue
                if follower in being_looked_at:
                    top.value.circular, top.value.circular_by = True, number
                    continue
                being_looked_at.add(follower)
                stack.append(self._open(follower))
                break
            else:
                stack.pop()
                being_looked_at.discard(top.state)
                self._known[top.state] = self._close(top)

    def _open(self, state: State) -> _Open:
        if len(self._ways_of) >= self._limit:
            raise OverBudget
        ways = self._ways_of[state] = () if state[0].ended else self._ways(state)
        return _Open(state, ways, iter(range(len(ways))))

    def _close(self, done: _Open) -> Value:
        control, value = done.state[0], done.value
        value.stuck = not done.ways and not control.ended
        counts_help = not control.helps
        for number, (way, follower) in enumerate(done.ways):
            after = self._known.get(follower)
            if after is None:  # on the way back into the circle
                continue
            if after.circular and not value.circular:
                value.circular, value.circular_by = True, number
            if way.at_limit or after.at_limit:
                value.at_limit = True
            if after.stuck:
                value.stuck = True
            if counts_help:
                _take_helped(value, number, way, after)
            _take_ended(value, number, way, after)
        return value


def _take_helped(value: Value, number: int, way: Way, after: Value) -> None:
    seconds, steps = way.seconds + after.helped, way.steps + after.helped_steps
    if seconds > value.helped or value.helped_by < 0:
        value.helped, value.helped_by = seconds, number
    if steps > value.helped_steps:
        value.helped_steps = steps


def _take_ended(value: Value, number: int, way: Way, after: Value) -> None:
    seconds, steps = way.seconds + after.ended, way.steps + after.ended_steps
    if seconds > value.ended or value.ended_by < 0:
        value.ended, value.ended_by = seconds, number
    if steps > value.ended_steps:
        value.ended_steps = steps
