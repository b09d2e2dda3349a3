"""Where recordings are kept, as the settings say, and what is wrong with them in one sentence."""

from pathlib import Path

import pytest

from ivr.config import PROJECT, load_settings
from ivr.errors import Plain
from ivr.keeping import PURGE, open_store, place_of, purging
from ivr.recordings import RecordingFolder
from ivr.recordings.testing import MemoryRecordings


def test_a_folder_of_the_run_folder_is_the_default(tmp_path: Path) -> None:
    place = place_of(load_settings(run_folder=tmp_path))
    assert (place.folder, place.s3, place.key_file, place.kept_days) == (
        tmp_path / "utterances",
        None,
        None,
        30,
    )
    assert isinstance(open_store(load_settings(run_folder=tmp_path)), RecordingFolder)


def test_another_folder_may_be_relative_to_the_project(tmp_path: Path) -> None:
    assert place_of(load_settings(recordings=str(tmp_path / "r"))).folder == tmp_path / "r"
    assert place_of(load_settings(recordings="kept/here")).folder == PROJECT / "kept/here"


def test_a_bucket_has_the_run_folder_before_it(tmp_path: Path) -> None:
    keys = tmp_path / "s3"
    keys.write_text("AKIA1\nvery secret\n".replace("very secret", "very-secret"))
    settings = load_settings(
        run_folder=tmp_path,
        recordings="s3://calls/ivr/messages/",
        recordings_s3_endpoint="http://127.0.0.1:9000/",
        recordings_s3_secret_file=keys,
        recordings_kept_days=90,
    )
    place = place_of(settings)
    assert place.folder == tmp_path / "utterances"
    assert place.kept_days == 90
    assert place.s3 is not None
    assert (place.s3.bucket, place.s3.prefix) == ("calls", "ivr/messages")
    assert (place.s3.endpoint, place.s3.key_id, place.s3.secret) == (
        "http://127.0.0.1:9000",
        "AKIA1",
        "very-secret",
    )
    assert "very-secret" not in repr(place)
    assert "AKIA1" not in repr(place)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("recordings", "http://host/x", "s3://bucket/prefix"),
        ("recordings", "s3://", "s3://bucket/prefix"),
        ("recordings", "s3://key:secret@bucket", "keys do not belong in it"),
        ("recordings_s3_endpoint", "host:9000", "http://host:9000"),
        ("recordings_kept_days", "0", "greater than or equal to 1"),
        ("transcribe_command", "whisper", r"write \{wav\}"),
    ],
)
def test_wrong_settings_are_told(monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str) -> None:
    monkeypatch.setenv(f"DZVIN_{name.upper()}", value)
    with pytest.raises(Plain, match=why) as told:
        load_settings()
    assert f"DZVIN_{name.upper()}" in str(told.value)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("text", ["", "one", "one two three"])
def test_a_file_of_s3_keys_has_two_lines(tmp_path: Path, text: str) -> None:
    (tmp_path / "s3").write_text(text)
    settings = load_settings(recordings="s3://calls", recordings_s3_secret_file=tmp_path / "s3")
    with pytest.raises(Plain, match=r"no secret in|must hold the access key's id and its secret"):
        place_of(settings)


def test_an_unusable_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(Plain, match=r"cannot be stored: the keys in .* cannot be read"):
        open_store(load_settings(run_folder=tmp_path, recordings_key_file=tmp_path / "nowhere"))


async def test_the_running_server_purges_on_demand() -> None:
    assert await purging(None)[PURGE]({}) == {"removed": 0}
    store = MemoryRecordings()
    assert await purging(store)[PURGE]({}) == {"removed": 0}
    await store.close()
    with pytest.raises(Plain, match="cannot be removed: the server is ending"):
        await purging(store)[PURGE]({})
