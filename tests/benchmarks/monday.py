"""A simulated Monday, in virtual time: what call-backs do to waits and abandonment.

    python -m tests.benchmarks.monday --seeds 1 2 3

The pure core with 35,000 calls and 300 operators from 08:00 to 22:00: a busy morning, callers who hang up
when their patience ends, talks of varying length, breaks. The same callers come in each way: call-backs off,
operator first, customer first. Nothing waits: the clock jumps from one thing that happens to the next.
"""

import argparse
import random
import statistics
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import accumulate

from rich.console import Console
from rich.table import Table

from acd.core import commands as c
from acd.core import events as e
from acd.core import facts as f
from acd.core import work_events as v
from acd.core import work_facts as w
from acd.core.center import Center
from acd.core.settings import CenterSettings, OperatorSettings, QueueSettings
from acd.core.state import Offered, Waiting
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId, OperatorId, QueueId
from acd.core.work import CallBackMode, CallBackRules, Reach, WorkId, WorkKind

Q = QueueId("q")
MIDNIGHT = 1_763_935_200.0
"""Monday, 24 November 2025, 00:00 in Kyiv."""
OPENS, CLOSES = MIDNIGHT + 8 * 3600, MIDNIGHT + 22 * 3600
CURVE = (4.5, 9.5, 11.5, 11.0, 9.0, 8.0, 8.5, 8.5, 8.0, 7.0, 5.5, 4.0, 3.0, 2.0)
"""Per cent of the day's calls in each hour from 08:00."""
WAYS = ("off", "operator-first", "customer-first")


@dataclass(frozen=True, slots=True)
class Model:
    """Who calls and who answers. Times in seconds."""

    calls: int = 35_000
    operators: int = 300
    patience: float = 180.0
    """Mean; exponential."""
    talk: float = 300.0
    """Mean; log-normal."""
    talk_spread: float = 0.7
    wrap_up: float = 15.0
    offered_after: float = 30.0
    """So long a caller waits before the call-back is offered."""
    accepts: float = 0.5
    """Share of callers who take it."""
    redials: float = 0.5
    """Share of those who hung up who call again, up to twice."""
    redials_after: float = 600.0
    """Mean; exponential."""
    answers_after: float = 0.5
    """An operator's phone, automatically."""
    reached: float = 0.82
    """Share of the calls to customers that are answered and wanted."""
    pause_for: float = 300.0
    """In every hour, each operator at another time of it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What a caller will do, the same in every way."""

    at: float
    number: str
    patience: float
    talk: float
    accepts: bool
    luck: tuple[float, ...]
    """Decides what comes of each attempt to call back."""
    again_after: tuple[float, ...]
    """Calls again so long after having hung up, once for each."""
    rings_for: float


def callers_of(model: Model, seed: int) -> list[Caller]:
    rng = random.Random(seed)
    edges = [0.0, *accumulate(CURVE)]
    mu = -(model.talk_spread**2) / 2
    found = []
    for number in range(model.calls):
        share = rng.random() * edges[-1]
        hour = min(bisect_left(edges, share) - 1, len(CURVE) - 1) if share else 0
        at = OPENS + 3600 * (hour + (share - edges[hour]) / CURVE[hour])
        found.append(
            Caller(
                at=at,
                number=f"05{number:08}",
                patience=rng.expovariate(1 / model.patience),
                talk=model.talk * rng.lognormvariate(mu, model.talk_spread),
                accepts=rng.random() < model.accepts,
                luck=tuple(rng.random() for _ in range(6)),
                rings_for=rng.uniform(5.0, 13.0),
                again_after=_redials(model, rng),
            )
        )
    return sorted(found, key=lambda each: each.at)


def _redials(model: Model, rng: random.Random) -> tuple[float, ...]:
    first, second = (rng.expovariate(1 / model.redials_after) for _ in range(2))
    again, once_more = (rng.random() < model.redials for _ in range(2))
    return (first, second) if again and once_more else (first,) if again else ()


def settings_of(model: Model, way: str) -> CenterSettings:
    mode = CallBackMode.CUSTOMER_FIRST if way == "customer-first" else CallBackMode.OPERATOR_FIRST
    rules = CallBackRules(mode=mode, hourly_limit=10_000, preview_for=5.0)
    queue = QueueSettings(id=Q, name="Q", wrap_up_for=model.wrap_up, call_back=rules)
    people = [OperatorId(f"o{number:03}") for number in range(model.operators)]
    return CenterSettings(
        queues={Q: queue},
        operators={o: OperatorSettings(id=o, name=o, phone=o, queues=frozenset({Q})) for o in people},
        idle_pair_for=60.0,
    )


def reach_of(caller: Caller, attempt: int, reached: float) -> tuple[Reach, float]:
    """What comes of an attempt, and how long that takes if it is no talk."""
    luck = caller.luck[min(attempt, len(caller.luck) - 1)]
    if luck < reached:
        return Reach.TALKED, caller.rings_for
    rest = (luck - reached) / (1 - reached)
    return (
        (Reach.BUSY, 3.0) if rest < 0.25 else (Reach.NO_ANSWER, 30.0) if rest < 0.8 else (Reach.MACHINE, 22.0)
    )


@dataclass
class Figures:
    """What one day came to. Times in seconds."""

    calls: int = 0
    people: int = 0
    waits: list[float] = field(default_factory=list)
    """On the line, of callers who were answered."""
    until_talk: list[float] = field(default_factory=list)
    """From the first ring to a talk, also by call-back."""
    within: int = 0
    abandoned: int = 0
    short: int = 0
    promised: int = 0
    kept: int = 0
    closed: int = 0
    delays: list[float] = field(default_factory=list)
    """From the promise to the talk."""
    customer_waits: list[float] = field(default_factory=list)
    """Of customers who had been called first."""
    held_for: float = 0.0
    tried_for: float = 0.0
    """Operators' time on customers who were not reached."""
    at_work_for: float = 0.0
    events: int = 0
    took: float = 0.0

    @property
    def service_level(self) -> float:
        return self.within / (len(self.waits) + self.abandoned - self.short)


class Day:
    """One way through one Monday."""

    def __init__(self, model: Model, way: str, callers: list[Caller], seed: int) -> None:
        self.model = model
        self.way = way
        self.center = Center(settings_of(model, way), OPENS)
        self.rng = random.Random(seed + 1)
        self.figures = Figures()
        self.callers: dict[CallId, Caller] = {}
        self.times_called: dict[str, int] = {}
        self.figures.people = len(callers)
        self._coming = callers
        self.by_number = {each.number: each for each in callers}
        self.of_work: dict[WorkId, Caller] = {}
        self.promised_at: dict[WorkId, float] = {}
        self.held_since: dict[OperatorId, float] = {}
        self.stopped: set[CallId] = set()
        self.leg_of: dict[OfferId, c.Offer] = {}
        self._future: list[tuple[float, int, Callable[[float], None]]] = []
        self._count = 0

    def later(self, at: float, act: Callable[[float], None]) -> None:
        self._count += 1
        heappush(self._future, (at, self._count, act))

    def run(self) -> Figures:
        began = time.perf_counter()
        for number, who in enumerate(self.center.settings.operators):
            self.apply(e.PhoneReachable(at=OPENS, operator=who, reachable=True))
            self.apply(e.OperatorLoggedIn(at=OPENS, operator=who))
            self._plan_pauses(who, number)
        for caller in self._coming:
            self.later(caller.at, lambda at, caller=caller: self._arrive(at, caller))
        while self._future or self.center.state.calls or self.center.open_work():
            due = self.center.next_deadline()
            if self._future and (due is None or self._future[0][0] <= due):
                at, _, act = heappop(self._future)
                act(at)
            elif due is not None:
                self.apply(e.Tick(at=due))
            else:
                break
        self.figures.took = time.perf_counter() - began
        return self.figures

    def _plan_pauses(self, who: OperatorId, number: int) -> None:
        offset = 3600.0 * number / self.model.operators
        for hour in range(13):
            at = OPENS + 3600 * hour + 600 + offset
            self.later(at, lambda at: self.apply(e.BreakChosen(at=at, operator=who, reason="pause")))

    # Callers

    def _arrive(self, at: float, caller: Caller) -> None:
        if at > CLOSES:
            return
        times = self.times_called[caller.number] = self.times_called.get(caller.number, 0) + 1
        call = CallId(f"c{caller.number}-{times}")
        self.callers[call] = caller
        self.figures.calls += 1
        self.apply(e.CallQueued(at=at, call=call, queue=Q, caller=caller.number))
        if not self._waits(call):
            return
        self.later(at + caller.patience, lambda at: self._hang_up(at, call))
        if self.way != "off" and caller.accepts and caller.patience > self.model.offered_after:
            self.later(at + self.model.offered_after, lambda at: self._promise(at, call, caller))

    def _call_again(self, at: float, caller: Caller) -> None:
        times = self.times_called[caller.number]
        if times <= len(caller.again_after):
            self.later(at + caller.again_after[times - 1], lambda at: self._arrive(at, caller))

    def _waits(self, call: CallId) -> bool:
        found = self.center.call(call)
        return found is not None and isinstance(found.state, Waiting | Offered)

    def _hang_up(self, at: float, call: CallId) -> None:
        if self._waits(call):
            self.apply(e.CallerHungUp(at=at, call=call))

    def _promise(self, at: float, call: CallId, caller: Caller) -> None:
        found = self.center.call(call)
        if found is not None and isinstance(found.state, Waiting):
            kind = WorkKind.CALL_BACK
            self.apply(
                v.WorkPromised(at=at, token=call, promise=kind, queue=Q, caller=caller.number, call=call)
            )

    # The switch

    def _obey(self, at: float, command: c.Command) -> None:
        match command:
            case c.Offer(offer=offer):
                answered_at = at + self.model.answers_after
                self.later(answered_at, lambda at: self.apply(e.OperatorAnswered(at=at, offer=offer)))
            case c.Connect(offer=offer, call=call, work=None):
                self.later(at + 0.1, lambda at: self._talk(at, offer, call))
            case c.Connect(offer=offer, call=call, work=work) if work is not None:
                self.later(at + 0.1, lambda at: self._deal(at, offer, call, work))
            case c.DialCustomer():
                self._dial(at, command)
            case c.StopDialling(call=call):
                self.stopped.add(call)
            case _:
                pass

    def _talk(self, at: float, offer: OfferId, call: CallId) -> None:
        found = self.center.call(call)
        if found is None or self.center.offer(offer) is None:
            self.apply(e.OfferFailed(at=at, offer=offer, cause=Cause.SWITCH_ERROR))
            return
        self.apply(e.TalkStarted(at=at, offer=offer))
        talk = self.by_number[found.caller].talk
        self.later(at + talk, lambda at: self.apply(e.TalkEnded(at=at, offer=offer, by=Ended.CALLER)))

    def _deal(self, at: float, offer: OfferId, call: CallId, work: WorkId) -> None:
        """Operator first: a look at it, the customer is called, the talk."""
        self.apply(e.TalkStarted(at=at, offer=offer))
        item = self.center.work(work)
        if item is None:
            self.apply(e.TalkEnded(at=at, offer=offer))
            return
        caller = self.by_number[item.caller]
        reach, took = reach_of(caller, item.tries, self.model.reached)
        talk = caller.talk if reach is Reach.TALKED else 0.0
        over_at = at + 5.0 + took + talk
        if not talk:
            self.figures.tried_for += over_at - at

        def over(at: float) -> None:
            self.apply(v.CustomerCalled(at=at, work=work, call=call, reach=reach, talked_for=talk))
            self.apply(e.TalkEnded(at=at, offer=offer))

        self.later(over_at, over)

    def _dial(self, at: float, command: c.DialCustomer) -> None:
        """Customer first: who wants the call says so by a key, some seconds after answering."""
        item = self.center.work(command.work)
        tries = item.tries if item else 0
        caller = self.by_number[command.number]
        reach, took = reach_of(caller, tries, self.model.reached)

        def over(at: float) -> None:
            if command.call in self.stopped:
                return
            if reach is not Reach.TALKED:
                self.apply(v.CustomerCalled(at=at, work=command.work, call=command.call, reach=reach))
                return
            self.apply(v.CustomerConfirmed(at=at, work=command.work, call=command.call))
            patience = self.rng.expovariate(1 / self.model.patience)
            self.later(at + patience, lambda at: self._hang_up(at, command.call))

        self.later(at + took + (4.0 if reach is Reach.TALKED else 0.0), over)

    # What it came to

    def apply(self, event: e.Event) -> None:
        self.figures.events += 1
        outcome = self.center.apply(event)
        for record in outcome.records:
            self._count_fact(record.fact)
        for command in outcome.commands:
            self._obey(self.center.at, command)

    def _count_fact(self, fact: f.Fact) -> None:
        figures = self.figures
        match fact:
            case f.CallConnected(work=None) if fact.call in self.callers:
                figures.waits.append(fact.waited_for)
                figures.within += fact.waited_for <= 20.0
                figures.until_talk.append(fact.at - self.callers[fact.call].at)
            case f.CallConnected(work=None):
                figures.customer_waits.append(fact.waited_for)
            case f.CallLeft(reason=LeaveReason.HUNG_UP) if fact.call in self.callers:
                figures.abandoned += 1
                self._call_again(fact.at, self.callers[fact.call])
                figures.short += fact.waited_for <= 5.0
            case f.StatusChanged(status="on break"):
                back_at = fact.at + self.model.pause_for
                ready = fact.operator
                self.later(back_at, lambda at: self.apply(e.OperatorReady(at=at, operator=ready)))
            case w.WorkMade():
                figures.promised += 1
                self.of_work[fact.work] = self.by_number[fact.caller]
                self.promised_at[fact.work] = fact.at
            case w.CustomerTried(reach=Reach.TALKED):
                spoke_at = fact.at - fact.talked_for
                figures.delays.append(spoke_at - self.promised_at[fact.work])
                figures.until_talk.append(spoke_at - self.of_work[fact.work].at)
            case w.WorkClosed():
                figures.closed += 1
                figures.kept += fact.kept
            case w.OperatorHeld():
                self.held_since[fact.operator] = fact.at
            case w.HoldEnded():
                figures.held_for += fact.at - self.held_since.pop(fact.operator)
            case _:
                pass


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def _mean(values: list[float]) -> float:
    return statistics.fmean(values) if values else 0.0


Row = tuple[str, Callable[[Figures], float], str]


def rows(model: Model) -> list[Row]:
    hours = model.operators * (CLOSES - OPENS) / 3600
    return [
        ("calls, redials included", lambda r: r.calls, "{:,.0f}"),
        ("callers answered on the line", lambda r: len(r.waits), "{:,.0f}"),
        ("their wait, mean, s", lambda r: _mean(r.waits), "{:.0f}"),
        ("their wait, p50, s", lambda r: _percentile(r.waits, 0.5), "{:.0f}"),
        ("their wait, p95, s", lambda r: _percentile(r.waits, 0.95), "{:.0f}"),
        ("abandoned, % of all calls", lambda r: 100 * r.abandoned / r.calls, "{:.1f}"),
        ("service level, 20 s, %", lambda r: 100 * r.service_level, "{:.1f}"),
        ("people who never got to talk, %", lambda r: 100 - 100 * len(r.until_talk) / r.people, "{:.1f}"),
        ("people's first call to their talk, mean, s", lambda r: _mean(r.until_talk), "{:.0f}"),
        ("call-backs promised", lambda r: r.promised, "{:,.0f}"),
        ("of them kept, %", lambda r: 100 * r.kept / r.promised if r.promised else 0.0, "{:.1f}"),
        ("promise to talk, mean, s", lambda r: _mean(r.delays), "{:.0f}"),
        ("promise to talk, p95, s", lambda r: _percentile(r.delays, 0.95), "{:.0f}"),
        ("called customer's wait on the line, mean, s", lambda r: _mean(r.customer_waits), "{:.1f}"),
        ("operators held, h of the day", lambda r: r.held_for / 3600, "{:.1f}"),
        ("operators on customers not reached, h", lambda r: r.tried_for / 3600, "{:.1f}"),
        ("both, % of all operators' hours", lambda r: (r.held_for + r.tried_for) / 36 / hours, "{:.2f}"),
        ("events of the core", lambda r: r.events, "{:,.0f}"),
        ("seconds to simulate", lambda r: r.took, "{:.0f}"),
    ]


def table(model: Model, results: dict[str, list[Figures]]) -> Table:
    """The mean over the seeds."""
    shown = Table(title=f"A Monday: {model.calls:,} calls, {model.operators} operators, mean of the seeds")
    shown.add_column("call-backs")
    for way in results:
        shown.add_column(way, justify="right")
    for name, value, form in rows(model):
        cells = [_mean([value(each) for each in days]) for days in results.values()]
        shown.add_row(name, *(form.format(cell) for cell in cells))
    return shown


def main() -> None:
    usual = Model()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--calls", type=int, default=usual.calls)
    parser.add_argument("--operators", type=int, default=usual.operators)
    parser.add_argument("--patience", type=float, default=usual.patience, help="mean seconds")
    parser.add_argument("--talk", type=float, default=usual.talk, help="mean seconds")
    parser.add_argument("--accepts", type=float, default=usual.accepts, help="share who take a call-back")
    parser.add_argument("--offered-after", type=float, default=usual.offered_after, help="seconds of waiting")
    parser.add_argument("--redials", type=float, default=usual.redials, help="share of those who hung up")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    args = parser.parse_args()
    model = Model(
        calls=args.calls, operators=args.operators, patience=args.patience, talk=args.talk,
        accepts=args.accepts, offered_after=args.offered_after, redials=args.redials,
    )  # fmt: skip
    results: dict[str, list[Figures]] = {way: [] for way in args.ways}
    for seed in args.seeds:
        callers = callers_of(model, seed)
        for way in args.ways:
            results[way].append(Day(model, way, callers, seed).run())
    Console().print(table(model, results))


if __name__ == "__main__":
    main()
