"""The test models in the unchanged Vosk: what they hear, what they refuse, voices and paces new to them."""

from collections.abc import Callable, Iterable, Sequence
from statistics import median

import pytest

from ivr.flow.wording import date_vocabulary, match, number_vocabulary
from ivr.speech.port import UNKNOWN_WORD
from ivr.speech.training.vocabulary import LANGUAGES, vocabulary
from tests.benchmarks.speech_models import halves, sounds, words_right
from tests.speech_samples import MENU, STRANGE, digit_strings, three_digit_numbers
from tests.synthetic_speech import Speaker, said
from tests.vosk_listener import MODELS, Answer, listen, model

LARGEST = 1_500_000
PAIRS = (("+m3", 148), ("+Andrea", 122))

pytestmark = pytest.mark.parametrize("language", LANGUAGES)


def hear(language: str, sound: bytes, phrases: Sequence[str]) -> Answer:
    return listen(MODELS / language, sound, [*phrases, UNKNOWN_WORD])


def speakers(language: str) -> Iterable[Speaker]:
    return (Speaker(language, variant, pace) for variant, pace in PAIRS)


def share_of_words(language: str, texts: Sequence[str], phrases: Sequence[str], law: str = "") -> float:
    """Words heard at their places, of all that were said."""
    asked = right = 0
    for speaker in list(speakers(language))[: 1 if law else None]:
        for text in texts:
            asked += len(text.split())
            right += words_right(text, hear(language, said(text, speaker, law), phrases).text)
    return right / asked


def share_refused(language: str, sounds: Iterable[bytes], phrases: Sequence[str]) -> float:
    verdicts = [match(hear(language, sound, phrases).text, phrases) is None for sound in sounds]
    return sum(verdicts) / len(verdicts)


@pytest.mark.parametrize("law", ["", "mu-law", "a-law"])
def test_menu_words_are_heard(language: str, law: str) -> None:
    assert share_of_words(language, MENU[language], MENU[language], law) >= 0.9


def test_connected_numbers_are_heard(language: str) -> None:
    assert share_of_words(language, three_digit_numbers(language, 15), number_vocabulary(language)) >= 0.9


def test_digit_strings_are_heard(language: str) -> None:
    assert share_of_words(language, digit_strings(language, 8), number_vocabulary(language)) >= 0.9


@pytest.mark.parametrize("phrases_of", [MENU.__getitem__, number_vocabulary])
def test_strange_words_are_refused(language: str, phrases_of: Callable[[str], Sequence[str]]) -> None:
    strange = [said(text, speaker) for speaker in speakers(language) for text in STRANGE[language]]
    assert share_refused(language, strange, phrases_of(language)) >= 0.9


def test_noise_tones_and_silence_are_refused(language: str) -> None:
    assert share_refused(language, (sound for _, sound in sounds()), MENU[language]) >= 0.9


def test_half_words_are_not_taken_for_others(language: str) -> None:
    heard = [(text, hear(language, sound, MENU[language])) for text, sound in halves(language)]
    others = [answer for text, answer in heard if match(answer.text, MENU[language]) not in (None, text)]
    assert len(others) <= 0.1 * len(heard)


def test_confidence_of_what_is_heard_right_is_high(language: str) -> None:
    answers = [hear(language, said(text, Speaker(language)), MENU[language]) for text in MENU[language]]
    right = [
        answer.confidence for text, answer in zip(MENU[language], answers, strict=True) if answer.text == text
    ]
    assert median(right) >= 0.9


def test_free_speech_is_heard_without_phrases(language: str) -> None:
    comments = [phrase.text for phrase in vocabulary(language).comments[:6]]
    heard = [listen(MODELS / language, said(text, Speaker(language)), None).text for text in comments]
    right = sum(words_right(text, answer) for text, answer in zip(comments, heard, strict=True))
    assert right >= 0.8 * sum(len(text.split()) for text in comments)


def test_models_are_small_and_know_every_word_that_the_server_listens_for(language: str) -> None:
    folder = MODELS / language
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < LARGEST
    wanted = {*vocabulary(language).words, *number_vocabulary(language), UNKNOWN_WORD}
    wanted |= {word for word in date_vocabulary(language) if "ё" not in word}
    assert [word for word in sorted(wanted) if model(folder).vosk_model_find_word(word) < 0] == []
