"""Waits for a condition with a deadline, instead of sleeping and hoping."""

import asyncio
import time
from collections.abc import Callable

from tests.machine import ran_for


async def eventually(condition: Callable[[], object], within: float = 10.0, what: str = "") -> None:
    """Return as soon as `condition()` is true; AssertionError after `within` seconds of a running machine."""
    began = time.monotonic()
    while not condition():
        if ran_for(began) > within:
            raise AssertionError(f"not within {within} s: {what or condition}")
        await asyncio.sleep(0.02)
