"""Where a dialplan still reads a value that it set, and which lines do the same once a call has begun."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from ivr.flow.conditions import ValueBetween, ValueIs, parts_of
from ivr.flow.model import Choose, Dialplan, DialplanStep, SetValues


def read_later(dialplan: Dialplan, names: frozenset[str]) -> dict[str, frozenset[str]]:
    """By step: those of `names` that some condition may read after it, before the value is set anew.

    A step may lead wherever one of its texts names a step, and to the other targets of every line.
    """
    anywhere = {text for line in dialplan.lines.values() for text in _texts(line)} & dialplan.steps.keys()
    ahead = {
        name: ({*_texts(step)} & dialplan.steps.keys()) | anywhere for name, step in dialplan.steps.items()
    }
    before: dict[str, frozenset[str]] = dict.fromkeys(dialplan.steps, frozenset())
    while True:
        after = {name: _joined(before, ahead[name]) for name in dialplan.steps}
        found = {
            name: (read_by(step) & names) | (after[name] - _set_by(step))
            for name, step in dialplan.steps.items()
        }
        if found == before:
            return after
        before = found


def _joined(sets: Mapping[str, frozenset[str]], names: set[str]) -> frozenset[str]:
    return frozenset().union(*(sets[name] for name in names))


def read_by(step: DialplanStep) -> frozenset[str]:
    """Values that it asks for."""
    if not isinstance(step, Choose):
        return frozenset()
    asked = (part for rule in step.rules for part in parts_of(rule.condition))
    return frozenset(one.name for one in asked if isinstance(one, ValueIs | ValueBetween))


def _set_by(step: DialplanStep) -> frozenset[str]:
    return frozenset(step.values) if isinstance(step, SetValues) else frozenset()


def _texts(part: object) -> Iterator[str]:
    match part:
        case str():
            yield part
        case Mapping():
            yield from (text for one in part.values() for text in _texts(one))
        case tuple():
            yield from (text for one in part for text in _texts(one))
        case _ if is_dataclass(part):
            yield from (text for one in fields(part) for text in _texts(getattr(part, one.name)))


def lines_alike(dialplan: Dialplan) -> dict[str, str]:
    """From each line to the first one that differs only in what is asked when a call begins."""
    firsts: dict[object, str] = {}
    return {
        line.id: firsts.setdefault(
            (line.languages, line.operator, line.language_key, line.otherwise, line.limits), line.id
        )
        for line in dialplan.lines.values()
    }
