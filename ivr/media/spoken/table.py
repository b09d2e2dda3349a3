"""The table that every spoken piece is put together from: a recording's id and the words on it.

A language fills it once; a piece is a sequence of its ids. So what is recorded and what is written are the
same by construction, and all that must be recorded is known.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from ivr.flow.said import Amount, Count, Day, Digits, Duration, TimeOfDay
from ivr.media.spoken.errors import OutOfRange, UnknownCurrency, UnknownNoun
from ivr.media.spoken.nouns import CURRENCIES, Gender, category, nouns

PREFIX = "say/"
LARGEST = 999_999_999


class Tongue(Protocol):
    """One language: its table and the order of its words. All answer names of the table."""

    @property
    def language(self) -> str: ...

    def table(self) -> Mapping[str, str]:
        """Every fragment: name -> words."""

    def number(self, value: int, gender: Gender) -> Iterator[str]:
        """A cardinal number, 0 to LARGEST."""

    def money(self, major: list[str], minor: list[str]) -> Iterator[str]:
        """Both parts, one of which may be empty."""

    def day(self, piece: Day) -> Iterator[str]:
        """Years 1900 to 2099."""

    def time(self, piece: TimeOfDay) -> Iterator[str]: ...


def digits(piece: Digits) -> Iterator[str]:
    """One by one, in groups of three and two; the last of a group is another recording, with a pause."""
    if not piece.digits or not set(piece.digits) <= set("0123456789"):
        raise OutOfRange("digits", piece.digits, "at least one of 0-9 and nothing else")
    sizes = _groups(len(piece.digits))
    ends = {sum(sizes[: place + 1]) for place in range(len(sizes) - 1)}
    for place, digit in enumerate(piece.digits, 1):
        yield f"n-{digit}-pause" if place in ends else f"n-{digit}"


def _groups(length: int) -> list[int]:
    """Threes, then the twos that are needed so that no digit stands alone: 13 -> 3 3 3 2 2."""
    twos = {0: 0, 1: 2, 2: 1}[length % 3]
    if length == 1:
        return [1]
    return [3] * ((length - 2 * twos) // 3) + [2] * twos


def count(tongue: Tongue, piece: Count) -> Iterator[str]:
    """A number, and the noun in the form and gender that go with it."""
    _check("number", piece.value, LARGEST)
    if not piece.noun:
        yield from tongue.number(piece.value, "m")
        return
    known = nouns(tongue.language)
    if piece.noun not in known:
        raise UnknownNoun(piece.noun, tuple(sorted(known)))
    yield from tongue.number(piece.value, known[piece.noun].gender)
    yield f"{piece.noun}-{category(piece.value, tongue.language)}"


def amount(tongue: Tongue, piece: Amount) -> Iterator[str]:
    """Whole units and hundredths; the part that is zero is left out, unless both are."""
    if piece.currency not in CURRENCIES:
        raise UnknownCurrency(piece.currency, tuple(CURRENCIES))
    _check("amount in hundredths", piece.minor, LARGEST * 100 + 99)
    unit = CURRENCIES[piece.currency]
    whole, part = divmod(piece.minor, 100)
    major = list(count(tongue, Count(whole, unit.major))) if whole or not part else []
    minor = list(count(tongue, Count(part, unit.minor))) if part else []
    yield from tongue.money(major, minor)


def duration(tongue: Tongue, piece: Duration) -> Iterator[str]:
    """Days, hours, minutes, seconds that are not zero."""
    _check("duration in seconds", piece.seconds, 100 * 86400 - 1)
    minutes, seconds = divmod(piece.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = {"day": days, "hour": hours, "minute": minutes, "second": seconds}
    for noun, value in parts.items():
        if value or (noun == "second" and not piece.seconds):
            yield from count(tongue, Count(value, noun))


def noun_fragments(language: str) -> Iterator[tuple[str, str]]:
    """The counted nouns in all their forms: name, words."""
    for name, noun in nouns(language).items():
        yield from ((f"{name}-{form}", word) for form, word in noun.forms.items())


def digit_fragments(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The digits that end a group; their comma is heard as a pause."""
    yield from ((f"n-{digit}-pause", f"{word},") for digit, word in enumerate(words))


def check_year(piece: Day) -> None:
    if not 1900 <= piece.date.year <= 2099:
        raise OutOfRange("year", piece.date.year, "1900 to 2099")


def _check(what: str, value: int, largest: int) -> None:
    if not 0 <= value <= largest:
        raise OutOfRange(what, value, f"0 to {largest}")
