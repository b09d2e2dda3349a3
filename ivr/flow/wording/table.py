"""What the words of one language mean. The languages themselves: `uk`, `ru`, `en`, one file each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from ivr.flow.wording.normal import normal

Forms = Mapping[int, str]
"""From a value to the words for it, parted by spaces; the first one is the usual one."""


class Kind(Enum):
    """The place that a word can have in a number."""

    ZERO = auto()
    UNIT = auto()
    TEEN = auto()
    """10 to 19."""
    TENS = auto()
    HUNDREDS = auto()
    """100 to 900 in one word."""
    HUNDRED = auto()
    """'hundred', which multiplies what is before it."""
    SCALE = auto()
    """Thousand or million."""
    AND = auto()
    ARTICLE = auto()
    REPEAT = auto()
    """'double', 'triple' before a digit."""
    WRITTEN = auto()
    """Digits as such: '25'."""


@dataclass(frozen=True, slots=True)
class Part:
    kind: Kind
    value: int
    written: str = ""
    """The digits of Kind.WRITTEN, zeros in front included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Words may be spelt in any way that `normal` brings to one."""

    numbers: Forms
    """0 to 19, tens, and hundreds where they are one word."""
    scales: Forms
    """1,000 and 1,000,000 in all their forms; 100 where it multiplies."""
    joiner: str = ""
    """May stand after hundreds and scales: 'one hundred and five'."""
    article: str = ""
    """May stand for one before hundreds and scales; not offered to a recogniser."""
    repeats: Mapping[int, str] = field(default_factory=dict)
    """2: double, 3: triple."""
    understood: Mapping[str, int] = field(default_factory=dict)
    """Further number words that are read but not offered to a recogniser, as it hears them in noise."""

    ordinals: Forms
    """Of days (1 to 31) and of years."""
    ordinal_months: Forms = field(default_factory=dict)
    """'of the eleventh' for November, after the ordinal of a day."""
    months: tuple[str, ...]
    """Forms of January to December."""
    years: Mapping[str, int] = field(default_factory=dict)
    """Whole years in one word: 'двохтисячного'."""
    year_words: str
    """The word 'year', which may end a date."""
    small_words: str = ""
    """'the', 'of': may stand in a date without a meaning."""
    month_first: bool = False
    """'November 22' is said too."""
    spoken_years: bool = False
    """Years are said in pairs too: 'twenty twenty six'."""
    near_days: Mapping[str, int]
    """From a phrase to the days from today: 'tomorrow': 1."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    operator: tuple[str, ...]
    other_languages: Mapping[str, tuple[str, ...]]
    message: tuple[tuple[str, ...], ...]
    """What to do with a message: leave it, listen to it, record it again, add to it."""
    in_turn: tuple[str, ...]
    at_time: tuple[str, ...]


def number_parts(table: Table) -> dict[str, Part]:
    """From a normal word to its part in numbers, '[unk]' and strangers left out."""
    words = [(word, _kind_of(value), value) for value, word in _words(table.numbers)]
    words += [
        (word, Kind.HUNDRED if value == 100 else Kind.SCALE, value) for value, word in _words(table.scales)
    ]
    words += [(word, Kind.REPEAT, value) for value, word in _words(table.repeats)]
    words += [(word, _kind_of(value), value) for word, value in table.understood.items()]
    words += [(table.joiner, Kind.AND, 0), (table.article, Kind.ARTICLE, 1)]
    return {normal(word): Part(kind, value) for word, kind, value in words if word}


def ordinal_parts(forms: Forms) -> dict[str, Part]:
    """The same for ordinals: each has the place that its number has."""
    return {normal(word): Part(_kind_of(value), value) for value, word in _words(forms)}


def _words(forms: Forms) -> Iterator[tuple[int, str]]:
    return ((value, word) for value, words in forms.items() for word in words.split())


def _kind_of(value: int) -> Kind:
    if value == 0:
        return Kind.ZERO
    if value < 10:
        return Kind.UNIT
    if value < 20:
        return Kind.TEEN
    return Kind.TENS if value < 100 else Kind.HUNDREDS
