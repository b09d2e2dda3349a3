"""The recordings that numbers and dates are put together from, as lines to be rendered and checked.

Words inside of a number are rendered with a word after them, which is cut off again: a synthesizer lets the
last word of a sentence fall, and a number of such pieces sounds like a list of sentences. Words that mostly
end what is said (nouns, years) keep that fall.
"""

import re
from collections.abc import Iterable, Mapping

from ivr.media.prompts import Line
from ivr.media.sound import Edges
from ivr.media.spoken import LANGUAGES, PREFIX, all_fragments, nouns

JOINED = Edges(lead_s=0.0, tail_s=0.0, kept_s=0.02)
PAUSING = Edges(lead_s=0.0, tail_s=0.2, kept_s=0.02)
"""Of a text with a comma at its end."""
VOWELS_A_SECOND = (1.2, 11.0)  # one word alone varies more than a sentence does
CARRIERS: Mapping[str, str] = {"uk": "але", "ru": "или", "en": "we are"}
"""They begin with a vowel and have no stop, whose silence could be taken for the pause before them."""
_LAST = re.compile(r"(year|hour)-\d+|am|pm|noon|midnight")


def fragment_lines(languages: Iterable[str]) -> list[Line]:
    """All fragments of those of `languages` in which numbers are spoken."""
    return [
        _line(fragment, text, language)
        for language in languages
        if language in LANGUAGES
        for fragment, text in all_fragments(language).items()
    ]


def _line(fragment: str, text: str, language: str) -> Line:
    edges = PAUSING if text.endswith(",") else JOINED
    carrier = "" if _ends_a_sentence(fragment.removeprefix(PREFIX), language) else CARRIERS[language]
    return Line(fragment, language, language, text, carrier, edges, VOWELS_A_SECOND)


def _ends_a_sentence(name: str, language: str) -> bool:
    return name.rpartition("-")[0] in nouns(language) or _LAST.fullmatch(name) is not None
