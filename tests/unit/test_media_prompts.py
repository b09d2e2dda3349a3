"""Prompts are rendered by a command, converted and levelled; a check names every fault."""

import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.media.music import compose, write_music
from ivr.media.prompts import Line, build, check, lines, syllables
from ivr.media.sound import Edges, SoundError, level_db, measure, polish
from ivr.media.speaker import PromptError, Speaker, parse_command, parse_voices

# Speaks 0.2 s for each vowel it is given, at 24 kHz in stereo, too quietly, between long silences.
SPEAKER = """
import math, random, struct, sys, wave
text = sys.stdin.read()
rng = random.Random(text)
out = wave.open(sys.argv[2], "wb")
out.setparams((2, 2, 24000, 0, "NONE", ""))
syllables = sum(letter in "аеиіоуяюєїыэёaeiou" for letter in text.lower())
samples = [0] * 24000
for n in range(4800 * syllables):
    samples.append(int(900 * math.sin(n / 12) * (1 + math.sin(n / 700)) + rng.gauss(0, 60)))
samples += [0] * 24000
out.writeframes(b"".join(struct.pack("<hh", s, s) for s in samples))
out.close()
"""
TEXTS = {
    "hello": {"uk": "Добрий день, це пошта.", "en": "Hello and good morning."},
    "choose-uk": {"spoken": "uk", "text": "Натисніть один."},
}


@pytest.fixture
def speaker(tmp_path: Path) -> Speaker:
    script = tmp_path / "speak.py"
    script.write_text(SPEAKER, encoding="utf-8")
    return Speaker((sys.executable, "-X", "utf8", str(script), "{voice}", "{out}"), {"uk": "a", "en": "b"})


@pytest.fixture
def wanted() -> list[Line]:
    return lines(TEXTS, ("uk", "en"))


def write(path: Path, samples: np.ndarray, rate: int = 8000, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").repeat(channels).tobytes())
    return path


def speechlike(for_s: float, level: float = 0.1) -> np.ndarray:
    time = np.arange(round(for_s * 8000)) / 8000
    return level * np.sqrt(2) * np.sin(2 * np.pi * 300 * time)


def test_what_is_missing_is_rendered_and_faultless(
    tmp_path: Path, speaker: Speaker, wanted: list[Line]
) -> None:
    folder = tmp_path / "prompts"
    assert len(check(wanted, folder)) == 4
    assert len(build(wanted, folder, speaker)) == 4
    assert check(wanted, folder) == []
    assert build(wanted, folder, speaker) == []
    assert (folder / "uk/choose-uk.wav").read_bytes() == (folder / "en/choose-uk.wav").read_bytes()
    found = measure(folder / "uk/hello.wav")
    assert (found.rate_hz, found.channels, found.bits) == (8000, 1, 16)
    assert found.level_db == pytest.approx(-20, abs=0.3)
    assert found.length_s < 2.5  # two seconds of silence are gone


def test_each_fault_is_named(tmp_path: Path, wanted: list[Line]) -> None:
    hello = [line for line in wanted if line.id == "hello" and line.language == "uk"]
    path = hello[0].path(tmp_path)
    cases = {
        "too quiet": speechlike(1.5, 0.01),
        "too loud": speechlike(1.5, 0.5),
        "clipped": np.clip(speechlike(1.5, 3), -1, 1),
        "silent": np.zeros(8000),
        "too long": speechlike(50),
        "silence at its ends": np.concatenate([np.zeros(8000), speechlike(1.5)]),
        "cut, or another text": speechlike(0.3),
    }
    for what, samples in cases.items():
        write(path, samples)
        assert any(what in fault.what for fault in check(hello, tmp_path)), what
    write(path, speechlike(1.5), rate=16000, channels=2)
    assert any("16000 Hz, 2 channels" in fault.what for fault in check(hello, tmp_path))
    path.write_bytes(b"no sound")
    assert any("no WAV file" in fault.what for fault in check(hello, tmp_path))
    write(path, speechlike(1.5))
    write(path.with_name("left-over.wav"), speechlike(1.5))
    assert [fault.path.name for fault in check(hello, tmp_path)] == ["left-over.wav"]


@pytest.mark.parametrize(
    "texts",
    [
        {"hello": {"uk": "Добрий день"}},
        {"hello": {"uk": "Добрий день", "en": "  "}},
        {"Hello there": {"uk": "Так", "en": "Yes"}},
        {"../hello": {"uk": "Так", "en": "Yes"}},
        {"hello": "Так"},
        {"hello": {"spoken": "xx", "text": "Так"}},
    ],
)
def test_incomplete_texts_are_refused(texts: dict[str, dict[str, str]]) -> None:
    with pytest.raises(PromptError):
        lines(texts, ("uk", "en"))


def test_a_speech_command_that_fails_is_told_in_one_sentence(tmp_path: Path, wanted: list[Line]) -> None:
    nobody = Speaker(("no-such-speaker-here", "{out}"), {"uk": "a", "en": "b"})
    with pytest.raises(PromptError, match="cannot be run"):
        build(wanted, tmp_path, nobody)
    failing = Speaker((sys.executable, "-c", "import sys; sys.exit('no voice')"), {"uk": "a", "en": "b"})
    with pytest.raises(PromptError, match="no voice"):
        build(wanted, tmp_path, failing)
    with pytest.raises(PromptError, match="no voice is configured for uk"):
        build(wanted, tmp_path, Speaker((), {}))
    assert not list(tmp_path.rglob("*.wav"))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("RHVoice-test -p {voice} -o {out}", ("RHVoice-test", "-p", "{voice}", "-o", "{out}")),
        ("espeak-ng -v {voice} -w '{out}'", ("espeak-ng", "-v", "{voice}", "-w", "{out}")),
        ("/opt/say --to={out}", ("/opt/say", "--to={out}")),
    ],
)
def test_a_speech_command(text: str, parts: tuple[str, ...]) -> None:
    assert parse_command(text) == parts


@pytest.mark.parametrize(
    "text", ["", "say", "say {voice}", "say {out} {text}", "say {out", "say '{out}", "say {}"]
)
def test_a_speech_command_that_could_not_work(text: str) -> None:
    with pytest.raises(ValueError, match="write it"):
        parse_command(text)


def test_voices() -> None:
    assert parse_voices("uk=natalia, en = slt") == {"uk": "natalia", "en": "slt"}
    for text in ("", "uk", "uk=", "=slt", "uk=a,uk=b", "uk=a,"):
        with pytest.raises(ValueError, match="each language once"):
            parse_voices(text)


def test_a_carrier_word_is_cut_off_after_the_last_pause(tmp_path: Path) -> None:
    """A stop inside of a word is silent too, and a click after the word is no word."""
    word = np.concatenate([speechlike(0.3), np.zeros(480), speechlike(0.2)])
    said = np.concatenate([word, np.zeros(400), speechlike(0.4), np.zeros(800), speechlike(0.02)])
    raw = write(tmp_path / "raw.wav", said)
    edges = Edges(lead_s=0, tail_s=0, kept_s=0.02)
    assert polish(raw, tmp_path / "a.wav", edges, carrier=True).length_s == pytest.approx(0.58, abs=0.03)
    assert polish(raw, tmp_path / "b.wav", edges).length_s > 1.1
    alone = write(tmp_path / "raw.wav", speechlike(0.4))
    assert polish(alone, tmp_path / "c.wav", edges, carrier=True).length_s == pytest.approx(0.4, abs=0.03)


def test_soft_ends_stay_where_nothing_is_heard_beside_them(tmp_path: Path) -> None:
    """A consonant of -52 dBFS is speech in a clean recording and noise in a noisy one."""
    soft = np.concatenate(
        [np.zeros(1600), speechlike(0.4), speechlike(0.1, 10 ** (-52 / 20)), np.zeros(1600)]
    )
    noise = np.random.default_rng(1).normal(0, 10 ** (-52 / 20), len(soft))
    clean = polish(write(tmp_path / "raw.wav", soft), tmp_path / "a.wav").length_s
    noisy = polish(write(tmp_path / "raw.wav", soft + noise), tmp_path / "b.wav").length_s
    assert clean == pytest.approx(0.4 + 0.1 + 0.03 + 0.25, abs=0.05)
    assert noisy == pytest.approx(0.4 + 2 * 0.03 + 0.25, abs=0.05)


@pytest.mark.parametrize(
    ("bits", "channels", "rate"), [(8, 1, 11025), (16, 2, 44100), (24, 2, 48000), (32, 1, 8000)]
)
def test_any_pcm_becomes_telephone_sound(tmp_path: Path, bits: int, channels: int, rate: int) -> None:
    time = np.arange(rate) / rate
    tone = 0.3 * np.sin(2 * np.pi * 440 * time).repeat(channels)
    whole = np.round(tone * 2 ** (bits - 1)).astype("<i8") + (128 if bits == 8 else 0)
    data = whole.view("u1").reshape(-1, 8)[:, : bits // 8].tobytes()
    with wave.open(str(tmp_path / "raw.wav"), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(bits // 8)
        out.setframerate(rate)
        out.writeframes(data)
    found = polish(tmp_path / "raw.wav", tmp_path / "out.wav")
    assert (found.rate_hz, found.channels, found.bits) == (8000, 1, 16)
    assert found.length_s == pytest.approx(1.25, abs=0.03)
    assert found.level_db == pytest.approx(-20, abs=0.3)
    with wave.open(str(tmp_path / "out.wav")) as made:
        samples = np.frombuffer(made.readframes(10000), "<i2") / 32768
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / 8000)
    assert power[(hz > 420) & (hz < 460)].sum() > 0.98 * power.sum()


def test_conversion_keeps_speech_and_folds_nothing_back(tmp_path: Path) -> None:
    """A tone of 6 kHz would come out as 2 kHz from a converter without a low-pass."""
    time = np.arange(24000) / 24000
    raw = write(tmp_path / "raw.wav", 0.2 * np.sin(2 * np.pi * 500 * time), rate=24000)
    assert polish(raw, tmp_path / "a.wav").length_s == pytest.approx(1.25, abs=0.03)
    both = 0.2 * np.sin(2 * np.pi * 500 * time) + 0.2 * np.sin(2 * np.pi * 6000 * time)
    polish(write(raw, both, rate=24000), tmp_path / "b.wav")
    with wave.open(str(tmp_path / "b.wav")) as made:
        samples = np.frombuffer(made.readframes(8000), "<i2") / 32768
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / 8000)
    assert power[(hz > 450) & (hz < 550)].sum() > 0.99 * power.sum()


def test_peaks_are_bent_and_never_cut(tmp_path: Path) -> None:
    spiky = speechlike(1, 0.02)
    spiky[::400] = 0.9
    found = polish(write(tmp_path / "raw.wav", spiky), tmp_path / "out.wav")
    assert found.peak_db <= -1.9
    assert not found.clipped


def test_silence_and_other_files_are_no_prompts(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="silence only"):
        polish(write(tmp_path / "raw.wav", np.zeros(8000)), tmp_path / "out.wav")
    (tmp_path / "text.wav").write_text("hello")
    with pytest.raises(SoundError, match="no WAV"):
        measure(tmp_path / "text.wav")


def test_pauses_do_not_count_for_loudness() -> None:
    speech, pause = speechlike(1), np.zeros(16000)
    assert level_db(np.concatenate([speech, pause, speech])) == pytest.approx(level_db(speech), abs=0.1)


def test_syllables() -> None:
    assert syllables("Вітаємо! Ви зателефонували до пошти.") == 15
    assert syllables("To speak to an operator, press zero.") == 11
    assert syllables("...") == 1


def test_the_music_is_the_same_each_time_and_has_no_seam(tmp_path: Path) -> None:
    loop = compose()
    assert np.array_equal(loop, compose())
    assert abs(loop[0] - loop[-1]) <= np.max(np.abs(np.diff(loop)))
    written = write_music(tmp_path)
    assert [path.name for path in written] == ["default.wav", "default.ulaw", "default.alaw"]
    assert written[1].stat().st_size == len(loop)
