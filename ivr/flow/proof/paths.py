"""The worst paths of a walked graph, told event by event."""

from collections.abc import Callable, Iterable, Iterator

from ivr.flow.actions import Action, EnterQueue, Transfer
from ivr.flow.proof.explore import Control, State, Way
from ivr.flow.proof.longest import Longest, Value
from ivr.flow.proof.parts import Event, Path


def path_of(ways: Iterable[Way]) -> Path:
    """Of ways that follow one another."""
    events, at = [], 0.0
    for way in ways:
        at += way.waited
        language = way.control.session.language
        events.append(Event(at, way.given, way.trace, language, way.said, _arrives(way.control)))
        at += way.said_for
    return Path(at, tuple(events))


def _arrives(control: Control) -> str:
    action: Action | None = control.action
    match action:
        case EnterQueue(queue=queue):
            return f"waits in the queue '{queue}'"
        case Transfer(number=number):
            return f"is transferred to {number}"
        case _:
            return "the call is over" if control.ended else ""


def until_help(longest: Longest, first: Way, state: State) -> Path:
    return path_of([first, *_along(longest, state, lambda value: value.helped_by)])


def until_end(longest: Longest, first: Way, state: State) -> Path:
    return path_of([first, *_along(longest, state, lambda value: value.ended_by)])


def circle(longest: Longest, first: Way, state: State) -> Path:
    """Into the circle and once around."""
    return path_of([first, *_along(longest, state, lambda value: value.circular_by)])


def _along(longest: Longest, state: State, choice: Callable[[Value], int]) -> Iterator[Way]:
    """Until there is no choice left or a state is met again."""
    seen: set[State] = set()
    while state not in seen and (number := choice(longest.value(state))) >= 0:
        seen.add(state)
        way, state = longest.way(state, number)
        yield way
