"""What an admin, a department or a program orders about a promise, read from words into events.

order = read_order("forward", 7, {"operator": "olena", "department": "networks", "note": "no light"})
outcome = await service.ask(order(service.now()))
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from acd.core.errors import RefusalCode, Refused
from acd.core.words import OperatorId
from acd.core.work import WorkId
from acd.core.work_events import (
    ClaimGivenBack,
    WorkCalledOff,
    WorkClaimed,
    WorkDone,
    WorkEvent,
    WorkHandedBack,
    WorkPassedOn,
)

LONGEST = 1000
"""Letters of a note or a reason."""
LONGEST_NAME = 100
"""Letters of a department, a topic or a name."""


class BadOrder(Exception):
    """The order cannot be understood. `code` is stable, `text` a sentence for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True, slots=True)
class _Field:
    longest: int
    must: bool


_OPERATOR = {"operator": _Field(LONGEST_NAME, must=True)}
_PERHAPS = {"operator": _Field(LONGEST_NAME, must=False)}
_FIELDS: Mapping[str, Mapping[str, _Field]] = {
    "claim": _OPERATOR,
    "release": _OPERATOR,
    "forward": _OPERATOR
    | {"department": _Field(LONGEST_NAME, must=True), "note": _Field(LONGEST, must=False)},
    "back": _PERHAPS | {"reason": _Field(LONGEST, must=True)},
    "close": _PERHAPS | {"topic": _Field(LONGEST_NAME, must=False)},
    "cancel": {"by": _Field(LONGEST_NAME, must=True)},
}
ORDERS = tuple(_FIELDS)
"""Names of the orders."""


def fields_of(what: str) -> Mapping[str, bool]:
    """The order's fields, and whether each must be given."""
    return {name: rules.must for name, rules in _FIELDS[what].items()}


Order = Callable[[float], WorkEvent]
"""From the moment at which it is given to the event."""


def read_order(what: str, work: int, given: Mapping[str, object]) -> Order:
    """BadOrder: no such order, a field that is missing, unknown, no text, too long, or more than a line."""
    wanted = _FIELDS.get(what)
    if wanted is None:
        raise BadOrder("unknown-order", f"There is no order {what!r}; there are {', '.join(ORDERS)}.")
    for name in given:
        if name not in wanted:
            raise BadOrder("unknown-field", f"'{what}' has no field {name!r}; it has {', '.join(wanted)}.")
    words = {name: _text(name, given.get(name), rules) for name, rules in wanted.items()}
    item, operator = WorkId(work), OperatorId(words.get("operator", ""))
    return lambda at: _event(what, at, item, operator, words)


def _text(name: str, value: object, rules: _Field) -> str:
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise BadOrder("bad-field", f"'{name}' must be a text.")
    text = value.strip()
    if rules.must and not text:
        raise BadOrder("missing-field", f"'{name}' is missing.")
    if len(text) > rules.longest:
        raise BadOrder("bad-field", f"'{name}' has more than {rules.longest} letters.")
    if not all(letter.isprintable() for letter in text):
        raise BadOrder("bad-field", f"'{name}' must be one line of letters, without control characters.")
    return text


def _event(what: str, at: float, work: WorkId, operator: OperatorId, words: Mapping[str, str]) -> WorkEvent:
    match what:
        case "claim":
            return WorkClaimed(at=at, work=work, operator=operator)
        case "release":
            return ClaimGivenBack(at=at, work=work, operator=operator)
        case "forward":
            return WorkPassedOn(
                at=at, work=work, operator=operator, department=words["department"], note=words["note"]
            )
        case "back":
            return WorkHandedBack(at=at, work=work, operator=operator or None, reason=words["reason"])
        case "close":
            return WorkDone(at=at, work=work, operator=operator or None, topic=words["topic"])
        case _:
            return WorkCalledOff(at=at, work=work, by=words["by"])


_REFUSALS: Mapping[RefusalCode, str] = {
    RefusalCode.UNKNOWN_WORK: "There is no open promise {work}; perhaps it is closed already.",
    RefusalCode.WORK_TAKEN: "Somebody else has promise {work} now.",
    RefusalCode.NOT_YOURS: "Operator {operator} does not have promise {work}; it must be claimed first.",
    RefusalCode.UNKNOWN_OPERATOR: "There is no operator {operator}.",
    RefusalCode.NOT_LOGGED_IN: "Operator {operator} is not logged in.",
    RefusalCode.BUSY: "Operator {operator} has a call or is not available.",
    RefusalCode.NO_WORK: "No promise waits for operator {operator}.",
}


def refusal_text(refused: Refused, work: int) -> str:
    """Why it was refused, as a sentence."""
    known = _REFUSALS.get(refused.code)
    if known is None:
        return refused.text or f"Refused: {refused.code}."
    return known.format(work=work, operator=refused.operator or "(none named)")
