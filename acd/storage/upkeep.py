"""The journal forgets: old facts go each day, lest the disk fill and numbers stay for ever."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from acd.storage.errors import DatabaseAway

log = structlog.get_logger(__name__)

DAY = 86_400.0
FIRST_AFTER = 600.0
"""Seconds from the start to the first removal: a start has better things to do."""
AGAIN_AFTER = 3_600.0
"""Seconds until a removal that the database did not take is tried again."""


class Purged(Protocol):
    async def purge(self, before: float) -> int:
        """As `SqlJournal.purge`."""


async def forget_daily(
    journal: Purged,
    kept_days: int,
    *,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Until cancelled: remove what is older than `kept_days` whole days. What goes wrong is logged."""
    pause = FIRST_AFTER
    while True:
        await sleep(pause)
        before = now() - kept_days * DAY
        try:
            removed = await journal.purge(before)
        except DatabaseAway as away:
            log.warning("old facts are not removed yet", why=str(away))
            pause = AGAIN_AFTER
        except Exception:  # calls are served all the same
            log.exception("old facts are not removed")
            pause = DAY
        else:
            log.info("old facts are removed", facts=removed, older_than_days=kept_days)
            pause = DAY
