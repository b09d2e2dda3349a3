"""The graph from a network's states to words, as the text that OpenFst's tools read.

One loop: each word by its pronunciations, silence between words, and UNKNOWN_WORD for other runs of phones.
What phrases are allowed comes in while recognising, by composition with Vosk's language model.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from ivr.speech.port import UNKNOWN_WORD
from ivr.speech.training.espeak import SILENCE
from ivr.speech.training.phones import Phones, Pronunciation, leave, stay

LOOP: Final = 0
"""The state between words; words begin and end there."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Negative natural logarithms, beside those of the network (times its scale)."""

    silence: float = 1.0
    unknown: float = 0.5
    """For entering the unknown word, beside the following."""
    unknown_phone: float = 2.75
    """For each phone of it."""
    fewest_unknown_phones: int = 3


@dataclass(frozen=True, slots=True)
class Arc:
    source: int
    target: int
    transition: int
    """Kaldi's number; 0 for none."""
    word: int
    """0 for none."""
    cost: float

    def __str__(self) -> str:
        return f"{self.source}\t{self.target}\t{self.transition}\t{self.word}\t{self.cost:.5g}"


class Graph:
    """Arcs are added; `text` is for fstcompile."""

    def __init__(self, phones: Phones) -> None:
        self._first = {name: phones.first_state(name) for name in phones.names}
        self._phones = phones
        self._garbage = {
            (within, state): index
            for index, (phone, within, state) in enumerate(phones.triples())
            if phone == len(phones.states) + 1
        }
        self._next = count(LOOP + 1)
        self.arcs: list[Arc] = []

    def add_word(self, names: Sequence[str], word: int, cost: float) -> None:
        """From the loop to the loop through `names`, with `word` and `cost` at the beginning."""
        triples = [
            self._first[name] + within for name in names for within in range(self._phones.states[name])
        ]
        self._add_path(LOOP, LOOP, triples, word, cost)

    def add_unknown(self, word: int, costs: Costs) -> None:
        """Any phones, but not fewer than are asked for."""
        here = next(self._next)
        self.arcs.append(Arc(LOOP, here, 0, word, costs.unknown))
        for number in range(costs.fewest_unknown_phones):
            after = next(self._next)
            self._add_any_phone(here, after, costs.unknown_phone, begins=number == 0)
            here = after
        self._add_any_phone(here, here, costs.unknown_phone, begins=False)
        self.arcs.append(Arc(here, LOOP, 0, 0, 0.0))

    def _add_any_phone(self, source: int, target: int, cost: float, begins: bool) -> None:
        """One phone of an unknown word, by the triples of GARBAGE."""
        for name in self._phones.speech:
            first = self._first[name]
            states = range(first, first + self._phones.states[name])
            triples = [self._garbage[0 if begins and state == first else 1, state] for state in states]
            self._add_path(source, target, triples, 0, cost)

    def _add_path(self, source: int, target: int, triples: Sequence[int], word: int, cost: float) -> None:
        for triple in triples:
            reached = next(self._next)
            self.arcs.append(Arc(source, reached, leave(triple), word, cost))
            self.arcs.append(Arc(reached, reached, stay(triple), 0, 0.0))
            source, word, cost = reached, 0, 0.0
        self.arcs.append(Arc(source, target, 0, word, cost))

    def text(self) -> str:
        return "".join(f"{arc}\n" for arc in self.arcs) + f"{LOOP}\t0\n"


def word_loop(
    phones: Phones,
    lexicon: Mapping[str, Mapping[Pronunciation, float]],
    numbers: Mapping[str, int],
    costs: Costs,
) -> Graph:
    """All words and UNKNOWN_WORD by their `numbers`."""
    graph = Graph(phones)
    graph.add_word((SILENCE,), 0, costs.silence)
    for word, ways in lexicon.items():
        for way, probability in ways.items():
            graph.add_word(way, numbers[word], -math.log(probability))
    graph.add_unknown(numbers[UNKNOWN_WORD], costs)
    return graph


def any_words(numbers: Mapping[str, int], unknown_cost: float) -> Iterator[str]:
    """The lines of a language model for recognition without phrases: each word after each, equally likely."""
    even = math.log(len(numbers) + 1)
    for word, number in sorted(numbers.items(), key=lambda pair: pair[1]):
        yield f"0\t0\t{number}\t{number}\t{even + (unknown_cost if word == UNKNOWN_WORD else 0):.5g}"
    yield f"0\t{even:.5g}"
