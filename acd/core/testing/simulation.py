"""A centre with a simulated switch, in virtual time: no clock, no waiting."""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from acd.core import commands as c
from acd.core import events as e
from acd.core.center import Center, Outcome
from acd.core.facts import Record
from acd.core.settings import CenterSettings
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId, OperatorId, QueueId


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How an operator's phone and person react to an offer; seconds."""

    rings_after: float | None = 0.05
    """None: never."""
    answers_after: float | None = 0.1
    """After the offer; None: never."""
    fails_after: float | None = None
    fails_with: Cause = Cause.BUSY
    joins_after: float = 0.01
    talks_for: float = 60.0


Decide = Callable[[c.Offer], Behaviour]


@dataclass(slots=True)
class Simulation:
    """Run a centre against phones that behave as `decide` says. Start with `log_in`, then `call`, then
    `run`."""

    settings: CenterSettings
    at: float = 1000.0
    decide: Decide = lambda _offer: Behaviour()
    center: Center = field(init=False)
    records: list[Record] = field(default_factory=list)
    commands: list[c.Command] = field(default_factory=list)
    released: list[tuple[CallId, LeaveReason]] = field(default_factory=list)
    _future: list[tuple[float, int, e.Event]] = field(default_factory=list)
    _behaviours: dict[OfferId, Behaviour] = field(default_factory=dict)
    _gone: set[OfferId] = field(default_factory=set)
    _count: int = 0

    def __post_init__(self) -> None:
        self.center = Center(self.settings, self.at)

    def log_in(self, *operators: OperatorId) -> None:
        """Make these operators (none named: all) reachable and available now."""
        for operator in operators or tuple(self.settings.operators):
            self.post(e.PhoneReachable(at=self.at, operator=operator, reachable=True))
            self.post(e.OperatorLoggedIn(at=self.at, operator=operator))

    def call(self, call: CallId, queue: QueueId, at: float | None = None, caller: str = "") -> None:
        """Have a caller enter a queue at `at` (None: now)."""
        self.later(e.CallQueued(at=self.at if at is None else at, call=call, queue=queue, caller=caller))

    def later(self, event: e.Event) -> None:
        """Let an event happen at its time."""
        self._count += 1
        heappush(self._future, (event.at, self._count, event))

    def post(self, event: e.Event) -> Outcome:
        """Apply an event at once and let the switch act on the outcome."""
        outcome = self.center.apply(event)
        self.at = max(self.at, event.at)
        self.records.extend(outcome.records)
        self.commands.extend(outcome.commands)
        for command in outcome.commands:
            self._perform(command)
        return outcome

    def run(self, until: float) -> None:
        """Let time pass up to `until`: events and deadlines in their order, ticks exactly on time."""
        while True:
            due = self.center.next_deadline()
            coming = self._future[0][0] if self._future else None
            moments = [moment for moment in (due, coming) if moment is not None and moment <= until]
            if not moments:
                break
            if coming is not None and coming == min(moments):
                self._happen(heappop(self._future)[2])
            else:
                self.post(e.Tick(at=max(self.at, min(moments))))
        self.at = max(self.at, until)

    def _happen(self, event: e.Event) -> None:
        offer: OfferId | None = getattr(event, "offer", None)
        if offer is None or offer not in self._gone:
            self.post(event)

    def _perform(self, command: c.Command) -> None:
        match command:
            case c.Offer():
                self._ring(command)
            case c.Connect():
                self._join(command.offer)
            case c.WithdrawOffer():
                self._gone.add(command.offer)
            case c.ReleaseCall():
                self.released.append((command.call, command.reason))

    def _ring(self, command: c.Offer) -> None:
        offer = command.offer
        how = self._behaviours[offer] = self.decide(command)
        if how.rings_after is not None:
            self.later(e.PhoneRang(at=self.at + how.rings_after, offer=offer))
        if how.fails_after is not None:
            self.later(e.OfferFailed(at=self.at + how.fails_after, offer=offer, cause=how.fails_with))
        elif how.answers_after is not None:
            self.later(e.OperatorAnswered(at=self.at + how.answers_after, offer=offer))
        else:
            self.later(e.OfferFailed(at=command.until, offer=offer, cause=Cause.NO_ANSWER))

    def _join(self, offer: OfferId) -> None:
        how = self._behaviours[offer]
        begins_at = self.at + how.joins_after
        self.later(e.TalkStarted(at=begins_at, offer=offer))
        self.later(e.TalkEnded(at=begins_at + how.talks_for, offer=offer, by=Ended.CALLER))
