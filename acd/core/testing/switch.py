"""A switch with simulated phones, in virtual time. It does as the real one does: both pass `check_switch`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from heapq import heappop, heappush
from typing import assert_never

from acd.core import commands as c
from acd.core import events as e
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId, OperatorId
from acd.core.work import Reach, WorkId
from acd.core.work_events import CustomerCalled, CustomerConfirmed

GRACE_FOR = 0.5
"""The switch's own end of the ringing lies so much behind `until`: the centre withdraws first."""
CALLER_AWAITED_FOR = 3.0
"""So long an answered leg waits for a caller who is not there."""
LOOK_FOR = 0.01


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
    talks_for: float | None = 60.0
    """None: until one side hangs up."""
    ended_by: Ended = Ended.CALLER
    """Who hangs up after `talks_for`."""
    reach: Reach | None = None
    """What comes of an operator's call to the customer of a work item; said just before the end."""


@dataclass(frozen=True, slots=True)
class CustomerBehaviour:
    """What comes of calling a customer; seconds after the phone began to ring."""

    confirms_after: float | None = 8.0
    """Answers and says that the call is wanted; None: never."""
    fails_after: float = 20.0
    """Else what came of it is known so much later."""
    fails_with: Reach = Reach.NO_ANSWER


Decide = Callable[[c.Offer], Behaviour]
DecideCustomer = Callable[[c.DialCustomer], CustomerBehaviour]


class Timeline:
    """What will happen, each at its time; what has the same time, in the order of asking."""

    def __init__(self, at: float) -> None:
        self.at = at
        self._future: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def put(self, at: float, act: Callable[[], None]) -> None:
        self._count += 1
        heappush(self._future, (at, self._count, act))

    def next_at(self) -> float | None:
        return self._future[0][0] if self._future else None

    def step(self) -> None:
        """Let the next thing happen; IndexError when there is none."""
        at, _, act = heappop(self._future)
        self.at = max(self.at, at)
        act()


class _Stage(IntEnum):
    CALLING = 0
    RANG = 1
    ANSWERED = 2
    JOINING = 3
    TALKING = 4
    OVER = 5


@dataclass(slots=True)
class _Leg:
    offer: OfferId
    call: CallId
    operator: OperatorId
    how: Behaviour
    work: WorkId | None = None
    stage: _Stage = _Stage.CALLING
    join_asked: bool = False


@dataclass(slots=True)
class SimulatedSwitch:
    """Implements `acd.core.ports.Switch`; its events are posted when the timeline comes to them."""

    timeline: Timeline
    post: Callable[[e.Event], None]
    decide: Decide
    phones: frozenset[str] | None = None
    """Those that there are; None: every one that is asked for."""
    released: list[tuple[CallId, LeaveReason]] = field(default_factory=list)
    decide_customer: DecideCustomer = lambda _dial: CustomerBehaviour()
    _dialled: dict[CallId, WorkId] = field(default_factory=dict)
    _legs: dict[OfferId, _Leg] = field(default_factory=dict)
    _reachable: dict[OperatorId, bool] = field(default_factory=dict)
    _callers: set[CallId] = field(default_factory=set)
    _gone: set[CallId] = field(default_factory=set)

    def perform(self, command: c.Command) -> None:
        match command:
            case c.Offer():
                self._call(command)
            case c.WithdrawOffer(offer=offer):
                self._end(self._legs.get(offer))
            case c.Connect():
                self._connect(command.offer)
            case c.ReleaseCall(call=call, reason=reason):
                self.released.append((call, reason))
            case c.DialCustomer():
                self._dial(command)
            case c.StopDialling(call=call):
                self._dialled.pop(call, None)
                self._gone.add(call)
            case _:
                assert_never(command)

    # What people and phones do

    def caller_comes(self, call: CallId) -> None:
        self._callers.add(call)

    def caller_hangs_up(self, call: CallId) -> None:
        """Ends the talk; of a caller who does not talk it is said that the caller is gone."""
        talk = next((leg for leg in self._legs.values() if leg.call == call), None)
        if talk is not None and talk.stage is _Stage.TALKING:
            self._talk_ended(talk, Ended.CALLER)
        elif call not in self._gone:
            self._gone.add(call)
            self.post(e.CallerHungUp(at=self.timeline.at, call=call))

    def phone_answers(self, operator: OperatorId) -> None:
        """Pick up what rings."""
        for leg in self._of(operator):
            self._answered(leg)

    def phone_hangs_up(self, operator: OperatorId) -> None:
        """End the talk, drop the answered leg, or decline what rings."""
        for leg in self._of(operator):
            if leg.stage is _Stage.TALKING:
                self._talk_ended(leg, Ended.OPERATOR)
            else:
                answered = leg.stage >= _Stage.ANSWERED
                self._failed(leg, Cause.LEG_LOST if answered else Cause.REJECTED)

    def phone_is(self, operator: OperatorId, *, reachable: bool) -> None:
        """The phone registers or leaves; said only where it is news. Calls that it has go on."""
        if self._reachable.get(operator) != reachable:
            self._reachable[operator] = reachable
            self.post(e.PhoneReachable(at=self.timeline.at, operator=operator, reachable=reachable))

    def look(self) -> None:
        """Have all that the switch holds said by `SwitchSeen`."""
        began_at = self.timeline.at
        self.timeline.put(began_at + LOOK_FOR, lambda: self.post(self._picture(began_at)))

    def _picture(self, began_at: float) -> e.SwitchSeen:
        talking = (leg.offer for leg in self._legs.values() if leg.stage is _Stage.TALKING)
        return e.SwitchSeen(
            at=self.timeline.at,
            calls=frozenset((self._callers | self._dialled.keys()) - self._gone),
            talks=frozenset(talking),
            legs=frozenset(self._legs),
            reachable=frozenset(operator for operator, there in self._reachable.items() if there),
            began_at=began_at,
        )

    # Customers

    def _dial(self, command: c.DialCustomer) -> None:
        how, at = self.decide_customer(command), self.timeline.at
        self._dialled[command.call] = command.work
        if command.until <= at or not command.number.isprintable() or not command.number:
            self.timeline.put(at, lambda: self._not_reached(command, Reach.FAILED))
            return
        if how.confirms_after is not None and at + how.confirms_after < command.until + GRACE_FOR:
            self.timeline.put(at + how.confirms_after, lambda: self._confirmed(command))
            return
        answers = how.fails_with not in (Reach.NO_ANSWER, Reach.BUSY)
        ends_at = at + how.fails_after if answers else min(at + how.fails_after, command.until + GRACE_FOR)
        self.timeline.put(ends_at, lambda: self._not_reached(command, how.fails_with))

    def _confirmed(self, command: c.DialCustomer) -> None:
        if self._dialled.pop(command.call, None) is not None:
            self.caller_comes(command.call)
            self.post(CustomerConfirmed(at=self.timeline.at, work=command.work, call=command.call))

    def _not_reached(self, command: c.DialCustomer, reach: Reach) -> None:
        if self._dialled.pop(command.call, None) is not None:
            at = self.timeline.at
            self.post(CustomerCalled(at=at, work=command.work, call=command.call, reach=reach))

    # Legs

    def _call(self, command: c.Offer) -> None:
        how, at = self.decide(command), self.timeline.at
        leg = self._legs[command.offer] = _Leg(
            command.offer, command.call, command.operator, how, command.work
        )
        gives_up_at = command.until + GRACE_FOR
        answers_at = at + how.answers_after if how.answers_after is not None else gives_up_at
        if command.until <= at or not command.phone.isprintable():
            self._fails_at(at, leg, Cause.SWITCH_ERROR)
            return
        if not self._can_be_called(command):
            self._fails_at(at, leg, Cause.UNREACHABLE)
            return
        if how.rings_after is not None:
            self.timeline.put(at + how.rings_after, lambda: self._rang(leg))
        if how.fails_after is not None:
            self._fails_at(at + how.fails_after, leg, how.fails_with)
        elif answers_at < gives_up_at:
            self.timeline.put(answers_at, lambda: self._answered(leg))
        else:
            self._fails_at(gives_up_at, leg, Cause.NO_ANSWER)

    def _can_be_called(self, command: c.Offer) -> bool:
        exists = self.phones is None or command.phone in self.phones
        return exists and self._reachable.get(command.operator, True)

    def _fails_at(self, at: float, leg: _Leg, cause: Cause) -> None:
        def fail() -> None:
            if leg.stage < _Stage.ANSWERED:
                self._failed(leg, cause)

        self.timeline.put(at, fail)

    def _rang(self, leg: _Leg) -> None:
        if leg.stage < _Stage.RANG:
            leg.stage = _Stage.RANG
            self.post(e.PhoneRang(at=self.timeline.at, offer=leg.offer))

    def _answered(self, leg: _Leg) -> None:
        if leg.stage < _Stage.ANSWERED:
            leg.stage = _Stage.ANSWERED
            self.post(e.OperatorAnswered(at=self.timeline.at, offer=leg.offer))
            self._join_if_answered(leg)

    def _failed(self, leg: _Leg, cause: Cause) -> None:
        if leg.stage is not _Stage.OVER:
            self._end(leg)
            self.post(e.OfferFailed(at=self.timeline.at, offer=leg.offer, cause=cause))

    def _connect(self, offer: OfferId) -> None:
        leg, at = self._legs.get(offer), self.timeline.at
        if leg is None:
            lost = e.OfferFailed(at=at, offer=offer, cause=Cause.LEG_LOST)
            self.timeline.put(at, lambda: self.post(lost))
            return
        leg.join_asked = True
        self._join_if_answered(leg)

    def _join_if_answered(self, leg: _Leg) -> None:
        if leg.stage is not _Stage.ANSWERED or not leg.join_asked:
            return
        leg.stage = _Stage.JOINING
        if leg.call in self._gone:
            waits_until = self.timeline.at + CALLER_AWAITED_FOR
            self.timeline.put(waits_until, lambda: self._failed(leg, Cause.SWITCH_ERROR))
        else:
            self.timeline.put(self.timeline.at + leg.how.joins_after, lambda: self._joined(leg))

    def _joined(self, leg: _Leg) -> None:
        if leg.stage is not _Stage.JOINING:
            return
        if leg.call in self._gone:
            self._failed(leg, Cause.LEG_LOST)
            return
        leg.stage = _Stage.TALKING
        self.post(e.TalkStarted(at=self.timeline.at, offer=leg.offer))
        if leg.how.talks_for is not None:
            ends_at = self.timeline.at + leg.how.talks_for
            self.timeline.put(ends_at, lambda: self._talk_ended(leg, leg.how.ended_by))

    def _talk_ended(self, leg: _Leg, by: Ended) -> None:
        if leg.stage is not _Stage.TALKING:
            return
        self._end(leg)
        if leg.work is not None and leg.how.reach is not None:
            reach, at = leg.how.reach, self.timeline.at
            self.post(CustomerCalled(at=at, work=leg.work, call=leg.call, reach=reach))
        if by is Ended.CALLER:
            self._gone.add(leg.call)
        self.post(e.TalkEnded(at=self.timeline.at, offer=leg.offer, by=by))

    def _end(self, leg: _Leg | None) -> None:
        if leg is not None:
            leg.stage = _Stage.OVER
            self._legs.pop(leg.offer, None)

    def _of(self, operator: OperatorId) -> list[_Leg]:
        return [leg for leg in self._legs.values() if leg.operator == operator]
