"""Messages of quiet and loud callers become equally loud, without silence at their ends, and quickly."""

import time

import numpy as np
import pytest

from ivr.media.sound import evened, level_db
from tests.speech import spoken

SECOND = 16000
WORDS = {
    "uk": "добрий день прошу передзвонити мені завтра",
    "ru": "добрый день перезвоните мне завтра",
    "en": "good morning please call me back tomorrow",
}


def at(pcm: bytes, db: float) -> bytes:
    """As a line that is so much quieter (or louder, and then cut) carries it."""
    samples = np.frombuffer(pcm, "<i2") * 10 ** (db / 20)
    return np.clip(np.round(samples), -32768, 32767).astype("<i2").tobytes()


def noise(seconds: float, db: float) -> bytes:
    rng = np.random.default_rng(5)
    return np.round(rng.normal(0, 32767 * 10 ** (db / 20), round(seconds * 8000))).astype("<i2").tobytes()


def samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2") / 32768


def with_noise(pcm: bytes, db: float) -> bytes:
    both = np.frombuffer(pcm, "<i2").astype(np.int32) + np.frombuffer(noise(len(pcm) / SECOND, db), "<i2")
    return np.clip(both, -32768, 32767).astype("<i2").tobytes()


@pytest.mark.parametrize("line_db", [-75, -62], ids=["quiet line", "noisy line"])
def test_quiet_and_loud_speakers_end_equally_loud_and_none_is_clipped(line_db: float) -> None:
    levels = []
    for language, words in WORDS.items():
        for db in (-26, -12, 0, 9):
            heard = samples(evened(with_noise(at(spoken(words, language), db), line_db)))
            levels.append(level_db(heard))
            assert np.max(np.abs(heard)) < 10 ** (-1.9 / 20), "a peak beyond -2 dBFS"
    assert max(levels) - min(levels) < 2
    assert abs(sum(levels) / len(levels) + 20) < 1


def test_silence_at_the_ends_is_cut_and_that_inside_stays() -> None:
    words = spoken(WORDS["uk"])
    bare = len(evened(words))
    for line_db in (-70, -60):
        said = bytes(3 * SECOND) + words + bytes(2 * SECOND) + words + bytes(5 * SECOND)
        message = with_noise(said, line_db)
        assert abs(len(evened(message)) - (2 * bare + 2 * SECOND)) < 0.6 * SECOND


@pytest.mark.parametrize("pcm", [b"", bytes(3 * SECOND), noise(2, -70)])
def test_silence_stays_as_it_is(pcm: bytes) -> None:
    assert evened(pcm) == pcm


def test_a_whisper_is_not_made_a_storm() -> None:
    whisper = with_noise(at(spoken(WORDS["uk"]), -40), -75)
    gain = np.max(np.abs(samples(evened(whisper)))) / np.max(np.abs(samples(whisper)))
    assert 20 * np.log10(gain) == pytest.approx(30, abs=0.5)


def test_half_a_sample_at_the_end_is_no_matter() -> None:
    words = spoken(WORDS["uk"])
    assert evened(words + b"\x07") == evened(words)


def test_evening_twice_changes_little() -> None:
    once = evened(spoken(WORDS["uk"]))
    assert abs(level_db(samples(evened(once))) - level_db(samples(once))) < 0.5
    assert abs(len(evened(once)) - len(once)) < 0.1 * SECOND


def test_three_minutes_take_a_fraction_of_a_second() -> None:
    words = spoken(WORDS["uk"])
    message = (words * (180 * SECOND // len(words) + 1))[: 180 * SECOND]
    took = []
    for _ in range(5):
        began = time.process_time()
        evened(message)
        took.append(time.process_time() - began)
    print(f"3 minutes are evened in {min(took) * 1000:.0f} ms")
    assert min(took) < 0.2
