"""The ear of the tests: tones, silence and cuts in synthetic sound, also after µ-law and with noise."""

import math
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.softphone.tone import (
    length_of,
    write_once,
    write_repeated,
    write_short_tone,
    write_silence,
    write_tone,
)
from tests import sound
from tests.sound import OTHER, SILENCE, Sound

RATE = 8000
RANDOM = np.random.default_rng(7)


def tone(hz: float, for_s: float, amplitude: float = 0.2) -> Sound:
    return Sound(amplitude * np.sin(2 * np.pi * hz * np.arange(round(for_s * RATE)) / RATE), RATE)


def noise(for_s: float, level_db: float) -> Sound:
    return Sound(RANDOM.normal(0, 10 ** (level_db / 20), round(for_s * RATE)), RATE)


def joined(*parts: Sound) -> Sound:
    return Sound(np.concatenate([part.samples for part in parts]), RATE)


def mixed(one: Sound, other: Sound) -> Sound:
    return Sound(one.samples + other.samples, RATE)


def through_mu_law(original: Sound) -> Sound:
    """Compress and expand by the µ-law curve with 8 bits (ITU-T G.711, the continuous formula)."""
    x = np.clip(original.samples, -1, 1)
    coded = np.round(np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256) * 127) / 127
    return Sound(np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255, original.rate_hz)


def write(path: Path, what: Sound, rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(what.samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@pytest.mark.parametrize("hz", [350.0, 440.0, 1000.0, 2100.0, 3300.0])
def test_a_tone_is_heard_and_its_neighbour_is_not(hz: float) -> None:
    assert sound.hears(tone(hz, 1), hz)
    assert not sound.hears(tone(hz, 1), hz + 60)


def test_a_tone_survives_mu_law_and_noise() -> None:
    bad_line = through_mu_law(mixed(tone(440, 2, 0.1), noise(2, -30)))
    assert sound.hears(bad_line, 440)
    assert not sound.hears(bad_line, 1000)


def test_both_of_two_tones_at_once_are_heard() -> None:
    both = mixed(tone(440, 1), tone(1000, 1))
    assert sound.hears(both, 440)
    assert sound.hears(both, 1000)
    assert not sound.hears(both, 700)


def test_nobody_hears_a_tone_in_noise_silence_or_nothing() -> None:
    for what in (noise(1, -20), tone(440, 1, 0.0), tone(440, 0)):
        assert not sound.hears(what, 440)


def test_only_the_asked_span_counts() -> None:
    call = joined(tone(440, 1), tone(1000, 1))
    assert sound.hears(call, 440, 0, 1)
    assert not sound.hears(call, 440)
    assert sound.hears(call, 1000, -0.9)
    assert sound.heard_for(call, 1000) == pytest.approx(1.0, abs=0.1)


def test_the_timeline_tells_who_was_heard_when() -> None:
    call = joined(tone(440, 0.5), tone(440, 0.25, 0), tone(1000, 1), noise(0.5, -20))
    heard = sound.timeline(through_mu_law(call), [440, 1000])
    assert [span.heard for span in heard] == [440, SILENCE, 1000, OTHER]
    assert [span.length_s for span in heard] == pytest.approx([0.5, 0.25, 1.0, 0.5])


def test_silence_and_level() -> None:
    assert sound.is_silent(noise(1, -70))
    assert not sound.is_silent(joined(tone(440, 1, 0), tone(440, 0.1)))
    assert sound.is_silent(joined(tone(440, 1, 0), tone(440, 0.1)), 0, 1)
    assert sound.rms_db(tone(1000, 1, 1.0)) == pytest.approx(-3.01, abs=0.02)
    assert sound.peak_db(tone(1000, 1, 0.5)) == pytest.approx(-6.02, abs=0.05)
    assert sound.rms_db(tone(1000, 0)) == -math.inf
    assert sound.sounding_for(joined(tone(440, 1, 0), tone(440, 0.5))) == pytest.approx(0.5)


def test_a_prompt_is_found_whole_and_a_cut_one_is_not() -> None:
    prompt = noise(1.5, -20)
    call = joined(tone(440, 0.7), prompt, tone(1000, 1))
    assert sound.find(through_mu_law(call), prompt) == pytest.approx(0.7, abs=0.002)
    assert sound.find(joined(tone(440, 1), prompt.part(0, 0.4), tone(1000, 2)), prompt) is None
    assert sound.find(prompt.part(0, 1), prompt) is None


def test_tones_of_any_length_have_no_click(tmp_path: Path) -> None:
    for hz in (440, 697.3):
        said = sound.read(write_tone(tmp_path / "tone.wav", hz, 3))
        assert said.rate_hz == RATE
        assert 3 <= said.length_s <= 4
        assert sound.hears(said, hz)
        assert np.max(np.abs(np.diff(said.samples))) < 0.2 * 2 * np.pi * hz / RATE + 0.001
    assert sound.is_silent(write_silence(tmp_path / "silence.wav", 1))


def test_a_given_sound_is_repeated_for_as_long_as_a_call_may_last(tmp_path: Path) -> None:
    given = write(tmp_path / "given.wav", joined(tone(440, 0.5), tone(440, 0.5, 0)))
    said = sound.read(write_repeated(tmp_path / "said.wav", given, 3))
    assert said.length_s == pytest.approx(3)
    assert [span.heard for span in sound.timeline(said, [440])] == [440, SILENCE] * 3
    with pytest.raises(ValueError, match="8000 Hz mono"):
        write_repeated(tmp_path / "said.wav", write(tmp_path / "x.wav", tone(440, 1), rate=16000), 3)


def test_a_recording_that_is_still_growing_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "growing.wav", tone(440, 1))
    blob = bytearray(path.read_bytes())
    struct.pack_into("<I", blob, 40, 0)
    path.write_bytes(blob + b"\x01")
    assert sound.hears(path, 440)


def test_what_is_no_sound_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"hello, this is text")
    with pytest.raises(ValueError, match="no WAV"):
        sound.read(tmp_path / "x.wav")
    with pytest.raises(ValueError, match="does not fit"):
        write_tone(tmp_path / "y.wav", 4000)


def test_a_short_tone_is_as_long_as_it_says_and_may_be_followed_by_silence(tmp_path: Path) -> None:
    short = write_short_tone(tmp_path / "short.wav", 700.0, 0.2)
    assert length_of(short) == pytest.approx(0.2, abs=0.002)
    assert sound.share(sound.read(short), 700.0) > 0.99
    once = write_once(tmp_path / "once.wav", short, silence_s=1.0)
    assert length_of(once) == pytest.approx(1.2, abs=0.002)
    assert sound.is_silent(once, 0.2)
