"""Old facts are removed each day, whatever the database does."""

import asyncio

import pytest

from acd.storage import DatabaseAway, forget_daily
from acd.storage.upkeep import AGAIN_AFTER, DAY, FIRST_AFTER

NOW = 1_800_000_000.0


class FakeJournal:
    """`away`: the numbers of the purges that its database does not take."""

    def __init__(self, *away: int, fault: Exception | None = None) -> None:
        self.before: list[float] = []
        self._away = away
        self._fault = fault or DatabaseAway("sqlite:///…", OSError("gone"))

    async def purge(self, before: float) -> int:
        self.before.append(before)
        if len(self.before) in self._away:
            raise self._fault
        return 3


async def days(journal: FakeJournal, kept_days: int, pauses: int) -> list[float]:
    """So many pauses of virtual time; answers them in seconds."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        if len(slept) == pauses:
            raise asyncio.CancelledError
        slept.append(seconds)

    with pytest.raises(asyncio.CancelledError):
        await forget_daily(journal, kept_days, now=lambda: NOW + sum(slept), sleep=sleep)
    return slept


async def test_soon_after_the_start_and_then_each_day() -> None:
    journal = FakeJournal()
    assert await days(journal, 400, pauses=3) == [FIRST_AFTER, DAY, DAY]
    first = NOW + FIRST_AFTER - 400 * DAY
    assert journal.before == [first, first + DAY, first + 2 * DAY]


async def test_a_database_that_is_away_is_asked_again_sooner() -> None:
    journal = FakeJournal(1, 2)
    assert await days(journal, 8, pauses=4) == [FIRST_AFTER, AGAIN_AFTER, AGAIN_AFTER, DAY]
    assert len(journal.before) == 4


async def test_a_fault_of_ours_does_not_end_it() -> None:
    journal = FakeJournal(1, fault=ValueError("a fault"))
    assert await days(journal, 8, pauses=3) == [FIRST_AFTER, DAY, DAY]
