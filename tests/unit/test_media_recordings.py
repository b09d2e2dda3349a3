"""Recordings that people drop in: converted, originals kept, bad files left where they are, nothing lost."""

import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.media import recordings
from ivr.media.fragments import fragment_lines
from ivr.media.prompts import Line, check, lines
from ivr.media.recordings import make_again, original_of, take_in, unasked
from ivr.media.sound import measure
from tests.real import need

TEXTS = {"hello": {"uk": "Добрий день.", "en": "Good morning."}, "bye": {"uk": "Бувайте.", "en": "Good bye."}}
WANTED = lines(TEXTS, ("uk", "en"))
HELLO = next(line for line in WANTED if line.path(Path()) == Path("uk/hello.wav"))


def record(
    path: Path, length_s: float = 1.0, level: float = 0.02, rate: int = 44100, channels: int = 2
) -> Path:
    """Someone's recording: a hum between half a second of silence on both sides."""
    time = np.arange(round(length_s * rate)) / rate
    hum = level * np.sin(2 * np.pi * 300 * time) * (1 + np.sin(2 * np.pi * 3 * time))
    silence = np.zeros(rate // 2)
    samples = np.concatenate([silence, hum, silence]).repeat(channels)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return path


def encode(wav: Path, suffix: str) -> Path:
    need("ffmpeg")
    target = wav.with_suffix(suffix)
    codec = ["-c:a", "libopus"] if suffix == ".opus" else []
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(wav), *codec, str(target)]
    subprocess.run(command, check=True, timeout=60)
    wav.unlink()
    return target


def well(path: Path) -> bool:
    found = measure(path)
    telephone = (found.rate_hz, found.channels, found.bits) == (8000, 1, 16)
    return telephone and abs(found.level_db + 20) < 0.5 and 1.0 < found.length_s < 1.5


@pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".opus", ".flac", ".m4a"])
def test_each_format_becomes_a_prompt_and_its_file_is_kept(tmp_path: Path, suffix: str) -> None:
    source = encode(record(tmp_path / "uk/hello.wav"), suffix)
    data = source.read_bytes()
    taken = take_in(WANTED, tmp_path)
    assert (taken.made, taken.faults) == ((tmp_path / "uk/hello.wav",), ())
    assert well(tmp_path / "uk/hello.wav")
    assert not source.exists()
    assert (tmp_path / f"originals/uk/hello{suffix}").read_bytes() == data
    assert sorted(path.name for path in (tmp_path / "uk").iterdir()) == ["hello.wav"]
    assert take_in(WANTED, tmp_path).made == ()


def test_a_wav_of_any_rate_needs_no_other_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    data = record(tmp_path / "uk/hello.wav").read_bytes()
    assert take_in(WANTED, tmp_path).made == (tmp_path / "uk/hello.wav",)
    assert well(tmp_path / "uk/hello.wav")
    assert (tmp_path / "originals/uk/hello.wav").read_bytes() == data
    assert take_in(WANTED, tmp_path).made == ()


def test_a_quiet_recording_in_telephone_format_is_made_as_loud_as_the_rest(tmp_path: Path) -> None:
    record(tmp_path / "uk/hello.wav", rate=8000, channels=1)
    assert take_in(WANTED, tmp_path).made == (tmp_path / "uk/hello.wav",)
    assert well(tmp_path / "uk/hello.wav")
    assert take_in(WANTED, tmp_path).made == ()


def test_a_second_recording_wins_and_the_first_is_kept(tmp_path: Path) -> None:
    first = record(tmp_path / "uk/hello.wav", length_s=1.0).read_bytes()
    take_in(WANTED, tmp_path)
    second = record(tmp_path / "uk/hello.wav", length_s=2.0).read_bytes()
    assert take_in(WANTED, tmp_path).made == (tmp_path / "uk/hello.wav",)
    assert measure(tmp_path / "uk/hello.wav").length_s > 2
    assert (tmp_path / "originals/uk/hello.wav").read_bytes() == first
    assert (tmp_path / "originals/uk/hello.2.wav").read_bytes() == second
    assert original_of(HELLO, tmp_path) == tmp_path / "originals/uk/hello.2.wav"


def test_a_prompt_that_was_deleted_is_made_of_its_original_again(tmp_path: Path) -> None:
    assert not make_again(HELLO, tmp_path)
    record(tmp_path / "uk/hello.wav")
    take_in(WANTED, tmp_path)
    (tmp_path / "uk/hello.wav").unlink()
    assert make_again(HELLO, tmp_path)
    assert well(tmp_path / "uk/hello.wav")


def test_a_fragment_of_a_number_is_joined_closely(tmp_path: Path) -> None:
    line = next(line for line in fragment_lines(["uk"]) if line.id == "say/n-5")
    record(tmp_path / "uk/say/n-5.wav", length_s=0.4)
    assert take_in([line], tmp_path).made == (tmp_path / "uk/say/n-5.wav",)
    found = measure(tmp_path / "uk/say/n-5.wav")
    assert found.length_s == pytest.approx(0.44, abs=0.03)
    assert (tmp_path / "originals/uk/say/n-5.wav").exists()
    assert check([line], tmp_path) == []


@pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".flac", ".m4a"])
@pytest.mark.parametrize(
    "data", [b"", b"no sound at all", b"ID3\4" + bytes(200), b"#EXTM3U\nfile:///etc/passwd\n"]
)
def test_a_bad_file_stays_and_the_prompt_too(tmp_path: Path, suffix: str, data: bytes) -> None:
    need("ffmpeg")
    record(tmp_path / "uk/hello.wav")
    take_in(WANTED, tmp_path)
    before = (tmp_path / "uk/hello.wav").read_bytes()
    source = tmp_path / f"uk/hello{suffix}"
    source.write_bytes(data)
    taken = take_in(WANTED, tmp_path)
    assert taken.made == ()
    assert [str(fault) for fault in taken.faults] == [f"{source}: is no {suffix[1:]} file that can be read"]
    assert source.read_bytes() == data
    assert (tmp_path / "uk/hello.wav").read_bytes() == before


@pytest.mark.parametrize("data", [b"", b"noise", b"RIFF\0\0\0\0WAVE"])
def test_a_bad_wav_stays_where_it_is(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "uk/hello.wav"
    path.parent.mkdir()
    path.write_bytes(data)
    assert take_in(WANTED, tmp_path).made == ()
    assert path.read_bytes() == data
    assert not list((tmp_path).rglob("originals/uk/*"))


def test_silence_is_no_recording(tmp_path: Path) -> None:
    data = record(tmp_path / "uk/hello.wav", level=0).read_bytes()
    taken = take_in(WANTED, tmp_path)
    assert [fault.what for fault in taken.faults] == ["it holds silence only"]
    assert (tmp_path / "uk/hello.wav").read_bytes() == data
    assert not list(tmp_path.rglob("originals/uk/*"))


def test_two_recordings_of_one_prompt_are_a_question(tmp_path: Path) -> None:
    (tmp_path / "uk").mkdir()
    for name in ("hello.mp3", "hello.ogg"):
        (tmp_path / "uk" / name).write_bytes(b"sound")
    taken = take_in(WANTED, tmp_path)
    assert [fault.what for fault in taken.faults] == ["hello.mp3 and hello.ogg: which one? keep one of them"]
    assert len(list((tmp_path / "uk").iterdir())) == 2


def test_without_ffmpeg_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uk").mkdir()
    (tmp_path / "uk/hello.mp3").write_bytes(b"ID3")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert recordings.shutil is shutil
    taken = take_in(WANTED, tmp_path)
    assert "apt install ffmpeg" in taken.faults[0].what
    assert (tmp_path / "uk/hello.mp3").read_bytes() == b"ID3"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    record(tmp_path / "uk/hello.wav")
    (tmp_path / "originals").write_text("no folder")
    taken = take_in(WANTED, tmp_path)
    assert taken.made == ()
    assert "cannot be converted" in taken.faults[0].what
    assert measure(tmp_path / "uk/hello.wav").rate_hz == 44100


def test_recordings_of_nothing_are_told(tmp_path: Path) -> None:
    for name in ("uk/hello.mp3", "uk/helo.mp3", "uk/say/n-5000.ogg", "uk/notes.txt", "fr/hello.mp3"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"sound")
    faults = unasked(WANTED, tmp_path)
    assert [str(fault.path.relative_to(tmp_path)) for fault in faults] == ["uk/helo.mp3", "uk/say/n-5000.ogg"]


def test_lines_may_share_the_beginning_of_their_names(tmp_path: Path) -> None:
    wanted = [Line(name, "uk", "uk", "Добрий день.") for name in ("hello", "hello-again")]
    record(tmp_path / "uk/hello-again.wav")
    assert take_in(wanted, tmp_path).made == (tmp_path / "uk/hello-again.wav",)
    assert original_of(wanted[0], tmp_path) is None
