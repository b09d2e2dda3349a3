"""Small centres and random events for the core's property tests, and the invariants as one function."""

import random
from dataclasses import replace
from typing import Any

from acd.core import commands as c
from acd.core import events as e
from acd.core import facts as f
from acd.core.center import Center, Outcome
from acd.core.settings import CenterSettings, Need, OperatorSettings, QueueSettings, Relaxation
from acd.core.state import Available, Call, Idle, InTalk, Operator, Waiting, WrapUp
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId, OperatorId, QueueId
from tests.property.work_world import (
    CUSTOMER_FIRST,
    OPERATOR_FIRST,
    UNHELD,
    WORK,
    Promises,
    levels_now,
    random_work_event,
)

START = 1_700_000_000.0
UK = Need("uk", 5, (Relaxation(10.0, 3), Relaxation(25.0, 0)))


def queue(name: str, **more: Any) -> QueueSettings:
    return QueueSettings(id=QueueId(name), name=name.title(), **more)


def operator(name: str, *queues: str, **skills: int) -> OperatorSettings:
    served = frozenset(QueueId(each) for each in queues)
    return OperatorSettings(
        id=OperatorId(name), name=name, phone=f"phone-{name}", queues=served, skills=skills
    )


def center_settings(queues: list[QueueSettings], operators: list[OperatorSettings]) -> CenterSettings:
    return CenterSettings(
        queues={each.id: each for each in queues}, operators={each.id: each for each in operators}
    )


def settings_choices() -> list[CenterSettings]:
    """Centres with limits, skills, many queues for one operator and many operators for one queue."""
    plain = queue("plain", leave_if_nobody_logged_in=False, call_back=OPERATOR_FIRST, work=WORK)
    skilled = queue(
        "skilled", needs=(UK,), priority=1, wrap_up_for=0.0, leave_if_nobody_logged_in=False,
        call_back=UNHELD, work=WORK,
    )  # fmt: skip
    tight = queue(
        "tight", max_waiting=2, max_wait_for=15.0, nobody_grace_for=3.0, last_operator_for=900.0,
        wait_for_last_operator_for=20.0, call_back=CUSTOMER_FIRST, work=WORK,
    )  # fmt: skip
    people = [
        operator("ann", "plain", "skilled", uk=6),
        operator("bob", "plain", "tight", uk=3),
        operator("eve", "plain", "skilled", "tight"),
        operator("max", "tight"),
    ]
    full = center_settings([plain, skilled, tight], people)
    other_way = replace(tight, call_back=OPERATOR_FIRST)
    less = center_settings([plain, other_way], [people[0], people[2], operator("max", "plain", "tight")])
    return [full, less]


def random_event(rng: random.Random, center: Center, at: float) -> e.Event:
    """Anything that may come, sensible or not: doubled, late, about what never was."""
    call = CallId(f"c{rng.randint(1, 12)}")
    who = OperatorId(rng.choice(["ann", "bob", "eve", "max", "nobody"]))
    newest = center.state.next_offer
    offer = OfferId(rng.randint(max(1, newest - 5), newest))
    live = list(center.state.offers)
    if live and rng.random() < 0.8:
        offer = rng.choice(live)
    if rng.random() < 0.35:
        return random_work_event(rng, at, who, center)
    return rng.choice(_CHOICES)(rng, at, call, who, offer, center)


def _queued(rng: random.Random, at: float, call: CallId, *_: Any) -> e.Event:
    name = rng.choice(["plain", "skilled", "tight", "tight", "tight", "gone"])
    caller = rng.choice(["", "0501", "0501", "0502"])
    priority = rng.choice([None, None, 2])
    needs = rng.choice([(), (), (Need("uk", 2),)])
    return e.CallQueued(at=at, call=call, queue=QueueId(name), caller=caller, priority=priority, needs=needs)


def _seen(rng: random.Random, at: float, _call: Any, _who: Any, _offer: Any, center: Center) -> e.Event:
    def some(items: list[Any]) -> frozenset[Any]:
        return frozenset(item for item in items if rng.random() < 0.85)

    live = center.live_offers()
    return e.SwitchSeen(
        at=at,
        calls=some([*center.state.calls, *(i.call for i in center.open_work() if i.call is not None)]),
        talks=some([each.offer for each in live if each.talking_at is not None]),
        legs=some([each.offer for each in live]) | some([OfferId(1), OfferId(2)]),
        reachable=rng.choice([None, some([OperatorId(each) for each in ("ann", "bob", "eve", "max")])]),
        began_at=rng.choice([None, at - 1.0]),
    )


_CHOICES: list[Any] = [
    *[_queued] * 6,
    lambda r, at, call, who, offer, center: e.CallerHungUp(at=at, call=call),
    lambda r, at, call, who, offer, center: e.CallTakenBack(
        at=at, call=call, reason=LeaveReason.CHOSE_TO_LEAVE
    ),
    lambda r, at, call, who, offer, center: e.PhoneRang(at=at, offer=offer),
    *[lambda r, at, call, who, offer, center: e.OperatorAnswered(at=at, offer=offer)] * 4,
    lambda r, at, call, who, offer, center: e.OfferFailed(at=at, offer=offer, cause=r.choice(list(Cause))),
    *[lambda r, at, call, who, offer, center: e.TalkStarted(at=at, offer=offer)] * 3,
    *[lambda r, at, call, who, offer, center: e.TalkEnded(at=at, offer=offer, by=r.choice(list(Ended)))] * 4,
    *[
        lambda r, at, call, who, offer, center: e.PhoneReachable(
            at=at, operator=who, reachable=r.random() < 0.8
        )
    ]
    * 3,
    *[lambda r, at, call, who, offer, center: e.OperatorLoggedIn(at=at, operator=who)] * 4,
    lambda r, at, call, who, offer, center: e.OperatorLoggedOut(at=at, operator=who),
    *[lambda r, at, call, who, offer, center: e.OperatorReady(at=at, operator=who)] * 3,
    lambda r, at, call, who, offer, center: e.BreakChosen(
        at=at, operator=who, reason=r.choice(["lunch", "pause", "nap"])
    ),
    lambda r, at, call, who, offer, center: e.WrapUpProlonged(
        at=at, operator=who, extra_for=r.choice([5.0, 0.0, -1.0, float("nan")])
    ),
    *[lambda r, at, call, who, offer, center: e.Tick(at=at)] * 3,
    _seen,
    lambda r, at, call, who, offer, center: e.SettingsChanged(at=at, settings=r.choice(settings_choices())),
]


def may_take(center: Center, call: Call, who: Operator, at: float) -> bool:
    """Skilled, of the queue, and not kept away by a reservation."""
    rules = center.settings.operators.get(who.id)
    if rules is None or call.queue not in rules.queues or call.queue not in center.settings.queues:
        return False
    if call.reserved_until is not None and call.last_operator != who.id:
        return False
    return all(rules.skills.get(skill, 0) >= level for skill, level in levels_now(call, at))


def free_to_work(who: Operator) -> bool:
    return (
        isinstance(who.status, Available)
        and isinstance(who.activity, Idle)
        and who.reachable
        and who.set_aside_until is None
    )


def check_state(center: Center) -> None:
    """What holds after every event."""
    state, at = center.state, center.at
    waiting = [call for call in state.calls.values() if isinstance(call.state, Waiting)]
    free = [who for who in state.operators.values() if free_to_work(who)]
    pairs = [(call.id, who.id) for call in waiting for who in free if may_take(center, call, who, at)]
    assert not pairs, f"not work-conserving: {pairs}"
    assert state.waiting == len(waiting)
    assert len(waiting) <= sum(1 for _ in center.waiting_calls())
    _check_offers(center)
    for who in state.operators.values():
        if isinstance(who.activity, WrapUp):
            assert who.activity.until > at, "a wrap-up outlived its deadline"
        if not isinstance(who.activity, Idle):
            assert isinstance(who.status, Available), "busy in a status other than available"


def _check_offers(center: Center) -> None:
    offers = center.state.offers.values()
    assert len({each.call for each in offers}) == len(offers), "a call with two offers"
    assert len({each.operator for each in offers}) == len(offers), "an operator with two calls"
    for each in offers:
        call = center.state.calls[each.call]
        assert not isinstance(call.state, Waiting)
        assert call.state.offer == each.offer
        assert isinstance(call.state, InTalk) == (each.talking_at is not None)
        activity = center.state.operators[each.operator].activity
        assert getattr(activity, "offer", None) == each.offer, "offer and operator disagree"


class Ledger:
    """Counts what came in and went out, and watches each step's facts and commands."""

    def __init__(self) -> None:
        self.entered = self.completed = self.left = 0
        self.offers: set[int] = set()
        self.seq = 0
        self.at = 0.0
        self.promises = Promises()
        self.settings: CenterSettings | None = None

    def take(self, center: Center, outcome: Outcome) -> None:
        """Check one outcome, then the state after it."""
        for record in outcome.records:
            assert record.seq == self.seq + 1, "a gap in the journal"
            assert record.fact.at >= self.at, "time went back in the journal"
            self.seq, self.at = record.seq, record.fact.at
            self.entered += isinstance(record.fact, f.CallEntered)
            self.completed += isinstance(record.fact, f.CallCompleted)
            self.left += isinstance(record.fact, f.CallLeft)
            if isinstance(record.fact, f.CallOffered):
                assert record.fact.offer not in self.offers, "an offer's id used twice"
                assert record.fact.pair_at <= record.fact.at
                self.offers.add(record.fact.offer)
        assert not any(isinstance(fact, f.IdlePairFound) for fact in outcome.facts)
        asked = [each.offer for each in outcome.commands if isinstance(each, c.Offer)]
        assert asked == [fact.offer for fact in outcome.facts if isinstance(fact, f.CallOffered)]
        assert self.entered == self.completed + self.left + len(center.state.calls)
        check_state(center)
        self.promises.take(self.settings or center.settings, center, outcome)
        self.settings = center.settings
