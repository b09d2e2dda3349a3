"""Recordings of callers' words: whole files with harmless names, for their owner, for so many days."""

import asyncio
import errno
import hashlib
import json
import os
import shutil
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.recordings import LONGEST_S, RecordingError, RecordingFolder, RecordingsFull, keep_purging
from ivr.recordings import disk as recordings
from ivr.recordings.ids import sound_of
from tests.eventually import eventually

AT = datetime(2026, 3, 29, 12, 0, 5, tzinfo=UTC)
SOUND = b"\x01\x02" * 8000
ID = "20260329-120005-c1-utterance-01234567"
PATIENT = 30.0


async def saved(
    store: RecordingFolder,
    call: str = "c1",
    name: str = "utterance",
    *,
    at: datetime = AT,
    pcm: bytes = SOUND,
) -> str:
    return await store.save(call, name, pcm, transcript="де посилка", confidence=0.91, language="uk", at=at)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_sound_and_sidecar_are_stored_for_their_owner(tmp_path: Path) -> None:
    store = RecordingFolder(tmp_path / "deep" / "recordings", within=PATIENT)
    id_ = await saved(store, "1711710005.17")
    path = store.path(id_)
    assert path.parent == tmp_path / "deep" / "recordings" / "2026-03-29"
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        assert sound.readframes(9000) == SOUND
    sidecar = path.with_suffix(".json")
    assert "де посилка" in sidecar.read_text(encoding="utf-8"), "readable without a tool"
    assert json.loads(sidecar.read_text(encoding="utf-8")) == {
        "id": id_,
        "call": "1711710005.17",
        "name": "utterance",
        "at": "2026-03-29T12:00:05+00:00",
        "queue": "",
        "language": "uk",
        "transcript": "де посилка",
        "confidence": 0.91,
        "seconds": 1.0,
        "sha256": hashlib.sha256(SOUND).hexdigest(),
    }
    assert {file.stat().st_mode & 0o777 for file in (path, sidecar)} == {0o600}
    assert path.parent.stat().st_mode & 0o077 == 0
    assert store.folder.stat().st_mode & 0o077 == 0
    assert len(files(tmp_path)) == 2, "no temporary files"
    await store.close()


async def test_the_day_is_that_of_utc(tmp_path: Path) -> None:
    store = RecordingFolder(tmp_path, within=PATIENT)
    id_ = await saved(store, at=datetime.fromisoformat("2026-03-29T01:30:00+03:00"))
    assert id_.startswith("20260328-223000-")
    assert store.path(id_).exists()


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "\0", "\n\r", "х" * 500, "a" * 500,
     "\ud800", "-rf", "~", "$(reboot)", "a b;c", ".hidden", "con", "a..b", "....", "a-b-c", "🙂", "%s%n"],
)  # fmt: skip
async def test_hostile_names_stay_in_the_folder(tmp_path: Path, name: str) -> None:
    store = RecordingFolder(tmp_path / "recordings", within=PATIENT)
    id_ = await saved(store, name, name)
    assert store.path(id_).resolve().is_relative_to(tmp_path / "recordings" / "2026-03-29")
    assert files(tmp_path) == [f"recordings/2026-03-29/{id_}.{kind}" for kind in ("json", "wav")]
    assert id_.isascii()
    assert len(id_) < 120
    assert json.loads(store.path(id_).with_suffix(".json").read_text(encoding="utf-8"))["name"] == name
    await store.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    call=st.text(), name=st.text(), transcript=st.text(), confidence=st.floats(), pcm=st.binary(min_size=2)
)
def test_any_input_is_stored_whole(
    tmp_path: Path, call: str, name: str, transcript: str, confidence: float, pcm: bytes
) -> None:
    async def save() -> tuple[Path, dict[str, object]]:
        store = RecordingFolder(tmp_path, within=PATIENT)
        id_ = await store.save(
            call, name, pcm, transcript=transcript, confidence=confidence, language="uk", at=AT
        )
        path = store.path(id_)
        await store.close()
        return path, json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))

    path, facts = asyncio.run(save())
    assert (facts["call"], facts["name"], facts["transcript"]) == (call, name, transcript)
    with wave.open(str(path)) as sound:
        assert sound.getnframes() == len(pcm) // 2


async def test_many_at_once_are_all_stored_under_ids_of_their_own(tmp_path: Path) -> None:
    store = RecordingFolder(tmp_path, within=PATIENT)
    ids = await asyncio.gather(*(saved(store) for _ in range(50)))
    assert len(set(ids)) == 50
    assert len(files(tmp_path)) == 100
    await store.close()


@pytest.mark.parametrize("pcm", [b"", b"\0", b"\0\0" * (8000 * LONGEST_S + 1)])
async def test_no_sound_and_endless_sound_are_refused(tmp_path: Path, pcm: bytes) -> None:
    with pytest.raises(RecordingError, match="is not stored"):
        await saved(RecordingFolder(tmp_path), pcm=pcm)
    assert files(tmp_path) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("fails_at", [1, 2])
async def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, fails_at: int
) -> None:
    """At the sound or at the sidecar."""
    written = 0

    def full(fd: int) -> None:
        nonlocal written
        written += 1
        if written == fails_at:
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(recordings.os, "fsync", full)
    store = RecordingFolder(tmp_path, within=PATIENT)
    with pytest.raises(RecordingsFull, match=r"is full: make room") as caught:
        await saved(store)
    assert isinstance(caught.value, RecordingError)
    assert files(tmp_path) == []
    assert store.path(await saved(store)).exists(), "the next one, when there is room"
    await store.close()


async def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "recordings").touch()
    store = RecordingFolder(tmp_path / "recordings", within=PATIENT)
    with pytest.raises(RecordingError, match="cannot be used for recordings"):
        await saved(store)
    with pytest.raises(RecordingError, match="cannot be used for recordings"):
        await store.purge(AT)
    await store.close()


async def test_a_disk_that_hangs_holds_no_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither those that wait for it nor those beyond the limit; later it goes on."""
    pipe_out, pipe_in = os.pipe()
    monkeypatch.setattr(recordings.os, "fsync", lambda fd: os.read(pipe_out, 1))
    monkeypatch.setattr(recordings, "WAITING_LIMIT", 3)
    store = RecordingFolder(tmp_path, within=0.05)
    results = await asyncio.gather(*(saved(store) for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results] == [RecordingError] * 5
    said = sorted(str(result) for result in results)
    assert sum("did not take it within 0.05 s" in text for text in said) == 3
    assert sum("already wait" in text for text in said) == 2
    os.close(pipe_in)
    patient = RecordingFolder(tmp_path, within=PATIENT)
    assert patient.path(await saved(patient)).exists()
    await patient.close()
    await store.close()
    os.close(pipe_out)


async def test_after_the_end_nothing_is_recorded(tmp_path: Path) -> None:
    store = RecordingFolder(tmp_path)
    await store.close()
    with pytest.raises(RecordingError, match="is ending"):
        await saved(store)


async def test_old_recordings_are_removed_and_other_files_stay(tmp_path: Path) -> None:
    store = RecordingFolder(tmp_path / "r", kept_days=30, within=PATIENT)
    assert await store.purge(AT) == 0, "before the first recording"
    old = [await saved(store, at=AT - timedelta(days)) for days in (31, 31, 400)]
    young = [await saved(store, at=AT - timedelta(days)) for days in (0, 29, 30)]
    stranger = store.path(old[0]).with_name("notes.txt")
    stranger.write_text("mine")
    left_over = store.path(old[2]).with_name(f".{old[2]}.wav.part")
    left_over.touch()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / store.path(old[0]).name).touch()
    (store.folder / "2001-01-01").symlink_to(outside)
    (store.folder / "not a day").mkdir()
    assert await store.purge(AT) == 3
    assert [store.path(id_).exists() for id_ in young] == [True] * 3
    assert stranger.exists()
    assert not left_over.parent.exists()
    assert len(list(outside.iterdir())) == 1
    assert await store.purge(AT) == 0
    await store.close()


async def test_a_day_that_is_removed_while_it_is_listed_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, day, kept = recordings.FolderShelf(tmp_path, within=PATIENT), tmp_path / "2001-01-01", sound_of(ID)
    await shelf.put({kept: SOUND})
    real = os.listdir

    def late(path: Path | str) -> list[str]:
        if Path(path) == day:
            shutil.rmtree(day, ignore_errors=True)
        return real(path)

    monkeypatch.setattr(recordings.os, "listdir", late)
    day.mkdir()
    assert await shelf.names() == [kept]
    day.mkdir()
    await shelf.tidy(AT.date())
    assert not day.exists()
    await shelf.close()


async def test_an_old_day_into_which_something_is_put_while_it_is_tidied_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, day = recordings.FolderShelf(tmp_path, within=PATIENT), tmp_path / "2001-01-01"
    day.mkdir()
    real = Path.rmdir

    def late(path: Path) -> None:
        (path / "new").touch()
        real(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rmdir", late)
        await shelf.tidy(AT.date())
    assert files(tmp_path) == ["2001-01-01/new"]
    (day / "new").unlink()
    await shelf.tidy(AT.date())
    assert not day.exists()
    await shelf.close()


async def test_purging_goes_on_until_it_is_cancelled(tmp_path: Path) -> None:
    store = RecordingFolder(tmp_path / "r", kept_days=1, within=PATIENT)
    path = store.path(await saved(store, at=datetime.now(UTC) - timedelta(days=3)))
    purging = asyncio.create_task(keep_purging(store, every=0.01))
    await eventually(lambda: not path.exists(), PATIENT)
    assert not purging.done()
    purging.cancel()
    await asyncio.gather(purging, return_exceptions=True)
    await store.close()


@pytest.mark.parametrize("id_", ["", "..", "../x", "20260329-120005-c1-u-0123456g", "20260329/../x", "x\0"])
def test_what_is_no_id_has_no_path(tmp_path: Path, id_: str) -> None:
    with pytest.raises(RecordingError, match="not the id"):
        RecordingFolder(tmp_path).path(id_)


def test_days_kept_are_one_or_more(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        RecordingFolder(tmp_path, kept_days=0)
