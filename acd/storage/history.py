"""What was found on disk and in the database becomes one history. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from acd.core.errors import CodecError
from acd.core.facts import Record
from acd.core.ports import Checkpoint, History
from acd.storage.rows import Row, record_of


@dataclass(frozen=True, slots=True)
class Found:
    """`missing`: the first seq of a hole, with facts after it that the history cannot hold; `why` says what
    is wrong there."""

    history: History
    missing: int | None = None
    why: str = ""

    @property
    def last_seq(self) -> int:
        if self.history.records:
            return self.history.records[-1].seq
        return self.history.checkpoint.seq if self.history.checkpoint else 0


def newest(*checkpoints: Checkpoint | None) -> Checkpoint | None:
    return max((found for found in checkpoints if found), key=lambda found: found.seq, default=None)


def merge(checkpoint: Checkpoint | None, *sources: Iterable[Row]) -> Found:
    """The facts after the checkpoint, once each, in order, up to the first hole.

    A later source wins where two hold the same seq: give the database first and the spool last, as the
    spool is what the process itself acknowledged.
    """
    base = checkpoint.seq if checkpoint else 0
    rows = {row.seq: row for source in sources for row in source if row.seq > base}
    records: list[Record] = []
    for expected, seq in enumerate(sorted(rows), start=base + 1):
        if seq != expected:
            return Found(History(checkpoint, records), expected, f"the next fact is {seq}")
        try:
            records.append(record_of(rows[seq]))
        except CodecError as error:
            return Found(History(checkpoint, records), seq, f"unreadable: {error}")
    return Found(History(checkpoint, records))
