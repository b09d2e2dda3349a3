"""How long a new caller will wait: said only where it was measured to be right.

The line of a queue drains at a measured pace: the mean time between departures (answered or left) while
somebody waits. Forecast = (callers in line + 1) x that mean. Every forecast is compared with what happened;
while fewer than `TRUSTED_SHARE` of the last ones were right, nothing is said.
"""

from dataclasses import dataclass, field, replace

from acd.core import facts as f
from acd.core.words import CallId, QueueId

LEARNT_FROM = (f.CallEntered, f.CallConnected, f.CallLeft)
"""The kinds of facts that an estimator needs."""
SAMPLES = 30
ENOUGH_DEPARTURES = 5
ENOUGH_JUDGED = 8
RECENT_FOR = 1800.0
TRUSTED_SHARE = 0.7
RIGHT_WITHIN_FOR = 20.0
"""A forecast was right if off by no more than this, or by no more than a factor of two."""
STALLED_FACTOR = 4.0


@dataclass(slots=True)
class Drain:
    """What one queue's line did lately."""

    line: int = 0
    moving_since: float | None = None
    """The last departure, or when the line began; None while it is empty."""
    departures: list[tuple[float, float]] = field(default_factory=list)
    """(at, seconds since the one before)."""
    moved_for: float = 0.0
    """Sum of the departures' seconds."""
    judged: list[bool] = field(default_factory=list)


@dataclass(slots=True)
class Estimator:
    drains: dict[QueueId, Drain] = field(default_factory=dict)
    forecasts: dict[CallId, float] = field(default_factory=dict)
    """Of the calls in line."""

    def copy(self) -> "Estimator":
        """What is known now."""
        drains = {
            queue: replace(drain, departures=list(drain.departures), judged=list(drain.judged))
            for queue, drain in self.drains.items()
        }
        return Estimator(drains, dict(self.forecasts))

    def fold(self, fact: f.Fact) -> None:
        """Learn from one fact."""
        match fact:
            case f.CallEntered() if fact.present:
                self._enter(fact)
            case f.CallConnected() if fact.work is None:
                self._judge(fact)
                self._depart(fact.queue, fact.at, fact.waited_for)
            case f.CallLeft() if fact.work is None:
                self.forecasts.pop(fact.call, None)
                self._depart(fact.queue, fact.at, fact.waited_for)
            case _:
                pass

    def _enter(self, fact: f.CallEntered) -> None:
        drain = self.drains.setdefault(fact.queue, Drain())
        drain.line += 1
        if drain.moving_since is None:
            drain.moving_since = fact.at
        if fact.forecast is not None:
            self.forecasts[fact.call] = fact.forecast

    def _judge(self, fact: f.CallConnected) -> None:
        forecast = self.forecasts.pop(fact.call, None)
        if forecast is None:
            return
        near = abs(forecast - fact.waited_for) <= RIGHT_WITHIN_FOR
        right = near or forecast / 2 <= fact.waited_for <= forecast * 2
        judged = self.drains[fact.queue].judged
        judged.append(right)
        del judged[:-SAMPLES]

    def _depart(self, queue: QueueId, at: float, waited_for: float) -> None:
        drain = self.drains[queue]
        drain.line -= 1
        served_at_once = drain.line == 0 and waited_for < 1.0
        if drain.moving_since is not None and not served_at_once:
            drain.departures.append((at, at - drain.moving_since))
            drain.moved_for += at - drain.moving_since
            if len(drain.departures) > SAMPLES:
                drain.moved_for -= drain.departures.pop(0)[1]
        drain.moving_since = at if drain.line else None

    def forecast(self, queue: QueueId, at: float) -> float | None:
        """What a call entering now would wait by the measured pace, seconds; None if too little was seen."""
        drain = self.drains.get(queue)
        if drain is None:
            return None
        pace = _pace(drain, at)
        if pace is None:
            return None
        if drain.moving_since is not None and at - drain.moving_since > max(STALLED_FACTOR * pace, 1.0):
            return None  # the line does not move as it did
        return (drain.line + 1) * pace

    def trusted(self, queue: QueueId) -> bool:
        """Whether the last forecasts of this queue came true often enough to say one aloud."""
        judged = self.drains[queue].judged if queue in self.drains else []
        return len(judged) >= ENOUGH_JUDGED and sum(judged) >= TRUSTED_SHARE * len(judged)


def _pace(drain: Drain, at: float) -> float | None:
    """Mean seconds between the recent departures; None if they are too few."""
    departures = drain.departures
    if len(departures) < ENOUGH_DEPARTURES:
        return None
    if departures[0][0] > at - RECENT_FOR:
        return max(drain.moved_for, 0.0) / len(departures)
    recent = [took for seen_at, took in departures if seen_at > at - RECENT_FOR]
    return sum(recent) / len(recent) if len(recent) >= ENOUGH_DEPARTURES else None
