"""Phrases in a recogniser's result: those of a menu, yes and no, and the words that hold everywhere."""

from collections.abc import Iterable, Mapping, Sequence

from ivr.flow.wording.languages import LEXICONS, LONGEST
from ivr.flow.wording.normal import normal

UNKNOWN = "[unk]"
"""A recogniser's word for speech outside its grammar."""

Words = tuple[str, ...]


def yes_words(language: str) -> tuple[str, ...]:
    """Phrases that agree; empty for a language that is not known, as all of the following."""
    lexicon = LEXICONS.get(language)
    return lexicon.table.yes if lexicon else ()


def no_words(language: str) -> tuple[str, ...]:
    """Phrases that refuse. 'не так' must stand in the grammar too, or it would be heard as '[unk] так'."""
    lexicon = LEXICONS.get(language)
    return lexicon.table.no if lexicon else ()


def operator_words(language: str) -> tuple[str, ...]:
    """Phrases that ask for a person."""
    lexicon = LEXICONS.get(language)
    return lexicon.table.operator if lexicon else ()


def message_words(language: str) -> tuple[tuple[str, ...], ...]:
    """Phrases by what they do with a message: leave it, listen to it, record it again, add to it."""
    lexicon = LEXICONS.get(language)
    return lexicon.table.message if lexicon else ()


def in_turn_words(language: str) -> tuple[str, ...]:
    """Phrases that want a call-back in turn."""
    lexicon = LEXICONS.get(language)
    return lexicon.table.in_turn if lexicon else ()


def at_time_words(language: str) -> tuple[str, ...]:
    """Phrases that want a call-back at a time."""
    lexicon = LEXICONS.get(language)
    return lexicon.table.at_time if lexicon else ()


def language_words(spoken_in: str) -> Mapping[str, tuple[str, ...]]:
    """By the language asked for: phrases that ask for it in words of the language that is being spoken.

    Only those: a recogniser knows the words of its own language.
    """
    lexicon = LEXICONS.get(spoken_in)
    return lexicon.table.other_languages if lexicon else {}


def read_yes_no(text: str, language: str) -> bool | None:
    """Yes or no, also by several words for the same ('так правильно'); None for neither and for both."""
    yes, no = yes_words(language), no_words(language)
    found = _found(text, (*yes, *no))
    if not found:
        return None
    said = {normal(phrase) for phrase in _without_contained(found)}
    if said <= {normal(phrase) for phrase in yes}:
        return True
    return False if said <= {normal(phrase) for phrase in no} else None


def match(text: str, phrases: Iterable[str]) -> str | None:
    """Which of the phrases was said, as it stands in `phrases`; None for none and for more than one.

    Compared as `normal` spells. Beside the phrase itself:
    - any number of '[unk]' before, after and between phrases, never inside one: '[unk] посилка';
    - the phrase several times, which impatient callers do: 'посилка посилка';
    - of several phrases the longest, if it contains the others as whole words: 'посилка' and 'моя посилка'.
    Any other word beside a phrase, or a second phrase, leaves it open what was meant: None.
    """
    found = _without_contained(_found(text, phrases))
    return found[0] if len(found) == 1 else None


def _found(text: str, phrases: Iterable[str]) -> list[str]:
    """The phrases that the words are made of, each once; empty where a word belongs to none."""
    words = normal(text).split(maxsplit=LONGEST)
    if len(words) > LONGEST:
        return []
    known: dict[Words, str] = {}
    for phrase in phrases:
        known.setdefault(tuple(normal(phrase).split()), phrase)
    known.pop((), None)
    runs = _runs(words)
    for spelt in sorted(known, key=len, reverse=True):
        if runs and all(_repeats(run, spelt) for run in runs):
            return [known[spelt]]
    found = _tiles(runs, sorted(known, key=len, reverse=True))
    return [known[spelt] for spelt in dict.fromkeys(found)]


def _runs(words: Sequence[str]) -> list[Words]:
    """The words between the unknown ones."""
    runs: list[list[str]] = [[]]
    for word in words:
        if word == UNKNOWN:
            runs.append([])
        else:
            runs[-1].append(word)
    return [tuple(run) for run in runs if run]


def _repeats(run: Words, phrase: Words) -> bool:
    times, rest = divmod(len(run), len(phrase))
    return not rest and run == phrase * times


def _tiles(runs: Sequence[Words], longest_first: Sequence[Words]) -> list[Words]:
    """The runs cut into phrases from the left, each time the longest that fits; empty where none does."""
    found: list[Words] = []
    for run in runs:
        rest = run
        while rest:
            tile = next((phrase for phrase in longest_first if rest[: len(phrase)] == phrase), None)
            if tile is None:
                return []
            found.append(tile)
            rest = rest[len(tile) :]
    return found


def _without_contained(found: Sequence[str]) -> list[str]:
    """Phrases that are whole words of another one of them, left out."""
    padded = [f" {normal(phrase)} " for phrase in found]
    return [
        phrase
        for phrase, spelt in zip(found, padded, strict=True)
        if not any(spelt in other and spelt != other for other in padded)
    ]
