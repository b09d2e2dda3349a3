"""Ways of the graph as a path with times."""

from collections.abc import Callable, Iterable
from itertools import pairwise

from ivr.flow.proof.graph import Outcome, Way, words_of
from ivr.flow.proof.longest import Longest
from ivr.flow.proof.parts import Event, Path
from ivr.flow.said import Said


def path_of(outcomes: Iterable[Outcome], length: Callable[[Said, str], float]) -> Path:
    """The words of the first one are heard from 0 on; the wait before it is not counted."""
    events: list[Event] = []
    now = 0.0
    for number, outcome in enumerate(outcomes):
        now += outcome.waited if number else 0.0
        events.append(_event(outcome, now, length))
        now += outcome.said_for
    return Path(now, tuple(events))


def _event(outcome: Outcome, at: float, length: Callable[[Said, str], float]) -> Event:
    done, place = outcome.done, outcome.to
    session = done.session
    return Event(
        at=at,
        given=outcome.given,
        trace=done.trace,
        language=session.language,
        said=tuple((part, length(part, session.language)) for part in words_of(done.actions[-1])),
        step=session.step,
        arrives="hung up" if place.action is None else place.helps,
    )


def longest_path(first: Way, longest: Longest) -> list[Way]:
    """Until somebody helps; of a `first` from which no circle is reached."""
    ways = [first]
    while (way := longest.after(ways[-1].to).longest) is not None:
        ways.append(way)
    return ways


def sparest_path(first: Way, longest: Longest) -> list[Way]:
    """Likewise, the one that comes nearest to the limit of steps."""
    ways = [first]
    while (way := longest.after(ways[-1].to).sparest) is not None:
        ways.append(way)
    return ways


def path_round(first: Way, longest: Longest) -> tuple[list[Way], tuple[str, ...]]:
    """Into a circle and once round, and the steps of the circle."""
    ways, met = [first], {first.to: 1}
    while True:
        way = longest.after(ways[-1].to).circle
        assert way is not None, "only a point before a circle is asked for one"
        ways.append(way)
        if way.to in met:
            break
        met[way.to] = len(ways)
    steps = [step for one in ways[met[ways[-1].to] :] for step in one.outcome.done.entered]
    return ways, tuple(step for step, after in pairwise([*steps, ""]) if step != after)
