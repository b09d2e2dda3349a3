"""A worker process that ends in the very moment in which its supervision is cancelled."""

import asyncio

import pytest

from ivr.speech.worker_process import _end


class Ending:
    """As much of a process as `_end` asks: it ends when the test says so."""

    def __init__(self) -> None:
        self.over: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def wait(self) -> int:
        return await self.over


@pytest.mark.parametrize("turns", range(5))
async def test_a_cancellation_is_not_lost_to_the_end_of_the_process(turns: int) -> None:
    """`turns` of the event loop after the end; else the supervision would begin another process."""
    process = Ending()
    ending = asyncio.create_task(_end(process))  # type: ignore[arg-type]
    for _ in range(3):
        await asyncio.sleep(0)
    process.over.set_result(0)
    for _ in range(turns):
        await asyncio.sleep(0)
    taken = ending.cancel()
    await asyncio.wait({ending})
    assert ending.cancelled() is taken
