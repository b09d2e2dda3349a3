"""Damaged disks, holes, another history in the database: what the next start makes of them."""

from pathlib import Path

import pytest

from acd.core.ports import Checkpoint
from acd.storage import JournalSettings, SpoolLimits, open_journal, open_reader
from acd.storage.database import Database
from acd.storage.rows import line_of, row_of_line
from acd.storage.spool import segment_paths
from tests.eventually import eventually
from tests.storage_writer import last_seq, record, records

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
PATIENT = JournalSettings(patience=20, close_for=20)
HURRIED = JournalSettings(patience=0.2, close_for=0.1)


async def written(url: str, folder: Path, last: int, settings: JournalSettings = PATIENT) -> None:
    journal = await open_journal(url, folder, settings)
    first = last_seq(await journal.load()) + 1
    for seq in range(first, last + 1):
        journal.append([record(seq)])
    await journal.close()


def spool_of(folder: Path, *seqs: int, name: str = "0000000000000001-0.spool") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(b"".join(line_of(record(seq)) for seq in seqs))
    return path


@pytest.mark.parametrize("cut", [1, 2, 9, 10, 40])
async def test_a_torn_last_line_is_left_out_and_its_number_used_again(tmp_path: Path, cut: int) -> None:
    path = spool_of(tmp_path / "spool", 1, 2, 3)
    path.write_bytes(path.read_bytes()[:-cut])
    url = f"sqlite:///{tmp_path}/journal.db"
    await written(url, tmp_path / "spool", 5)
    journal = await open_journal(url, tmp_path / "spool", PATIENT)
    assert list((await journal.load()).records) == records(1, 5)
    await journal.close()


def test_a_damaged_line_is_noticed() -> None:
    line = line_of(record(4))
    found = row_of_line(line)
    assert found is not None
    assert (found.seq, found.call, found.kind) == (4, "c2", "CallEntered")
    for place in range(len(line)):
        damaged = line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :]
        assert row_of_line(damaged) is None, place


async def test_a_damaged_line_is_made_up_by_the_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    await written(url, tmp_path / "spool", 20)
    (path,) = segment_paths(tmp_path / "spool")
    path.write_bytes(path.read_bytes().replace(b'"at":7.0', b'"at":8.0', 1))
    journal = await open_journal(url, tmp_path / "spool", PATIENT)
    assert list((await journal.load()).records) == records(1, 20)
    await journal.close()


async def test_after_a_hole_the_rest_is_set_aside_and_the_journal_goes_on(tmp_path: Path) -> None:
    spool_of(tmp_path / "spool", 1, 2, 3, 5, 6)
    url = f"sqlite:///{tmp_path}/journal.db"
    journal = await open_journal(url, tmp_path / "spool", PATIENT)
    assert list((await journal.load()).records) == records(1, 3)
    journal.append(records(4, 7))
    await journal.close()
    (aside,) = (tmp_path / "spool").glob("*.aside")
    assert b'"at":6.0' in aside.read_bytes()
    journal = await open_journal(url, tmp_path / "spool", PATIENT)
    assert list((await journal.load()).records) == records(1, 7)
    await journal.close()


async def test_a_checkpoint_after_the_hole_bridges_it(tmp_path: Path) -> None:
    spool_of(tmp_path / "spool", 1, 2, 3, 5, 6)
    (tmp_path / "spool" / "checkpoint.json").write_text('{"seq": 5, "state": {"a": 1}}')
    journal = await open_journal(NOWHERE, tmp_path / "spool", HURRIED)
    history = await journal.load()
    assert (history.checkpoint, list(history.records)) == (Checkpoint(5, {"a": 1}), [record(6)])
    await journal.close()


async def test_an_unreadable_checkpoint_is_replaced_by_the_databases(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    journal = await open_journal(url, tmp_path / "spool", PATIENT)
    await journal.load()
    journal.append(records(1, 9))
    journal.keep_checkpoint(Checkpoint(6, {"a": 1}))
    await journal.close()
    (tmp_path / "spool" / "checkpoint.json").write_text('{"seq": 6, "sta')
    journal = await open_journal(url, tmp_path / "spool", PATIENT)
    assert last_seq(await journal.load()) == 9
    await journal.close()


async def test_a_database_with_another_history_gives_way_to_the_one_that_runs(tmp_path: Path) -> None:
    """The server ran on from local disk while the database, away, held facts beyond it."""
    url = f"sqlite:///{tmp_path}/journal.db"
    await written(url, tmp_path / "other", 30)
    spool_of(tmp_path / "spool", 1, 2, 3)
    journal = await open_journal(NOWHERE, tmp_path / "spool", HURRIED)
    assert last_seq(await journal.load()) == 3
    journal.append([type(record(3))(4, record(3).fact)])
    await journal.close()
    database = Database(url)
    rows = [row async for row in database.rows()]
    changed = row_of_line(line_of(type(record(3))(4, record(3).fact)))
    assert changed is not None
    assert await database.insert([*rows[:3], changed]) == 4, "the difference is noticed, nothing written"
    assert await database.set_aside_after(3) == 27
    assert await database.insert([*rows[:3], changed]) is None
    assert await database.last_seq() == 4
    await database.close()


async def test_the_writer_settles_a_difference_by_itself(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    await written(url, tmp_path / "other", 30)
    folder = tmp_path / "spool"
    folder.mkdir()
    lines = [line_of(record(seq)) for seq in (1, 2, 3)] + [line_of(type(record(1))(4, record(9).fact))]
    (folder / "0000000000000001-0.spool").write_bytes(b"".join(lines))
    (folder / "checkpoint.json").write_text('{"seq": 3, "state": {}}')
    journal = await open_journal(url, folder, PATIENT)
    history = await journal.load()
    assert history.records[0].fact == record(9).fact, "local disk is what this server acknowledged"
    await journal.close()
    reader = open_reader(url, tmp_path / "none")
    stored = [found async for found in reader.facts_between(0, 1e9)]
    await reader.close()
    assert [found.seq for found in stored] == sorted({found.seq for found in stored})
    assert stored[3].fact == record(9).fact


async def test_old_segments_go_when_database_and_checkpoint_have_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    settings = JournalSettings(spool=SpoolLimits(segment=1000), close_for=10)
    journal = await open_journal(url, tmp_path / "spool", settings)
    await journal.load()
    for seq in range(1, 201):
        journal.append([record(seq)])
    await eventually(lambda: journal.backlog == 0)
    many = len(segment_paths(tmp_path / "spool"))
    assert many > 10, "without a checkpoint a start needs them all"
    journal.keep_checkpoint(Checkpoint(190, {}))
    await eventually(lambda: len(segment_paths(tmp_path / "spool")) < 5)
    assert await journal.purge(before=100.0) == 99
    await journal.close()
    journal = await open_journal(NOWHERE, tmp_path / "spool", HURRIED)
    assert list((await journal.load()).records) == records(191, 200)
    await journal.close()
