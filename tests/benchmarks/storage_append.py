"""What `append` costs the event loop, and how many facts per second the databases take.

    python -m tests.benchmarks.storage_append [--facts 50000]

Prints a Markdown table: `append` of one fact, called every 0.2 ms as in a busy centre while the writer works
beside it (p50, p99, max in microseconds), the longest stall of the loop, then a burst of facts and the rate
at which they reach the database.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from acd.core.facts import Record
from acd.storage import JournalSettings, SqlJournal, open_journal
from tests.eventually import eventually
from tests.postgres import postgres
from tests.storage_writer import record

PAUSE = 0.0002


@dataclass(frozen=True, slots=True)
class Result:
    appends: list[float]
    """Seconds each."""
    stall: float
    """Longest time between two turns of the loop beyond the pause asked for, seconds."""
    per_second: float


async def measure(url: str, folder: Path, facts: int) -> Result:
    journal = await open_journal(url, folder, JournalSettings(patience=10, close_for=60))
    await journal.load()
    paced = facts // 5
    appends, stall = await append_paced(journal.append, paced)
    await drained(journal)
    began = time.perf_counter()
    for seq in range(paced + 1, facts + 1):
        journal.append([record(seq)])
    await drained(journal)
    rate = (facts - paced) / (time.perf_counter() - began)
    await journal.close()
    return Result(appends, stall, rate)


async def append_paced(append: Callable[[list[Record]], None], count: int) -> tuple[list[float], float]:
    appends: list[float] = []
    stall = 0.0
    for seq in range(1, count + 1):
        fact = record(seq)
        began = time.perf_counter()
        append([fact])
        ended = time.perf_counter()
        appends.append(ended - began)
        await asyncio.sleep(PAUSE)
        stall = max(stall, time.perf_counter() - ended - PAUSE)
    return appends, stall


async def nothing(facts: int) -> Result:
    """What this machine does to a loop that has no journal."""
    appends, stall = await append_paced(lambda _: None, facts // 5)
    return Result(appends, stall, float("nan"))


async def drained(journal: SqlJournal) -> None:
    await eventually(lambda: journal.backlog == 0, within=60)


def line(name: str, result: Result) -> str:
    cuts = statistics.quantiles(result.appends, n=1000)
    micro = [1e6 * value for value in (cuts[499], cuts[989], max(result.appends))]
    figures = " | ".join(f"{value:.0f} µs" for value in micro)
    return f"| {name} | {figures} | {1e3 * result.stall:.1f} ms | {result.per_second:,.0f} |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--facts", type=int, default=50_000)
    facts = options.parse_args().facts
    print("| database | append p50 | p99 | max | longest stall of the loop | facts/s written |")
    print("|---|---|---|---|---|---|")
    print(line("none (the machine's own noise)", asyncio.run(nothing(facts))))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/journal.db"
        print(line("SQLite", asyncio.run(measure(url, Path(folder) / "spool", facts))))
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        url = server.create("journal")
        print(line("PostgreSQL", asyncio.run(measure(url, Path(folder) / "spool", facts))))


if __name__ == "__main__":
    main()
