"""Voice activity: speech is heard in time and whole; clicks, tones of the line and noise are no speech."""

import math
import subprocess
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.speech.voice import (
    FRAME_BYTES,
    SpeechEnded,
    SpeechStarted,
    VoiceDetector,
    VoiceEvent,
    VoiceSettings,
    loudness_db,
)
from tests.real import need

Signal = NDArray[np.float64]
RATE = 8000


def silence(seconds: float) -> Signal:
    return np.zeros(round(seconds * RATE))


def noise(seconds: float, level_db: float, seed: int = 1) -> Signal:
    return np.random.default_rng(seed).normal(0, 32768 * 10 ** (level_db / 20), round(seconds * RATE))


def click() -> Signal:
    return np.tile([20000.0, -20000.0], 8)


def buzz(seconds: float, amplitude: float = 8000.0) -> Signal:
    """A voiced sound: harmonics of 120 Hz that fade with their number."""
    t = np.arange(round(seconds * RATE)) / RATE
    waves = [np.sin(2 * math.pi * 120 * n * t) / n for n in range(1, 20)]
    return np.asarray(amplitude * np.sum(waves, axis=0) / 2)


def spoken(words: str, language: str = "uk", level_db: float = 0.0) -> Signal:
    """By espeak-ng, the silence around it cut off."""
    said = subprocess.run(
        [need("espeak-ng"), "-v", language, "--stdout", words], capture_output=True, check=True
    ).stdout
    form = ["-r", "8000", "-c", "1", "-b", "16", "-t", "raw", "-e", "signed"]
    raw = subprocess.run([need("sox"), "-t", "wav", "-", *form, "-"], input=said, capture_output=True)
    samples = np.frombuffer(raw.stdout, "<i2").astype(float) * 10 ** (level_db / 20)
    loud = np.flatnonzero(np.abs(samples) > 300)
    return samples[loud[0] : loud[-1] + 1]


def frames(*parts: Signal) -> Iterator[bytes]:
    sound = np.clip(np.concatenate(parts), -32768, 32767).astype("<i2").tobytes()
    return (sound[at : at + FRAME_BYTES] for at in range(0, len(sound) - FRAME_BYTES + 1, FRAME_BYTES))


def events(*parts: Signal, **settings: float) -> list[tuple[float, VoiceEvent]]:
    """Each event with the seconds of sound after which it was told."""
    detector = VoiceDetector(VoiceSettings(**settings))  # type: ignore[arg-type]
    told = ((event, detector.heard_for) for frame in frames(*parts) if (event := detector.feed(frame)))
    return [(when, event) for event, when in told]


@pytest.mark.parametrize(
    ("around", "level_db"),
    [
        (silence(1.0), 0.0),
        (silence(1.0), -12.0),
        (noise(1.0, -50), 0.0),
        (noise(1.0, -50), -12.0),
        (noise(1.0, -40), 0.0),
    ],
)
def test_speech_is_heard_within_150_ms_and_ends_after_the_configured_silence(
    around: Signal, level_db: float
) -> None:
    word = spoken("оператор", level_db=level_db)
    (started_at, started), (ended_at, ended) = events(around, word, around)
    assert isinstance(started, SpeechStarted)
    assert isinstance(ended, SpeechEnded)
    assert 1.0 <= started_at <= 1.15
    assert abs(started.at - 1.0) < 0.1
    last = 1.0 + len(word) / RATE
    assert abs(ended.at - last) < 0.2
    assert ended_at == pytest.approx(ended.at + 0.6)
    assert not ended.too_long
    assert ended.began_at == started.at


def test_all_of_a_word_reaches_the_recogniser() -> None:
    """What is handed on begins 0.3 s before the first voiced frame and goes on without a gap or a double."""
    sound = list(frames(silence(1.0), spoken("сім"), silence(1.0)))
    detector = VoiceDetector()
    fed = b""
    for number, frame in enumerate(sound):
        event = detector.feed(frame)
        if isinstance(event, SpeechStarted):
            fed = event.sound
            first = round((event.at - 0.3) / 0.02)
            assert fed == b"".join(sound[first : number + 1])
        elif detector.speaking:
            fed += frame
            assert fed == b"".join(sound[first : number + 1])
    assert len(fed) > 0.5 * 2 * RATE


@pytest.mark.parametrize(
    "sound",
    [
        silence(3.0),
        noise(3.0, -50),
        noise(3.0, -40),
        np.concatenate([silence(0.5), click(), silence(1.0)]),
        np.concatenate([noise(1.0, -40), click(), noise(1.0, -40, seed=2)]),
        np.concatenate([silence(0.5), *[np.concatenate([click(), silence(0.15)]) for _ in range(8)]]),
        np.concatenate([silence(0.5), buzz(1.0, 60)]),
    ],
    ids=["silence", "faint noise", "noise", "click", "click in noise", "clicks in a row", "too quiet"],
)
@pytest.mark.parametrize("aggressiveness", range(4))
def test_what_is_no_speech(sound: Signal, aggressiveness: int) -> None:
    assert events(sound, aggressiveness=aggressiveness) == []


def test_two_words_with_a_short_pause_are_one_utterance() -> None:
    told = [event for _, event in events(silence(0.5), buzz(0.5), silence(0.4), buzz(0.5), silence(1.0))]
    assert [type(event) for event in told] == [SpeechStarted, SpeechEnded]
    told = [event for _, event in events(silence(0.5), buzz(0.5), silence(1.0), buzz(0.5), silence(1.0))]
    assert [type(event) for event in told] == [SpeechStarted, SpeechEnded] * 2


def test_a_click_in_the_silence_does_not_prolong_it() -> None:
    plain = events(silence(0.5), buzz(0.5), silence(1.0))
    clicked = events(silence(0.5), buzz(0.5), silence(0.3), click(), silence(1.0))
    assert [when for when, _ in clicked] == [when for when, _ in plain]


@pytest.mark.parametrize("end_after", [0.3, 1.0])
def test_the_trailing_silence_is_a_setting(end_after: float) -> None:
    _, (ended_at, ended) = events(silence(0.5), buzz(0.5), silence(1.5), end_after=end_after)
    assert ended_at == pytest.approx(ended.at + end_after)


def test_speech_without_end_is_ended() -> None:
    (_, started), (ended_at, ended) = events(silence(0.5), buzz(2.4), longest_for=2.0)[:2]
    assert isinstance(ended, SpeechEnded)
    assert ended.too_long
    assert ended_at == pytest.approx(started.at + 2.0)


def test_forgetting_makes_it_begin_anew() -> None:
    detector = VoiceDetector()
    told = [event for frame in frames(silence(0.5), buzz(0.5)) if (event := detector.feed(frame))]
    assert detector.speaking
    detector.forget()
    assert not detector.speaking
    again = [event for frame in frames(buzz(0.3)) if (event := detector.feed(frame))]
    assert [type(event) for event in told + again] == [SpeechStarted, SpeechStarted]
    assert again[0].at >= 1.0
    assert len(again[0].sound) <= FRAME_BYTES * 6


def test_the_same_sound_gives_the_same_answers() -> None:
    parts = (noise(0.5, -45), buzz(0.7), noise(1.0, -45, seed=3))
    assert events(*parts) == events(*parts)


@pytest.mark.parametrize("length", [0, 319, 321, 640])
def test_frames_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"a frame of {length} bytes"):
        VoiceDetector().feed(bytes(length))


@pytest.mark.parametrize("wrong", [{"aggressiveness": 4}, {"start_frames": 7}, {"start_frames": 0}])
def test_impossible_settings_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        VoiceSettings(**wrong)  # type: ignore[arg-type]


def test_loudness() -> None:
    assert loudness_db(bytes(FRAME_BYTES)) == -100
    assert loudness_db(np.full(160, -32768, "<i2").tobytes()) == pytest.approx(0)
    assert loudness_db(np.full(160, 3277, "<i2").tobytes()) == pytest.approx(-20, abs=0.01)
