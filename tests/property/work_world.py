"""Random events about promises for the core's property tests, and what must hold of promises at any time."""

import random
from typing import Any

from acd.core import events as e
from acd.core import facts as f
from acd.core import work_events as v
from acd.core import work_facts as w
from acd.core.center import Center, Outcome
from acd.core.settings import CenterSettings, QueueSettings
from acd.core.state import Available, Call, Held, InTalk, Offered, Waiting
from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work import (
    CallBackMode,
    CallBackRules,
    CallingTimes,
    Reach,
    WorkId,
    WorkKind,
    WorkRules,
    call_of,
    number_key,
)
from acd.core.work_state import CallerHere, Confirmed, Dialling, Forwarded, Open, Standing, WorkItem

EVENING = 22 * 60
TIMES = CallingTimes(
    time_zone="UTC",
    week=(((0, EVENING + 14), (EVENING + 15, EVENING + 17), (EVENING + 18, 1440)),) * 7,
)
"""The walks begin at 22:13:20 and last some minutes: with pauses of a minute."""
RETRY = dict.fromkeys((Reach.BUSY, Reach.NO_ANSWER, Reach.GAVE_UP, Reach.FAILED), (4.0, 9.0))
WORK = WorkRules(
    answer_within=90.0, urgent_for=40.0, urgent_priority=3, share=0.5, claim_for=15.0, again_after=6.0
)


def call_back_rules(mode: CallBackMode, **more: Any) -> CallBackRules:
    rules: dict[str, Any] = {
        "times": TIMES, "promised_within": 60.0, "ring_for": 8.0, "lead_for": 10.0, "hold_for": 6.0,
        "attempts": 2, "retry_after": RETRY, "hourly_limit": 8,
    }  # fmt: skip
    return CallBackRules(mode=mode, **(rules | more))


OPERATOR_FIRST = call_back_rules(CallBackMode.OPERATOR_FIRST)
CUSTOMER_FIRST = call_back_rules(CallBackMode.CUSTOMER_FIRST)
UNHELD = call_back_rules(CallBackMode.CUSTOMER_FIRST, hold_for=0.0, times=None, hourly_limit=20)


def random_work_event(rng: random.Random, at: float, who: OperatorId, center: Center) -> v.WorkEvent:
    """Sensible or not: about open items mostly, doubled, late, about what never was, with odd numbers."""
    if rng.random() < 0.35:
        return _promised(rng, at)
    newest = center.state.next_work
    work = WorkId(rng.randint(0, newest))
    live = [item.id for item in center.open_work()]
    if live and rng.random() < 0.9:
        work = rng.choice(live)
    return rng.choice(_CHOICES)(rng, at, work, who, center)


def _promised(rng: random.Random, at: float) -> v.WorkEvent:
    odd = rng.random() < 0.05
    return v.WorkPromised(
        at=at,
        token=f"t{rng.randint(1, 400)}",
        promise=rng.choice([WorkKind.CALL_BACK, WorkKind.CALL_BACK, WorkKind.VOICEMAIL]),
        queue=QueueId(rng.choice(["plain", "skilled", "tight", "tight", "gone"])),
        caller=rng.choice(["", "0501", "0502", "0503", "0504", "0505"]),
        call=rng.choice([None, CallId(f"c{rng.randint(1, 12)}")]),
        waiting_since=float("nan") if odd else rng.choice([None, None, at - 30.0, at + 5.0]),
        not_before=rng.choice([float("nan"), float("inf"), -1.0]) if odd else rng.choice([None, at + 20.0]),
        priority=rng.choice([None, None, None, 1]),
        recording=f"r{rng.randint(1, 99)}",
        seconds=rng.choice([0.0, 3.0]),
    )


def _attempt(rng: random.Random, work: WorkId, center: Center) -> CallId:
    item = center.work(work)
    turn = item.turn if item and rng.random() < 0.9 else rng.randint(0, 4)
    return call_of(work, turn)


_CHOICES: list[Any] = [
    lambda r, at, work, who, center: v.TranscriptCame(
        at=at, work=work, recording=f"r{r.randint(1, 99)}", text="text", confidence=0.5
    ),
    *[lambda r, at, work, who, center: v.WorkAskedFor(at=at, operator=who, work=r.choice([None, work]))] * 2,
    lambda r, at, work, who, center: v.WorkClaimed(at=at, operator=who, work=work),
    lambda r, at, work, who, center: v.ClaimGivenBack(at=at, operator=_holder(center, work, who), work=work),
    lambda r, at, work, who, center: v.WorkPassedOn(
        at=at, operator=_holder(center, work, who), work=work, department="grid"
    ),
    lambda r, at, work, who, center: v.NoteSpoken(
        at=at, operator=who, work=work, recording=f"n{r.randint(1, 9)}", seconds=3.0
    ),
    *[
        lambda r, at, work, who, center: v.WorkHandedBack(
            at=at, work=work, reason="no", operator=r.choice([None, _holder(center, work, who)])
        )
    ]
    * 2,
    *[
        lambda r, at, work, who, center: v.WorkDone(
            at=at, work=work, operator=_holder(center, work, who) if r.random() < 0.9 else None
        )
    ]
    * 2,
    lambda r, at, work, who, center: v.WorkCalledOff(at=at, work=work, by="caller"),
    *[lambda r, at, work, who, center: v.CustomerConfirmed(at=at, work=work, call=_attempt(r, work, center))]
    * 4,
    *[
        lambda r, at, work, who, center: v.CustomerCalled(
            at=at,
            work=work,
            call=_attempt(r, work, center),
            reach=r.choice(list(Reach)),
            talked_for=r.choice([0.0, 5.0, 1e9, float("nan"), -3.0]),
        )
    ]
    * 5,
]


def _holder(center: Center, work: WorkId, who: OperatorId) -> OperatorId:
    shown = next((each for each in center.view(center.at).work if each.id == work), None)
    return (shown.operator if shown else None) or who


def fits(center: Center, item: WorkItem, operator: OperatorId) -> bool:
    rules = center.settings.operators.get(operator)
    return rules is not None and item.queue in rules.queues


def logged_in(center: Center, queue: QueueId) -> int:
    serving = [each.id for each in center.settings.operators.values() if queue in each.queues]
    return sum(center.state.operator(each).staffing for each in serving)


def most_at_once(center: Center, rules: QueueSettings) -> int:
    return max(1, int(rules.work.share * logged_in(center, rules.id)))


def called_lately(center: Center, queue: QueueId, at: float) -> int:
    return sum(each + 3600.0 > at for each in center.state.dials.get(queue, ()))


def place_of(center: Center, item: WorkItem) -> Call | None:
    """The call that stands for the item in its queue."""
    return center.call(item.hold.call) if isinstance(item.hold, Standing) else None


def levels_now(call: Call | WorkItem, at: float) -> list[tuple[str, int]]:
    """What it needs at `at`, worked out plainly (not as the core does it)."""
    needed = []
    for need in call.needs:
        level = need.level
        for step in sorted(need.relaxations, key=lambda each: each.after_for):
            if call.waiting_since + step.after_for <= at:
                level = step.level
        needed.append((need.skill, level))
    return needed


def check_work(center: Center) -> None:
    """What holds of promises after every event."""
    items = center.open_work()
    numbers = [(number_key(i.caller), i.queue) for i in items if i.promise is WorkKind.CALL_BACK]
    assert len(set(numbers)) == len(numbers), "two open call-backs for one number in one queue"
    _check_calls(center, items)
    _check_holds(center)
    for rules in center.settings.queues.values():
        _check_may_be_offered(center, rules, [item for item in items if item.queue == rules.id])


def _check_calls(center: Center, items: tuple[WorkItem, ...]) -> None:
    for item in items:
        if isinstance(item.hold, Standing | CallerHere | Confirmed):
            call = center.call(item.hold.call)
            assert call is not None, "an item whose call is gone"
            assert call.work == item.id
            assert call.present is not isinstance(item.hold, Standing)
    for call in center.state.calls.values():
        its = center.work(call.work) if call.present and call.work is not None else None
        assert its is None or its.call == call.id, "whoever is on the line already would be called"
        if not call.present and not isinstance(call.state, InTalk):
            item = center.work(call.work) if call.work is not None else None
            assert item is not None, "the place of a settled item"
            assert item.hold == Standing(call.id)


def _check_holds(center: Center) -> None:
    for who in center.state.operators.values():
        if isinstance(who.activity, Held):
            assert isinstance(who.status, Available)
            assert who.reachable
            assert who.activity.until > center.at, "held beyond the time"
            assert who.activity.until - who.activity_since <= 6.0 + 1e-6
            item = center.work(who.activity.work)
            assert item is not None
            assert isinstance(item.hold, Dialling)
            assert item.hold.holder == who.id


def _check_may_be_offered(center: Center, rules: QueueSettings, items: list[WorkItem]) -> None:
    """An item that is due stands in line, but for three reasons: its hours, the hourly limit, the share."""
    at = center.at
    due = [item for item in items if isinstance(item.hold, Open) and item.not_before <= at]
    in_line = [call for call in (place_of(center, item) for item in items) if call is not None]
    hands = [call for call in in_line if center.state.work[_work(call)].hand]
    if any(item.hand for item in due):
        assert len(hands) >= most_at_once(center, rules), "room for work, and it does not stand in line"
    waits = [call for call in hands if isinstance(call.state, Waiting)]
    assert not waits or len(hands) <= most_at_once(center, rules), "more in line than may be offered"
    call_backs = [item for item in due if not item.hand]
    times = rules.call_back.times
    assert not call_backs or times is None or times.allows(at), "due outside the calling times"
    if call_backs and rules.call_back.mode is CallBackMode.OPERATOR_FIRST:
        under_way = [c for c in in_line if c not in hands and isinstance(c.state, Waiting | Offered)]
        used = called_lately(center, rules.id, at) + len(under_way)
        answered = [c for c in in_line if c not in hands and c not in under_way]
        assert used + len(answered) >= rules.call_back.hourly_limit, "a call-back does not stand in line"


def _work(call: Call) -> WorkId:
    assert call.work is not None
    return call.work


class Promises:
    """Every promise from when it is made to its one end."""

    def __init__(self) -> None:
        self.open: dict[WorkId, w.WorkMade] = {}
        self.ended: dict[WorkId, w.WorkClosed] = {}
        self.broken: set[WorkId] = set()
        self.hand: set[WorkId] = set()

    def take(self, settings: CenterSettings, center: Center, outcome: Outcome) -> None:
        for fact in outcome.facts:
            settings = center.settings if isinstance(fact, f.SettingsApplied) else settings
            self._take(settings, fact)
            by_itself = isinstance(fact, f.CallOffered) and fact.chosen_for != "asked for"
            if isinstance(fact, f.CallOffered) and by_itself and fact.work in self.hand:
                self._check_share(center, fact)
        assert set(self.open) == {item.id for item in center.open_work()}, "a promise was lost"
        check_work(center)

    def _take(self, settings: CenterSettings, fact: f.Fact) -> None:
        match fact:
            case w.WorkMade():
                assert fact.work not in self.open
                assert fact.work not in self.ended, "an id used twice"
                self.open[fact.work] = fact
                if fact.promise is WorkKind.VOICEMAIL:
                    self.hand.add(fact.work)
            case w.WorkByHand():
                self.hand.add(fact.work)
            case w.WorkBroken():
                assert fact.work not in self.broken, "broken twice"
                assert fact.at >= self.open[fact.work].due_at
                self.broken.add(fact.work)
            case w.WorkClosed():
                assert fact.work not in self.ended, "ended twice"
                made = self.open.pop(fact.work)
                assert not (fact.kept and fact.work in self.broken), "kept and broken"
                assert (made.queue, made.promise) == (fact.queue, fact.promise)
                self.ended[fact.work] = fact
            case w.CustomerDialled():
                self._check_times(settings, fact.work, fact.at)
            case f.CallOffered() if fact.work is not None and fact.work not in self.hand:
                self._check_times(settings, fact.work, fact.at)
            case w.WorkTranscribed():
                pass
            case _ if type(fact).__module__ == w.__name__:
                assert fact.work in self.open, f"{fact} after the end"  # type: ignore[union-attr]

    def _check_times(self, settings: CenterSettings, work: WorkId, at: float) -> None:
        """The customer is not called outside the hours, nor before the time chosen or promised."""
        made = self.open[work]
        assert at >= made.not_before
        times = settings.queues[made.queue].call_back.times
        assert times is None or times.allows(at), "called outside the calling times"

    def _check_share(self, center: Center, fact: f.CallOffered) -> None:
        rules = center.settings.queues[fact.queue]
        places = (place_of(center, item) for item in center.open_work() if item.queue == fact.queue)
        busy = [call for call in places if call is not None and call.work in self.hand]
        busy = [call for call in busy if not isinstance(call.state, Waiting)]
        assert len(busy) <= most_at_once(center, rules), "more than the share of operators have work"


def check_dialled_in_order(center: Center, outcome: Outcome) -> None:
    """Whoever waits with the better place in the same queue, and needs the same by then, is called first."""
    for number, fact in enumerate(outcome.facts):
        item = center.work(fact.work) if isinstance(fact, w.CustomerDialled) else None
        if item is None:
            continue
        later = {getattr(each, "work", None) for each in outcome.facts[number + 1 :]}
        for other in (each for each in center.open_work() if each.id not in later):
            due = isinstance(other.hold, Open) and other.not_before <= fact.at and not other.hand
            same = levels_now(other, fact.at) == levels_now(item, fact.at)
            if due and same and other.queue == item.queue:
                assert item.rank < other.rank, "called before somebody's place"


__all__ = ["Forwarded", "Promises", "check_dialled_in_order", "check_work", "e", "random_work_event"]
