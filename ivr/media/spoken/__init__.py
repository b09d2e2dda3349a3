"""Numbers, amounts, dates, times and digits as a person says them, in Ukrainian, Russian and English.

A piece becomes a sequence of fragments; each is a recording, `prompts/LANGUAGE/say/NAME.wav`, and the words
on it. Pure: nothing is read, and the same piece always gives the same.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import assert_never

from ivr.flow.said import Amount, Count, Day, Digits, Duration, Piece, TimeOfDay
from ivr.media.spoken import table
from ivr.media.spoken.english import ENGLISH
from ivr.media.spoken.errors import OutOfRange, SpokenError, UnknownCurrency, UnknownLanguage, UnknownNoun
from ivr.media.spoken.nouns import CURRENCIES, category, nouns
from ivr.media.spoken.russian import RUSSIAN
from ivr.media.spoken.table import LARGEST, PREFIX
from ivr.media.spoken.ukrainian import UKRAINIAN

__all__ = [
    "CURRENCIES",
    "LANGUAGES",
    "LARGEST",
    "PREFIX",
    "OutOfRange",
    "SpokenError",
    "UnknownCurrency",
    "UnknownLanguage",
    "UnknownNoun",
    "all_fragments",
    "category",
    "fragments_of",
    "nouns",
    "words_of",
]

_TONGUES: Mapping[str, table.Tongue] = {"uk": UKRAINIAN, "ru": RUSSIAN, "en": ENGLISH}
LANGUAGES = tuple(_TONGUES)


def words_of(piece: Piece, language: str) -> str:
    """What a person would say, in words. SpokenError: it cannot be said."""
    known = all_fragments(language)
    return " ".join(known[fragment] for fragment in fragments_of(piece, language))


def fragments_of(piece: Piece, language: str) -> tuple[str, ...]:
    """The ids of the recordings that say it one after the other. SpokenError: it cannot be said."""
    return tuple(PREFIX + name for name in _names(piece, _tongue(language)))


@cache
def all_fragments(language: str) -> Mapping[str, str]:
    """Everything that must be recorded: id -> words. UnknownLanguage."""
    return {PREFIX + name: words for name, words in _tongue(language).table().items()}


def _tongue(language: str) -> table.Tongue:
    if language not in _TONGUES:
        raise UnknownLanguage(language, LANGUAGES)
    return _TONGUES[language]


def _names(piece: Piece, tongue: table.Tongue) -> Iterator[str]:
    match piece:
        case Digits():
            return table.digits(piece)
        case Count():
            return table.count(tongue, piece)
        case Amount():
            return table.amount(tongue, piece)
        case Day():
            return tongue.day(piece)
        case TimeOfDay():
            return tongue.time(piece)
        case Duration():
            return table.duration(tongue, piece)
        case _:
            assert_never(piece)
