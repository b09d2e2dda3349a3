"""What every adapter of a port must do, as functions that a test calls with the real thing."""

from collections.abc import Callable

from acd.core.facts import Record, SettingsApplied
from acd.core.ports import Checkpoint, History, Journal


def _record(seq: int) -> Record:
    return Record(seq, SettingsApplied(at=1000.0 + seq, queues=seq, operators=0))


async def check_journal(make: Callable[[], Journal]) -> None:
    """Any journal must pass; `make` opens the same, at first empty, store again at each call.

    AssertionError names what is broken: order, loss over close and open, doubles, checkpoints.
    """
    await _starts_empty(make)
    await _keeps_order(make)
    await _doubles_nothing(make)
    await _loads_from_newest_checkpoint(make)


async def _load(make: Callable[[], Journal]) -> History:
    journal = make()
    history = await journal.load()
    await journal.close()
    return history


async def _starts_empty(make: Callable[[], Journal]) -> None:
    history = await _load(make)
    assert history.checkpoint is None, "a new journal has no checkpoint"
    assert not history.records, "a new journal has no records"


async def _keeps_order(make: Callable[[], Journal]) -> None:
    journal = make()
    await journal.load()
    journal.append([_record(1), _record(2)])
    journal.append([])
    journal.append([_record(3)])
    await journal.close()
    history = await _load(make)
    assert list(history.records) == [_record(1), _record(2), _record(3)], "all, in order, after a close"


async def _doubles_nothing(make: Callable[[], Journal]) -> None:
    journal = make()
    await journal.load()
    journal.append([_record(3), _record(4)])
    await journal.close()
    seqs = [record.seq for record in (await _load(make)).records]
    assert seqs == [1, 2, 3, 4], f"a record given twice is kept once, got {seqs}"


async def _loads_from_newest_checkpoint(make: Callable[[], Journal]) -> None:
    journal = make()
    await journal.load()
    journal.keep_checkpoint(Checkpoint(2, {"which": "old"}))
    journal.append([_record(5)])
    newest = Checkpoint(4, {"which": "new", "deep": {"list": [1, 2.5, None, "є"]}})
    journal.keep_checkpoint(newest)
    journal.append([_record(6)])
    await journal.close()
    history = await _load(make)
    assert history.checkpoint == newest, "the newest checkpoint, unchanged"
    assert list(history.records) == [_record(5), _record(6)], "and every later record"
