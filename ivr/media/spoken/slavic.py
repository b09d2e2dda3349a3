"""Ukrainian and Russian: gender goes with the noun, thousands are feminine, ordinals are declined.

Cardinals up to 99 and the ordinals' stems come from num2words. It has no Ukrainian neuter, so the neuter
of 'one' is made here; and it knows feminine numbers only, which is all that 'two' needs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from num2words import num2words

from ivr.flow.said import Count, Day, TimeOfDay
from ivr.media.spoken.nouns import Gender, category
from ivr.media.spoken.table import check_year, count, digit_fragments, noun_fragments

_SCALES: tuple[tuple[int, str, Gender], ...] = ((1_000_000, "million", "m"), (1000, "thousand", "f"))
_FORMS = ("one", "few", "many")


@dataclass(frozen=True)
class Grammar:
    """What differs between the two languages. Endings are of the adjective in -ий / -ый and of 'third'."""

    language: str
    million: tuple[str, str, str]
    thousand: tuple[str, str, str]
    one_neuter: str
    neuter: tuple[str, str]
    genitive: tuple[str, str]
    feminine: tuple[str, str]
    months: tuple[str, ...]
    """In the genitive."""
    of_year: str
    centuries: Mapping[int, str]
    """What a year begins with: 1900 and 2000 as cardinals."""
    round_years: Mapping[int, str]
    oclock: str = ""
    """Said after an hour's ordinal, 'чотирнадцята година'; '': hours are counted, 'четырнадцать часов'."""


@dataclass(frozen=True)
class Slavic:
    """The order of the words of both languages."""

    grammar: Grammar

    @property
    def language(self) -> str:
        return self.grammar.language

    def table(self) -> Mapping[str, str]:
        return self._table

    @cached_property
    def _table(self) -> dict[str, str]:
        return dict(self._fragments())

    def number(self, value: int, gender: Gender) -> Iterator[str]:
        rest = value
        for scale, name, its_gender in _SCALES:
            above, rest = divmod(rest, scale)
            if above:
                yield from _below_1000(above, its_gender)
                yield f"{name}-{category(above, self.language)}"
        if rest or not value:
            yield from _below_1000(rest, gender)

    def money(self, major: list[str], minor: list[str]) -> Iterator[str]:
        yield from major
        yield from minor

    def day(self, piece: Day) -> Iterator[str]:
        check_year(piece)
        yield f"day-{piece.date.day}"
        yield f"month-{piece.date.month}"
        century, year = piece.date.year // 100 * 100, piece.date.year % 100
        if not year:
            yield f"year-{century}"
            return
        yield f"century-{century}"
        tens, units = divmod(year, 10)
        if year > 20 and units:
            yield f"n-{10 * tens}"
            year = units
        yield f"year-{year}"

    def time(self, piece: TimeOfDay) -> Iterator[str]:
        hour, minute = piece.time.hour, piece.time.minute
        if hour and self.grammar.oclock:
            yield f"hour-{hour}"
        else:
            yield from count(self, Count(hour, "hour"))
        if minute or not hour:
            yield from count(self, Count(minute, "minute"))

    def _fragments(self) -> Iterator[tuple[str, str]]:
        yield from self._cardinals()
        yield from zip((f"million-{form}" for form in _FORMS), self.grammar.million, strict=True)
        yield from zip((f"thousand-{form}" for form in _FORMS), self.grammar.thousand, strict=True)
        yield from digit_fragments(self._words(digit) for digit in range(10))
        yield from noun_fragments(self.language)
        yield from ((f"day-{day}", self._ordinal(day, self.grammar.neuter)) for day in range(1, 32))
        yield from ((f"month-{place}", name) for place, name in enumerate(self.grammar.months, 1))
        yield from self._years()
        if self.grammar.oclock:
            yield from ((f"hour-{hour}", self._hour(hour)) for hour in range(1, 24))

    def _cardinals(self) -> Iterator[tuple[str, str]]:
        for value in range(100):
            for gender in _GENDERS:
                if _variant(value, gender):
                    yield _variant(value, gender), self._gendered(value, gender)
        yield from ((f"n-{value}", self._words(value)) for value in range(100, 1000, 100))

    def _gendered(self, value: int, gender: Gender) -> str:
        if gender == "f":
            return self._words(value, gender="feminine")
        *tens, last = self._words(value).split()
        return " ".join((*tens, self.grammar.one_neuter if gender == "n" else last))

    def _years(self) -> Iterator[tuple[str, str]]:
        of_year = self.grammar.of_year
        for year in (*range(1, 21), *range(30, 100, 10)):
            yield f"year-{year}", f"{self._ordinal(year, self.grammar.genitive)} {of_year}"
        yield from ((f"century-{year}", words) for year, words in self.grammar.centuries.items())
        yield from ((f"year-{year}", f"{word} {of_year}") for year, word in self.grammar.round_years.items())

    def _hour(self, hour: int) -> str:
        return f"{self._ordinal(hour, self.grammar.feminine)} {self.grammar.oclock}"

    def _ordinal(self, value: int, endings: tuple[str, str]) -> str:
        """Of the masculine in -ий, -ый, -ой or -ій only the ending changes; 'third' has soft endings."""
        *tens, last = self._words(value, to="ordinal").split()
        ending = endings[1] if last in {"третій", "третий"} else endings[0]
        return " ".join((*tens, last[:-2] + ending))

    def _words(self, value: int, **how: str) -> str:
        return str(num2words(value, lang=self.language, **how)).replace("\u2019", "'")


_GENDERS: tuple[Gender, ...] = ("m", "f", "n")


def _below_1000(value: int, gender: Gender) -> Iterator[str]:
    hundreds, rest = value // 100 * 100, value % 100
    if hundreds:
        yield f"n-{hundreds}"
    if rest or not value:
        yield _variant(rest, gender) or f"n-{rest}"


def _variant(value: int, gender: Gender) -> str:
    """Name of a number below 100 in a gender; '' where it sounds like the masculine one."""
    last = 0 if 10 < value < 20 else value % 10
    if gender == "m":
        return f"n-{value}"
    differs = last in {1, 2} if gender == "f" else last == 1
    return f"n-{value}-{gender}" if differs else ""
