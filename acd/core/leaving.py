"""How a call leaves its queue without an operator."""

from acd.core import commands as c
from acd.core import facts as f
from acd.core.desk import Desk
from acd.core.offers import withdraw
from acd.core.state import Answered, Call, Offered
from acd.core.words import LeaveReason

_TOLD = (LeaveReason.QUEUE_FULL, LeaveReason.WAITED_TOO_LONG, LeaveReason.NOBODY_LOGGED_IN)
"""The dialogue is told of these; the others it caused or did not survive."""
_KEEPS_PLACE = (LeaveReason.HUNG_UP, LeaveReason.LOST)


def take_out(desk: Desk, call: Call, reason: LeaveReason) -> None:
    """Take a call that does not talk out of its queue, withdrawing its offer if there is one."""
    if isinstance(call.state, Offered | Answered):
        withdraw(desk, desk.state.offers[call.state.offer], str(reason))
    leave(desk, call, reason)


def leave(desk: Desk, call: Call, reason: LeaveReason) -> None:
    """A waiting call leaves its queue."""
    drops = reason in _KEEPS_PLACE and call.caller and call.work is None
    keep = desk.queue(call.queue).keep_place_for if drops else 0.0
    left = f.CallLeft(
        at=desk.at,
        call=call.id,
        queue=call.queue,
        reason=reason,
        waited_for=desk.at - call.entered_at,
        place_until=desk.at + keep if keep > 0 else None,
        work=None if call.present else call.work,
    )
    desk.say(left)
    if call.work is not None:
        desk.aftermath.append((call, left))
    if reason in _TOLD and call.present:
        desk.ask(c.ReleaseCall(call=call.id, queue=call.queue, reason=reason))
