"""The three-second rule measured: a fold of the journal into a row for each offer of a caller on the line."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from acd.core import facts as f
from acd.core.words import CallId, OfferId, OperatorId, QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One offer from 'operator free' to 'talking'. Times in epoch seconds; None: did not happen."""

    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueId
    operator_free_at: float
    pair_at: float
    offered_at: float
    rang_at: float | None = None
    answered_at: float | None = None
    talking_at: float | None = None
    outcome: str = "under way"
    """'under way', 'talking', 'withdrawn', or the cause of a miss."""
    broken_because: str | None = None
    """Where the time went, if the rule was broken."""

    @property
    def took_for(self) -> float | None:
        """From the moment the pair could have met to the talk."""
        return None if self.talking_at is None else self.talking_at - self.pair_at


@dataclass(frozen=True, slots=True)
class LineReport:
    """All offers of a period, in order."""

    assignments: tuple[Assignment, ...]

    @property
    def took(self) -> tuple[float, ...]:
        """`took_for` of every talk, the shortest first."""
        return tuple(sorted(each.took_for for each in self.assignments if each.took_for is not None))

    def percentile(self, share: float) -> float | None:
        """Nearest-rank percentile of `took`, `share` from 0 to 1; None without any talk."""
        took = self.took
        if not took:
            return None
        rank = -int(-share * len(took) // 1)  # ceiling
        return took[min(max(rank, 1), len(took)) - 1]

    @property
    def p50(self) -> float | None:
        return self.percentile(0.50)

    @property
    def p95(self) -> float | None:
        return self.percentile(0.95)

    @property
    def p99(self) -> float | None:
        return self.percentile(0.99)

    @property
    def breaches(self) -> tuple[Assignment, ...]:
        """Offers that broke the rule, those that never became a talk included."""
        return tuple(each for each in self.assignments if each.broken_because is not None)

    @property
    def causes(self) -> dict[str, int]:
        """Breaches by cause, the most frequent first."""
        causes = [each.broken_because or "" for each in self.breaches]
        return dict(sorted(((c, causes.count(c)) for c in set(causes)), key=lambda pair: (-pair[1], pair[0])))


def line_report(
    records: Iterable[f.Record], since: float = float("-inf"), until: float = float("inf")
) -> LineReport:
    """The offers made from `since` up to `until`; `records` in the journal's order."""
    rows: dict[OfferId, Assignment] = {}
    for record in records:
        fact = record.fact
        if isinstance(fact, f.CallOffered):
            if fact.work is None and since <= fact.at < until:
                rows[fact.offer] = _begun(fact)
        elif isinstance(fact, _ABOUT_OFFERS) and fact.offer in rows:
            rows[fact.offer] = _after(rows[fact.offer], fact)
    return LineReport(tuple(rows.values()))


_About = f.OfferRang | f.OfferAnswered | f.CallConnected | f.OfferMissed | f.OfferWithdrawn | f.RuleBroken
_ABOUT_OFFERS = (
    f.OfferRang,
    f.OfferAnswered,
    f.CallConnected,
    f.OfferMissed,
    f.OfferWithdrawn,
    f.RuleBroken,
)


def _begun(fact: f.CallOffered) -> Assignment:
    return Assignment(
        offer=fact.offer,
        call=fact.call,
        operator=fact.operator,
        queue=fact.queue,
        operator_free_at=fact.operator_free_at,
        pair_at=fact.pair_at,
        offered_at=fact.at,
    )


def _after(row: Assignment, fact: _About) -> Assignment:
    match fact:
        case f.OfferRang():
            return replace(row, rang_at=fact.at)
        case f.OfferAnswered():
            return replace(row, answered_at=fact.at)
        case f.CallConnected():
            return replace(row, talking_at=fact.at, outcome="talking")
        case f.OfferMissed():
            return replace(row, outcome=str(fact.cause))
        case f.OfferWithdrawn():
            return replace(row, outcome="withdrawn")
        case f.RuleBroken():
            return replace(row, broken_because=fact.cause)
