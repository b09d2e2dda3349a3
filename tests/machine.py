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


_watch = _Watch()
_watch.start()


def stood_still(since: float, until: float | None = None) -> float:
    """Seconds between two moments (monotonic seconds; None: now) in which the machine stood still."""
    now = time.monotonic()
    end = now if until is None else until
    due = _watch.due
    stalls = [*_watch.stalls, (due, now)] if now - due > _LATE else _watch.stalls  # others may wake first
    return sum(max(0.0, min(to, end) - max(start, since)) for start, to in stalls)
