"""Spoken sentences as a network is taught: frames of features and the phone state that each is in."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ivr.speech.training.espeak import SILENCE, Espeak, Segment, Spoken
from ivr.speech.training.features import FRAME_MIDDLE, FRAME_SHIFT, mfcc
from ivr.speech.training.phones import Phones, Pronunciation
from ivr.speech.training.sound import RATE, Sound, background, on_the_line, resampled
from ivr.speech.training.vocabulary import Phrase
from ivr.speech.training.voices import teacher

NOISE_SHARE: Final = 0.08
"""Of the utterances: no voice at all."""
CUT_SHARE: Final = 0.08
"""Of the spoken ones: broken off somewhere."""
BUSY_SHARE: Final = 0.2
"""Of the spoken ones: other sounds before and after the words."""


@dataclass(frozen=True, slots=True)
class Utterance:
    features: NDArray[np.float32]
    segments: tuple[Segment, ...]
    """At 8 kHz."""


@dataclass(slots=True)
class Corpus:
    utterances: list[Utterance] = field(default_factory=list)
    pronounced: defaultdict[str, Counter[Pronunciation]] = field(default_factory=lambda: defaultdict(Counter))
    """How often each word was spoken in which way."""

    def frame_durations(self) -> Mapping[str, Sequence[float]]:
        """Frames that each occurrence of a phone lasted."""
        found: defaultdict[str, list[float]] = defaultdict(list)
        for utterance in self.utterances:
            for segment in utterance.segments:
                found[segment.phone].append((segment.end - segment.start) / FRAME_SHIFT)
        return found


def collect(
    language: str,
    sentences: Iterable[Phrase],
    count: int,
    rng: Generator,
    espeak: Espeak,
    progress: Callable[[int], None],
) -> Corpus:
    """`count` utterances, `progress` told how many there are so far."""
    corpus = Corpus()
    for number, phrase in zip(range(count), sentences, strict=False):
        if rng.random() < NOISE_SHARE:
            corpus.utterances.append(_noise(rng))
        else:
            spoken = espeak.say(phrase.spoken[rng.integers(len(phrase.spoken))], teacher(language, rng))
            _count_words(corpus, phrase.text.split(), spoken.segments)
            corpus.utterances.append(_heard(spoken, rng))
        progress(number + 1)
    return corpus


def pronunciations(segments: Iterable[Segment]) -> tuple[Pronunciation, ...]:
    """The phones of each word, in order."""
    words: defaultdict[int, list[str]] = defaultdict(list)
    for segment in segments:
        if segment.phone != SILENCE and segment.word >= 0:
            words[segment.word].append(segment.phone)
    return tuple(tuple(words[index]) for index in sorted(words))


def labels_of(utterance: Utterance, phones: Phones) -> NDArray[np.int32]:
    """For each frame the state that its middle lies in; outside of all segments the first of silence."""
    frames = len(utterance.features)
    labels = np.full(frames, phones.first_state(SILENCE), dtype=np.int32)
    middles = np.arange(frames) * FRAME_SHIFT + FRAME_MIDDLE
    for segment in utterance.segments:
        begin, end = np.searchsorted(middles, (segment.start, segment.end))
        part = (middles[begin:end] - segment.start) / (segment.end - segment.start)
        states = phones.states[segment.phone]
        labels[begin:end] = phones.first_state(segment.phone) + np.minimum(
            (part * states).astype(int), states - 1
        )
    return labels


def _count_words(corpus: Corpus, words: Sequence[str], segments: Iterable[Segment]) -> None:
    """Pronunciations, where the synthesizer spoke as many words as there are (it may join or spell some)."""
    spoken = pronunciations(segments)
    if len(spoken) == len(words):
        for word, pronunciation in zip(words, spoken, strict=True):
            corpus.pronounced[word][pronunciation] += 1


def _heard(spoken: Spoken, rng: Generator) -> Utterance:
    """At the other end of a telephone line, with time before and after, perhaps broken off."""
    sound, segments = resampled(spoken.sound, spoken.rate), spoken.segments
    scale = RATE / spoken.rate
    length = len(sound)
    if rng.random() < CUT_SHARE:
        length = int(len(sound) * rng.uniform(0.3, 0.9))
    before, after = (int(RATE * rng.uniform(0.1, 0.7)) for _ in range(2))
    whole = np.concatenate([np.zeros(before), sound[:length], np.zeros(after)]).astype(np.float32)
    if rng.random() < BUSY_SHARE:
        _disturb(whole, before, before + length, rng)
    moved = tuple(
        Segment(s.phone, before + int(s.start * scale), before + min(int(s.end * scale), length), s.word)
        for s in segments
        if s.start * scale < length - 1
    )
    return Utterance(mfcc(on_the_line(whole, rng)), moved)


def _disturb(sound: Sound, begin: int, end: int, rng: Generator) -> None:
    """Other sounds outside of `begin` to `end`, up to as loud as the words."""
    level = np.sqrt(np.mean(sound[begin:end] ** 2)) * 10 ** rng.uniform(-1.5, 0)
    for part in (sound[:begin], sound[end:]):
        if len(part) > 800:
            part += background(len(part), rng) * level


def _noise(rng: Generator) -> Utterance:
    sound = background(int(RATE * rng.uniform(0.5, 2.5)), rng)
    return Utterance(mfcc(on_the_line(sound, rng)), ())
