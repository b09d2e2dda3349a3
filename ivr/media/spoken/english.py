"""English as in Britain: 'seven hundred and forty-two', 'November twenty-second', 'two thirty p.m.'."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from num2words import num2words

from ivr.flow.said import Day, TimeOfDay
from ivr.media.spoken.months import month_names
from ivr.media.spoken.nouns import Gender
from ivr.media.spoken.table import check_year, digit_fragments, noun_fragments

_MONTHS = month_names("en")
_SCALES = ((1_000_000, "million"), (1000, "thousand"))


class English:
    language = "en"

    def table(self) -> Mapping[str, str]:
        return self._table

    @cached_property
    def _table(self) -> dict[str, str]:
        return dict(_fragments())

    def number(self, value: int, gender: Gender) -> Iterator[str]:
        """'and' comes before tens and units, after hundreds as after thousands."""
        rest = value
        for scale, name in _SCALES:
            above, rest = divmod(rest, scale)
            if above:
                yield from _below_1000(above)
                yield f"{name}-and" if 0 < rest < 100 else name
        if rest or not value:
            yield from _below_1000(rest)

    def money(self, major: list[str], minor: list[str]) -> Iterator[str]:
        yield from major
        if major and minor:
            yield "and"
        yield from minor

    def day(self, piece: Day) -> Iterator[str]:
        check_year(piece)
        yield f"month-{piece.date.month}"
        yield f"day-{piece.date.day}"
        century, year = divmod(piece.date.year, 100)
        if century == 20 and year < 10:
            yield from self.number(piece.date.year, "m")
            return
        yield f"n-{century}"
        yield "hundred" if not year else f"oh-{year}" if year < 10 else f"n-{year}"

    def time(self, piece: TimeOfDay) -> Iterator[str]:
        """By the 12-hour clock; 'midnight' and 'noon', which a.m. and p.m. leave in doubt."""
        hour, minute = piece.time.hour, piece.time.minute
        if hour % 12 == 0 and not minute:
            yield "noon" if hour else "midnight"
            return
        yield f"n-{hour % 12 or 12}"
        if minute:
            yield f"oh-{minute}" if minute < 10 else f"n-{minute}"
        yield "am" if hour < 12 else "pm"


def _below_1000(value: int) -> Iterator[str]:
    hundreds, rest = value // 100 * 100, value % 100
    if hundreds:
        yield f"n-{hundreds}-and" if rest else f"n-{hundreds}"
    if rest or not value:
        yield f"n-{rest}"


def _fragments() -> Iterator[tuple[str, str]]:
    yield from ((f"n-{value}", _words(value)) for value in (*range(100), *range(100, 1000, 100)))
    yield from ((f"n-{value}-and", f"{_words(value)} and") for value in range(100, 1000, 100))
    yield from ((name, name) for _, name in _SCALES)
    yield from ((f"{name}-and", f"{name} and") for _, name in _SCALES)
    yield from digit_fragments(_words(digit) for digit in range(10))
    yield from noun_fragments("en")
    yield from ((f"month-{place}", name) for place, name in enumerate(_MONTHS, 1))
    yield from ((f"day-{day}", f"{num2words(day, lang='en', to='ordinal')},") for day in range(1, 32))
    yield from ((f"oh-{digit}", f"oh {_words(digit)}") for digit in range(1, 10))
    yield from (("and", "and"), ("hundred", "hundred"), ("noon", "noon"), ("midnight", "midnight"))
    yield from (("am", "a.m."), ("pm", "p.m."))


def _words(value: int) -> str:
    return str(num2words(value, lang="en"))


ENGLISH = English()
