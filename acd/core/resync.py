"""The switch is right: what it does not hold does not live. And new settings, without losing state."""

from acd.core import commands as c
from acd.core import events as e
from acd.core import facts as f
from acd.core.call_backs import tried
from acd.core.desk import Desk
from acd.core.index import levels_of
from acd.core.leaving import take_out
from acd.core.offers import complete, connect, end_reservation, mark_answered, miss
from acd.core.people import change_status, choose_next, set_reachable
from acd.core.settings import CenterSettings
from acd.core.state import Call, Held, Idle, InTalk, LiveOffer, LoggedOut
from acd.core.words import Cause, Ended, LeaveReason, OperatorId
from acd.core.work import Reach
from acd.core.work_endings import heal, raise_if_urgent
from acd.core.work_state import Dialling, WorkItem

LEG_GRACE_FOR = 2.0
"""An offer younger than this may have no leg yet: the switch is still making it."""


def on_switch_seen(desk: Desk, seen: e.SwitchSeen) -> None:
    """Mend every difference between the switch and the centre."""
    began_at = seen.at if seen.began_at is None else min(seen.began_at, seen.at)
    for offer in list(desk.state.offers.values()):
        _reconcile_offer(desk, offer, seen, began_at)
    for call in list(desk.state.calls.values()):
        if call.present and call.id not in seen.calls and call.entered_at <= began_at:
            _lose_call(desk, call)
    for item in list(desk.state.work.values()):
        _reconcile_dial(desk, item, seen, began_at)
    if seen.reachable is not None:
        _reconcile_phones(desk, seen.reachable)
    _drop_stray_legs(desk, seen)


def note_talks(desk: Desk, seen: e.SwitchSeen) -> None:
    """Talks whose start was not heard, for instance while the server was down.

    Before any deadline is run: an offer's lease must not end a talk that lives. They began at some moment
    since the last event; the earliest is taken.
    """
    for live in list(desk.state.offers.values()):
        if live.talking_at is None and live.offer in seen.talks:
            _heal(desk, "they talk already", live)
            mark_answered(desk, live)
            connect(desk, live)


def _heal(desk: Desk, what: str, live: LiveOffer) -> None:
    desk.say(f.StateHealed(at=desk.at, what=what, call=live.call, operator=live.operator, offer=live.offer))


def _reconcile_offer(desk: Desk, live: LiveOffer, seen: e.SwitchSeen, began_at: float) -> None:
    joined = live.offer in (seen.talks if live.work is None else seen.talks | seen.legs)
    if live.talking_at is not None and not joined and live.talking_at <= began_at:
        _heal(desk, "the talk is over", live)
        complete(desk, live.offer, Ended.UNKNOWN)
    elif live.talking_at is None and live.offer not in seen.talks | seen.legs:
        _lose_leg(desk, live, began_at)


def _reconcile_dial(desk: Desk, item: WorkItem, seen: e.SwitchSeen, began_at: float) -> None:
    """A customer who is being called, and whose channel is gone."""
    hold = item.hold
    if not isinstance(hold, Dialling) or hold.call in seen.calls or hold.since + LEG_GRACE_FOR > began_at:
        return
    desk.say(f.StateHealed(at=desk.at, what="the customer is called no more", call=hold.call))
    tried(desk, item, hold.call, Reach.FAILED)


def _lose_leg(desk: Desk, live: LiveOffer, began_at: float) -> None:
    newest = live.offered_at if live.answered_at is None else live.answered_at
    if newest + LEG_GRACE_FOR > began_at:
        return
    _heal(desk, "the operator's leg is gone", live)
    miss(desk, live, Cause.SWITCH_ERROR if live.answered_at is None else Cause.LEG_LOST)


def _lose_call(desk: Desk, call: Call) -> None:
    if isinstance(call.state, InTalk):
        live = desk.state.offers[call.state.offer]
        _heal(desk, "the talking caller is gone", live)
        complete(desk, live.offer, Ended.UNKNOWN)
        return
    desk.say(f.StateHealed(at=desk.at, what="the waiting caller is gone", call=call.id))
    take_out(desk, call, LeaveReason.LOST)


def _reconcile_phones(desk: Desk, reachable: frozenset[OperatorId]) -> None:
    for operator in sorted(desk.settings.operators):
        seen = operator in reachable
        if desk.state.operator(operator).reachable != seen:
            what = "the phone is reachable" if seen else "the phone is not reachable"
            desk.say(f.StateHealed(at=desk.at, what=what, operator=operator))
            set_reachable(desk, operator, seen)


def _drop_stray_legs(desk: Desk, seen: e.SwitchSeen) -> None:
    """Legs of offers that are over; a leg that talks is never cut."""
    for offer in sorted(seen.legs - seen.talks - desk.state.offers.keys()):
        operator = desk.state.ended.get(offer, OperatorId(""))
        desk.say(
            f.StateHealed(at=desk.at, what="a leg of an ended offer lived on", operator=operator, offer=offer)
        )
        desk.ask(c.WithdrawOffer(offer=offer, operator=operator))


def on_settings_changed(desk: Desk, event: e.SettingsChanged) -> None:
    """Take over the new settings; calls, talks and statuses stay what they are."""
    changed = _changed_operators(desk.settings, event.settings)
    desk.settings = event.settings
    desk.rebuild()
    desk.say(
        f.SettingsApplied(
            at=desk.at,
            queues=len(event.settings.queues),
            operators=len(event.settings.operators),
            changed=changed,
        )
    )
    mend_after_settings(desk)


def _changed_operators(old: CenterSettings, new: CenterSettings) -> tuple[OperatorId, ...]:
    def abilities(settings: CenterSettings, operator: OperatorId) -> object:
        found = settings.operators.get(operator)
        return found and (found.queues & settings.queues.keys(), dict(found.skills))

    return tuple(sorted(o for o in new.operators if abilities(old, o) != abilities(new, o)))


def mend_after_settings(desk: Desk) -> None:
    """Who is no longer named goes: at once if idle, else after the call. Reservations are checked anew."""
    for operator in list(desk.state.operators.values()):
        if operator.id not in desk.settings.operators:
            _dismiss(desk, operator.id)
    heal(desk)
    for item in list(desk.state.work.values()):
        raise_if_urgent(desk, item)
    for call in list(desk.state.calls.values()):
        if call.reserved_until is not None and call.last_operator is not None:
            _check_reservation(desk, call, call.last_operator)


def _check_reservation(desk: Desk, call: Call, last: OperatorId) -> None:
    crew = desk.index.crew_of.get(last)
    levels = levels_of(call.needs, call.waiting_since, desk.at)
    if crew is None or call.queue not in crew.queues or not crew.fits(levels):
        end_reservation(desk, call.id, last, "the last operator no longer serves this call")


def _dismiss(desk: Desk, operator_id: OperatorId) -> None:
    operator = desk.state.operator(operator_id)
    if isinstance(operator.activity, Idle | Held):
        if not isinstance(operator.status, LoggedOut):
            change_status(desk, operator_id, LoggedOut(), by="settings")
    elif operator.next_status != LoggedOut():
        choose_next(desk, operator_id, LoggedOut())
