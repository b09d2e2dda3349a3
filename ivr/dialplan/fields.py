"""The kinds of values in dialplan files: how each is written and what it becomes. Durations in seconds."""

import re
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    field_validator,
)

from ivr.dialplan import forms
from ivr.dialplan.problems import advice, shown
from ivr.dialplan.tree import WrittenInt
from ivr.flow.hook import is_web_address
from ivr.flow.hours import WHOLE_DAY, Period, Periods
from ivr.flow.model import KEYS
from ivr.flow.said import PIECE_KINDS, Saying, Slot
from ivr.flow.wording import normal

UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([a-z]*)", re.ASCII)
CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})", re.ASCII)
CURRENCIES = ("UAH", "RUB", "USD", "EUR")
NOUNS = (
    "parcel",
    "day",
    "hour",
    "minute",
    "second",
    "caller",
    "kilowatt-hour",
    "cubic-metre",
    "month",
    "year",
    "item",
)
"""What `ivr.media.spoken` can count."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Group(BaseModel):
    """Base of all groups of keys: keys in kebab-case, nothing unknown, no silent conversion."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        alias_generator=lambda name: name.replace("_", "-"),
    )

    @field_validator("*", mode="before")
    @classmethod
    def _is_given(cls, value: object) -> object:
        if value is None:
            raise ValueError("this has no value; write one, or delete the key")
        return value


def _duration(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("a time is expected, for instance '20 s', '3 min' or '1 h'")
    match = DURATION.fullmatch(str(value).strip())
    if match is None or match[2] not in {"", *UNITS}:
        raise ValueError(f"{shown(value)} is no time; write for instance '20 s', '3 min' or '1 h'")
    return float(match[1]) * UNITS.get(match[2], 1.0)


def _number(value: object) -> str:
    text = value.text if isinstance(value, WrittenInt) else value
    if not isinstance(text, str) or not re.fullmatch(r"\+?[0-9]{1,15}", text, re.ASCII):
        raise ValueError(
            f"{shown(value)} is no telephone number; write up to 15 digits, with '+' in front if need be"
        )
    return text


def _pattern(value: object) -> str:
    text = value.text if isinstance(value, WrittenInt) else value
    if not isinstance(text, str) or not re.fullmatch(r"\+?[0-9X]{1,15}", text, re.ASCII):
        raise ValueError(
            f"{shown(value)} is no pattern of numbers; write digits, and X for any digit, like 0XXXXXXXXX"
        )
    return text


def _id(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", value, re.ASCII):
        raise ValueError(
            f"{shown(value)} cannot be a name;"
            " use small Latin letters, digits and '-', a letter first, at most 40"
        )
    return value


def _prompt(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", value, re.ASCII):
        raise ValueError(
            f"{shown(value)} cannot be a prompt; use small Latin letters, digits and '-', at most 60"
        )
    return value


def _saying(value: object) -> Saying:
    """A recording's id, or a piece like `{ digits: account }` or `{ number: count, of: parcel }`."""
    if not isinstance(value, dict):
        return _prompt(value)
    kinds = [key for key in value if key in PIECE_KINDS]
    if len(kinds) != 1:
        raise ValueError(
            f"say one of {', '.join(PIECE_KINDS)} with the name of a value: {{ digits: account }}"
        )
    kind = kinds[0]
    more = {"number": {"of"}, "amount": {"currency"}}.get(kind, set())
    if strange := [key for key in value if key not in {kind, *more}]:
        raise ValueError(
            f"the key {shown(strange[0])} is unknown beside {shown(kind)}{advice(strange[0], more)}"
        )
    noun, currency = value.get("of", ""), value.get("currency", "UAH")
    if noun and noun not in NOUNS:
        raise ValueError(f"{shown(noun)} cannot be counted{advice(str(noun), NOUNS)}")
    if currency not in CURRENCIES:
        raise ValueError(f"the currency {shown(currency)} is unknown{advice(str(currency), CURRENCIES)}")
    return Slot(kind, _id(value[kind]), noun, currency)


def _phrase(value: object) -> str:
    text = normal(value) if isinstance(value, str) else ""
    if not text or len(text) > 80 or not all(letter.isalpha() or letter in " '" for letter in text):
        raise ValueError(f"{shown(value)} is no phrase; write words as callers say them, numbers in letters")
    return text


def _url(value: object) -> str:
    text = value if isinstance(value, str) else ""
    below = text.startswith("/") and text.isprintable() and " " not in text and len(text) <= 500
    if not below and not is_web_address(text):
        raise ValueError(
            f"{shown(value)} is no web address;"
            " write https://host/path, or /path below the center's web-address"
        )
    return text


def _text(value: object) -> str:
    text = value.text if isinstance(value, WrittenInt) else value
    if not isinstance(text, str) or not text.strip() or len(text) > 100 or not text.isprintable():
        raise ValueError(f"{shown(value)} cannot be a value; write a text on one line, at most 100 letters")
    return text.strip()


def _confidence(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{shown(value)} is no confidence; write a number from 0 to 1, for instance 0.6")
    return float(value)


def _lengths(value: object) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9]{1,2})(?:-([0-9]{1,2}))?", str(value).strip(), re.ASCII)
    low, high = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if isinstance(value, bool) or not 1 <= low <= high <= 30:
        raise ValueError(
            f"{shown(value)} is no length; write how many digits, for instance 8 or 5-8, at most 30"
        )
    return low, high


def _between(value: object) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9]{1,2})-([0-9]{1,2})", str(value).strip(), re.ASCII)
    low, high = (int(match[1]), int(match[2])) if match else (0, 0)
    if low >= high:
        raise ValueError(
            f"{shown(value)} are no two numbers;"
            " write the least and the greatest, for instance 0-10, up to 99"
        )
    return low, high


def _key(value: object) -> str:
    if not isinstance(value, str) or value not in set(KEYS):
        raise ValueError(f'{shown(value)} is no key of a telephone; the keys are 0 to 9, "*" and "#"')
    return value


def _language(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z]{2}", value, re.ASCII):
        raise ValueError(f"{shown(value)} is no language; write its two letters, for instance uk, ru or en")
    return value


def _label(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 80 or not value.isprintable():
        raise ValueError("a name to show is expected: text on one line, at most 80 letters")
    return value.strip()


def _labels(value: object) -> object:
    return {"": value} if isinstance(value, str) else value


def one_or_more(value: object) -> object:
    return value if isinstance(value, list) else [value]


def level_only(value: object) -> object:
    return {"level": int(value)} if isinstance(value, int) and not isinstance(value, bool) else value


def _time_zone(value: object) -> str:
    if not isinstance(value, str) or len(value) > 60:
        raise ValueError(f"{shown(value)} is no time zone; write for instance Europe/Kyiv")
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = advice(value, (name for name in available_timezones() if "/" in name))
        raise ValueError(f"there is no time zone {shown(value)}{near}") from None


def _minute(text: str) -> int:
    match = CLOCK.fullmatch(text.strip())
    if match is None or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > WHOLE_DAY:
        raise ValueError(f"{shown(text.strip())} is no time of day; write 00:00 to 24:00, for instance 08:30")
    return int(match[1]) * 60 + int(match[2])


def _period(value: object) -> Period:
    opens, dash, closes = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not dash:
        raise ValueError(f"{shown(value)} are no opening hours; write for instance 08:00-22:00, or closed")
    period = Period(_minute(opens), _minute(closes))
    if period.opens == WHOLE_DAY or period.closes == 0 or period.opens == period.closes:
        raise ValueError(f"{shown(value)} are no opening hours; for the whole day write 00:00-24:00")
    return period


def _periods(value: object) -> Periods:
    if value == "closed":
        return ()
    periods = tuple(sorted((_period(part) for part in _list(value)), key=lambda period: period.opens))
    for first, second in pairwise(periods):
        if first.crosses_midnight or first.closes > second.opens:
            raise ValueError("these opening hours overlap; let each end before the next begins")
    return periods


def _quiet(value: object) -> Periods:
    """One period, or none at all."""
    if value == "none":
        return ()
    if isinstance(value, list) or value == "closed":
        raise ValueError("quiet hours are one period, for instance 21:00-08:00, or none")
    return (_period(value),)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _days(value: object) -> tuple[int, ...]:
    text = value if isinstance(value, str) else ""
    if text == "daily":
        return tuple(range(7))
    first, dash, last = text.partition("-")
    if first in DAYS and (last in DAYS or not dash):
        begin, end = DAYS.index(first), DAYS.index(last or first)
        return tuple(range(begin, end + 1)) if begin <= end else (*range(begin, 7), *range(end + 1))
    raise ValueError(f"{shown(value)} is no day; write daily, {', '.join(DAYS)}, or from-to like mon-fri")


def _form(form: forms.Form) -> WithJsonSchema:
    return WithJsonSchema(form, mode="validation")


Id = Annotated[str, BeforeValidator(_id), _form(forms.ID)]
"""Stable name of a line, step, queue or operator, or a reference to one."""
Key = Annotated[str, BeforeValidator(_key), _form(forms.KEY)]
Language = Annotated[str, BeforeValidator(_language), _form(forms.LANGUAGE)]
Number = Annotated[str, BeforeValidator(_number), _form(forms.NUMBER)]
Numbers = Annotated[list[Number], Field(min_length=1), BeforeValidator(one_or_more)]
Pattern = Annotated[str, BeforeValidator(_pattern), _form(forms.PATTERN)]
Patterns = Annotated[list[Pattern], Field(min_length=1, max_length=20), BeforeValidator(one_or_more)]
Prompt = Annotated[str, BeforeValidator(_prompt), _form(forms.PROMPT)]
Prompts = Annotated[list[Prompt], Field(min_length=1, max_length=20), BeforeValidator(one_or_more)]
_Saying = Annotated[Saying, PlainValidator(_saying), _form(forms.saying(NOUNS, CURRENCIES))]
Sayings = Annotated[list[_Saying], Field(min_length=1, max_length=20), BeforeValidator(one_or_more)]
"""Prompts and pieces."""
LastPrompts = Annotated[list[_Saying], Field(max_length=20), BeforeValidator(one_or_more)]
"""Before a hang-up: may be an empty list."""
_Label = Annotated[str, BeforeValidator(_label), _form(forms.LABEL)]
Labels = Annotated[dict[str, _Label], Field(min_length=1), BeforeValidator(_labels), _form(forms.LABELS)]
"""Name to show: one text (kept under '') or a text per language."""
_Phrase = Annotated[str, BeforeValidator(_phrase), _form(forms.PHRASE)]
Phrases = Annotated[list[_Phrase], Field(min_length=1, max_length=30), BeforeValidator(one_or_more)]
"""What callers may say, in the form of `ivr.flow.wording.normal`."""
Url = Annotated[str, BeforeValidator(_url), _form(forms.URL)]
Text = Annotated[str, BeforeValidator(_text), _form(forms.TEXT)]
"""A value that the dialogue remembers."""
Texts = Annotated[list[Text], Field(min_length=1, max_length=50), BeforeValidator(one_or_more)]
Confidence = Annotated[float, BeforeValidator(_confidence), _form(forms.CONFIDENCE)]
Lengths = Annotated[tuple[int, int], PlainValidator(_lengths), _form(forms.LENGTHS)]
Between = Annotated[tuple[int, int], PlainValidator(_between), _form(forms.BETWEEN)]
MonthDays = Annotated[str, BeforeValidator(str), _form(forms.MONTH_DAYS)]
"""One of every month, or the first and the last."""
TimeZone = Annotated[str, BeforeValidator(_time_zone), _form(forms.TIME_ZONE)]
Hours = Annotated[Periods, PlainValidator(_periods), _form(forms.HOURS)]
QuietHours = Annotated[Periods, PlainValidator(_quiet), _form(forms.QUIET_HOURS)]
Days = Annotated[tuple[int, ...], PlainValidator(_days), _form(forms.DAYS)]
Date = Annotated[str, _form(forms.DATE)]
YearlyDate = Annotated[str, _form(forms.YEARLY_DATE)]
"""A date, or one of every year."""
Duration = BeforeValidator(_duration)
"""Use as `Annotated[float, Duration, Field(ge=…, le=…)]`."""
_Pause = Annotated[float, Duration, Field(ge=10.0, le=86400.0)]
Pauses = Annotated[list[_Pause], Field(min_length=1, max_length=10), BeforeValidator(one_or_more)]
"""From one attempt to the next."""


def example(value: Any) -> str:
    """A duration as an admin would write it."""
    seconds = float(value)
    if seconds >= 3600 and seconds % 3600 == 0:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds >= 120 and seconds % 60 == 0 else f"{seconds:g} s"
