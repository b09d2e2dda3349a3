"""A centre with a simulated switch, in virtual time: no clock, no waiting."""

from dataclasses import dataclass, field

from acd.core import commands as c
from acd.core import events as e
from acd.core.center import Center, Outcome
from acd.core.facts import Record
from acd.core.settings import CenterSettings
from acd.core.testing.switch import Behaviour, Decide, SimulatedSwitch, Timeline
from acd.core.words import CallId, LeaveReason, OperatorId, QueueId

__all__ = ["Behaviour", "Decide", "Simulation"]


@dataclass(slots=True)
class Simulation:
    """Run a centre against phones that behave as `decide` says. Start with `log_in`, then `call`, then
    `run`."""

    settings: CenterSettings
    at: float = 1000.0
    decide: Decide = lambda _offer: Behaviour()
    center: Center = field(init=False)
    switch: SimulatedSwitch = field(init=False)
    records: list[Record] = field(default_factory=list)
    commands: list[c.Command] = field(default_factory=list)
    _timeline: Timeline = field(init=False)

    def __post_init__(self) -> None:
        self.center = Center(self.settings, self.at)
        self._timeline = Timeline(self.at)
        self.switch = SimulatedSwitch(self._timeline, self._happen, lambda offer: self.decide(offer))

    @property
    def released(self) -> list[tuple[CallId, LeaveReason]]:
        """Calls that left their queue, and why."""
        return self.switch.released

    def log_in(self, *operators: OperatorId) -> None:
        """Make these operators (none named: all) reachable and available now."""
        for operator in operators or tuple(self.settings.operators):
            self.post(e.PhoneReachable(at=self.at, operator=operator, reachable=True))
            self.post(e.OperatorLoggedIn(at=self.at, operator=operator))

    def call(self, call: CallId, queue: QueueId, at: float | None = None, caller: str = "") -> None:
        """Have a caller enter a queue at `at` (None: now)."""
        self.switch.caller_comes(call)
        self.later(e.CallQueued(at=self.at if at is None else at, call=call, queue=queue, caller=caller))

    def later(self, event: e.Event) -> None:
        """Let an event happen at its time."""
        self._timeline.put(event.at, lambda: self._happen(event))

    def post(self, event: e.Event) -> Outcome:
        """Apply an event at once and let the switch act on the outcome."""
        outcome = self.center.apply(event)
        self.at = self._timeline.at = max(self.at, event.at)
        self.records.extend(outcome.records)
        self.commands.extend(outcome.commands)
        for command in outcome.commands:
            self.switch.perform(command)
        return outcome

    def run(self, until: float) -> None:
        """Let time pass up to `until`: events and deadlines in their order, ticks exactly on time."""
        while True:
            due, coming = self.center.next_deadline(), self._timeline.next_at()
            moments = [moment for moment in (due, coming) if moment is not None and moment <= until]
            if not moments:
                break
            if coming is not None and coming == min(moments):
                self._timeline.step()
            else:
                self.post(e.Tick(at=max(self.at, min(moments))))
        self.at = self._timeline.at = max(self.at, until)

    def _happen(self, event: e.Event) -> None:
        self.post(event)
