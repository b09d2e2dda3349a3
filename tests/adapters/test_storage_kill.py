"""kill -9 of a writing process at random moments: no acknowledged fact lost, none twice, order kept."""

import asyncio
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from acd.storage import JournalSettings, SpoolLimits, open_journal
from tests.postgres import postgres
from tests.storage_writer import last_seq, record

KILLS = 6


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_killed_at_random_moments(kind: str, tmp_path: Path) -> None:
    if kind == "sqlite":
        await kill_and_check(f"sqlite:///{tmp_path}/journal.db", tmp_path)
        return
    with postgres() as server:
        await kill_and_check(server.create("journal"), tmp_path)


async def kill_and_check(url: str, tmp_path: Path) -> None:
    moments = random.Random(20261122)
    acknowledged = 0
    for _ in range(KILLS):
        acknowledged = await asyncio.to_thread(
            write_and_kill, url, tmp_path / "spool", moments.uniform(0.0, 0.25)
        )
        await check(url, tmp_path / "spool", at_least=acknowledged)
    assert acknowledged > 300, "the writer hardly wrote"
    await check_everything(url, tmp_path / "spool", at_least=acknowledged)


def write_and_kill(url: str, folder: Path, after: float) -> int:
    """Starts the writer and kills it; answers the last fact it had acknowledged."""
    command = [sys.executable, "-m", "tests.storage_writer", url, str(folder)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    start = int(writer.stdout.readline().split()[1])
    reader = subprocess.Popen(["cat"], stdin=writer.stdout, stdout=subprocess.PIPE)
    try:
        reader_output = _kill_after(writer, reader, after)
    finally:
        writer.kill()
        writer.wait()
    lines = reader_output.rsplit(b"\n", 1)[0].split()
    return int(lines[-1]) if lines else start


def _kill_after(writer: subprocess.Popen[bytes], reader: subprocess.Popen[bytes], after: float) -> bytes:
    try:
        writer.wait(after)
    except subprocess.TimeoutExpired:
        writer.send_signal(signal.SIGKILL)
    return reader.communicate()[0]


async def check(url: str, folder: Path, at_least: int) -> None:
    journal = await open_journal(url, folder, JournalSettings(close_for=60))
    history = await journal.load()
    first = history.checkpoint.seq + 1 if history.checkpoint else 1
    assert last_seq(history) >= at_least
    assert list(history.records) == [record(seq) for seq in range(first, last_seq(history) + 1)]
    if history.checkpoint:
        assert history.checkpoint.state == {"seq": history.checkpoint.seq, "calls": list(range(50))}
    await journal.close()


async def check_everything(url: str, folder: Path, at_least: int) -> None:
    """The whole journal from the database, as a report reads it."""
    journal = await open_journal(url, folder, JournalSettings(spool=SpoolLimits(), close_for=60))
    last = last_seq(await journal.load())
    assert last >= at_least
    found = [found async for found in journal.facts_between(0.0, float("inf"))]
    assert found == [record(seq) for seq in range(1, last + 1)]
    await journal.close()
    assert journal.backlog == 0
