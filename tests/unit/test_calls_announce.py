"""Announcements: which prompts, and that they stop at once without a command that Asterisk would not read."""

import asyncio

import pytest

from ivr.announce import Announcer, expected_wait_prompt, position_prompt
from ivr.asterisk.agi import PlayResult
from ivr.flow.actions import QueueAnnouncements
from tests.eventually import eventually


class Agi:
    """Plays until stopped; counts commands that were sent while another one was under way."""

    class environment:
        call = "c1"

    def __init__(self) -> None:
        self.said: list[str] = []
        self.overlaps = self.cancelled = self.under_way = 0
        self.stopped = asyncio.Event()

    async def _command(self, what: str, lasts: asyncio.Event | None = None) -> None:
        self.overlaps += self.under_way
        self.under_way += 1
        self.said.append(what)
        try:
            await asyncio.sleep(0.005)
            if lasts is not None:
                await lasts.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.under_way -= 1

    async def music(self, on: bool, cls: str = "default") -> None:
        await self._command(f"music {cls if on else 'off'}")

    async def play_stoppable(self, file: str, interrupt_keys: str = "") -> PlayResult:
        self.stopped.clear()
        await self._command(file, self.stopped)
        return PlayResult(None, played_to_end=False, missing=False)


def announcer(agi: Agi, **what: object) -> Announcer:
    announcements = QueueAnnouncements(every_for=30.0, **what)  # type: ignore[arg-type]
    return Announcer(agi, announcements, lambda: (3, 90.0), agi.stopped.set)  # type: ignore[arg-type]


async def test_position_wait_and_news_in_this_order() -> None:
    agi = Agi()
    playing = announcer(agi, position=True, expected_wait=True, prompts=("news",))
    playing.start()
    for heard in ("dzvin/position-3", "dzvin/wait-1-3", "dzvin/news"):
        await eventually(lambda heard=heard: heard in agi.said)
        await asyncio.sleep(0.01)
        agi.stopped.set()
    await eventually(lambda: agi.said[-1] == "music default" and len(agi.said) == 5)
    await playing.stop()
    assert agi.said[0] == "music default"


@pytest.mark.parametrize("after", [0.0, 0.002, 0.01, 0.05])
async def test_stopped_at_any_moment_no_command_is_broken_off(after: float) -> None:
    agi = Agi()
    playing = announcer(agi, prompts=("news",))
    playing.start()
    await asyncio.sleep(after)
    began = asyncio.get_running_loop().time()
    await playing.stop()
    assert asyncio.get_running_loop().time() - began < 0.9
    assert agi.under_way == agi.overlaps == agi.cancelled == 0
    said = list(agi.said)
    await asyncio.sleep(0.02)
    assert agi.said == said


def test_prompts_for_places_and_waits() -> None:
    assert [position_prompt(n) for n in (0, 1, 10, 11, 500)] == [
        "position-1",
        "position-1",
        "position-10",
        "position-many",
        "position-many",
    ]
    assert [expected_wait_prompt(s) for s in (0.0, 59.9, 60.0, 299.0, 300.0, 600.0, 9999.0)] == [
        "wait-under-1",
        "wait-under-1",
        "wait-1-3",
        "wait-3-5",
        "wait-5-10",
        "wait-over-10",
        "wait-over-10",
    ]
