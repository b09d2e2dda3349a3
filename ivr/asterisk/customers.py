"""Customers who are called before an operator is there: dialled, and told of exactly once if not reached.

The channel's id is the call's id, so that a channel of an earlier run is known for what it is. Whoever
answers comes to the dialplan's `dzvin-customer`, whose session says the rest.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from acd.core.commands import DialCustomer, StopDialling
from acd.core.events import Event
from acd.core.masking import mask_number
from acd.core.words import CallId
from acd.core.work import Reach, WorkId
from acd.core.work_events import CustomerCalled
from ivr.asterisk import translate as t
from ivr.asterisk.ami import AmiError, AmiLost
from ivr.asterisk.encode import UnsafeValue, whitelisted
from ivr.asterisk.hangup_causes import BUSY, RINGING_OVER
from ivr.asterisk.leg_calls import Headers, LegCalls

log = structlog.get_logger(__name__)

LATE_FOR = 3.0
"""So much after its time an attempt of which Asterisk says nothing has failed."""
_BY_CAUSE = {
    16: Reach.NO_ANSWER,
    17: Reach.BUSY,
    18: Reach.NO_ANSWER,
    19: Reach.NO_ANSWER,
    20: Reach.NO_ANSWER,
    21: Reach.BUSY,
}
"""Q.850 cause of the channel's end before an answer; all others: no way to the phone was found."""
_BY_REASON = {RINGING_OVER: Reach.NO_ANSWER, BUSY: Reach.BUSY}
"""Of OriginateResponse; others mean little, and the channel's end says more."""


@dataclass(slots=True)
class _Dialled:
    work: WorkId
    call: CallId
    exists: bool = False
    over: bool = False
    """Answered, told of, or given up."""


def originate(command: DialCustomer, ring_for: float, shown: str) -> Headers:
    """Headers of the Originate, through the context that knows the allowed numbers. UnsafeValue."""
    variables = [
        f"DZVIN_WORK={command.work}",
        f"DZVIN_QUEUE={whitelisted(command.queue, 'word')}",
    ]
    if command.language:
        variables.append(f"CHANNEL(language)={whitelisted(command.language, 'language')}")
    return {
        "ActionID": command.call,
        "Channel": f"Local/{whitelisted(command.number, 'number')}@dzvin-transfer/n",
        "ChannelId": whitelisted(command.call, "unique id"),
        "OtherChannelId": f"{command.call}-out",
        "Context": "dzvin-customer",
        "Exten": "s",
        "Priority": "1",
        "Timeout": str(max(1, round(ring_for * 1000))),
        "CallerID": f'"" <{shown if shown.isascii() and shown.isdigit() else ""}>',
        "Variable": variables,
        "Async": "true",
    }


class Customers:
    def __init__(
        self,
        calls: LegCalls,
        post: Callable[[Event], None],
        now: Callable[[], float],
        may_dial: Callable[[str], bool],
    ) -> None:
        self._calls, self._post, self._now, self._may_dial = calls, post, now, may_dial
        self._dialled: dict[CallId, _Dialled] = {}

    def dial(self, command: DialCustomer, shown: str) -> None:
        """Once for each call. `shown`: the number that the customer's phone shows."""
        if command.call in self._dialled:
            return
        dialled = self._dialled[command.call] = _Dialled(command.work, command.call)
        ring_for = command.until - self._now()
        if not self._may_dial(command.number):
            log.warning("a customer at a number that may not be called", number=mask_number(command.number))
            self._tell(dialled, Reach.FORBIDDEN)
        elif ring_for <= 0:
            self._tell(dialled, Reach.FAILED)
        else:
            calling = self._originate(command, dialled, ring_for, shown)
            self._calls.spawn(calling, f"call {command.call}")
            asyncio.get_running_loop().call_later(ring_for + LATE_FOR, self._late, dialled)

    def stop(self, command: StopDialling) -> None:
        """Also a channel that an earlier run has called."""
        dialled = self._dialled.get(command.call)
        if dialled is not None:
            dialled.over = True
        self._calls.hang_up_channel(command.call)

    def answered(self, call: CallId) -> None:
        """Somebody is on the line: the rest is said by the session."""
        dialled = self._dialled.get(call)
        if dialled is not None:
            dialled.over = True

    # What Asterisk says

    def seen(self, channel: str) -> None:
        """The channel has come to life."""
        dialled = self._dialled.get(CallId(channel))
        if dialled is not None:
            dialled.exists = True
            if dialled.over:
                self._calls.hang_up_channel(channel)

    def ended(self, ended: t.OriginateEnded) -> None:
        dialled = self._dialled.get(CallId(ended.action))
        if dialled is None or ended.success:
            return
        if ended.reason in _BY_REASON:
            self._tell(dialled, _BY_REASON[ended.reason])
        elif not dialled.exists:
            self._tell(dialled, Reach.FAILED)

    def gone(self, gone: t.ChannelGone) -> None:
        dialled = self._dialled.pop(CallId(gone.channel), None)
        if dialled is not None:
            self._tell(dialled, _BY_CAUSE.get(gone.cause, Reach.FAILED))

    async def _originate(self, command: DialCustomer, dialled: _Dialled, ring_for: float, shown: str) -> None:
        try:
            await self._calls.originate(originate(command, ring_for, shown))
        except AmiLost:
            log.info("not known whether a customer is being called", call=command.call)
        except (AmiError, UnsafeValue) as error:
            log.warning("a customer could not be called", call=command.call, why=str(error))
            self._tell(dialled, Reach.FAILED)

    def _late(self, dialled: _Dialled) -> None:
        if not dialled.over:
            self._calls.hang_up_channel(dialled.call)
            self._tell(dialled, Reach.FAILED)
        if not dialled.exists:
            self._dialled.pop(dialled.call, None)

    def _tell(self, dialled: _Dialled, reach: Reach) -> None:
        if not dialled.over:
            dialled.over = True
            self._post(CustomerCalled(at=self._now(), work=dialled.work, call=dialled.call, reach=reach))
