"""Ports kept in memory."""

from collections.abc import Sequence

from acd.core.commands import Command
from acd.core.facts import Record
from acd.core.ports import Checkpoint, History


class MemoryJournal:
    """A journal that lives as long as its `shelf`: give the same list again to 'restart'."""

    def __init__(self, shelf: list[Record | Checkpoint] | None = None) -> None:
        self.shelf: list[Record | Checkpoint] = [] if shelf is None else shelf
        self.closed = False

    async def load(self) -> History:
        """The newest checkpoint and what came after it."""
        checkpoints = [item for item in self.shelf if isinstance(item, Checkpoint)]
        newest = max(checkpoints, key=lambda each: each.seq, default=None)
        after = newest.seq if newest else 0
        records = [item for item in self.shelf if isinstance(item, Record) and item.seq > after]
        return History(newest, tuple(records))

    def append(self, records: Sequence[Record]) -> None:
        """Keep them, those already kept left out."""
        known = max((item.seq for item in self.shelf if isinstance(item, Record)), default=0)
        self.shelf.extend(record for record in records if record.seq > known)

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        self.shelf.append(checkpoint)

    async def close(self) -> None:
        self.closed = True


class RecordingSwitch:
    """Does nothing and remembers everything."""

    def __init__(self) -> None:
        self.commands: list[Command] = []

    def perform(self, command: Command) -> None:
        self.commands.append(command)


class RecordingSink:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def __call__(self, records: Sequence[Record]) -> None:
        self.records.extend(records)
