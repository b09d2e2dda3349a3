"""Prometheus metrics: counters and histograms from facts, gauges from the view at the time of the scrape.

| name | labels | meaning |
|---|---|---|
| `dzvin_calls_entered_total` | queue | calls that began to wait |
| `dzvin_calls_answered_total` | queue | calls connected with an operator |
| `dzvin_calls_abandoned_total` | queue | callers who hung up while waiting (short ones included) |
| `dzvin_calls_left_total` | queue, reason | waiting calls that left without an operator, hung up included |
| `dzvin_calls_completed_total` | queue, by | talks that ended, and who ended them |
| `dzvin_offers_made_total` | queue | attempts to bring a call to an operator |
| `dzvin_offers_total` | outcome | ended offers: `answered`, `withdrawn`, or the cause of the miss |
| `dzvin_rule_breaches_total` | queue, cause | assignments slower than the three-second rule allows |
| `dzvin_events_ignored_total` | event | late, doubled or impossible telephony events |
| `dzvin_states_healed_total` | | disagreements with the switch, mended |
| `dzvin_idle_pairs_total` | | alarms: a free operator stood beside a waiting call |
| `dzvin_wait_seconds` | queue | histogram: wait of the answered calls |
| `dzvin_pair_to_talk_seconds` | queue | histogram: from "operator free and call there" to talking |
| `dzvin_talk_seconds` | queue | histogram: talk time |
| `dzvin_wrap_up_seconds` | queue | histogram: wrap-up time |
| `dzvin_waiting_calls` | queue | gauge: calls waiting now |
| `dzvin_longest_wait_seconds` | queue | gauge: wait of the call that waits longest |
| `dzvin_operators` | state | gauge; the states are those of `operator_state` |
| `dzvin_queue_operators` | queue, state | gauge: `idle`, `busy`, `wrap-up`, `on break`, `logged in` |
| `dzvin_service_level_ratio` | queue | gauge, since the start of the day; absent while nothing was offered |
| `dzvin_promises_made_total` | queue, kind | call-backs and messages promised |
| `dzvin_promises_decided_total` | queue, kind, outcome | promises `kept`, `broken` or `called off` |
| `dzvin_promises_open` | queue, stage | gauge: open promises by stage |
| `dzvin_promises_due` | queue | gauge: open promises that are late or soon will be |
| `dzvin_promises_kept_ratio` | queue | gauge: kept / (kept + broken), since the start of the day |
| `dzvin_switch_up` | | gauge: 1 while the link to the switch works |
| `dzvin_journal_backlog` | | gauge: facts not in the database yet |
| `dzvin_mqtt_up`, `dzvin_mqtt_backlog` | | gauges; absent without a broker |
| `dzvin_speech_up`, `dzvin_speech_streams`, `dzvin_speech_streams_limit` | | gauges; absent without a model |
| `dzvin_speech_language_understood` | language | gauge: 1; a language that goes by keys is absent |
| `dzvin_speech_busy_total` | | questions that went by keys because all streams were taken |
| `dzvin_speech_lost_total` | | utterances lost because a recogniser process died, hung or failed |
| `dzvin_speech_restarts_total` | | recogniser processes that had to be started again |
| `dzvin_hooks_total` | outcome | questions to web hooks: `answered`, `failed` |
| `dzvin_hooks_silent_seconds` | | gauge: how long every question to web hooks has failed; or 0 |
| `dzvin_started_at_seconds` | version | gauge: start of the server, Unix time |
| `dzvin_live_clients` | | gauge: open WebSockets |
| `dzvin_snapshot_cost_seconds` | | gauge: how long the last snapshot held the event loop |
| `dzvin_event_loop_lag_seconds` | | histogram: how late the event loop woke, twice a second |
| `process_*` | | memory, processor time, open files |

All times in seconds; counters start at 0 with the process.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from acd.core import facts as f
from acd.core.views import CenterView, operator_state
from acd.core.words import LeaveReason
from acd.web.promise_metrics import PromiseCounters, promise_gauges
from acd.web.snapshots import Snapshot
from acd.web.source import HooksState, SpeechState

_WAIT = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200)
_PAIR = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 5, 10)
_TALK = (5, 15, 30, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1800)
_WRAP_UP = (1, 3, 5, 10, 15, 20, 30, 45, 60, 120, 300)
_LAG = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 3)


class _Now(Collector):
    """Gauges read from the snapshot at each scrape: a removed queue is gone from the next one."""

    def __init__(self, current: Callable[[], Snapshot]) -> None:
        self._current = current

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        snapshot = self._current()
        yield from _queue_gauges(snapshot.view)
        yield from promise_gauges(snapshot.view)
        yield _operators_gauge(snapshot.view)
        yield from _health_gauges(snapshot)


def _gauge(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"dzvin_{name}", what, labels=labels)


def _queue_gauges(view: CenterView) -> Iterator[Metric]:
    waiting = _gauge("waiting_calls", "Calls waiting now", "queue")
    longest = _gauge("longest_wait_seconds", "Wait of the call that waits longest", "queue")
    level = _gauge("service_level_ratio", "Service level since the start of the day", "queue")
    people = _gauge("queue_operators", "Operators of a queue by state", "queue", "state")
    for q in view.queues:
        waiting.add_metric([q.id], q.waiting)
        longest.add_metric([q.id], q.longest_wait_for)
        if q.service_level is not None:
            level.add_metric([q.id], q.service_level)
        counts = {"idle": q.idle, "busy": q.busy, "wrap-up": q.wrap_up, "on break": q.on_break}
        for state, count in (counts | {"logged in": q.logged_in}).items():
            people.add_metric([q.id, state], count)
    yield from (waiting, longest, level, people)


def _operators_gauge(view: CenterView) -> Metric:
    states = (
        "idle",
        "ringing",
        "talking",
        "wrap-up",
        "on break",
        "logged out",
        "unreachable",
        "set aside",
        "held",
    )
    counts = dict.fromkeys(states, 0)
    for operator in view.operators:
        counts[operator_state(operator)] += 1
    gauge = _gauge("operators", "Operators by state", "state")
    for state, count in counts.items():
        gauge.add_metric([state], count)
    return gauge


def _health_gauges(snapshot: Snapshot) -> Iterator[Metric]:
    health = snapshot.health
    values = {
        ("switch_up", "1 while the link to the switch works"): float(health.switch_up),
        ("journal_backlog", "Facts not in the database yet"): float(health.journal_backlog),
        ("snapshot_cost_seconds", "How long the last snapshot held the event loop"): snapshot.cost_for,
    }
    if health.mqtt != "off":
        values["mqtt_up", "1 while the broker takes messages"] = float(health.mqtt == "up")
        values["mqtt_backlog", "Messages that the broker has not got yet"] = float(health.mqtt_backlog)
    values["hooks_silent_seconds", "How long questions to web hooks fail"] = health.hooks.silent_for
    for (name, what), value in values.items():
        gauge = _gauge(name, what)
        gauge.add_metric([], value)
        yield gauge
    started = _gauge("started_at_seconds", "Start of the server, Unix time", "version")
    started.add_metric([health.version], health.started_at)
    yield started
    if health.speech.state != "off":
        yield from _speech(health.speech)
    yield _hooks(health.hooks)


def _speech(speech: SpeechState) -> Iterator[Metric]:
    gauges = {
        ("speech_up", "1 while a recogniser process is ready"): float(speech.state == "up"),
        ("speech_streams", "Callers who may speak now"): float(speech.streams),
        ("speech_streams_limit", "Callers who may speak at the same time"): float(speech.limit),
    }
    for (name, what), value in gauges.items():
        gauge = _gauge(name, what)
        gauge.add_metric([], value)
        yield gauge
    languages = _gauge("speech_language_understood", "1 for each language that is understood", "language")
    for language in speech.languages:
        languages.add_metric([language], 1.0)
    yield languages
    counters = {
        ("speech_busy", "Questions that went by keys: all streams taken"): speech.busy_refusals,
        ("speech_lost", "Utterances lost with a recogniser process"): speech.failures,
        ("speech_restarts", "Recogniser processes started again"): speech.restarts,
    }
    for (name, what), count in counters.items():
        yield CounterMetricFamily(f"dzvin_{name}", what, value=float(count))


def _hooks(hooks: HooksState) -> Metric:
    counter = CounterMetricFamily("dzvin_hooks", "Questions to web hooks", labels=("outcome",))
    counter.add_metric(["answered"], float(hooks.answered))
    counter.add_metric(["failed"], float(hooks.failed))
    return counter


_M = TypeVar("_M", Counter, Histogram)


def _labelled(metric: _M, *labels: str) -> _M:
    """Prometheus' own look-up takes some microseconds and a lock: each child is looked up once."""
    return metric.labels(*labels)


class Metrics:
    """A registry of its own; a `FactSink` that counts; `text()` for the scrape."""

    def __init__(self, current: Callable[[], Snapshot]) -> None:
        self.registry = CollectorRegistry()
        self._of = cache(_labelled)
        self._entered = self._counter("calls_entered", "Calls that began to wait", "queue")
        self._answered = self._counter("calls_answered", "Calls connected with an operator", "queue")
        self._abandoned = self._counter("calls_abandoned", "Callers who hung up while waiting", "queue")
        self._left = self._counter(
            "calls_left", "Waiting calls that left without an operator", "queue", "reason"
        )
        self._completed = self._counter("calls_completed", "Talks that ended", "queue", "by")
        self._made = self._counter("offers_made", "Attempts to bring a call to an operator", "queue")
        self._offers = self._counter("offers", "Ended offers by outcome", "outcome")
        self._breaches = self._counter("rule_breaches", "Breaches of the three-second rule", "queue", "cause")
        self._ignored = self._counter("events_ignored", "Late, doubled or impossible events", "event")
        self._healed = self._counter("states_healed", "Disagreements with the switch, mended")
        self._idle_pairs = self._counter("idle_pairs", "A free operator stood beside a waiting call")
        self._wait = self._histogram("wait", "Wait of the answered calls", _WAIT, "queue")
        self._pair = self._histogram(
            "pair_to_talk", "From the pair being possible to talking", _PAIR, "queue"
        )
        self._talk = self._histogram("talk", "Talk time", _TALK, "queue")
        self._wrap_up = self._histogram("wrap_up", "Wrap-up time", _WRAP_UP, "queue")
        self._lag = self._histogram("event_loop_lag", "How late the event loop woke", _LAG)
        self.live_clients = Gauge("dzvin_live_clients", "Open WebSockets", registry=self.registry)
        self._promises = PromiseCounters(self.registry, lambda: current().view)
        self._wrap_ups: dict[str, f.WrapUpStarted] = {}
        self.registry.register(_Now(current))
        ProcessCollector(registry=self.registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"dzvin_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"dzvin_{name}_seconds", what, labels, buckets=buckets, registry=self.registry)

    def text(self) -> bytes:
        """The exposition format, version 0.0.4."""
        return generate_latest(self.registry)

    def __call__(self, records: Sequence[f.Record]) -> None:
        for record in records:
            self._count(record.fact)

    def _count(self, fact: f.Fact) -> None:
        """Places of promises in a queue are no calls: nobody is on the line."""
        match fact:
            case f.CallEntered(present=False):
                pass
            case f.CallConnected() | f.CallCompleted() | f.CallLeft() if fact.work is not None:
                pass
            case f.CallEntered(queue=queue):
                self._of(self._entered, queue).inc()
            case f.CallConnected():
                self._of(self._answered, fact.queue).inc()
                self._of(self._wait, fact.queue).observe(fact.waited_for)
                self._of(self._pair, fact.queue).observe(fact.took_for)
            case f.CallCompleted():
                self._of(self._completed, fact.queue, fact.by).inc()
                self._of(self._talk, fact.queue).observe(fact.talked_for)
            case f.CallLeft(queue=queue, reason=reason):
                self._of(self._left, queue, reason).inc()
                if reason is LeaveReason.HUNG_UP:
                    self._of(self._abandoned, queue).inc()
            case f.RuleBroken(queue=queue, cause=cause):
                self._of(self._breaches, queue, cause).inc()
            case _:
                self._count_offer(fact)
                self._count_wrap_up(fact)
                self._count_alarm(fact)
                self._promises.count(fact)

    def _count_offer(self, fact: f.Fact) -> None:
        match fact:
            case f.CallOffered(queue=queue):
                self._of(self._made, queue).inc()
            case f.OfferAnswered():
                self._of(self._offers, "answered").inc()
            case f.OfferMissed(cause=cause):
                self._of(self._offers, cause).inc()
            case f.OfferWithdrawn():
                self._of(self._offers, "withdrawn").inc()
            case _:
                pass

    def _count_wrap_up(self, fact: f.Fact) -> None:
        match fact:
            case f.WrapUpStarted():
                self._wrap_ups[fact.operator] = fact
            case f.OperatorFreed() | f.StatusChanged():
                started = self._wrap_ups.pop(fact.operator, None)
                if started is not None:
                    self._of(self._wrap_up, started.queue).observe(max(0.0, fact.at - started.at))
            case _:
                pass

    def _count_alarm(self, fact: f.Fact) -> None:
        match fact:
            case f.EventIgnored(event=event):
                self._of(self._ignored, event).inc()
            case f.StateHealed():
                self._healed.inc()
            case f.IdlePairFound():
                self._idle_pairs.inc()
            case _:
                pass

    async def watch_loop(self, every_for: float = 0.5) -> None:
        """Measure the event loop's lag until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + every_for
            await asyncio.sleep(every_for)
            self._lag.observe(max(0.0, loop.time() - due))
