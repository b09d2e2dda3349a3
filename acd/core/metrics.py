"""Figures of the day: a pure fold of facts. Formulas as in call-centre practice; each service level is named.

Counts are kept in quarters of an hour (every local midnight on Earth is the start of one), so that the
figures since any such moment of the last two days can be given. A count is replaced, never changed: a copy of
the tables is a copy of the figures.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from operator import attrgetter

from acd.core import facts as f
from acd.core import work_facts as w
from acd.core.promise import share_kept
from acd.core.records import changed
from acd.core.settings import CenterSettings, QueueSettings
from acd.core.words import LeaveReason, OperatorId, QueueId
from acd.core.work import WorkId

BUCKET_FOR = 900
KEPT_BUCKETS = 49 * 4
COUNTED = (
    f.CallEntered,
    f.CallConnected,
    f.CallCompleted,
    f.CallLeft,
    f.WrapUpStarted,
    f.OperatorFreed,
    f.StatusChanged,
    w.WorkMade,
    w.WorkBroken,
    w.WorkClosed,
)
"""The kinds of facts that change a figure."""
_OVERFLOW = (LeaveReason.QUEUE_FULL, LeaveReason.WAITED_TOO_LONG, LeaveReason.NOBODY_LOGGED_IN)


@dataclass(frozen=True, slots=True)
class QueueTally:
    """Sums of one queue over some time; durations in seconds."""

    entered: int = 0
    answered: int = 0
    answered_within: int = 0
    abandoned: int = 0
    """Short ones included."""
    short_abandoned: int = 0
    overflowed: int = 0
    left: int = 0
    """Took another way by themselves, or were lost by the switch."""
    completed: int = 0
    wait_for: float = 0.0
    """Of the answered calls."""
    talk_for: float = 0.0
    wrap_up_for: float = 0.0

    @property
    def service_level(self) -> float | None:
        """answered within T / (answered + abandoned - abandoned within S)."""
        return _share(self.answered_within, self.answered + self.abandoned - self.short_abandoned)

    @property
    def service_level_of_answered(self) -> float | None:
        """answered within T / answered."""
        return _share(self.answered_within, self.answered)

    @property
    def service_level_of_offered(self) -> float | None:
        """answered within T / offered, that is all calls whose fate is decided."""
        return _share(self.answered_within, self.answered + self.abandoned + self.overflowed + self.left)

    @property
    def mean_wait_for(self) -> float | None:
        """ASA: mean wait of the answered calls."""
        return _share(self.wait_for, self.answered)

    @property
    def mean_handle_for(self) -> float | None:
        """AHT: talk and wrap-up for each talk that ended."""
        return _share(self.talk_for + self.wrap_up_for, self.completed)


@dataclass(frozen=True, slots=True)
class OperatorTally:
    """Seconds of one operator."""

    available_for: float = 0.0
    """In the status available, busy or not."""
    on_break_for: float = 0.0
    talk_for: float = 0.0
    wrap_up_for: float = 0.0

    @property
    def occupancy(self) -> float | None:
        """(talk + wrap-up) / time available."""
        return _share(self.talk_for + self.wrap_up_for, self.available_for)


@dataclass(frozen=True, slots=True)
class WorkTally:
    """Promises of one queue over some time; each is kept, broken or dropped once its fate is known."""

    made: int = 0
    kept: int = 0
    broken: int = 0
    """Not kept when due, whatever became of them later."""
    dropped: int = 0
    """Called off, or made to nobody who wanted it, before they were due."""
    work_for: float = 0.0
    """Seconds that operators dealt with them on the phone."""

    @property
    def kept_share(self) -> float | None:
        """As in `promise.share_kept`."""
        return share_kept(self.kept, self.broken)


_NO_QUEUE, _NO_OPERATOR, _NO_WORK = QueueTally(), OperatorTally(), WorkTally()
_work_values = attrgetter(*(each.name for each in fields(WorkTally)))
_queue_values = attrgetter(*(each.name for each in fields(QueueTally)))
_operator_values = attrgetter(*(each.name for each in fields(OperatorTally)))


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """A stretch of an operator's time that goes on: available, on break, talking or wrapping up."""

    kind: str
    since: float
    queue: QueueId | None = None


@dataclass(slots=True)
class Figures:
    """Fold facts in order, then ask `queue` and `operator`."""

    queues: dict[QueueId, dict[int, QueueTally]] = field(default_factory=dict)
    operators: dict[OperatorId, dict[int, OperatorTally]] = field(default_factory=dict)
    status_spans: dict[OperatorId, OpenSpan] = field(default_factory=dict)
    work_spans: dict[OperatorId, OpenSpan] = field(default_factory=dict)
    work: dict[QueueId, dict[int, WorkTally]] = field(default_factory=dict)
    broken: dict[WorkId, QueueId] = field(default_factory=dict)
    """Open work items whose promise is broken."""

    def fold(self, fact: f.Fact, settings: CenterSettings) -> None:
        """Count one fact; `settings` give T and S of its queue."""
        match fact:
            case f.CallEntered() if not fact.present:
                pass
            case f.CallEntered():
                self._add(fact.queue, fact.at, entered=1)
            case f.CallConnected() if fact.work is not None:
                self.work_spans[fact.operator] = OpenSpan("talk_for", fact.at)
            case f.CallCompleted() if fact.work is not None:
                self._work_completed(fact)
            case f.CallLeft() if fact.work is not None:
                pass
            case f.CallConnected():
                self._connected(fact, settings)
            case f.CallCompleted():
                self._completed(fact)
            case f.CallLeft():
                self._left(fact, settings)
            case f.WrapUpStarted():
                self._wrap_up_started(fact)
            case f.OperatorFreed():
                self._end_work(fact.operator, fact.at)
            case f.StatusChanged():
                self._status_changed(fact)
            case w.WorkMade():
                self._add_work(fact.queue, fact.at, made=1)
            case w.WorkBroken():
                self.broken[fact.work] = fact.queue
                self._add_work(fact.queue, fact.at, broken=1)
            case w.WorkClosed():
                self._work_closed(fact)
            case _:
                pass

    def copy(self) -> "Figures":
        """The figures as they are now."""
        return Figures(
            {queue: dict(tallies) for queue, tallies in self.queues.items()},
            {operator: dict(tallies) for operator, tallies in self.operators.items()},
            dict(self.status_spans),
            dict(self.work_spans),
            {queue: dict(tallies) for queue, tallies in self.work.items()},
            dict(self.broken),
        )

    def _add(self, queue: QueueId, at: float, **more: float) -> None:
        buckets = self.queues.setdefault(queue, {})
        bucket = int(at // BUCKET_FOR)
        tally = buckets.get(bucket)
        if tally is None:
            buckets[bucket] = tally = _NO_QUEUE
            _forget_old(buckets, bucket)
        buckets[bucket] = changed(tally, **{name: getattr(tally, name) + by for name, by in more.items()})

    def _add_work(self, queue: QueueId, at: float, **more: float) -> None:
        buckets = self.work.setdefault(queue, {})
        bucket = int(at // BUCKET_FOR)
        tally = buckets.get(bucket)
        if tally is None:
            buckets[bucket] = tally = _NO_WORK
            _forget_old(buckets, bucket)
        buckets[bucket] = changed(tally, **{name: getattr(tally, name) + by for name, by in more.items()})

    def _work_completed(self, fact: f.CallCompleted) -> None:
        self._end_work(fact.operator, fact.at)
        self._add_work(fact.queue, fact.at, work_for=fact.talked_for)
        self.work_spans[fact.operator] = OpenSpan("wrap_up_for", fact.at)

    def _work_closed(self, fact: w.WorkClosed) -> None:
        if fact.kept:
            self._add_work(fact.queue, fact.at, kept=1)
        elif fact.work not in self.broken:
            self._add_work(fact.queue, fact.at, dropped=1)
        self.broken.pop(fact.work, None)

    def _wrap_up_started(self, fact: f.WrapUpStarted) -> None:
        """That after a work item is no queue's time of calls."""
        span = self.work_spans.get(fact.operator)
        after_work = span is not None and span.kind == "wrap_up_for" and span.queue is None
        queue = None if after_work else fact.queue
        self.work_spans[fact.operator] = OpenSpan("wrap_up_for", fact.at, queue)

    def _connected(self, fact: f.CallConnected, settings: CenterSettings) -> None:
        in_time = fact.waited_for <= _rules(settings, fact.queue).answer_within
        self._add(
            fact.queue, fact.at, answered=1, wait_for=fact.waited_for, answered_within=1 if in_time else 0
        )
        self.work_spans[fact.operator] = OpenSpan("talk_for", fact.at, fact.queue)

    def _completed(self, fact: f.CallCompleted) -> None:
        self._add(fact.queue, fact.at, completed=1)
        self._end_work(fact.operator, fact.at)

    def _left(self, fact: f.CallLeft, settings: CenterSettings) -> None:
        if fact.reason is LeaveReason.HUNG_UP:
            short = fact.waited_for <= _rules(settings, fact.queue).short_abandon_for
            self._add(fact.queue, fact.at, abandoned=1, short_abandoned=1 if short else 0)
        elif fact.reason in _OVERFLOW:
            self._add(fact.queue, fact.at, overflowed=1)
        else:
            self._add(fact.queue, fact.at, left=1)

    def _end_work(self, operator: OperatorId, at: float) -> None:
        span = self.work_spans.pop(operator, None)
        if span is None:
            return
        self._spread(operator, span, at)
        if span.queue is not None:
            self._add(span.queue, at, **{span.kind: at - span.since})

    def _status_changed(self, fact: f.StatusChanged) -> None:
        span = self.status_spans.pop(fact.operator, None)
        if span is not None:
            self._spread(fact.operator, span, fact.at)
        kind = {"available": "available_for", "on break": "on_break_for"}.get(fact.status)
        if kind is not None:
            self.status_spans[fact.operator] = OpenSpan(kind, fact.at)

    def _spread(self, operator: OperatorId, span: OpenSpan, until: float) -> None:
        """Lay a stretch of time over the quarters it touches, the old ones left out."""
        buckets = self.operators.setdefault(operator, {})
        last = int(until // BUCKET_FOR)
        first = max(int(span.since // BUCKET_FOR), last - KEPT_BUCKETS)
        for bucket in range(first, last + 1):
            begin, end = max(span.since, bucket * BUCKET_FOR), min(until, (bucket + 1) * BUCKET_FOR)
            tally = buckets.pop(bucket, _NO_OPERATOR)  # put in again: the quarters stay in their order
            done = getattr(tally, span.kind) + max(0.0, end - begin)
            buckets[bucket] = changed(tally, **{span.kind: done})
        _forget_old(buckets, last)

    def queue(self, queue: QueueId, since: float) -> QueueTally:
        """The queue's figures since the quarter of an hour in which `since` lies."""
        first = since // BUCKET_FOR
        tallies = [tally for bucket, tally in self.queues.get(queue, {}).items() if bucket >= first]
        return QueueTally(*map(sum, zip(*map(_queue_values, tallies), strict=True))) if tallies else _NO_QUEUE

    def promises(self, queue: QueueId, since: float) -> WorkTally:
        """The queue's promises since the quarter of an hour in which `since` lies."""
        first = since // BUCKET_FOR
        tallies = [tally for bucket, tally in self.work.get(queue, {}).items() if bucket >= first]
        return WorkTally(*map(sum, zip(*map(_work_values, tallies), strict=True))) if tallies else _NO_WORK

    def newest(self, operator: OperatorId) -> OperatorTally | None:
        """Another object whenever a stretch of this operator's time has ended."""
        buckets = self.operators.get(operator)
        return next(reversed(buckets.values())) if buckets else None

    def busy_and_available(
        self, operator: OperatorId, ended: OperatorTally, since: float, at: float
    ) -> tuple[float, float]:
        """Seconds of talk and wrap-up, and seconds available: what `ended` holds and what goes on."""
        work, status = self.work_spans.get(operator), self.status_spans.get(operator)
        busy_for = 0.0 if work is None else max(0.0, at - max(work.since, since))
        available = status is not None and status.kind == "available_for"
        available_for = max(0.0, at - max(status.since, since)) if status is not None and available else 0.0
        return ended.talk_for + ended.wrap_up_for + busy_for, ended.available_for + available_for

    def ended(self, operator: OperatorId, since: float) -> OperatorTally:
        """The operator's seconds since the quarter of `since`, without the stretches that go on."""
        first = since // BUCKET_FOR
        tallies = [tally for bucket, tally in self.operators.get(operator, {}).items() if bucket >= first]
        if not tallies:
            return _NO_OPERATOR
        return OperatorTally(*map(sum, zip(*map(_operator_values, tallies), strict=True)))

    def operator(self, operator: OperatorId, since: float, at: float) -> OperatorTally:
        """The operator's seconds from `since` to `at`, stretches that go on included."""
        total = self.ended(operator, since)
        for spans in (self.status_spans, self.work_spans):
            span = spans.get(operator)
            if span is not None:
                open_for = max(0.0, at - max(span.since, since))
                total = changed(total, **{span.kind: getattr(total, span.kind) + open_for})
        return total


def fold_records(records: Iterable[f.Record], settings: CenterSettings) -> Figures:
    """The figures of these records."""
    figures = Figures()
    for record in records:
        figures.fold(record.fact, settings)
    return figures


def _rules(settings: CenterSettings, queue: QueueId) -> QueueSettings:
    return settings.queues.get(queue) or QueueSettings(id=queue, name=queue)


def _forget_old(
    buckets: dict[int, QueueTally] | dict[int, OperatorTally] | dict[int, WorkTally], newest: int
) -> None:
    while next(iter(buckets)) < newest - KEPT_BUCKETS:
        del buckets[next(iter(buckets))]
