"""The phones of a language: how many states each has, and the numbers of them all in Kaldi's files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ivr.speech.training.espeak import SILENCE

Pronunciation = tuple[str, ...]
MOST_STATES: Final = 3
GARBAGE: Final = "GBG"


@dataclass(frozen=True, slots=True)
class Phones:
    """Phones are numbered from 1, silence first, in the order of `states`; their states from 0, in sequence.

    After them comes GARBAGE, one phone for the whole of an unknown word: its first state stands for the first
    of any phone, its second for all that follow. Told apart phone by phone, unknown words would make a
    lattice of every sequence of phones that is somewhat likely.
    Kaldi's 'triples' are a phone, a state within it and a state of the network; each has two transitions, to
    itself and onwards, numbered from 1 in the order of the triples.
    """

    states: Mapping[str, int]
    """The number of states of each phone, in order."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.states)

    @property
    def speech(self) -> tuple[str, ...]:
        return tuple(name for name in self.states if name != SILENCE)

    @property
    def state_count(self) -> int:
        return sum(self.states.values())

    def number(self, phone: str) -> int:
        return self.names.index(phone) + 1

    def first_state(self, phone: str) -> int:
        found = 0
        for name, states in self.states.items():
            if name == phone:
                return found
            found += states
        raise KeyError(phone)

    def entries(self) -> tuple[int, ...]:
        """How many states within it each phone has, GARBAGE included."""
        return (*self.states.values(), 2)

    def triples(self) -> tuple[tuple[int, int, int], ...]:
        """All of them in Kaldi's order; the first are those of the ordinary phones, one for each state."""
        garbage = len(self.states) + 1
        ordinary = [
            (number, within, self.first_state(name) + within)
            for number, (name, states) in enumerate(self.states.items(), start=1)
            for within in range(states)
        ]
        begins = [(garbage, 0, self.first_state(name)) for name in self.speech]
        goes_on = [(garbage, 1, state) for _, _, state in ordinary if state >= self.states[SILENCE]]
        return (*ordinary, *begins, *goes_on)


def stay(triple: int) -> int:
    """The number of a triple's transition to itself; triples are counted from 0."""
    return 2 * triple + 1


def leave(triple: int) -> int:
    """The number of its transition onwards."""
    return 2 * triple + 2


def phones_of(frame_durations: Mapping[str, Sequence[float]]) -> Phones:
    """As many states as a short occurrence has frames: a path through a phone takes a frame for each."""
    states = {SILENCE: 1}
    for name in sorted(frame_durations):
        if name != SILENCE:
            short = np.percentile(frame_durations[name], 10)
            states[name] = int(np.clip(short, 1, MOST_STATES))
    return Phones(states)


def lexicon(
    words: Iterable[str], pronounced: Mapping[str, Mapping[Pronunciation, int]], least_share: float = 0.03
) -> dict[str, dict[Pronunciation, float]]:
    """For each word how it may be pronounced, with probabilities.

    What is rarer than `least_share` of the most frequent is left out. KeyError for a word that never was.
    """
    found = {}
    for word in words:
        ways = pronounced[word]
        most = max(ways.values())
        kept = {way: count for way, count in ways.items() if count >= least_share * most}
        total = sum(kept.values())
        found[word] = {way: count / total for way, count in kept.items()}
    return found
