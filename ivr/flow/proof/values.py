"""Which values of a dialogue decide anything, and which texts of theirs have to be told apart."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from math import prod

from ivr.flow.conditions import NOWHERE, ValueBetween, ValueIs, holds
from ivr.flow.hearing import ANY_DIGIT
from ivr.flow.model import Dialplan, Kind, Question, SetValues
from ivr.flow.proof.parts import OverBudget
from ivr.flow.proof.reach import within
from ivr.flow.said import PieceKind, Slot
from ivr.flow.states import Session

HOOK_VALUES_LIMIT = 256
"""So many sets of values that a web service may give are told apart; with more nothing is proven."""
_SAID: Mapping[PieceKind, str] = {
    "digits": "7777",
    "number": "777",
    "amount": "777.77",
    "date": "2027-12-27",
    "time": "17:57",
    "duration": "77777",
}
"""A value of a web service, as long to say as usual ones."""
FILL = "7"
"""Stands for any digit."""
_NO_MOMENT = datetime.min.replace(tzinfo=UTC)
Condition = ValueIs | ValueBetween


@dataclass(frozen=True, slots=True)
class Values:
    conditions: Mapping[str, Sequence[Condition]]
    """By name: those that ask for it."""
    said: Mapping[str, str]
    """Values that are said, with one text that takes long to say. Those that no condition asks for count as
    given from the start of the call."""
    of_hooks: frozenset[str]
    """Names that conditions ask for and that no question and no step sets: web services give them."""
    _plain: dict[tuple[str, str], str | None] = field(default_factory=dict)

    @property
    def always(self) -> dict[str, str]:
        return {name: text for name, text in self.said.items() if name not in self.conditions}

    def heeded(self, values: Mapping[str, str]) -> dict[str, str]:
        """Those of `values` that decide anything; one text stands for all that decide alike."""
        found = ((name, self._representative(name, text)) for name, text in values.items())
        return {**self.always, **{name: text for name, text in found if text is not None}}

    def _representative(self, name: str, text: str) -> str | None:
        if name not in self.conditions:
            return None
        if name in self.said:
            return text
        if (name, text) not in self._plain:
            answers = self.answers(name, text)
            alike = (one for one in self.texts(name) if self.answers(name, one) == answers)
            self._plain[name, text] = next(alike, None) if any(answers) else None
        return self._plain[name, text]

    def answers(self, name: str, text: str) -> tuple[bool, ...]:
        """Of the conditions that ask for it. Of a value that is not known all are False."""
        session = Session(line="", caller="", language="", values={name: text})
        conditions = self.conditions.get(name, ())
        return tuple(holds(one, "", session, {}, NOWHERE, _NO_MOMENT) for one in conditions)

    def texts(self, name: str) -> Iterator[str]:
        """One at least for each set of answers."""
        if name in self.said:
            yield self.said[name]
        for condition in self.conditions.get(name, ()):
            match condition:
                case ValueIs(texts=texts):
                    yield from texts
                case ValueBetween(low=low, high=high):
                    beside = [low - 1 if low else None, low, high, None if high is None else high + 1]
                    yield from (str(bound) for bound in beside if bound is not None)

    def longest_alike(self, name: str, texts: Iterable[str]) -> list[str]:
        """Of texts that decide alike, the longest."""
        found: dict[Hashable, str] = {}
        for text in texts:
            answers = self.answers(name, text)
            found[answers] = max(found.get(answers, ""), text, key=len)
        return list(found.values())

    def from_hook(self) -> Iterator[Mapping[str, str]]:
        """Every way in which a web service can give them, or leave them as they are. OverBudget: too many."""
        names = sorted(self.of_hooks)
        texts: list[list[str | None]] = [[*self._tellable(name), None] for name in names]
        if prod(map(len, texts)) > HOOK_VALUES_LIMIT:
            raise OverBudget
        for chosen in product(*texts):
            yield {name: text for name, text in zip(names, chosen, strict=True) if text is not None}

    def _tellable(self, name: str) -> list[str]:
        return list({self.answers(name, text): text for text in self.texts(name)}.values())


def values_of(dialplan: Dialplan) -> Values:
    conditions: dict[str, list[Condition]] = {}
    said: dict[str, str] = {}
    own: dict[str, list[str]] = {}
    for part in within(dialplan.steps):
        match part:
            case Slot(kind=kind, value=name):
                said[name] = _SAID[kind]
            case ValueIs(name=name) | ValueBetween(name=name):
                conditions.setdefault(name, []).append(part)
            case Question(name=name):
                own.setdefault(name, []).extend(_answers_to(part))
            case SetValues(values=values):
                for name, text in values.items():
                    own.setdefault(name, []).append(text)
    said = {name: max(own.get(name, ()), key=len, default=text) or text for name, text in said.items()}
    return Values(conditions, said, frozenset(conditions.keys() - own.keys()))


def _answers_to(question: Question) -> Iterator[str]:
    """Those that take longest to say."""
    if question.kind is Kind.DATE:
        yield _SAID["date"]
    elif question.entry is not None:
        yield from (pattern.replace(ANY_DIGIT, FILL) for pattern in question.entry.patterns)
