"""How each kind of value is written, as JSON Schema: what an editor knows of it while it is typed.

Beside the validators of `fields`, which decide: here is only what can be said by form. A form takes all that
its validator takes. Patterns keep to what JavaScript and Python read alike.
"""

from collections.abc import Iterable
from typing import Any

Form = dict[str, Any]

_ID = "[a-z][a-z0-9-]{0,39}"
_CLOCK = "(?:[01]?[0-9]|2[0-3]):[0-5][0-9]|24:00"
_PERIOD = rf"^\s*(?:{_CLOCK})\s*-\s*(?:{_CLOCK})\s*$"
_DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"


def _text(pattern: str, **more: object) -> Form:
    return {"type": "string", "pattern": pattern, **more}


def _also_bare(pattern: str, **more: object) -> Form:
    """Digits without quotes are a number for YAML."""
    return {"anyOf": [{"type": "integer", "minimum": 0}, _text(pattern, **more)]}


ID = _text(f"^{_ID}$")
KEY = _text("^[0-9*#]$")
LANGUAGE = _text("^[a-z]{2}$", examples=["uk", "ru", "en"])
NUMBER = _also_bare(r"^\+?[0-9]{1,15}$")
PATTERN = _also_bare(r"^\+?[0-9X]{1,15}$", examples=["0XXXXXXXXX"])
PROMPT = _text("^[a-z0-9][a-z0-9-]{0,59}$")
LABEL = _text(r"\S", maxLength=80)
LABELS: Form = {
    "anyOf": [
        LABEL,
        {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z]{2}$"},
            "additionalProperties": LABEL,
            "minProperties": 1,
        },
    ]
}
PHRASE = _text("^[^0-9]*[^0-9 ][^0-9]*$")
URL = _text(r"^(?:https?://\S+|/\S*)$")
TEXT: Form = {"anyOf": [{"type": "integer"}, _text(r"\S", maxLength=100)]}
CONFIDENCE: Form = {"type": "number", "minimum": 0, "maximum": 1}
LENGTHS: Form = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 30},
        _text(r"^\s*[0-9]{1,2}(?:-[0-9]{1,2})?\s*$", examples=["5-8"]),
    ]
}
BETWEEN = _text(r"^\s*[0-9]{1,2}-[0-9]{1,2}\s*$", examples=["1-5", "0-10"])
MONTH_DAYS: Form = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 31},
        _text(r"^\s*[0-9]{1,2}(?:-[0-9]{1,2})?\s*$", examples=["1-4", "25-31"]),
    ]
}
TIME_ZONE = _text(r"^\S+$", maxLength=60, examples=["Europe/Kyiv"])
HOURS: Form = {
    "anyOf": [
        {"const": "closed"},
        _text(_PERIOD, examples=["08:00-22:00"]),
        {"type": "array", "items": _text(_PERIOD)},
    ]
}
QUIET_HOURS: Form = {"anyOf": [{"const": "none"}, _text(_PERIOD, examples=["21:00-08:00"])]}
DAYS = _text(f"^(?:daily|{_DAY}(?:-{_DAY})?)$", examples=["daily", "mon-fri", "sat", "sun"])
DATE = _text("^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$", examples=["2026-12-31"])
YEARLY_DATE = _text(
    "^(?:[0-9]{4}-)?(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$", examples=["2026-12-31", "12-31"]
)
DURATION = _text(r"^\s*[0-9]{1,6}(?:\.[0-9]{1,3})? ?(?:s|min|h)?\s*$", examples=["20 s", "3 min", "1 h"])

NAMED: dict[str, Form] = {
    "id": ID,
    "key": KEY,
    "language": LANGUAGE,
    "number": NUMBER,
    "pattern": PATTERN,
    "prompt": PROMPT,
    "label": LABEL,
    "labels": LABELS,
    "phrase": PHRASE,
    "url": URL,
    "text": TEXT,
    "confidence": CONFIDENCE,
    "lengths": LENGTHS,
    "between": BETWEEN,
    "month-days": MONTH_DAYS,
    "time-zone": TIME_ZONE,
    "hours": HOURS,
    "quiet-hours": QUIET_HOURS,
    "date": DATE,
    "duration": DURATION,
    "yearly-date": YEARLY_DATE,
}


def duration(low: float | None, high: float | None, *, above: bool) -> Form:
    """Bare seconds within the bounds, or text with a unit; `above`: more than `low`."""
    bounds = {"exclusiveMinimum" if above else "minimum": low or 0, "maximum": high}
    number = {key: value for key, value in bounds.items() if value is not None}
    return {"anyOf": [{"type": "number", **number}, DURATION]}


def saying(nouns: Iterable[str], currencies: Iterable[str]) -> Form:
    """A prompt, or a piece that says a value."""
    of: Form = {"of": {"enum": list(nouns), "description": "What is counted."}}
    currency: Form = {"currency": {"enum": list(currencies), "description": "If left out: UAH."}}
    pieces = [
        _piece("digits", "Digits one by one."),
        _piece("number", "A number, alone or of something.", of),
        _piece("amount", "Money.", currency),
        _piece("date", "A date, like 2026-11-30."),
        _piece("time", "A time of day, like 14:30."),
        _piece("duration", "A time in seconds."),
    ]
    return {"anyOf": [PROMPT, *pieces]}


def _piece(kind: str, meaning: str, more: Form | None = None) -> Form:
    value = {**ID, "description": f"{meaning} Write the name of the value."}
    return {
        "type": "object",
        "properties": {kind: value, **(more or {})},
        "required": [kind],
        "additionalProperties": False,
    }
