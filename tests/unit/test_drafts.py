"""Messages in the making, on disk: whole after a crash, sealed where recordings are."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from ivr.drafts import Draft, Drafts, with_recording
from ivr.recordings.sealing import Seal, is_sealed

DRAFT = Draft(call="1795664251.0", queue="claims", caller="0501234567", line="main", language="uk", at=1.5e9)
PIECES = (b"first" * 1600, b"other" * 1600, b"the end.")
OURS = Seal([b"o" * 32])
SEALS = pytest.mark.parametrize("seal", [None, OURS], ids=["plain", "sealed"])


async def written(folder: Path, seal: Seal | None) -> None:
    """As a server leaves it that is killed; all that it has heard is on disk."""
    drafts = Drafts(folder, seal)
    drafts.note(DRAFT, fresh=True)
    for piece in PIECES:
        drafts.hear(DRAFT.key, piece)
    await drafts.close()


async def left_of(folder: Path, seal: Seal | None) -> list[tuple[Draft, bytes]]:
    drafts = Drafts(folder, seal)
    try:
        return await drafts.left()
    finally:
        await drafts.close()


def files_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.iterdir()}


def sound_in(folder: Path) -> Path:
    (path,) = (path for path in files_in(folder) if path.suffix != ".json")
    return path


async def refused(folder: Path, seal: Seal | None) -> str:
    """Nothing comes of it, the reason is told, and it stays for the day on which the key is there."""
    before = files_in(folder)
    with structlog.testing.capture_logs() as told:
        assert await left_of(folder, seal) == []
    assert files_in(folder) == before
    (entry,) = told
    return str(entry["why"])


@SEALS
async def test_what_was_said_is_there_after_a_crash_and_gone_when_forgotten(
    tmp_path: Path, seal: Seal | None
) -> None:
    await written(tmp_path, seal)
    assert await left_of(tmp_path, seal) == [(DRAFT, b"".join(PIECES))]
    drafts = Drafts(tmp_path, seal)
    stored = with_recording(DRAFT, "r1")
    drafts.note(stored, fresh=True)
    assert await drafts.left() == [(stored, b"")]
    drafts.hear(DRAFT.key, PIECES[0])
    drafts.forget(DRAFT.key)
    await drafts.close()
    assert files_in(tmp_path) == {}


@SEALS
async def test_others_cannot_read_it(tmp_path: Path, seal: Seal | None) -> None:
    await written(tmp_path, seal)
    for path, data in files_in(tmp_path).items():
        assert path.stat().st_mode & 0o077 == 0
        plain = b"0501234567" in data or b"first" in data or b"the end" in data
        assert plain == (seal is None)


@pytest.mark.parametrize("lost", [1, 20, len(PIECES[2]) + 35, len(PIECES[2]) + 40])
async def test_a_piece_that_was_cut_short_costs_that_piece_alone(tmp_path: Path, lost: int) -> None:
    await written(tmp_path, OURS)
    sound = sound_in(tmp_path)
    sound.write_bytes(sound.read_bytes()[:-lost])
    assert await left_of(tmp_path, OURS) == [(DRAFT, b"".join(PIECES[:2]))]


ON_A_FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from ivr.drafts import Draft, Drafts
from ivr.recordings.sealing import Seal

async def main(folder, key):
    draft = Draft(call="c", queue="q", caller="", line="", language="uk", at=0.0)
    drafts = Drafts(Path(folder), Seal([key.encode()]) if key else None)
    drafts.note(draft, fresh=True)
    drafts.hear(draft.key, b"a" * 8000)
    await drafts.left()
    resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, resource.RLIM_INFINITY))
    drafts.hear(draft.key, b"b" * 8000)
    await drafts.left()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    drafts.hear(draft.key, b"c" * 8000)
    ((_, sound),) = await drafts.left()
    assert sound == b"a" * 8000 + b"c" * 8000, (len(sound), sound[7990:8010])
    await drafts.close()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("key", ["", "o" * 32], ids=["plain", "sealed"])
def test_a_full_disk_costs_what_did_not_fit_and_nothing_after_it(tmp_path: Path, key: str) -> None:
    """In a process of its own, which is told that no file may be longer."""
    command = [sys.executable, "-c", ON_A_FULL_DISK, str(tmp_path), key]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "an unfinished message is not on disk" in ran.stdout


async def test_what_was_begun_before_there_was_a_key_is_still_read(tmp_path: Path) -> None:
    await written(tmp_path, None)
    assert await left_of(tmp_path, OURS) == [(DRAFT, b"".join(PIECES))]


async def test_without_its_key_it_waits_on_disk(tmp_path: Path) -> None:
    await written(tmp_path, OURS)
    assert "DZVIN_RECORDINGS_KEY_FILE" in await refused(tmp_path, None)
    assert "another key" in await refused(tmp_path, Seal([b"x" * 32]))
    assert await left_of(tmp_path, Seal([b"x" * 32, b"o" * 32])) == [(DRAFT, b"".join(PIECES))]


def swapped(data: bytes) -> bytes:
    """The first two pieces, which are as long as each other, change places."""
    size = 4 + int.from_bytes(data[:4], "big")
    return data[size : 2 * size] + data[:size] + data[2 * size :]


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize("change", [swapped, flipped])
async def test_what_somebody_has_changed_is_refused(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    await written(tmp_path, OURS)
    sound = sound_in(tmp_path)
    assert is_sealed(sound.read_bytes()[4:])
    sound.write_bytes(change(sound.read_bytes()))
    assert "not as it was sealed" in await refused(tmp_path, OURS)
