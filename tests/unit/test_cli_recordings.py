"""`dzvin recordings`: what is stored and who heard it, beside a running server and without one."""

import asyncio
import json
import os
import subprocess
import sys
import wave
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from typer.testing import CliRunner, Result

from acd.core.work import WorkKind
from acd.storage import open_journal
from ivr.cli import app
from ivr.config import Settings, load_settings
from ivr.control import ControlServer
from ivr.doctor.finding import Mark
from ivr.doctor.recordings import check_recordings
from ivr.keeping import open_store, place_of, purging
from ivr.kept import purge
from ivr.recordings import Access, RecordingStore, open_recordings
from ivr.recordings.testing import SOUND, WORDS, saved
from ivr.whoami import user
from tests.promise_facts import made, records
from tests.real import free_port

_T = TypeVar("_T")
TODAY = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DZVIN_RUN_FOLDER", str(tmp_path / "run"))
    monkeypatch.setenv("COLUMNS", "250")
    return load_settings()


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["recordings", *words])


def dzvin(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ivr.cli", "recordings", *words], capture_output=True, text=True, check=False
    )


def with_store(house: Settings, work: Callable[[RecordingStore], Awaitable[_T]]) -> _T:
    async def opened() -> _T:
        store = open_recordings(place_of(house), within=30.0)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(opened())


def stored(house: Settings, *, at: datetime = TODAY, queue: str = "claims", text: str = "") -> str:
    async def save(store: RecordingStore) -> str:
        id_ = await saved(store, at=at, queue=queue)
        if text:
            await store.note(id_, text, WORDS)
        return id_

    return with_store(house, save)


def accesses(house: Settings) -> list[Access]:
    async def read(store: RecordingStore) -> list[Access]:
        return await store.accesses()

    return with_store(house, read)


def read_json(*words: str) -> Any:
    said = run(*words, "--json")
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)


def test_the_list_shows_no_words_and_is_no_access(house: Settings) -> None:
    spoken = stored(house, text="де посилка")
    other = stored(house, queue="post", at=TODAY - timedelta(3))
    said = run()
    assert said.exit_code == 0, said.output
    assert said.stdout.index(other) < said.stdout.index(spoken)
    assert "not yet" in said.stdout
    assert "посилка" not in said.stdout
    found = read_json()["recordings"]
    assert [(row["id"], row["transcribed"]) for row in found] == [(other, False), (spoken, True)]
    assert "посилка" not in json.dumps(found, ensure_ascii=False)
    assert [row["id"] for row in read_json("--queue", "claims")["recordings"]] == [spoken]
    assert [row["id"] for row in read_json("--untranscribed")["recordings"]] == [other]
    assert [row["id"] for row in read_json("--limit", "1")["recordings"]] == [spoken]
    day = TODAY.date().isoformat()
    assert [row["id"] for row in read_json("--since", day)["recordings"]] == [spoken]
    assert accesses(house) == []


def test_nothing_stored_is_said(house: Settings) -> None:
    assert "No recordings." in run().stdout
    assert "Nothing was removed" in run("proofs").stdout
    assert "Nobody has heard" in run("accesses").stdout
    assert not house.run_folder.exists(), "looking makes nothing"


def test_one_is_shown_with_its_words_and_that_is_written_down(house: Settings) -> None:
    id_ = stored(house, text="де посилка")
    said = run("show", id_[-8:], "--why", "complaint 4711")
    assert said.exit_code == 0, said.output
    assert "“де посилка”" in said.stdout
    assert "understood with 80%" in said.stdout
    shown = read_json("show", id_)
    assert shown["transcript"] == "де посилка"
    assert shown["words"][1] == {"word": "посилка", "confidence": 0.7, "start": 0.3, "end": 0.9}
    who = f"{user()}, command line"
    assert [(one.id, one.by, one.why) for one in accesses(house)] == [
        (id_, who, "complaint 4711"),
        (id_, who, "shown"),
    ]
    listed = run("accesses", id_[-8:]).stdout
    assert "complaint 4711" in listed
    assert "Accesses: 2. Their file is unbroken." in listed
    assert len(read_json("accesses")["accesses"]) == 2


def test_one_without_a_text_says_so(house: Settings) -> None:
    assert "Not transcribed yet." in run("show", stored(house)).stdout


def test_a_hostile_transcript_cannot_move_the_cursor(house: Settings) -> None:
    id_ = stored(house, text="\x1b[2Jhello [red]x[/red]")
    shown = run("show", id_).stdout
    assert "\x1b[2J" not in shown
    assert "[red]x[/red]" in shown


def test_one_is_exported_for_its_reader_alone(house: Settings, tmp_path: Path) -> None:
    id_ = stored(house)
    target = tmp_path / "claim.wav"
    said = run("play", id_[-8:], "--to", str(target), "--why", "complaint 4711")
    assert said.stdout.strip() == str(target)
    assert target.stat().st_mode & 0o777 == 0o600
    with wave.open(str(target)) as sound:
        assert (sound.getframerate(), sound.readframes(9000)) == (8000, SOUND)
    assert [one.why for one in accesses(house)] == ["complaint 4711"]
    again = dzvin("play", id_, "--to", str(target))
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    nowhere = dzvin("play", id_, "--to", str(tmp_path / "no" / "x.wav"))
    assert (nowhere.returncode, "cannot be written" in nowhere.stderr) == (2, True)


def test_one_is_removed_with_a_proof(house: Settings) -> None:
    id_ = stored(house)
    assert (
        run("remove", id_, "--why", "the caller asks for it", "--yes").stdout.strip() == f"{id_} is removed."
    )
    (proof,) = read_json("proofs")["proofs"]
    assert (proof["id"], proof["queue"], proof["size"]) == (id_, "claims", len(SOUND))
    assert proof["why"] == f"the caller asks for it (by {user()}, command line)"
    listed = run("proofs").stdout
    assert proof["sha256"] in listed
    assert "Removals: 1. Their file is unbroken." in listed


def test_without_a_yes_nothing_is_removed(house: Settings) -> None:
    id_ = stored(house)
    said = CliRunner().invoke(app, ["recordings", "remove", id_, "--why", "x"], input="n\n")
    assert said.exit_code == 1
    assert [row["id"] for row in read_json()["recordings"]] == [id_]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("show", "12345678"), "no recording ends in 12345678"),
        (("show", "../../etc/passwd"), "is not the id of a recording"),
        (("play", "20260101-000000-a-b-00000000"), "There is no such recording"),
        (("remove", "x", "--why", "y", "--yes"), "is not the id of a recording"),
        (("--since", "yesterday"), "write a day"),
        (("new-key", "/nowhere/at/all"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(house: Settings, words: tuple[str, ...], why: str) -> None:
    said = dzvin(*words)
    assert said.returncode == 2
    assert why in said.stderr
    assert "Traceback" not in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1


def test_changed_records_are_told(house: Settings) -> None:
    stored(house)
    (house.run_folder / "utterances" / "removed.jsonl").write_text('{"number": 1, "before": "x"}\n')
    said = dzvin("proofs")
    assert said.returncode == 2
    assert "was changed by somebody: line 1" in said.stderr


def test_a_new_key_seals_from_then_on(
    house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = stored(house, text="старе")
    keys = tmp_path / "keys"
    assert f"DZVIN_RECORDINGS_KEY_FILE={keys}" in run("new-key", str(keys)).stdout
    monkeypatch.setenv("DZVIN_RECORDINGS_KEY_FILE", str(keys))
    new = stored(load_settings(), text="нове")
    assert read_json("show", old)["transcript"] == "старе"
    assert read_json("show", new)["transcript"] == "нове"
    monkeypatch.delenv("DZVIN_RECORDINGS_KEY_FILE")
    said = dzvin("show", new)
    assert (said.returncode, "are sealed" in said.stderr) == (2, True)
    rows = {row["id"]: row["unreadable"] for row in read_json()["recordings"]}
    assert rows[old] == ""
    assert "are sealed" in rows[new]
    assert "are sealed" in run().stdout


# Purging


def open_message(house: Settings, recording: str) -> None:
    """A message that waits for its answer, as the journal has it."""

    async def write() -> None:
        journal = await open_journal(house.database, house.run_folder / "journal")
        await journal.load()
        journal.append(records([made(1, kind=WorkKind.VOICEMAIL, recording=recording)]))
        await journal.close()

    asyncio.run(write())


def test_without_a_server_open_messages_stay(house: Settings) -> None:
    old = TODAY - timedelta(40)
    wanted, gone, young = stored(house, at=old), stored(house, at=old), stored(house)
    open_message(house, wanted)
    assert run("purge").stdout.strip() == "Removed recordings: 1."
    assert {row["id"] for row in read_json()["recordings"]} == {wanted, young}
    assert [proof["id"] for proof in read_json("proofs")["proofs"]] == [gone]


async def test_the_running_server_purges(house: Settings) -> None:
    store = open_store(house)
    old = TODAY - timedelta(40)
    wanted, _ = await saved(store, at=old), await saved(store, at=old)
    store.rules = type(store.rules)(in_use=lambda id_: id_ == wanted)
    house.run_folder.mkdir(exist_ok=True)
    control = ControlServer(house.run_folder, purging(store))
    await control.start()
    try:
        assert await asyncio.to_thread(asyncio.run, purge(house)) == 1
        beside = await asyncio.to_thread(run, "--json")
        assert [row["id"] for row in json.loads(beside.stdout)["recordings"]] == [wanted]
    finally:
        await control.close()
        await store.close()


# The doctor


async def test_the_doctor_looks_at_the_place(house: Settings, tmp_path: Path) -> None:
    assert [one.mark for one in await check_recordings(house)] == [Mark.OK]
    (tmp_path / "file").touch()
    bad = load_settings(recordings=str(tmp_path / "file"))
    assert [one.mark for one in await check_recordings(bad)] == [Mark.FAIL]
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)  # whatever the umask
    seen = await check_recordings(load_settings(recordings=str(tmp_path / "open")))
    assert [one.mark for one in seen] == [Mark.OK, Mark.WARN]


async def test_the_doctor_looks_at_the_keys(house: Settings, tmp_path: Path) -> None:
    missing = await check_recordings(load_settings(recordings_key_file=tmp_path / "keys"))
    assert [one.mark for one in missing] == [Mark.FAIL]
    assert "cannot be read" in missing[0].what
    run("new-key", str(tmp_path / "keys"))
    keyed = load_settings(recordings_key_file=tmp_path / "keys")
    assert [one.mark for one in await check_recordings(keyed)] == [Mark.OK, Mark.OK]
    os.chmod(tmp_path / "keys", 0o644)
    assert [one.mark for one in await check_recordings(keyed)] == [Mark.OK, Mark.FAIL]


async def test_the_doctor_tells_an_s3_that_does_not_answer(house: Settings) -> None:
    away = load_settings(recordings="s3://calls/x", recordings_s3_endpoint=f"http://127.0.0.1:{free_port()}")
    found = await check_recordings(away)
    assert [one.mark for one in found] == [Mark.OK, Mark.WARN]
    assert "s3://calls/x" in found[1].what
    assert "0 files wait" in found[1].mend
