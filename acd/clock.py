"""The time of the whole server: wall time at the start, monotonic from then on."""

import time
from collections.abc import Callable


class Clock:
    """Seconds since the Unix epoch that never jump: a set or stepped system clock changes nothing.

    `not_before`: a moment that has been, for instance that of the last journalled fact. A system clock
    that was set back over a restart must not make the journal run backwards.
    """

    def __init__(
        self,
        not_before: float = 0.0,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._offset = max(wall(), not_before) - monotonic()

    def now(self) -> float:
        return self._offset + self._monotonic()
