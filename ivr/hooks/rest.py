"""Rests for services that do not answer, so that hundreds of callers do not each wait for the deadline.

After AFTER tries in a row that found a service away (no connection, no answer in time, 429, 502 to 504), all
questions to it fail at once for REST_FOR seconds. Then one question is let through: if it is answered, all
are; if not, the next rest begins.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

AFTER = 5
REST_FOR = 5.0


@dataclass(slots=True)
class _Service:
    failures: int = 0
    """In a row."""
    rests_until: float = 0.0


class Rests:
    """`now`: monotonic seconds. Services are named by scheme, host and port."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._services: dict[str, _Service] = {}

    def admits(self, name: str) -> bool:
        """Whether to try now. The first yes after a rest is for one: the others rest on meanwhile."""
        service = self._services.get(name)
        if service is None or service.failures < AFTER:
            return True
        if self._now() < service.rests_until:
            return False
        service.rests_until = self._now() + REST_FOR
        return True

    def answered(self, name: str) -> None:
        """It is there, whatever it answered."""
        self._services.pop(name, None)

    def failed(self, name: str) -> bool:
        """No answer came; True: its rest begins with this one."""
        service = self._services.setdefault(name, _Service())
        service.failures += 1
        service.rests_until = self._now() + REST_FOR
        return service.failures == AFTER
