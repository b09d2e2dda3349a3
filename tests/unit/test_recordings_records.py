"""Proofs and accesses: lines that are only added, by any number of processes, and vouch for each other."""

import errno
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.recordings import RecordingError, RecordingFolder, Rules, records
from ivr.recordings.records import Records
from ivr.recordings.store import ACCESSES, PROOFS
from ivr.recordings.testing import NOW, SOUND, saved

PATIENT = 30.0


def test_lines_are_added_and_read(tmp_path: Path) -> None:
    lines = Records(tmp_path / "deep" / "lines.jsonl")
    assert lines.read() == []
    lines.add([{"a": "так"}, {"a": "\ud800"}])
    lines.add([{"a": "x" * 5000}])
    assert [line["a"] for line in lines.read()] == ["так", "\ud800", "x" * 5000]
    assert [line["number"] for line in lines.read()] == [1, 2, 3]
    assert lines.path.stat().st_mode & 0o777 == 0o600
    assert "так" in lines.path.read_text(encoding="utf-8"), "readable without a tool"


@pytest.mark.parametrize("change", ["edited", "taken out", "put in", "swapped", "garbage", "no number"])
def test_a_changed_file_is_told(tmp_path: Path, change: str) -> None:
    lines = Records(tmp_path / "lines")
    lines.add([{"a": number} for number in range(4)])
    text = lines.path.read_text().splitlines()
    match change:
        case "edited":
            text[1] = text[1].replace('"a": 1', '"a": 7')
        case "taken out":
            del text[1]
        case "put in":
            text.insert(2, text[1])
        case "swapped":
            text[1], text[2] = text[2], text[1]
        case "garbage":
            text[1] = "[1, 2"
        case _:
            text[1] = "[]"
    lines.path.write_text("\n".join(text) + "\n")
    with pytest.raises(RecordingError, match="was changed by somebody: line"):
        lines.read()


def test_the_last_line_must_be_one_of_ours(tmp_path: Path) -> None:
    lines = Records(tmp_path / "lines")
    lines.path.write_text("hello\n")
    with pytest.raises(RecordingError, match="last line is none of ours"):
        lines.add([{"a": 1}])


def test_what_a_power_cut_left_is_dropped(tmp_path: Path) -> None:
    lines = Records(tmp_path / "lines")
    lines.add([{"a": 1}, {"a": 2}])
    whole = lines.path.read_bytes()
    for cut in range(len(whole)):
        lines.path.write_bytes(whole[:cut])
        before = [line["a"] for line in lines.read()]
        lines.add([{"a": 3}])
        assert [line["a"] for line in lines.read()] == [*before, 3]


def test_a_full_disk_leaves_the_lines_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = Records(tmp_path / "lines")
    lines.add([{"a": 1}])

    def full(fd: int, data: bytes) -> int:
        if len(data) > 20:
            return real(fd, data[:20])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    real = os.write
    with monkeypatch.context() as patch:
        patch.setattr(records.os, "write", full)
        with pytest.raises(OSError, match="No space"):
            lines.add([{"a": 2}])
    lines.add([{"a": 3}])
    assert [line["a"] for line in lines.read()] == [1, 3]


def test_several_processes_add_at_once(tmp_path: Path) -> None:
    adding = (
        "import sys, pathlib; from ivr.recordings.records import Records\n"
        "for number in range(50): Records(pathlib.Path(sys.argv[1])).add([{'a': number}])"
    )
    path = str(tmp_path / "lines")
    running = [subprocess.Popen([sys.executable, "-c", adding, path]) for _ in range(3)]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    found = Records(tmp_path / "lines").read()
    assert sorted(line["a"] for line in found) == sorted([*range(50)] * 3)


async def test_what_cannot_be_written_down_is_not_handed_out(tmp_path: Path) -> None:
    store = RecordingFolder(tmp_path, within=PATIENT)
    id_ = await saved(store)
    (tmp_path / ACCESSES).mkdir()
    for asked in (store.pcm(id_, by="anna"), store.facts(id_, by="anna")):
        with pytest.raises(RecordingError, match="not handed out, for that cannot be written down"):
            await asked
    (tmp_path / ACCESSES).rmdir()
    assert await store.pcm(id_, by="anna") == SOUND
    await store.close()


async def test_what_cannot_be_proved_is_not_removed(tmp_path: Path) -> None:
    store = RecordingFolder(tmp_path, within=PATIENT)
    id_ = await saved(store)
    (tmp_path / PROOFS).mkdir()
    with pytest.raises(RecordingError):
        await store.remove(id_, why="not wanted")
    assert store.path(id_).exists()
    await store.close()


async def test_a_full_disk_is_made_room_on_by_what_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RecordingFolder(tmp_path, within=PATIENT)
    id_ = await saved(store)
    real = os.write

    def full(fd: int, data: bytes) -> int:
        if store.path(id_).exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(fd, data)

    monkeypatch.setattr(records.os, "write", full)
    await store.remove(id_, why="not wanted")
    assert not store.path(id_).exists()
    assert [proof.id for proof in await store.proofs()] == [id_]
    await store.close()


async def test_a_damaged_recording_is_told_and_goes_with_a_proof(tmp_path: Path) -> None:
    store = RecordingFolder(tmp_path, within=PATIENT)
    ids = [await saved(store, at=NOW - timedelta(40), queue="claims") for _ in range(3)]
    store.path(ids[0]).write_bytes(b"no sound")
    store.path(ids[1]).with_suffix(".json").write_text('{"id": 3}')
    store.path(ids[2]).unlink()
    with pytest.raises(RecordingError, match="is damaged"):
        await store.pcm(ids[0], by="anna")
    with pytest.raises(RecordingError, match="are damaged"):
        await store.facts(ids[1], by="anna")
    store.rules = Rules(by_queue=lambda: {"claims": 35})
    assert await store.purge(NOW) == 3
    proofs = {proof.id: proof for proof in await store.proofs()}
    assert proofs[ids[0]].size == len(b"no sound")
    assert (proofs[ids[1]].queue, proofs[ids[1]].size) == ("", len(SOUND))
    assert proofs[ids[2]].size == 0
    assert not store.path(ids[0]).parent.exists()
    await store.close()


async def test_one_that_cannot_be_removed_does_not_keep_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RecordingFolder(tmp_path, within=PATIENT)
    ids = [await saved(store, at=NOW - timedelta(40 + number)) for number in range(8)]
    real = Path.unlink

    def stuck(path: Path, missing_ok: bool = False) -> None:
        if path.stem in bad:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        real(path, missing_ok)

    bad = {ids[0]}
    monkeypatch.setattr(Path, "unlink", stuck)
    assert await store.purge(NOW) == 7
    assert store.path(ids[0]).exists()
    bad |= {await saved(store, at=NOW - timedelta(50 + number)) for number in range(5)}
    with pytest.raises(RecordingError, match="Operation not permitted"):
        await store.purge(NOW)
    bad.clear()
    assert await store.purge(NOW) == 6
    await store.close()


async def test_rules_must_keep_for_a_day(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        RecordingFolder(tmp_path, kept_days=0)
    with pytest.raises(ValueError, match="1 or more"):
        replace(Rules(), kept_days=-1)
