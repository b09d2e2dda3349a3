"""Dates from their words and from keys.

Ukrainian and Russian: the day as an ordinal ('двадцять друге', 'двадцять другого') or a number, the month by
its name or, after an ordinal, by its own ordinal ('друге одинадцятого'), then the year, if any, with or
without the word for it. English: 'the second of may', 'may second', 'may two', then the year, if any.
A year is said in full (1900 to 2100) or in its last two digits.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ivr.flow.wording.languages import LEXICONS, LONGEST, Lexicon
from ivr.flow.wording.normal import normal
from ivr.flow.wording.numbers import digit_readings, read_number, whole
from ivr.flow.wording.table import Part

FIRST_YEAR, LAST_YEAR = 1900, 2100
YEARS_AHEAD = 20
"""A year of two digits lies at most so far in the future: '46' is 2046 in 2026, '47' is 1947."""
_LEAP_PAUSE = 8
"""Years between two 29ths of February at most."""
_LARGEST_IN_YEARS = 90
"""Of the numbers below a hundred that years are made of; hundreds: 900 alone."""


def date_vocabulary(language: str) -> tuple[str, ...]:
    """Every word of dates, for a recogniser's grammar; empty for a language that is not known."""
    lexicon = LEXICONS.get(language)
    if lexicon is None:
        return ()
    table = lexicon.table
    numbers = [
        words
        for value, words in table.numbers.items()
        if value <= _LARGEST_IN_YEARS or value == FIRST_YEAR % 1000
    ]
    texts = [
        *table.ordinals.values(),
        *table.months,
        *numbers,
        table.scales[1000],
        table.joiner,
        *table.years,
        table.year_words,
        table.small_words,
        *table.near_days,
    ]
    return tuple(dict.fromkeys(" ".join(texts).split()))


def read_date(text: str, language: str, today: date) -> date | None:
    """'двадцять друге листопада', 'tomorrow', 'may second twenty twenty six'.

    A day and month without a year is the nearest such day to `today`, before or after it, of two equally
    near ones the later; so 29 February may lie up to eight years away. None for impossible dates and for
    words that are no date.
    """
    lexicon, said = LEXICONS.get(language), normal(text)
    words = said.split(maxsplit=LONGEST)
    if lexicon is None or len(words) > LONGEST:
        return None
    words = [word for word in words if word not in lexicon.table.small_words.split()]
    if (days := lexicon.near_days.get(" ".join(words))) is not None:
        return _shifted(today, days)
    if words and words[-1] in lexicon.table.year_words.split():
        words.pop()
    return next(_dates(words, language, lexicon, today), None)


def date_from_keys(keys: str, today: date) -> date | None:
    """DDMM, then the nearest such day as in `read_date`, or DDMMYYYY. None for anything else."""
    if not (keys.isascii() and keys.isdigit()) or len(keys) not in {4, 8}:
        return None
    day, month = int(keys[:2]), int(keys[2:4])
    if len(keys) == 4:
        return nearest(day, month, today)
    return _date(int(keys[4:]), month, day)


def nearest(day: int, month: int, today: date) -> date | None:
    """The date with this day and month that has the fewest days to `today`; None where there is no such."""
    years = range(today.year - _LEAP_PAUSE, today.year + _LEAP_PAUSE + 1)
    there = [found for year in years if (found := _date(year, month, day))]
    return min(there, key=lambda found: (abs(found - today), found < today), default=None)


def _dates(words: Sequence[str], language: str, lexicon: Lexicon, today: date) -> Iterator[date]:
    for day, month, year_words in _days_and_months(words, lexicon):
        if not year_words:
            found = nearest(day, month, today)
        else:
            year = _year(year_words, language, lexicon, today)
            found = _date(year, month, day) if year is not None else None
        if found is not None:
            yield found


def _days_and_months(words: Sequence[str], lexicon: Lexicon) -> Iterator[tuple[int, int, Sequence[str]]]:
    """Day, month and the words of the year after them, in each way that the words may be parted."""
    for index, word in enumerate(words):
        month = lexicon.months.get(word)
        if month is None and index and words[index - 1] in lexicon.ordinals:
            month = lexicon.ordinal_months.get(word)
        if month is not None and (day := _day(words[:index], lexicon)):
            yield day, month, words[index + 1 :]
    if words and lexicon.table.month_first and (month := lexicon.months.get(words[0])):
        for end in (3, 2):
            if len(words) >= end and (day := _day(words[1:end], lexicon)):
                yield day, month, words[end:]


def _day(words: Sequence[str], lexicon: Lexicon) -> int | None:
    """An ordinal or a number, 1 to 31; 0 or None for anything else."""
    day = _ordinal(words, lexicon)
    return day if day is not None and day <= 31 else None


def _ordinal(words: Sequence[str], lexicon: Lexicon) -> int | None:
    """A number whose last word may be an ordinal: 'двадцять друге', 'twenty second', 'twenty two'."""
    parts: list[Part] = []
    for index, word in enumerate(words):
        is_last = index == len(words) - 1
        part = lexicon.ordinals.get(word) if is_last and word in lexicon.ordinals else lexicon.part(word)
        if part is None:
            return None
        parts.append(part)
    return whole(parts) if parts else None


def _year(words: Sequence[str], language: str, lexicon: Lexicon, today: date) -> int | None:
    if len(words) == 1 and words[0] in lexicon.years:
        return lexicon.years[words[0]]
    spoken = lexicon.table.spoken_years
    year = _spoken_year(" ".join(words), language) if spoken else _ordinal(words, lexicon)
    if year is not None and year < 100:
        return _of_two_digits(year, today)
    return year if year is not None and FIRST_YEAR <= year <= LAST_YEAR else None


def _spoken_year(text: str, language: str) -> int | None:
    """'two thousand six', 'twenty oh six' or 'oh six'."""
    year = read_number(text, language)
    if year is None and (digits := next(iter(digit_readings(text, language)), "")):
        return int(digits) if len(digits) <= 4 else None
    return year


def _of_two_digits(digits: int, today: date) -> int:
    latest = today.year + YEARS_AHEAD
    return latest - (latest - digits) % 100


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _shifted(today: date, days: int) -> date | None:
    try:
        return today + timedelta(days)
    except OverflowError:
        return None
