"""What one `apply` works at: the state, its look-ups, and what has been said and asked so far.

`say` is the single way to change anything: a fact is recorded, folded into the state and followed by the
index, the figures and the deadlines, at once.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from acd.core import facts as f
from acd.core import work_deadlines as dues
from acd.core.commands import Command
from acd.core.errors import Refused
from acd.core.estimate import LEARNT_FROM, Estimator
from acd.core.evolve import evolve
from acd.core.index import Index, levels_of, next_relaxation
from acd.core.metrics import COUNTED, Figures
from acd.core.settings import CenterSettings, QueueSettings
from acd.core.state import Call, Held, LiveOffer, Operator, State, Waiting, WrapUp
from acd.core.timers import Due, Timers
from acd.core.words import CallId, OfferId, OperatorId, QueueId
from acd.core.work import CallBackMode, WorkId
from acd.core.work_deadlines import next_look
from acd.core.work_facts import WorkRaised
from acd.core.work_index import Spot, WorkIndex
from acd.core.work_state import WorkItem

RING_GRACE_FOR = 1.0
"""So long after an offer's `until` the switch may still report by itself how it ended."""
JOIN_FOR = 30.0
"""An answered leg waits at most so long for its caller (a whisper included), as it does in the switch."""

WATCH_SLICE = 32
"""Operators that the idle-pair watch looks at in one go."""

_WORK_DUES: dict[Due, Callable[["Desk", Any], float | None]] = {
    Due.WORK_TURN: dues.turn_due,
    Due.WORK_FIT: dues.fit_due,
    Due.WORK_CLAIM: dues.claim_due,
    Due.WORK_DIAL: dues.dial_due,
    Due.WORK_HELD: dues.held_due,
    Due.WORK_DUE: dues.broken_due,
    Due.WORK_URGENT: dues.urgent_due,
    Due.WORK_CLOSING: dues.closing_due,
    Due.WORK_LIMIT: dues.limit_due,
    Due.WORK_AHEAD: dues.ahead_due,
}
_ROOM_DUES = {Due.WORK_CLOSING: "closes_at", Due.WORK_LIMIT: "limited_until", Due.WORK_AHEAD: "ahead_at"}

_STATELESS = (f.EventIgnored, f.StateHealed, f.IdlePairFound, f.RuleBroken, f.OfferRang)


class Desk:
    def __init__(self, settings: CenterSettings, state: State, seq: int) -> None:
        self.settings = settings
        self.state = state
        self.seq = seq
        self.at = state.at
        self.figures = Figures()
        self.estimator = Estimator()
        self.commands: list[Command] = []
        self.records: list[f.Record] = []
        self.refusal: Refused | None = None
        self.fresh_calls: dict[CallId, None] = {}
        self.fresh_operators: dict[OperatorId, None] = {}
        self.stale_rooms: dict[QueueId, None] = {}
        """Queues whose work items have to be looked at again."""
        self.aftermath: list[tuple[Call, f.Fact]] = []
        """Talks that began or ended, callers who left: the call as it was before, and the fact."""
        self.target = state.at
        """The time up to which deadlines are run."""
        self.watched = 0
        self._due_by_kind: dict[Due, Callable[[Any], float | None]] = {
            Due.WRAP_UP: self._wrap_up_due,
            Due.SET_ASIDE: self._set_aside_due,
            Due.RESERVATION: self._reservation_due,
            Due.RELAXATION: self._relaxation_due,
            Due.MAX_WAIT: self._max_wait_due,
            Due.TALK_RULE: self._talk_rule_due,
            Due.RINGING: self._ringing_due,
            Due.JOINING: self._joining_due,
            Due.NOBODY: self._nobody_due,
            **{due: partial(read, self) for due, read in _WORK_DUES.items()},
        }
        self.rebuild()

    def rebuild(self) -> None:
        """Make the look-ups and deadlines anew from state and settings; everything may be routed again."""
        self.index = Index(self.settings, self.state, self.at)
        self.work = WorkIndex(self.state, self.at)
        self.stale_rooms = dict.fromkeys(self.work.rooms)
        self.timers = Timers(self._holds)
        self.operator_ids = tuple(self.settings.operators)
        self.watch_slices = max(1, -(-len(self.operator_ids) // WATCH_SLICE))
        self.watch_for = self.settings.idle_pair_for / self.watch_slices
        for call in self.state.calls.values():
            self._arm_call(call)
            self.fresh_calls[call.id] = None
        for operator in self.state.operators.values():
            self._arm_operator(operator)
            self.fresh_operators[operator.id] = None
        for offer in self.state.offers:
            self._arm_offer(offer)
        for item in self.state.work.values():
            self._arm_work(item)
        for queue in self.work.rooms:
            self.arm_ahead(queue)

    def queue(self, queue: QueueId) -> QueueSettings:
        """The queue's settings; defaults for one that was removed while a call still talks."""
        return self.settings.queues.get(queue) or QueueSettings(id=queue, name=queue)

    def say(self, fact: f.Fact) -> None:
        """Journal a fact and let everything follow it."""
        self.seq += 1
        self.records.append(f.Record(self.seq, fact))
        evolve(self.state, fact)
        self._count(fact)
        if not isinstance(fact, _STATELESS):
            self._follow(fact)

    def replay(self, record: f.Record) -> None:
        """Fold a fact of the past; the look-ups are rebuilt afterwards."""
        self.seq = record.seq
        evolve(self.state, record.fact)
        self._count(record.fact)

    def _count(self, fact: f.Fact) -> None:
        if isinstance(fact, COUNTED):
            self.figures.fold(fact, self.settings)
        if isinstance(fact, LEARNT_FROM):
            self.estimator.fold(fact)

    def expected_wait(self, queue: QueueId, at: float) -> float | None:
        """0 if somebody is free, the forecast if the last ones came true, else None."""
        hall = self.index.halls.get(queue)
        if hall is None or not hall.staffed:
            return None
        lane = hall.lane(levels_of(self.queue(queue).needs, at, at))
        if any(lane.benches) and not hall.unoffered:
            return 0.0
        return self.estimator.forecast(queue, at) if self.estimator.trusted(queue) else None

    def ask(self, command: Command) -> None:
        self.commands.append(command)

    def ignore(self, event: object, subject: str, why: str) -> None:
        """A late, doubled or impossible event of the switch."""
        self.say(f.EventIgnored(at=self.at, event=type(event).__name__, subject=subject, why=why))

    def _follow(self, fact: f.Fact) -> None:
        if isinstance(fact, f.SettingsApplied):
            for operator in fact.changed:
                self._follow_operator(operator)
            return
        call: CallId | None = getattr(fact, "call", None)
        operator_id: OperatorId | None = getattr(fact, "operator", None)
        offer: OfferId | None = getattr(fact, "offer", None)
        if offer is not None:
            self._arm_offer(offer)
        if call is not None:
            self.follow_call(call)
        if operator_id is not None:
            self._follow_operator(operator_id)
        work: WorkId | None = getattr(fact, "work", None)
        if work is not None:
            self.follow_work(work)
            item = self.state.work.get(work)
            if isinstance(fact, WorkRaised) and item is not None and item.call is not None:
                self.follow_call(item.call)

    def follow_call(self, call_id: CallId) -> None:
        """Bring index and deadlines of one call up to its state and to the time."""
        call = self.state.calls.get(call_id)
        if self.index.place_call(call_id, call, self.at):
            self.fresh_calls[call_id] = None
        if call is not None:
            self._arm_call(call)
        work = self.work.of_call(call_id)
        if work is not None:
            self.follow_work(work)

    def follow_work(self, work: WorkId) -> None:
        """Bring look-ups and deadlines of one work item up to its state and to the time."""
        item = self.state.work.get(work)
        moved = self.work.place(work, item, self.state, self.at)
        if moved is not None:
            self.stale_rooms[moved] = None
        if item is not None:
            self._arm_work(item)

    def _arm_work(self, item: WorkItem) -> None:
        for due in dues.work_dues(item):
            self._arm(due, item.id)

    def arm_ahead(self, queue: QueueId) -> None:
        """Have it considered, while it makes sense, to call customers ahead of a free operator."""
        room = self.work.room(queue)
        first = self.queue(queue).call_back.mode is CallBackMode.CUSTOMER_FIRST
        hall = self.index.halls.get(queue)
        waits = first and hall is not None and hall.staffed and room.count(Spot.CALL_BACK)
        self.set_room_deadline(
            Due.WORK_AHEAD, queue, (room.ahead_at or next_look(self.at)) if waits else None
        )

    def set_room_deadline(self, due: Due, queue: QueueId, at: float | None) -> None:
        """A deadline of a queue's work items, or none; `due`: CLOSING, LIMIT or AHEAD."""
        room = self.work.room(queue)
        name = _ROOM_DUES[due]
        if getattr(room, name) != at:
            setattr(room, name, at)
            if at is not None:
                self.timers.set(at, due, queue)

    def _follow_operator(self, operator_id: OperatorId) -> None:
        operator = self.state.operators.get(operator_id)
        if operator is None:
            return
        was_staffed = self.index.is_staffed(operator_id)
        if self.index.place_operator(operator):
            self.fresh_operators[operator_id] = None
            self._look_at_work_for(operator_id)
        self._arm_operator(operator)
        if was_staffed != operator.staffing:
            self._look_at_work_for(operator_id)
        if was_staffed and not operator.staffing:
            self._arm_abandoned_queues(operator_id)

    def _look_at_work_for(self, operator: OperatorId) -> None:
        crew = self.index.crew_of.get(operator)
        if crew is not None:
            self.stale_rooms.update(dict.fromkeys(self.work.busy_rooms(crew.queues)))

    def _arm_abandoned_queues(self, operator: OperatorId) -> None:
        crew = self.index.crew_of.get(operator)
        for hall in crew.halls if crew else ():
            if not hall.staffed and hall.unoffered:
                self._arm(Due.NOBODY, hall.id)

    def _arm_call(self, call: Call) -> None:
        if not isinstance(call.state, Waiting):
            return
        if not call.present:
            if call.needs:
                self._arm(Due.RELAXATION, call.id)
            return
        if self.queue(call.queue).max_wait_for is not None:
            self._arm(Due.MAX_WAIT, call.id)
        if call.needs:
            self._arm(Due.RELAXATION, call.id)
        if call.reserved_until is not None:
            self._arm(Due.RESERVATION, call.id)
        hall = self.index.halls.get(call.queue)
        if hall is None or not hall.staffed:
            self._arm(Due.NOBODY, call.queue)

    def _arm_operator(self, operator: Operator) -> None:
        if isinstance(operator.activity, WrapUp):
            self._arm(Due.WRAP_UP, operator.id)
        if isinstance(operator.activity, Held):
            self._arm(Due.WORK_HELD, operator.id)
        if operator.set_aside_until is not None:
            self._arm(Due.SET_ASIDE, operator.id)

    def _arm_offer(self, offer: OfferId) -> None:
        live = self.state.offers.get(offer)
        if live is None or live.talking_at is not None:
            return
        if live.answered_at is not None:
            self._arm(Due.JOINING, offer)
        else:
            self._arm(Due.RINGING, offer)
        if live.work is None:
            self._arm(Due.TALK_RULE, offer)

    def _arm(self, due: Due, key: str | int) -> None:
        at = self.due_at(due, key)
        if at is not None:
            self.timers.set(at, due, key)

    def _holds(self, at: float, due: Due, key: str | int) -> bool:
        if due is Due.RELAXATION:  # harmless if needless: the call is placed where it stands
            call = self.state.calls.get(cast(CallId, key))
            return call is not None and isinstance(call.state, Waiting)
        if due is Due.WORK_FIT:
            return key in self.state.work
        return self._due_by_kind[due](key) == at

    def due_at(self, due: Due, key: str | int) -> float | None:
        """When this deadline falls as things stand; None if there is none."""
        return self._due_by_kind[due](key)

    def _wrap_up_due(self, key: OperatorId) -> float | None:
        operator = self.state.operators.get(key)
        if operator is None or not isinstance(operator.activity, WrapUp):
            return None
        return operator.activity.until

    def _set_aside_due(self, key: OperatorId) -> float | None:
        operator = self.state.operators.get(key)
        return None if operator is None else operator.set_aside_until

    def _waiting_call(self, key: CallId) -> Call | None:
        call = self.state.calls.get(key)
        return call if call is not None and isinstance(call.state, Waiting) else None

    def _reservation_due(self, key: CallId) -> float | None:
        call = self._waiting_call(key)
        return None if call is None else call.reserved_until

    def _relaxation_due(self, key: CallId) -> float | None:
        call = self._waiting_call(key)
        return None if call is None else next_relaxation(call, self.at)

    def _max_wait_due(self, key: CallId) -> float | None:
        call = self._waiting_call(key)
        limit = None if call is None else self.queue(call.queue).max_wait_for
        return None if call is None or limit is None else call.entered_at + limit

    def _untalked_offer(self, key: OfferId) -> LiveOffer | None:
        live = self.state.offers.get(key)
        return live if live is not None and live.talking_at is None else None

    def _talk_rule_due(self, key: OfferId) -> float | None:
        live = self._untalked_offer(key)
        if live is None or live.rule_broken or live.work is not None:
            return None
        return live.pair_at + self.settings.talk_within

    def _ringing_due(self, key: OfferId) -> float | None:
        live = self._untalked_offer(key)
        return None if live is None or live.answered_at is not None else live.until + RING_GRACE_FOR

    def _joining_due(self, key: OfferId) -> float | None:
        live = self._untalked_offer(key)
        return None if live is None or live.answered_at is None else live.answered_at + JOIN_FOR

    def _nobody_due(self, key: QueueId) -> float | None:
        hall = self.index.halls.get(key)
        if hall is None:
            return 0.0  # the queue was removed: its calls leave at once
        rules = self.queue(key)
        if hall.staffed or not hall.unoffered or not rules.leave_if_nobody_logged_in:
            return None
        return hall.nobody_since + rules.nobody_grace_for
