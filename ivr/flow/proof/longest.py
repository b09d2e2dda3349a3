"""The longest ways through a graph that is made while it is walked: by seconds, and by steps.

Depth first, each point once; without a circle the result is exact. A point from which a circle can be reached
has no longest way: `circular`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ivr.flow.proof.graph import Point, Way

Ways = Callable[[Point], list[Way]]
NO_STEPS = 10**9


@dataclass(slots=True)
class Rest:
    """What may come after a point, at the worst, until somebody helps."""

    seconds: float = 0.0
    longest: Way | None = None
    """The first way of the longest path; None: it is over."""
    steps: int = 0
    spare: int = NO_STEPS
    """So many steps may have been walked before, and no path meets its limit of steps. Negative: one does."""
    sparest: Way | None = None
    """The first way of the path that comes nearest to its limit."""
    circle: Way | None = None
    """The way into or along a circle; None: there is none."""


@dataclass(slots=True)
class _Open:
    """A point that is being looked at."""

    point: Point
    ways: list[Way]
    left: Iterator[Way]
    rest: Rest = field(default_factory=Rest)


class Longest:
    """`ways` gives what follows a point; `allowed` the limit of steps at it."""

    def __init__(self, ways: Ways, allowed: Callable[[Point], int]) -> None:
        self._ways, self._allowed = ways, allowed
        self._known: dict[Point, Rest] = {}

    def after(self, point: Point) -> Rest:
        if point not in self._known:
            self._walk(point)
        return self._known[point]

    def spare(self, way: Way) -> int:
        """As in `Rest`, before `way`."""
        return min(self._allowed(way.to), self._known[way.to].spare) - way.steps

    def _walk(self, root: Point) -> None:
        stack = [self._open(root)]
        open_points = {root}
        while stack:
            top = stack[-1]
            for way in top.left:
                if way.to in open_points:
                    top.rest.circle = way
                elif way.to not in self._known:
                    open_points.add(way.to)
                    stack.append(self._open(way.to))
                    break
            else:
                stack.pop()
                open_points.discard(top.point)
                self._close(top)
                self._known[top.point] = top.rest

    def _open(self, point: Point) -> _Open:
        ways = self._ways(point)
        return _Open(point, ways, iter(ways))

    def _close(self, done: _Open) -> None:
        rest = done.rest
        for way in done.ways:
            after = self._known.get(way.to)
            if after is None:  # on the way back into the circle
                continue
            if after.circle is not None and rest.circle is None:
                rest.circle = way
            if rest.longest is None or way.seconds + after.seconds > rest.seconds:
                rest.seconds, rest.longest = way.seconds + after.seconds, way
            rest.steps = max(rest.steps, way.steps + after.steps)
            if self.spare(way) < rest.spare:
                rest.spare, rest.sparest = self.spare(way), way
