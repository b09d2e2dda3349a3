"""Every shipped prompt is there in three languages, in the right form, loud enough, whole; so is music."""

import re
from datetime import date, time
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from ivr.dialplan.recordings import EXPECTED_WAITS, POSITIONS, spoken_by_itself
from ivr.flow.said import Amount, Count, Day, Piece, TimeOfDay
from ivr.media.catalogue import Catalogue, expand
from ivr.media.fragments import fragment_lines
from ivr.media.prompts import Line, check, lines
from ivr.media.sound import measure
from tests import sound

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = ROOT / "prompts"
LANGUAGES = ("uk", "ru", "en")
SAYING_KEYS = {"menu", "play", "hang-up", "whisper", "say"}


def yaml(path: Path) -> object:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wanted() -> list[Line]:
    texts = yaml(PROMPTS / "texts.yaml")
    assert isinstance(texts, dict)
    return lines(texts, LANGUAGES)


def test_every_text_is_recorded_without_a_fault(wanted: list[Line]) -> None:
    assert len(wanted) >= 3 * 60
    everything = [*wanted, *fragment_lines(LANGUAGES)]
    assert [str(fault) for fault in check(everything, PROMPTS)] == []


def test_the_three_languages_sound_equally_loud(wanted: list[Line]) -> None:
    levels = [measure(line.path(PROMPTS)).level_db for line in wanted]
    assert max(levels) - min(levels) < 1.0


def test_numbers_are_as_loud_as_sentences() -> None:
    levels = [measure(line.path(PROMPTS)).level_db for line in fragment_lines(LANGUAGES)]
    assert max(levels) - min(levels) < 2.0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "piece",
    [
        Count(742),
        Count(21, "parcel"),
        Amount(123_45),
        Day(date(2026, 11, 22)),
        TimeOfDay(time(14, 30)),
    ],
)
def test_pieces_join_without_a_gap(language: str, piece: Piece) -> None:
    """At either end less than 0.1 s is below hearing: soft consonants, whose sound is above 4 kHz."""
    catalogue = Catalogue(PROMPTS, LANGUAGES)
    for fragment in expand([piece], language):
        if not fragment.startswith("say/day"):  # in English it ends with a pause, as the comma does
            samples = np.frombuffer(catalogue.pcm(fragment, language) or b"", "<i2") / 32768
            blocks = np.sqrt(np.mean(samples[: len(samples) // 40 * 40].reshape(-1, 40) ** 2, axis=1))
            audible = np.flatnonzero(blocks > 10 ** (-50 / 20)) * 0.005
            assert audible[0] < 0.1, fragment
            assert len(samples) / 8000 - audible[-1] < 0.1, fragment


def test_seven_hundred_and_forty_two_in_ukrainian_is_said_in_one_breath() -> None:
    catalogue = Catalogue(PROMPTS, LANGUAGES)
    sounds = [catalogue.pcm(fragment, "uk") or b"" for fragment in expand([Count(742)], "uk")]
    samples = np.frombuffer(b"".join(sounds), "<i2") / 32768
    blocks = np.sqrt(np.mean(samples[: len(samples) // 40 * 40].reshape(-1, 40) ** 2, axis=1))
    gaps = np.diff(np.flatnonzero(blocks > 10 ** (-45 / 20))) * 0.005
    assert max(gaps) < 0.12


def test_recordings_are_speech_and_not_a_tone_or_noise(wanted: list[Line]) -> None:
    """Power of speech lies between 150 and 3400 Hz, mostly below 1000 Hz, in no single line."""
    for line in wanted:
        said = sound.read(line.path(PROMPTS)).samples
        power = np.abs(np.fft.rfft(said)) ** 2
        hz = np.fft.rfftfreq(len(said), 1 / 8000)
        assert power[(hz > 150) & (hz < 3400)].sum() > 0.9 * power.sum(), line
        assert power[hz < 1200].sum() > 0.5 * power.sum(), line
        assert power.max() < 0.35 * power.sum(), line  # a steady vowel in two words reaches 0.24, a tone 0.9


def test_the_choice_of_language_is_spoken_alike_in_every_folder(wanted: list[Line]) -> None:
    for language in LANGUAGES:
        copies = {(PROMPTS / folder / f"choose-{language}.wav").read_bytes() for folder in LANGUAGES}
        assert len(copies) == 1


def test_every_prompt_that_shipped_dialplans_name_is_recorded() -> None:
    files = sorted((ROOT / "dialplans").glob("*.yaml"))
    assert files
    named = {prompt for path in files for prompt in said_in(yaml(path))}
    assert named
    for prompt in named | set(spoken_by_itself()) | set(POSITIONS) | set(EXPECTED_WAITS):
        for language in LANGUAGES:
            assert (PROMPTS / language / f"{prompt}.wav").exists(), f"{prompt} in {language}"


def said_in(node: object) -> set[str]:
    """Prompt ids below the keys that hold any."""
    match node:
        case dict():
            here = {prompt for key in SAYING_KEYS & set(node) for prompt in strings(node[key])}
            return here.union(*(said_in(value) for value in node.values()))
        case list():
            return set().union(*(said_in(value) for value in node))
        case _:
            return set()


def strings(node: object) -> list[str]:
    found = [node] if isinstance(node, str) else node if isinstance(node, list) else []
    return [text for text in found if isinstance(text, str) and re.fullmatch(r"[a-z0-9-]+", text)]


def test_the_prompts_that_asterisk_plays_without_the_server_are_recorded() -> None:
    templates = "\n".join(path.read_text() for path in (ROOT / "asterisk-conf").rglob("*.j2"))
    named = set(re.findall(r"dzvin/([a-z0-9-]+)", templates))
    for prompt in named:
        for language in LANGUAGES:
            assert (PROMPTS / language / f"{prompt}.wav").exists(), f"{prompt} in {language}"


def test_all_of_it_is_small_enough_to_clone() -> None:
    assert sum(path.stat().st_size for path in PROMPTS.rglob("*") if path.is_file()) < 42_000_000


def test_the_music_repeats_without_a_seam_and_is_the_same_in_all_formats() -> None:
    folder = PROMPTS / "music" / "default"
    loop = sound.read(folder / "default.wav").samples
    assert 30 * 8000 <= len(loop) <= 60 * 8000
    assert abs(loop[0] - loop[-1]) <= np.max(np.abs(np.diff(loop)))
    halves = np.sqrt(np.mean(loop.reshape(-1, 4000) ** 2, axis=1))
    assert halves.min() > halves.max() / 3  # no hole and no bang
    assert np.max(np.abs(loop)) < 0.5
    for suffix, decode in (("ulaw", mu_law), ("alaw", a_law)):
        decoded = decode(np.frombuffer((folder / f"default.{suffix}").read_bytes(), np.uint8))
        assert len(decoded) == len(loop)
        assert np.mean((decoded - loop) ** 2) < np.mean(loop**2) / 1000  # 30 dB: what G.711 can do


def mu_law(codes: np.ndarray) -> np.ndarray:
    """ITU-T G.711, table 2a: sign, 3 bits of exponent, 4 bits of mantissa, all inverted."""
    bits = ~codes.astype(np.int32) & 0xFF
    size = (((bits & 0x0F) << 3) + 0x84 << ((bits >> 4) & 7)) - 0x84
    return np.where(bits & 0x80, -size, size) / 32768


def a_law(codes: np.ndarray) -> np.ndarray:
    """ITU-T G.711, table 1a: even bits inverted; positive when the sign bit is set."""
    bits = codes.astype(np.int32) ^ 0x55
    exponent, mantissa = (bits >> 4) & 7, bits & 0x0F
    size = np.where(
        exponent == 0, (mantissa << 4) + 8, (mantissa << 4) + 0x108 << np.maximum(exponent - 1, 0)
    )
    return np.where(bits & 0x80, size, -size) / 32768
