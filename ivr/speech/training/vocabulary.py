"""What the models are taught to hear, and the sentences that teach it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain

from numpy.random import Generator

from ivr.flow.wording import (
    date_vocabulary,
    language_words,
    no_words,
    normal,
    number_vocabulary,
    operator_words,
    yes_words,
)

LANGUAGES = ("uk", "ru", "en")


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    """As recognised: lower case, normal spelling."""
    spoken: tuple[str, ...]
    """What the synthesizer is given for it; word by word as long as `text`."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    menu: tuple[Phrase, ...]
    numbers: tuple[Phrase, ...]
    dates: tuple[Phrase, ...]
    comments: tuple[Phrase, ...]
    others: tuple[Phrase, ...]
    """Teach the sounds of the language; their words are unknown to the model."""

    @property
    def known(self) -> tuple[Phrase, ...]:
        return (*self.menu, *self.numbers, *self.dates, *self.comments)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word of the model once, in order of appearance."""
        return tuple(dict.fromkeys(chain.from_iterable(phrase.text.split() for phrase in self.known)))


class VocabularyError(ValueError):
    """A line of a vocabulary file cannot be used."""


def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of 'uk', 'ru' or 'en'. VocabularyError."""
    name = f"vocabulary/{language}.txt"
    sections = read_sections(files(__package__).joinpath(name).read_text(encoding="utf-8"), name)
    server = (
        *yes_words(language),
        *no_words(language),
        *operator_words(language),
        *chain.from_iterable(language_words(language).values()),
    )
    return Vocabulary(
        menu=_distinct((*sections["menu"], *map(_plain, server))),
        numbers=_distinct(map(_plain, number_vocabulary(language))),
        dates=_distinct(map(_plain, date_vocabulary(language))),
        comments=sections["comments"],
        others=sections["others"],
    )


def read_sections(text: str, name: str) -> Mapping[str, tuple[Phrase, ...]]:
    """The phrases below each '[section]'. VocabularyError with `name` and line."""
    sections: dict[str, list[Phrase]] = {"menu": [], "comments": [], "others": []}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.split("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif line and section not in sections:
            raise VocabularyError(
                f"{name}:{number}: [{section}] is no section; there are {', '.join(sections)}"
            )
        elif line:
            sections[section].append(_phrase(line, f"{name}:{number}"))
    return {name: tuple(phrases) for name, phrases in sections.items()}


def sentences(known: Vocabulary, rng: Generator) -> Iterator[Phrase]:
    """Endless: what callers may say, single phrases and runs of them, each kind as often as it matters."""
    kinds = (known.menu, known.numbers, known.dates, known.comments, known.others, known.known)
    while True:
        kind = kinds[rng.choice(len(kinds), p=(0.2, 0.35, 0.1, 0.1, 0.15, 0.1))]
        longest = 1 if kind is known.comments else 6 if kind is known.numbers else 3
        chosen = [kind[index] for index in rng.integers(len(kind), size=rng.integers(1, longest + 1))]
        yield Phrase(
            " ".join(phrase.text for phrase in chosen),
            (" ".join(str(rng.choice(phrase.spoken)) for phrase in chosen),),
        )


def _phrase(line: str, where: str) -> Phrase:
    text, _, alternatives = (part.strip() for part in line.partition("="))
    spoken = (text, *(other.strip() for other in alternatives.split(",") if other.strip()))
    if text != normal(text):
        raise VocabularyError(f"{where}: {text!r} is to be written {normal(text)!r}")
    if any(len(other.split()) != len(text.split()) for other in spoken):
        raise VocabularyError(f"{where}: what is spoken for {text!r} must have as many words")
    return Phrase(text, spoken)


def _plain(text: str) -> Phrase:
    return Phrase(normal(text), (text,))


def _distinct(phrases: Iterable[Phrase]) -> tuple[Phrase, ...]:
    """Each text once, with all the ways it is spoken."""
    ways: dict[str, dict[str, None]] = {}
    for phrase in phrases:
        ways.setdefault(phrase.text, {}).update(dict.fromkeys(phrase.spoken))
    return tuple(Phrase(text, tuple(spoken)) for text, spoken in ways.items())
