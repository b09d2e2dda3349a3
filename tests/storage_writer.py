"""Helpers of the storage tests; run as a program, it writes facts until it is killed.

    python -m tests.storage_writer URL FOLDER

prints `loaded N` and then the number of each fact after `append` returned.
"""

import asyncio
import os
import sys
from pathlib import Path

from acd.core.facts import CallEntered, CallLeft, Fact, OperatorFreed, Record
from acd.core.ports import Checkpoint, History
from acd.core.settings import Need, Relaxation
from acd.core.words import CallId, LeaveReason, OperatorId, QueueId
from acd.storage import JournalSettings, SpoolLimits, open_journal


def fact(seq: int) -> Fact:
    """Three kinds in turn; call c1 has the facts 1 and 2, c2 4 and 5, and so on."""
    call = CallId(f"c{(seq + 2) // 3}")
    match seq % 3:
        case 1:
            needs = (Need("uk", 3, (Relaxation(20.0, 1),)),)
            return CallEntered(
                at=float(seq),
                call=call,
                queue=QueueId("пошта"),
                caller="0501234567",
                line="100",
                priority=0,
                needs=needs,
                waiting_since=float(seq),
            )
        case 2:
            return CallLeft(
                at=float(seq), call=call, queue=QueueId("пошта"), reason=LeaveReason.HUNG_UP, waited_for=1.0
            )
        case _:
            return OperatorFreed(at=float(seq), operator=OperatorId("olha"))


def record(seq: int) -> Record:
    return Record(seq, fact(seq))


def records(first: int, last: int) -> list[Record]:
    return [record(seq) for seq in range(first, last + 1)]


def last_seq(history: History) -> int:
    if history.records:
        return history.records[-1].seq
    return history.checkpoint.seq if history.checkpoint else 0


async def write_until_killed(url: str, folder: Path) -> None:
    settings = JournalSettings(spool=SpoolLimits(segment=20_000))
    journal = await open_journal(url, folder, settings)
    seq = last_seq(await journal.load())
    os.write(1, f"loaded {seq}\n".encode())
    while True:
        burst = 1 + seq % 5
        journal.append(records(seq + 1, seq + burst))
        seq += burst
        os.write(1, f"{seq}\n".encode())
        if seq % 97 < burst:
            journal.keep_checkpoint(Checkpoint(seq, {"seq": seq, "calls": list(range(50))}))
        await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(write_until_killed(sys.argv[1], Path(sys.argv[2])))
