"""Why a leg did not answer, out of Asterisk's hang-up cause and the reason of OriginateResponse.

Sources: ITU-T Q.850; Asterisk 22 include/asterisk/causes.h, and `hangup_sip2cause` in
channels/chan_pjsip.c (486 -> 17, 603 -> 21, 480 and 408 -> 18/19, 404 -> 1).
"""

from acd.core.words import Cause

_BY_HANGUP_CAUSE = {
    1: Cause.UNREACHABLE,  # unallocated number
    3: Cause.UNREACHABLE,  # no route
    17: Cause.BUSY,
    18: Cause.NO_ANSWER,
    19: Cause.NO_ANSWER,
    20: Cause.UNREACHABLE,  # subscriber absent
    21: Cause.REJECTED,
    27: Cause.UNREACHABLE,  # destination out of order
    38: Cause.UNREACHABLE,  # network out of order
    41: Cause.UNREACHABLE,  # temporary failure
    58: Cause.SWITCH_ERROR,  # no common codec
    88: Cause.SWITCH_ERROR,
    127: Cause.SWITCH_ERROR,
}

RINGING_OVER, BUSY = 3, 5
_BY_ORIGINATE_REASON = {RINGING_OVER: Cause.NO_ANSWER, BUSY: Cause.BUSY}


def cause_of_hangup(cause: int, rang: bool) -> Cause:
    """`cause`: Q.850 number of the Hangup event. A leg that was cleared normally unanswered: declined."""
    found = _BY_HANGUP_CAUSE.get(cause)
    if found is not None:
        return found
    return Cause.REJECTED if rang else Cause.UNREACHABLE


def cause_of_originate(reason: int, leg_existed: bool) -> Cause | None:
    """None: the leg's Hangup event, which follows, knows better."""
    if reason in _BY_ORIGINATE_REASON:
        return _BY_ORIGINATE_REASON[reason]
    return None if leg_existed else Cause.UNREACHABLE
