"""When the machine stood still: what is measured over such a moment is not of anybody's making.

A thread sleeps and looks how late it wakes. It is late where the whole machine was busy elsewhere or paused,
and not where this process's event loop was blocked: a wait for a disk or a long computation lets the thread
go on.
"""

import threading
import time

_LOOK_EVERY = 0.02
_LATE = 0.05
"""Seconds; less is usual on a busy machine and excuses nobody."""


class _Watch(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="machine-watch", daemon=True)
        self.stalls: list[tuple[float, float]] = []
        """From and to, in monotonic seconds."""
        self.due = time.monotonic() + _LOOK_EVERY

    def run(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY)
            now = time.monotonic()
            if now - self.due > _LATE:
                self.stalls.append((self.due, now))
            self.due = now + _LOOK_EVERY

    def so_far(self) -> list[tuple[float, float]]:
        """With the stall from which this thread has not woken yet: whoever asks may wake before it."""
        due, now = self.due, time.monotonic()
        stalls = list(self.stalls)
        told = bool(stalls) and stalls[-1][0] >= due
        return stalls if told or now - due <= _LATE else [*stalls, (due, now)]


_watch = _Watch()
_watch.start()


def stood_still(since: float, until: float | None = None) -> float:
    """Seconds between two moments (monotonic seconds; None: now) in which the machine stood still."""
    end = time.monotonic() if until is None else until
    return sum(max(0.0, min(to, end) - max(start, since)) for start, to in _watch.so_far())


def ran_for(since: float) -> float:
    """Seconds since that moment (monotonic seconds) in which the machine did not stand still."""
    return time.monotonic() - since - stood_still(since)
