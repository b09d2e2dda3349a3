"""What the service needs from outside, as protocols; `acd.core.testing` has fakes and contract checks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from acd.core.commands import Command
from acd.core.facts import Record
from acd.core.promise import Promise, PromiseFigures, PromiseFilter
from acd.core.words import QueueId
from acd.core.work import WorkKind


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The centre's whole state after the fact `seq`, as JSON-ready data."""

    seq: int
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """What a start needs: the newest checkpoint and every record after it, in order."""

    checkpoint: Checkpoint | None
    records: Sequence[Record]


class Journal(Protocol):
    """Keeps facts, in order, once each, over crashes. Writing never waits and never raises."""

    async def load(self) -> History: ...

    def append(self, records: Sequence[Record]) -> None:
        """Take these facts; they are written soon, and survive a crash of the process from now on."""

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None: ...

    async def close(self) -> None:
        """Write what waits, as far as the adapter's deadline allows; the rest at the next start."""


class Promises(Protocol):
    """The ledger, up to the last fact. Every method raises LedgerAway where it cannot be read."""

    async def one(self, work: int) -> Promise | None:
        """None: there is no such work item."""

    async def some(self, wanted: PromiseFilter, limit: int, offset: int = 0) -> list[Promise]:
        """At most `limit` promises after the first `offset`, in the filter's order."""

    async def figures(self, wanted: PromiseFilter) -> dict[tuple[QueueId, WorkKind], PromiseFigures]:
        """How many of those that the filter takes had which outcome, by queue and kind."""

    async def figures_between(
        self, since: float, until: float
    ) -> dict[tuple[QueueId, WorkKind], PromiseFigures]:
        """What happened in this time: made; kept, broken, called off; `open` counts all that are open now."""


class Switch(Protocol):
    """Carries out commands. Returns at once; results come back as events posted to the service."""

    def perform(self, command: Command) -> None: ...


class FactSink(Protocol):
    """Somebody who wants to know: wallboard, MQTT, log. Called on the event loop; must return at once."""

    def __call__(self, records: Sequence[Record]) -> None: ...
