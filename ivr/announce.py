"""What a waiting caller hears beside music, and that it never delays the connection."""

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from ivr.asterisk.agi import AgiSession, CallerGone
from ivr.dialplan.recordings import EXPECTED_WAITS, POSITIONS
from ivr.flow.actions import QueueAnnouncements

log = structlog.get_logger(__name__)

_WAIT_RANGES = (60.0, 180.0, 300.0, 600.0)
"""Upper ends, seconds, of all EXPECTED_WAITS but the last."""
_ASK_AGAIN_FOR = 0.05
"""A stop that came a moment before the sound began is lost: it is sent again after so long."""
_GIVE_UP_FOR = 1.0


def prompt_file(prompt: str) -> str:
    """As Asterisk finds it in the channel's language."""
    return f"dzvin/{prompt}"


def position_prompt(position: int) -> str:
    """`position` 1 is next."""
    return POSITIONS[min(max(position, 1), len(POSITIONS)) - 1]


def expected_wait_prompt(seconds: float) -> str:
    return next(
        (name for name, end in zip(EXPECTED_WAITS, _WAIT_RANGES, strict=False) if seconds < end),
        EXPECTED_WAITS[-1],
    )


class Announcer:
    """Plays one announcement after another while the call waits.

    `place` gives (position, expected wait in seconds), None for what cannot be said honestly. `stop_sound`
    ends what is being played at once.
    """

    def __init__(
        self,
        agi: AgiSession,
        what: QueueAnnouncements,
        place: Callable[[], tuple[int | None, float | None]],
        stop_sound: Callable[[], None],
    ) -> None:
        self._agi = agi
        self._what = what
        self._place = place
        self._stop_sound = stop_sound
        self._turn = 0
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Music at once, announcements in the background."""
        self._stopping.clear()
        self._task = asyncio.create_task(self._run(), name="announcements")

    async def stop(self) -> None:
        """Silence; returns within a few milliseconds, whatever is being played.

        A command that Asterisk has begun is let end: one sent right behind it would not be read.
        """
        task, self._task = self._task, None
        if task is None:
            return
        self._stopping.set()
        deadline = asyncio.get_running_loop().time() + _GIVE_UP_FOR
        while not task.done() and asyncio.get_running_loop().time() < deadline:
            if self._playing:
                self._stop_sound()
            await asyncio.wait([task], timeout=_ASK_AGAIN_FOR)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, CallerGone):
            await task

    _playing = False

    async def _run(self) -> None:
        try:
            await self._agi.music(True, self._what.music)
            if self._what.every_for is None:
                return
            await self._pause(self._what.first_after)
            while not self._stopping.is_set():
                await self._announce()
                await self._pause(max(1.0, self._what.every_for))
        except CallerGone:
            return
        except Exception:
            log.exception("announcements end, the caller waits on", call=self._agi.environment.call)

    async def _pause(self, for_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                await self._stopping.wait()

    async def _announce(self) -> None:
        prompts = self._prompts()
        if not prompts:
            return
        self._playing = True
        try:
            for prompt in prompts:
                if self._stopping.is_set():
                    return
                if (await self._agi.play_stoppable(prompt_file(prompt))).missing:
                    log.warning("a prompt cannot be played", prompt=prompt)
        finally:
            self._playing = False
        if not self._stopping.is_set():
            await self._agi.music(True, self._what.music)

    def _prompts(self) -> list[str]:
        position, wait = self._place()
        prompts = []
        if self._what.position and position is not None:
            prompts.append(position_prompt(position))
        if self._what.expected_wait and wait is not None:
            prompts.append(expected_wait_prompt(wait))
        if self._what.prompts:
            prompts.append(self._what.prompts[self._turn % len(self._what.prompts)])
            self._turn += 1
        return prompts
