"""From a language to its model folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from ivr.speech.training.corpus import Corpus, collect, labels_of, pronunciations
from ivr.speech.training.espeak import Espeak, Voice
from ivr.speech.training.graph import Costs
from ivr.speech.training.model_folder import Trained, write
from ivr.speech.training.network import Trainer, frames_of
from ivr.speech.training.phones import Phones, lexicon, phones_of
from ivr.speech.training.vocabulary import Vocabulary, sentences, vocabulary
from ivr.speech.training.voices import ACCENTS

PRIOR_SHARE: Final = 0.7

Progress = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done and how much there is."""


class TooFewSentences(Exception):
    """A sound of the language does not occur in them."""


def train(
    language: str, utterances: int, epochs: int, seed: int, espeak: Espeak, progress: Progress
) -> Trained:
    """A model of `language` from so many sentences. NoEspeak, VocabularyError, TooFewSentences."""
    rng = np.random.default_rng(seed)
    known = vocabulary(language)
    corpus = collect(
        language,
        sentences(known, rng),
        utterances,
        rng,
        espeak,
        lambda done: progress("sentences", done, utterances),
    )
    _say_each_word(corpus, known, language, espeak)
    phones = phones_of(corpus.frame_durations())
    if unheard := unheard_phones(corpus, phones):
        raise TooFewSentences(f"too few sentences: in {utterances} of them no {', '.join(unheard)} is heard")
    labels = [labels_of(utterance, phones) for utterance in corpus.utterances]
    trainer = Trainer(
        frames_of([utterance.features for utterance in corpus.utterances], labels), phones.state_count, rng
    )
    trainer.train(epochs, lambda done, loss: progress(f"network, loss {loss:.3f}", done, epochs))
    return Trained(phones, trainer.layers(PRIOR_SHARE), lexicon(known.words, corpus.pronounced))


def train_into(
    folder: Path, language: str, utterances: int, epochs: int, seed: int, espeak: Espeak, progress: Progress
) -> None:
    """The same, and the folder for Vosk."""
    write(train(language, utterances, epochs, seed, espeak, progress), folder, Costs())


def unheard_phones(corpus: Corpus, phones: Phones) -> list[str]:
    """Phones of words that no utterance has."""
    needed = {phone for ways in corpus.pronounced.values() for way in ways for phone in way}
    return sorted(needed - set(phones.names))


def _say_each_word(corpus: Corpus, known: Vocabulary, language: str, espeak: Espeak) -> None:
    """No word of the model without a pronunciation, whatever chance has chosen."""
    ways = {
        (word, way)
        for phrase in known.known
        for spoken in phrase.spoken
        for word, way in zip(phrase.text.split(), spoken.split(), strict=True)
    }
    for accent in ACCENTS[language]:
        for word, way in sorted(ways):
            found = pronunciations(espeak.say(way, Voice(accent, 140, 50)).segments)
            if len(found) == 1:
                corpus.pronounced[word][found[0]] += 1
