"""From ways to a tree: each step is drawn once, on the quickest path to it; other ways to it refer there."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from ivr.flow.model import GOODBYE, Dialplan, Line, TransferOut, Wait
from ivr.graph.ways import Place, Way, Ways


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way as drawn."""

    source: str
    """A step, or a line with `LINE` before it."""
    label: str
    target: str
    """A step or GOODBYE."""
    after: float | None
    """Seconds from the answer to the caller's arrival by this way; None: nobody can say."""
    aside: bool
    refers: bool
    """The target is drawn elsewhere, or is GOODBYE, which is drawn each time."""
    quickest: bool
    """Part of the line's quickest path to a person."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A step's own box."""

    step: str
    line: str
    language: str
    """In which the caller is spoken to who comes here first."""
    after: float | None
    quickest: bool


@dataclass(frozen=True, slots=True)
class Quickest:
    """The quickest path of a line to a person."""

    seconds: float
    by: tuple[str, ...]
    """Labels of its ways: keys, words, conditions."""
    step: str
    """A queue or a transfer."""


@dataclass(slots=True)
class Tree:
    boxes: list[Drawn] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    quickest: dict[str, Quickest | None] = field(default_factory=dict)
    """By line; None: no path leads to a person without something that takes a time nobody can say."""


LINE = "line:"


def tree_of(dialplan: Dialplan, ways: Ways, lines: Iterable[Line]) -> Tree:
    """Lines in this order; what several share is drawn with the first."""
    tree = Tree()
    drawn: set[str] = set()
    for line in lines:
        _Walk(dialplan, ways, line, drawn).draw(tree)
    return tree


_Cost = tuple[int, int, float]
"""How many ways without a time, how many that the caller did not choose, then seconds."""
_Origin = tuple[Place | None, int]
"""The place that a way begins at (None: the line) and the way's number there."""


class _Walk:
    """Dijkstra's walk from one line: every place in the order in which a caller can be there."""

    def __init__(self, dialplan: Dialplan, ways: Ways, line: Line, drawn: set[str]) -> None:
        self._dialplan, self._ways, self._line, self._drawn = dialplan, ways, line, drawn
        self._cost: dict[Place, _Cost] = {}
        self._origin: dict[Place, _Origin] = {}
        self._first: dict[str, Place] = {}
        """By step: the place that is drawn."""
        self._explore()
        self._choose_firsts()

    def draw(self, tree: Tree) -> None:
        mine = {step: place for step, place in self._first.items() if step not in self._drawn}
        self._drawn.update(mine)
        best = next((place for place in self._cost if self._is_person_in_time(place)), None)
        path = list(self._path(best)) if best else []
        tree.quickest[self._line.id] = self._told(best, path) if best else None
        on_path = {origin for origin, _ in path}
        passed = {best, *(place for place, _ in on_path)}
        tree.arrows += self._arrows(None, mine, on_path)
        for step, place in mine.items():
            tree.boxes.append(Drawn(step, place.line, place.language, self._after(place), place in passed))
            tree.arrows += self._arrows(place, mine, on_path)
        tree.arrows += self._from_elsewhere(mine)

    def _explore(self) -> None:
        order = count()
        ahead: list[tuple[_Cost, int, Place, _Origin]] = []
        self._add(ahead, order, None, (0, 0, 0.0))
        while ahead:
            cost, _, place, origin = heapq.heappop(ahead)
            if place in self._cost or place.step == GOODBYE:
                continue
            self._cost[place], self._origin[place] = cost, origin
            self._add(ahead, order, place, cost)

    def _choose_firsts(self) -> None:
        """The first place of each step on a way through first places: one language along a branch."""
        for place in self._cost:
            before = self._origin[place][0]
            if before is None or self._first.get(before.step) == before:
                self._first.setdefault(place.step, place)
        for place in self._cost:
            self._first.setdefault(place.step, place)

    def _add(
        self,
        ahead: list[tuple[_Cost, int, Place, _Origin]],
        order: Iterator[int],
        place: Place | None,
        cost: _Cost,
    ) -> None:
        for number, way in enumerate(self._ways_of(place)):
            unknown, asides, seconds = cost
            there = (unknown + (way.seconds is None), asides + way.aside, seconds + (way.seconds or 0.0))
            heapq.heappush(ahead, (there, next(order), way.to, (place, number)))

    def _ways_of(self, place: Place | None) -> list[Way]:
        return self._ways.of_line(self._line) if place is None else self._ways.of_step(place)

    def _is_person_in_time(self, place: Place) -> bool:
        drawn = self._first[place.step] == place
        step = self._dialplan.steps.get(place.step)
        return drawn and isinstance(step, Wait | TransferOut) and self._after(place) is not None

    def _after(self, place: Place | None) -> float | None:
        unknown, _, seconds = self._cost[place] if place else (0, 0, 0.0)
        return None if unknown else seconds

    def _path(self, place: Place) -> Iterator[tuple[_Origin, Way]]:
        """From the end to the line."""
        at: Place | None = place
        while at is not None:
            origin = self._origin[at]
            yield origin, self._ways_of(origin[0])[origin[1]]
            at = origin[0]

    def _told(self, best: Place, path: list[tuple[_Origin, Way]]) -> Quickest:
        labels = tuple(way.label for _, way in reversed(path) if way.label)
        return Quickest(self._cost[best][2], labels, best.step)

    def _arrows(self, place: Place | None, mine: dict[str, Place], on_path: set[_Origin]) -> Iterator[Arrow]:
        here = self._after(place)
        for number, way in enumerate(self._ways_of(place)):
            home = mine.get(way.to.step)
            refers = home is None or self._origin[home] != (place, number)
            quickest = (place, number) in on_path
            if way.everywhere and refers and not quickest:
                continue
            yield Arrow(
                source=place.step if place else f"{LINE}{self._line.id}",
                label=way.label,
                target=way.to.step,
                after=None if here is None or way.seconds is None else here + way.seconds,
                aside=way.aside,
                refers=refers,
                quickest=quickest,
            )

    def _from_elsewhere(self, mine: dict[str, Place]) -> Iterator[Arrow]:
        """To steps that this line adds below steps drawn with a former line or in another language."""
        for place in mine.values():
            before, number = self._origin[place]
            if before is not None and before != mine.get(before.step):
                way = self._ways_of(before)[number]
                label = f"{way.label} ({self._line.id})".strip()
                yield Arrow(before.step, label, place.step, self._after(place), way.aside, False, False)
