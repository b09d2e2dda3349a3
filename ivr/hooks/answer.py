"""What a company's service answers, read strictly: any bytes give a HookAnswer or a HookFailed.

The answer is a JSON object; every field may be left out, and fields that are not known are passed over::

    {"go": "found", "values": {"name": "text"},
     "say": ["prompt-id", {"digits": "123"}, {"number": 3, "of": "parcel"}, {"amount": "125.50", "currency":
             "UAH"}, {"date": "2026-11-30"}, {"time": "14:30"}, {"duration": 90}]}
"""

from collections.abc import Collection
from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ivr.flow.hook import HookAnswer
from ivr.flow.said import Amount, Count, Day, Digits, Duration, Said, TimeOfDay
from ivr.hooks.failed import HookFailed

MOST_PIECES = 50
MOST_VALUES = 20
LONGEST_VALUE = 200
_ID = r"^[a-z0-9][a-z0-9-]{0,59}$"
"""Of recordings and edges: as in dialplans."""
_NAME = r"^[a-z][a-z0-9-]{0,39}$"
_KINDS = ("digits", "number", "amount", "date", "time", "duration")


def _printable(text: object) -> object:
    if isinstance(text, str) and not text.isprintable():
        raise ValueError("only printable characters on one line can be kept")
    return text


Id = Annotated[str, Field(pattern=_ID)]
Name = Annotated[str, Field(pattern=_NAME)]
Text = Annotated[str, Field(max_length=LONGEST_VALUE), BeforeValidator(_printable)]


class _Piece(BaseModel):
    """One of _KINDS; `of` goes with a number, `currency` with an amount. Ranges: those of `ivr.flow.said`."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)
    digits: Annotated[str, Field(pattern=r"^[0-9]{1,60}$")] | None = None
    number: Annotated[int, Field(ge=0, le=999_999_999)] | None = None
    of: Name | Literal[""] = ""
    amount: Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?$")] | None = None
    currency: Literal["UAH", "RUB", "USD", "EUR"] = "UAH"
    date: Annotated[str, Field(pattern=r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$")] | None = None
    time: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    duration: Annotated[int, Field(ge=0, le=8_639_999)] | None = None


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)
    go: Id | Literal[""] = ""
    say: list[object] = Field(default=[], max_length=MOST_PIECES)
    values: dict[Name, Text] = Field(default={}, max_length=MOST_VALUES)


class _Prompt(BaseModel):
    model_config = ConfigDict(strict=True)
    id: Id


def read_answer(body: bytes, nouns: Collection[str] = ()) -> HookAnswer:
    """The answer in `body`. `nouns`: what can be counted; empty: anything. HookFailed says what is wrong."""
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError as error:
        raise HookFailed(_sentence(error)) from None
    said = tuple(_said(place, piece, nouns) for place, piece in enumerate(answer.say, start=1))
    return HookAnswer(answer.go, said, dict(answer.values))


def _said(place: int, written: object, nouns: Collection[str]) -> Said:
    try:
        if isinstance(written, str):
            return _Prompt(id=written).id
        return _piece(_Piece.model_validate(written), nouns)
    except ValidationError as error:
        raise HookFailed(_sentence(error, f"say, item {place}")) from None
    except ValueError as error:
        raise HookFailed(f"its answer is wrong at say, item {place}: {error}") from None


def _piece(piece: _Piece, nouns: Collection[str]) -> Said:
    """ValueError: not exactly one kind, a day that no calendar has, or a noun that cannot be counted."""
    if sum(getattr(piece, kind) is not None for kind in _KINDS) != 1:
        raise ValueError(f"exactly one of {', '.join(_KINDS)} is expected")
    match piece:
        case _Piece(digits=str(digits)):
            return Digits(digits)
        case _Piece(number=int(number)):
            if piece.of and nouns and piece.of not in nouns:
                raise ValueError(f"{piece.of!r} cannot be counted, only {', '.join(sorted(nouns))}")
            return Count(number, piece.of)
        case _Piece(amount=str(amount)):
            whole, _, rest = amount.partition(".")
            return Amount(int(whole) * 100 + int(rest.ljust(2, "0")), piece.currency)
        case _Piece(date=str(day)):
            return Day(date.fromisoformat(day))
        case _Piece(time=str(clock)):
            return TimeOfDay(time.fromisoformat(clock))
        case _:
            assert piece.duration is not None
            return Duration(piece.duration)


def _sentence(error: ValidationError, where: str = "") -> str:
    """pydantic's first finding; what the service wrote is not repeated, it may be a caller's own words."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return "its answer is no JSON"
    known = {*_Answer.model_fields, *_Piece.model_fields}
    path = ", ".join(str(part) for part in first["loc"] if part in known)
    place = ", ".join(part for part in (where, path) if part) or "the whole"
    text = str(first["msg"]).removeprefix("Value error, ")
    return f"its answer is wrong at {place}: {text[:1].lower()}{text[1:]}"
