"""Recordings at rest are sealed: unreadable without the key, another one is told, old ones still read."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.recordings import Place, RecordingError, RecordingStore, Rules, open_recordings
from ivr.recordings.ids import facts_of, sound_of
from ivr.recordings.sealing import KeyFileError, Seal, is_sealed, make_key, read_keys
from ivr.recordings.testing import NOW, SOUND, WORDS, saved

PATIENT = 30.0


def store_in(folder: Path, keys: Path | None) -> RecordingStore:
    return open_recordings(Place(folder=folder, key_file=keys), within=PATIENT)


def lines_of(path: Path) -> list[str]:
    return path.read_text().split()


def forget_all_but_the_first(path: Path) -> None:
    path.write_text(lines_of(path)[0])


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    make_key(tmp_path / "keys")
    return tmp_path / "keys"


async def test_nothing_of_it_can_be_read_without_the_key(tmp_path: Path, keys: Path) -> None:
    folder = tmp_path / "r"
    store = store_in(folder, keys)
    id_ = await saved(store, b"RIFF" * 4000, transcript="секрет")
    await store.note(id_, "секрет", WORDS)
    for name in (sound_of(id_), facts_of(id_)):
        data = (folder / name).read_bytes()
        assert is_sealed(data)
        assert b"RIFF" not in data
        assert "секрет".encode() not in data
        assert b"seconds" not in data
    assert (await store.facts(id_, by="anna")).transcript == "секрет"
    again = await saved(store, b"RIFF" * 4000, transcript="секрет")
    assert (folder / sound_of(again)).read_bytes()[24:] != (folder / sound_of(id_)).read_bytes()[24:]
    await store.close()


async def test_what_was_stored_before_the_key_is_still_read(tmp_path: Path, keys: Path) -> None:
    store = store_in(tmp_path / "r", None)
    old = await saved(store, transcript="так")
    await store.close()
    store = store_in(tmp_path / "r", keys)
    assert await store.pcm(old, by="anna") == SOUND
    assert (await store.facts(old, by="anna")).transcript == "так"
    await store.note(old, "так так", WORDS)
    assert is_sealed((tmp_path / "r" / facts_of(old)).read_bytes())
    assert await store.pcm(old, by="anna") == SOUND
    await store.close()


async def test_another_key_is_told_and_the_old_one_may_stay_behind_it(tmp_path: Path, keys: Path) -> None:
    store = store_in(tmp_path / "r", keys)
    id_ = await saved(store)
    await store.close()
    mark = make_key(tmp_path / "other")
    wrong = store_in(tmp_path / "r", tmp_path / "other")
    for asked in (wrong.pcm(id_, by="anna"), wrong.facts(id_, by="anna"), wrong.note(id_, "", [])):
        with pytest.raises(RecordingError, match=r"sealed by another key \([0-9a-f]{8}\)") as told:
            await asked
        assert mark not in str(told.value)
    await wrong.close()
    assert make_key(keys) != mark
    assert len(lines_of(keys)) == 2
    renewed = store_in(tmp_path / "r", keys)
    assert await renewed.pcm(id_, by="anna") == SOUND
    young = await saved(renewed)
    await renewed.close()
    forget_all_but_the_first(keys)
    newest = store_in(tmp_path / "r", keys)
    assert await newest.pcm(young, by="anna") == SOUND
    with pytest.raises(RecordingError, match="another key"):
        await newest.pcm(id_, by="anna")
    await newest.close()


async def test_without_its_key_a_recording_still_goes_when_its_time_is_over(
    tmp_path: Path, keys: Path
) -> None:
    store = store_in(tmp_path / "r", keys)
    gone, kept = [await saved(store, at=NOW - timedelta(age)) for age in (91, 60)]
    await store.close()
    make_key(tmp_path / "other")
    other = store_in(tmp_path / "r", tmp_path / "other")
    other.rules = Rules(kept_days=30, by_queue=lambda: {"claims": 90})
    assert await other.purge(NOW) == 1, "whose queue cannot be told is kept as long as any"
    (proof,) = await other.proofs()
    assert (proof.id, proof.queue) == (gone, "")
    assert proof.size > len(SOUND)
    assert (tmp_path / "r" / sound_of(kept)).exists()
    await other.close()


@pytest.mark.parametrize("at", [0, 5, 12, 30, -1])
async def test_a_changed_file_is_told(tmp_path: Path, keys: Path, at: int) -> None:
    store = store_in(tmp_path / "r", keys)
    id_ = await saved(store)
    path = tmp_path / "r" / sound_of(id_)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(RecordingError, match=r"not as it was sealed|another key|is damaged"):
        await store.pcm(id_, by="anna")
    await store.close()


async def test_no_recording_passes_for_another_one(tmp_path: Path, keys: Path) -> None:
    store = store_in(tmp_path / "r", keys)
    first, other = await saved(store), await saved(store)
    os.replace(tmp_path / "r" / sound_of(first), tmp_path / "r" / sound_of(other))
    with pytest.raises(RecordingError, match="not as it was sealed"):
        await store.pcm(other, by="anna")
    await store.close()


def test_a_key_file_is_for_its_owner_alone(keys: Path) -> None:
    assert keys.stat().st_mode & 0o777 == 0o600
    before = keys.read_text()
    make_key(keys)
    assert keys.read_text().endswith(before)
    assert keys.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in keys.parent.iterdir()] == ["keys"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("hello", "line 1 of .* is no key"),
        ("AAAA\n", "line 1 of .* is no key"),
        ("ключ", "holds no keys"),
    ],
)
def test_a_wrong_key_file_is_told(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KeyFileError, match=why):
        read_keys(path)
    with pytest.raises(KeyFileError, match=why):
        store_in(tmp_path / "r", path)
    if text:
        with pytest.raises(KeyFileError):
            make_key(path)
        assert path.read_text(encoding="utf-8") == text, "what is there is not written over"


def test_an_absent_key_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be read: No such file"):
        store_in(tmp_path / "r", tmp_path / "nowhere")
    with pytest.raises(KeyFileError, match="cannot be written"):
        make_key(tmp_path / "no folder" / "keys")


def test_a_seal_opens_what_it_closed() -> None:
    seal = Seal([bytes(32)])
    for data in (b"", b"x", bytes(100_000)):
        assert seal.open_("a", seal.close_("a", data)) == data
