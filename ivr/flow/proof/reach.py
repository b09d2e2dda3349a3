"""What a call to a line could ever come to, by the names that are written down."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from ivr.flow.model import Dialplan, Line


def within(thing: object) -> Iterator[object]:
    """`thing` and everything that it holds, at any depth."""
    yield thing
    if isinstance(thing, Mapping):
        for value in thing.values():
            yield from within(value)
    elif isinstance(thing, tuple):
        for value in thing:
            yield from within(value)
    elif is_dataclass(thing):
        for part in fields(thing):
            yield from within(getattr(thing, part.name))


def names_from(line: Line, dialplan: Dialplan) -> set[str]:
    """Steps, lines and hours that lead to one another from `line`, and other words beside them.

    Every text in a step counts as a name, so that no kind of step has to be known here.
    """
    seen: set[str] = set()
    ahead: list[object] = [line]
    while ahead:
        for name in within(ahead.pop()):
            if isinstance(name, str) and name not in seen:
                seen.add(name)
                ahead += [dialplan.steps.get(name), dialplan.lines.get(name)]
    return seen
