"""Which operators' phones can be called, as the centre is told."""

import asyncio
from collections.abc import Callable

from acd.core.words import OperatorId

GONE_FOR = 1.0
"""A phone that registers at another place is gone for a moment; callers must not be sent away for that."""


class Reachability:
    """`tell(operator, reachable)` is called once for each change; that a phone is gone, after `GONE_FOR`."""

    def __init__(self, tell: Callable[[OperatorId, bool], None]) -> None:
        self._tell = tell
        self._told: dict[OperatorId, bool] = {}
        self._alive: dict[OperatorId, bool] = {}
        """As Asterisk said last."""

    def said(self, operator: OperatorId, reachable: bool) -> None:
        """What Asterisk says now."""
        self._alive[operator] = reachable
        if reachable:
            self._say(operator, True)
        else:
            asyncio.get_running_loop().call_later(GONE_FOR, self._say, operator, False)

    def seen(self, reachable: frozenset[OperatorId]) -> None:
        """All phones that can be called now; told to the centre by whoever has looked."""
        self._told = {operator: operator in reachable for operator in {*self._told, *reachable}}
        self._alive = dict(self._told)

    def _say(self, operator: OperatorId, reachable: bool) -> None:
        if self._alive.get(operator) is reachable and self._told.get(operator) is not reachable:
            self._told[operator] = reachable
            self._tell(operator, reachable)
