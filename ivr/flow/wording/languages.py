"""The languages whose words are known, ready for reading."""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.flow.wording.en import ENGLISH
from ivr.flow.wording.normal import normal
from ivr.flow.wording.ru import RUSSIAN
from ivr.flow.wording.table import Kind, Part, Table, number_parts, ordinal_parts
from ivr.flow.wording.uk import UKRAINIAN

LONGEST = 64
"""Words of a text that is read at all: no number, account or date is longer."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    table: Table
    numbers: Mapping[str, Part]
    ordinals: Mapping[str, Part]
    ordinal_months: Mapping[str, int]
    months: Mapping[str, int]
    years: Mapping[str, int]
    near_days: Mapping[str, int]

    def part(self, word: str) -> Part | None:
        """The place of a normal word in numbers; digits count as a word."""
        if word.isascii() and word.isdigit():
            return Part(Kind.WRITTEN, int(word) if len(word) < 10 else -1, word)
        return self.numbers.get(word)


def _lexicon(table: Table) -> Lexicon:
    return Lexicon(
        table=table,
        numbers=number_parts(table),
        ordinals=ordinal_parts(table.ordinals),
        ordinal_months={normal(word): month for month, word in table.ordinal_months.items()},
        months={normal(word): month for month, word in enumerate(table.months, start=1)},
        years={normal(word): year for word, year in table.years.items()},
        near_days={normal(phrase): days for phrase, days in table.near_days.items()},
    )


LEXICONS: Mapping[str, Lexicon] = {
    "uk": _lexicon(UKRAINIAN),
    "ru": _lexicon(RUSSIAN),
    "en": _lexicon(ENGLISH),
}
