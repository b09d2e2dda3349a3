"""The words of scenario files: one class per group of keys. `dialplans/README.md` explains them.

As in the dialplan, field names are the keys with '_' for '-', and references are checked afterwards.
"""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator

from ivr.dialplan.fields import (
    CURRENCIES,
    NOUNS,
    Confidence,
    Duration,
    Group,
    Id,
    Language,
    Number,
)
from ivr.dialplan.problems import advice, shown
from ivr.dialplan.tree import WrittenInt
from ivr.flow.model import KEYS
from ivr.flow.questions import said
from ivr.flow.said import PIECE_KINDS, Said, Slot
from ivr.trial import QueueEnd

WITHHELD = "withheld"
ALWAYS = "always"
MOST_SILENCES = 50
MOMENT = "%Y-%m-%d %H:%M"
YEARS = range(1970, 2100)


def _text(value: object) -> str:
    """As it is written: an account may begin with zeros."""
    if isinstance(value, WrittenInt):
        return value.text
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"a text or a number is expected, found {shown(value)}")
    return str(value)


def _keys(value: object) -> str:
    text = value.text if isinstance(value, WrittenInt) else value
    if not isinstance(text, str) or not 1 <= len(text) <= 60 or not set(text) <= set(KEYS):
        raise ValueError(f'{shown(value)} are no keys of a telephone; the keys are 0 to 9, "*" and "#"')
    return text


def _one_key(value: object) -> str:
    text = _keys(value)
    if len(text) > 1:
        raise ValueError(f"{shown(text)} are several keys; one ends a message")
    return text


def _moment(value: object) -> datetime:
    try:
        moment = datetime.strptime(value if isinstance(value, str) else "", MOMENT)
    except ValueError:
        moment = datetime.min
    if moment.year not in YEARS:
        raise ValueError(f"{shown(value)} is no moment; write for instance 2026-12-31 23:50")
    return moment


def _caller(value: object) -> str:
    text = _text(value)
    if text != WITHHELD and not re.fullmatch(r"\+?[0-9]{1,15}", text, re.ASCII):
        raise ValueError(
            f"{shown(value)} is no telephone number; write up to 15 digits, with '+' in front if need be,"
            f" or {WITHHELD}"
        )
    return "" if text == WITHHELD else text


def _line(value: object) -> str:
    text = value.text if isinstance(value, WrittenInt) else value
    if not isinstance(text, str) or not text:
        raise ValueError(f"{shown(value)} is no line; write its name or one of its numbers")
    return text


def _said(value: object) -> Said:
    """A prompt's id, or a piece with its value, like `{ digits: 0012 }` or `{ number: 3, of: parcel }`."""
    if isinstance(value, str):
        return value
    kind = next((key for key in value if key in PIECE_KINDS), None) if isinstance(value, dict) else None
    if kind is None or not isinstance(value, dict):
        raise ValueError(
            f"{shown(value)} is nothing that is heard; write a prompt, or a piece with its value:"
            f" {', '.join(PIECE_KINDS)}"
        )
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
    filled = said((Slot(kind, "value", str(noun), str(currency)),), {"value": _text(value[kind])})
    if not filled:
        raise ValueError(
            f"{shown(value[kind])} cannot be said as {shown(kind)}; write it as its value is kept"
        )
    return filled[0]


def _one_or_more(value: object) -> object:
    if value == []:
        raise ValueError("this list is empty; at least one is needed")
    return value if isinstance(value, list) else [value]


def _web(value: object) -> object:
    if not isinstance(value, str):
        return value
    return {"down": True} if value == "down" else {"go": value}


def _queue(value: object) -> object:
    return {"ends": value} if isinstance(value, str | list) else value


def _message(value: object) -> object:
    return value if isinstance(value, dict) else {"lasts": value}


def _promise(value: object) -> object:
    """The queue alone; false: none was made."""
    if value is False:
        return {"made": False}
    return value if isinstance(value, dict) else {"queue": value}


def _words(value: object) -> object:
    return {"words": value} if isinstance(value, str) else value


def _closed(value: object) -> bool | tuple[str, ...]:
    if isinstance(value, bool):
        return value
    names = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) for name in names):
        raise ValueError("write true, or the names of the opening hours that are over")
    return tuple(names)


def _silent(value: object) -> int | None:
    if value == ALWAYS:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_SILENCES:
        raise ValueError(f"{shown(value)} is no number of silences; write 1 to {MOST_SILENCES}, or {ALWAYS}")
    return int(value)


QueueWord = Literal["waits", "full", "nobody-logged-in", "waited-too-long", "talk"]
PromiseWord = Literal["kept", "already-promised", "refused", "failed"]
TransferWord = Literal["rings", "answered", "not-answered"]
Text = Annotated[str, PlainValidator(_text)]
Keys = Annotated[str, PlainValidator(_keys)]
Saids = Annotated[list[Annotated[Said, PlainValidator(_said)]], BeforeValidator(_one_or_more)]
Words = Annotated[list[str], BeforeValidator(_one_or_more)]


class WebGroup(Group):
    """One answer of a web service."""

    go: Id | None = None
    say: Saids | None = None
    values: dict[Id, Text] = Field(default_factory=dict)
    down: bool = False


WebAnswers = Annotated[list[Annotated[WebGroup, BeforeValidator(_web)]], BeforeValidator(_one_or_more)]
"""At each visit in turn, the last one for all further ones."""


class QueueGroup(Group):
    """A queue as the caller meets it."""

    ends: Annotated[list[QueueWord], BeforeValidator(_one_or_more)] = Field(default_factory=list)
    """At each visit in turn, the last one for all further ones; none: the caller waits."""
    waiting: Annotated[int, Field(ge=0, le=10_000)] = 0
    operators: Annotated[int, Field(ge=0, le=10_000)] | None = None
    expected_wait: Annotated[float, Duration, Field(ge=0.0, le=86400.0)] | None = None

    def end(self, visit: int) -> QueueEnd | None:
        """At the `visit`th time, from 0. None: the caller waits."""
        word = self.ends[min(visit, len(self.ends) - 1)] if self.ends else "waits"
        return None if word == "waits" else QueueEnd(word)


PromiseWords = Annotated[list[PromiseWord], BeforeValidator(_one_or_more)]
"""At each promise in turn, the last one for all further ones."""
TransferWords = Annotated[list[TransferWord], BeforeValidator(_one_or_more)]


class SayGroup(Group):
    words: str
    sure: Confidence = 1.0


class MessageGroup(Group):
    """What the caller says into a message."""

    lasts: Annotated[float, Duration, Field(gt=0.0, le=3600.0)]
    hangs_up: bool = False
    key: Annotated[str, PlainValidator(_one_key)] | None = None


class PromiseGroup(Group):
    """A promise that was made, or was not."""

    made: bool = True
    queue: Id | None = None
    number: Number | None = None
    at: Annotated[datetime, PlainValidator(_moment)] | None = None


Promise = Annotated[PromiseGroup, BeforeValidator(_promise)]


class ExpectGroup(Group):
    """What must be true at this point of the call."""

    hears: Saids | None = None
    words: Words | None = None
    step: Id | None = None
    queue: Id | None = None
    transfer: Number | None = None
    voicemail: Promise | None = None
    call_back: Promise | None = None
    ends: bool | None = None
    language: Language | None = None
    sent: dict[Id, dict[Id, Text]] | None = None
    within: Annotated[float, Duration, Field(gt=0.0, le=86400.0)] | None = None


class ScenarioGroup(Group):
    call: Annotated[str, PlainValidator(_line)]
    about: str = ""
    at: Annotated[datetime, PlainValidator(_moment)] | None = None
    closed: Annotated[bool | tuple[str, ...], PlainValidator(_closed)] = ()
    """True: all hours are; else those that are."""
    caller: Annotated[str, PlainValidator(_caller)] = "0501234567"
    language: Language | None = None
    speech: bool = True
    switches: list[Id] = Field(default_factory=list)
    draws: dict[Id, Id] = Field(default_factory=dict)
    web: dict[
        Id, Annotated[list[Annotated[WebGroup, BeforeValidator(_web)]], BeforeValidator(_one_or_more)]
    ] = Field(default_factory=dict)
    queues: dict[Id, Annotated[QueueGroup, BeforeValidator(_queue)]] = Field(default_factory=dict)
    transfers: dict[Number, TransferWords] = Field(default_factory=dict)
    promises: dict[Id, PromiseWords] = Field(default_factory=dict)
    """By queue, what becomes of messages and call-backs."""
    steps: Annotated[list[Any], Field(min_length=1, max_length=200)]
    """Each is read by itself."""


class PressStep(Group):
    press: Keys


class TypeStep(Group):
    type: Keys


class SayStep(Group):
    say: Annotated[SayGroup, BeforeValidator(_words)]


class MessageStep(Group):
    message: Annotated[MessageGroup, BeforeValidator(_message)]


class SilentStep(Group):
    silent: Annotated[int | None, PlainValidator(_silent)]
    """So often; None: as long as somebody waits for an answer."""


class WaitStep(Group):
    wait: Annotated[float, Duration, Field(gt=0.0, le=86400.0)]


class ExpectStep(Group):
    expect: ExpectGroup


STEPS: dict[str, type[Group]] = {
    "press": PressStep,
    "type": TypeStep,
    "say": SayStep,
    "message": MessageStep,
    "silent": SilentStep,
    "wait": WaitStep,
    "expect": ExpectStep,
}
"""A step's kind is told by its one key."""
ALONE = ("silent", "hang-up", "too-long", "speech-busy", "speech-dead", "recording-fails")
"""Steps that are one word."""
