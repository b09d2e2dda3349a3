"""Prompts by id and language: fallbacks, damaged files, a bounded memory, no file outside of the folder."""

import asyncio
import wave
from datetime import date
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ivr.flow.said import Count, Day
from ivr.media.catalogue import Catalogue, expand
from ivr.media.spoken import SpokenError


def write(path: Path, length_s: float = 0.5, mark: int = 1, rate: int = 8000, channels: int = 1) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = mark.to_bytes(2, "little", signed=True) * round(length_s * rate) * channels
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(data)
    return data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "uk/hello.wav", mark=1)
    write(tmp_path / "ru/hello.wav", mark=2)
    write(tmp_path / "ru/only-russian.wav", mark=3, length_s=1.25)
    write(tmp_path / "en/only-russian.wav", mark=4)
    write(tmp_path / "uk/say/n-5.wav", mark=5)
    return tmp_path


@pytest.fixture
def catalogue(folder: Path) -> Catalogue:
    return Catalogue(folder, ("uk", "ru", "en"))


def test_the_language_asked_for_goes_first_then_the_others_in_their_order(catalogue: Catalogue) -> None:
    assert (catalogue.pcm("hello", "uk") or b"")[:2] == b"\1\0"
    assert (catalogue.pcm("hello", "ru") or b"")[:2] == b"\2\0"
    assert (catalogue.pcm("hello", "en") or b"")[:2] == b"\1\0"
    assert (catalogue.pcm("only-russian", "uk") or b"")[:2] == b"\3\0"
    assert (catalogue.pcm("only-russian", "en") or b"")[:2] == b"\4\0"
    assert (catalogue.pcm("hello", "pl") or b"")[:2] == b"\1\0"
    assert catalogue.pcm("nowhere", "uk") is None
    assert (catalogue.pcm("say/n-5", "ru") or b"")[:2] == b"\5\0"


def test_seconds(catalogue: Catalogue) -> None:
    assert catalogue.seconds("only-russian", "ru") == 1.25
    assert catalogue.seconds("nowhere", "ru") is None


@pytest.mark.parametrize(
    "prompt", ["../uk/hello", "/etc/passwd", "", "say/../hello", "say/", "a\0b", "Hello"]
)
def test_an_id_that_is_none_is_not_looked_for(catalogue: Catalogue, prompt: str) -> None:
    assert catalogue.pcm(prompt, "uk") is None


def test_a_language_that_is_not_configured_names_no_folder(folder: Path) -> None:
    write(folder / "secret/hello.wav", mark=9)
    catalogue = Catalogue(folder, ("ru",))
    assert (catalogue.pcm("hello", "secret") or b"")[:2] == b"\2\0"
    assert (catalogue.pcm("hello", "../secret") or b"")[:2] == b"\2\0"


def test_a_damaged_file_is_told_once_and_another_language_stands_in(
    folder: Path, catalogue: Catalogue
) -> None:
    whole = (folder / "uk/hello.wav").read_bytes()
    for damaged in (b"", b"no sound", whole[:30], whole[: len(whole) // 2]):
        (folder / "uk/hello.wav").write_bytes(damaged)
        catalogue.forget()
        with capture_logs() as logs:
            assert (catalogue.pcm("hello", "uk") or b"")[:2] == b"\2\0"
            assert (catalogue.pcm("hello", "uk") or b"")[:2] == b"\2\0"
        assert [entry["file"] for entry in logs] == [str(folder / "uk/hello.wav")]


def test_another_format_is_told_with_what_mends_it(folder: Path, catalogue: Catalogue) -> None:
    write(folder / "en/wide.wav", rate=44100, channels=2)
    with capture_logs() as logs:
        assert catalogue.pcm("wide", "en") is None
    assert "44100 Hz, 2 channel(s), 16 bits; dzvin prompts build" in logs[0]["why"]


def test_a_folder_in_the_place_of_a_file_and_no_folder_at_all(folder: Path, catalogue: Catalogue) -> None:
    (folder / "uk/box.wav").mkdir()
    with capture_logs():
        assert catalogue.pcm("box", "uk") is None
    assert Catalogue(folder / "absent", ("uk",)).pcm("hello", "uk") is None


def test_memory_is_bounded_and_what_was_used_last_stays(folder: Path) -> None:
    for place in range(5):
        write(folder / f"uk/p{place}.wav", length_s=0.5)  # 8000 bytes each
    catalogue = Catalogue(folder, ("uk",), cache_bytes=20000)
    for place in (0, 1, 0, 2):
        assert catalogue.pcm(f"p{place}", "uk") is not None
    assert catalogue.held_bytes == 16000
    for place in range(5):
        (folder / f"uk/p{place}.wav").unlink()
    assert [place for place in range(5) if catalogue.pcm(f"p{place}", "uk")] == [0, 2]


def test_a_sound_larger_than_the_memory_is_played_all_the_same(folder: Path) -> None:
    catalogue = Catalogue(folder, ("uk",), cache_bytes=100)
    assert len(catalogue.pcm("hello", "uk") or b"") == 8000
    assert catalogue.held_bytes == 0


async def test_what_was_loaded_is_not_read_again(folder: Path, catalogue: Catalogue) -> None:
    await catalogue.load(["hello", "only-russian", "nowhere"], "uk")
    assert catalogue.held_bytes == 8000 + 20000
    for language in ("uk", "ru"):
        (folder / language).rename(folder / f"{language}-gone")
    assert (catalogue.pcm("hello", "uk") or b"")[:2] == b"\1\0"
    assert (catalogue.pcm("only-russian", "uk") or b"")[:2] == b"\3\0"
    catalogue.forget()
    assert catalogue.pcm("hello", "uk") is None


async def test_all_at_once_and_anew(folder: Path, catalogue: Catalogue) -> None:
    (folder / "en/bad.wav").write_bytes(b"bad")
    with capture_logs() as logs:
        assert await catalogue.preload() == 4 * 8000 + 20000
    assert len(logs) == 1
    write(folder / "uk/hello.wav", mark=7)
    assert (catalogue.pcm("hello", "uk") or b"")[:2] == b"\1\0"
    await asyncio.gather(catalogue.preload(), catalogue.load(["hello"], "uk"))
    assert (catalogue.pcm("hello", "uk") or b"")[:2] == b"\7\0"
    assert await Catalogue(folder, ("uk", "ru"), cache_bytes=10000).preload() == 8000


def test_expand() -> None:
    said = ("meter-used", Count(742, "kilowatt-hour"), "parcel-arrives", Day(date(2000, 1, 2)))
    assert expand(said, "uk") == (
        "meter-used",
        "say/n-700",
        "say/n-42-f",
        "say/kilowatt-hour-few",
        "parcel-arrives",
        "say/day-2",
        "say/month-1",
        "say/year-2000",
    )
    assert expand((), "en") == ()
    with pytest.raises(SpokenError):
        expand((Count(-1),), "uk")
