"""What Prometheus learns of promises: counters from facts, gauges from the view at the time of the scrape."""

from collections import Counter as Counts
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily, Metric

from acd.core import facts as f
from acd.core import work_facts as w
from acd.core.promise import Outcome
from acd.core.views import CenterView
from acd.core.work import WorkId


class PromiseCounters:
    """Counts facts. What was made before the server started is known from its view."""

    def __init__(self, registry: CollectorRegistry, view: Callable[[], CenterView]) -> None:
        self._view = view
        self._kinds: dict[WorkId, str] | None = None
        self._broken: set[WorkId] = set()
        self._made = Counter("dzvin_promises_made", "Promises", ("queue", "kind"), registry=registry)
        self._decided = Counter(
            "dzvin_promises_decided", "Promises by outcome", ("queue", "kind", "outcome"), registry=registry
        )

    def count(self, fact: f.Fact) -> None:
        match fact:
            case w.WorkMade():
                self._known()[fact.work] = fact.promise
                self._made.labels(fact.queue, fact.promise).inc()
            case w.WorkBroken():
                kind = self._known().get(fact.work, "")
                self._broken.add(fact.work)
                self._decided.labels(fact.queue, kind, Outcome.BROKEN).inc()
            case w.WorkClosed():
                self._closed(fact)
            case _:
                pass

    def _closed(self, fact: w.WorkClosed) -> None:
        self._known().pop(fact.work, None)
        if fact.work not in self._broken:
            outcome = Outcome.KEPT if fact.kept else Outcome.CALLED_OFF
            self._decided.labels(fact.queue, fact.promise, outcome).inc()
        self._broken.discard(fact.work)

    def _known(self) -> dict[WorkId, str]:
        """Kinds of the open promises."""
        if self._kinds is None:
            work = self._view().work
            self._kinds = {item.id: item.kind for item in work}
            self._broken |= {item.id for item in work if item.broken}
        return self._kinds


def promise_gauges(view: CenterView) -> Iterator[Metric]:
    is_open = GaugeMetricFamily("dzvin_promises_open", "Open promises", labels=("queue", "stage"))
    due = GaugeMetricFamily("dzvin_promises_due", "Open promises that run out or are late", labels=("queue",))
    kept = GaugeMetricFamily(
        "dzvin_promises_kept_ratio", "Kept / (kept + broken) since the start of the day", labels=("queue",)
    )
    counts = Counts((item.queue, item.stage) for item in view.work)
    for (queue, stage), count in counts.items():
        is_open.add_metric([queue, stage], count)
    for q in view.queues:
        due.add_metric([q.id], q.work_due)
        if q.kept_share is not None:
            kept.add_metric([q.id], q.kept_share)
    yield from (is_open, due, kept)
