"""How long the ledger takes to answer among many promises, and what it costs the journal's writer.

    python -m tests.benchmarks.ledger_reading [--promises 100000] [--postgresql]

Half a year of promises, six facts each, goes through the journal's own writer; then the questions of
`dzvin promises` and the API are asked three times each, the middle time counts.
"""

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

from acd.core.facts import Record
from acd.core.promise import Outcome, PromiseFilter
from acd.storage.database import Database
from acd.storage.reader import FactReader
from acd.storage.rows import Row, line_of, row_of_line
from acd.storage.writer import BATCH
from tests.postgres import postgres
from tests.promise_facts import START, kept_call_back, made, voicemail

DAYS = 182
OPEN_OF = 200
"""One of so many is still open."""


def _rows(promises: int) -> list[Row]:
    found: list[Row] = []
    seq = 0
    step = DAYS * 86400 / promises
    for work in range(1, promises + 1):
        at = START + work * step
        life = voicemail(work, at) if work % OPEN_OF == 0 else kept_call_back(work, at)
        for fact in life if work % (OPEN_OF + 1) else [made(work, at)]:
            seq += 1
            row = row_of_line(line_of(Record(seq, fact)))
            assert row is not None
            found.append(row)
    return found


async def _write(database: Database, rows: list[Row]) -> float:
    began = time.perf_counter()
    for start in range(0, len(rows), BATCH):
        assert await database.insert(rows[start : start + BATCH]) is None
    return time.perf_counter() - began


async def _took(question: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        await question()
        times.append(time.perf_counter() - began)
    return median(times)


async def measure(url: str, folder: Path, promises: int) -> None:
    database = Database(url)
    await database.migrate()
    rows = _rows(promises)
    took = await _write(database, rows)
    each = took / len(rows) * 1e6
    print(f"{promises} promises, {len(rows)} facts written in {took:.1f} s: {each:.0f} µs each", flush=True)
    ask = FactReader(database, folder).promises
    day = START + DAYS * 43200
    questions: dict[str, Callable[[], Awaitable[object]]] = {
        "open ones, those running out first, 200 rows": lambda: ask.some(
            PromiseFilter(is_open=True, order="due"), 200
        ),
        "broken ones, the newest first, 200 rows": lambda: ask.some(
            PromiseFilter(outcomes=frozenset({Outcome.BROKEN})), 200
        ),
        "all of one caller": lambda: ask.some(PromiseFilter(caller="0937654321"), 200),
        "figures of all": lambda: ask.figures(PromiseFilter()),
        "figures of a day": lambda: ask.figures_between(day, day + 86400),
        "one promise with its story": lambda: ask.one(promises // 2),
        "every row, for --json --all": lambda: ask.some(PromiseFilter(), promises),
    }
    for what, question in questions.items():
        print(f"  {what}: {await _took(question) * 1000:.1f} ms", flush=True)
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--promises", type=int, default=100_000)
    parser.add_argument("--postgresql", action="store_true", help="a server of its own; default: SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        url = f"sqlite:///{folder}/ledger.sqlite"
        if given.postgresql:
            url = stack.enter_context(postgres()).create("ledger")
        asyncio.run(measure(url, Path(folder) / "spool", given.promises))


if __name__ == "__main__":
    main()
