"""Carries out the centre's commands on Asterisk, and says as events what became of them.

An offer becomes an operator's leg by an asynchronous Originate with a unique id of our own, so that each
event of the leg is known for what it is, whatever the order. The caller's own task joins the two.

While AMI is away, offers wait `HOLD_FOR` for it and then fail as SWITCH_ERROR, which blames no operator: the
caller keeps the place, hears music from Asterisk, and is offered again. Talks go on without us; what ended
meanwhile is read from the picture of the switch that is taken after each (re)connect.
"""

import asyncio
from dataclasses import dataclass, field
from typing import assert_never

import structlog

from acd.core import commands as c
from acd.core.events import (
    CallerHungUp,
    Event,
    OfferFailed,
    OperatorAnswered,
    PhoneRang,
    PhoneReachable,
    TalkEnded,
    TalkStarted,
)
from acd.core.words import CallId, Cause, Ended, OfferId, OperatorId
from ivr.asterisk import translate as t
from ivr.asterisk.ami import LinkState
from ivr.asterisk.customers import Customers
from ivr.asterisk.hangup_causes import cause_of_hangup, cause_of_originate
from ivr.asterisk.leg_calls import LegCalls, SwitchLink
from ivr.asterisk.legs import Leg, Legs, Stage, channel_id, offer_of
from ivr.asterisk.own_calls import OwnCalls
from ivr.asterisk.reachability import Reachability
from ivr.asterisk.reconcile import Reconciler
from ivr.asterisk.surroundings import Callers, Surroundings

log = structlog.get_logger(__name__)

RETURN_FOR = 3.0
"""So long an answered operator's leg waits for a caller's session that is on its way back."""
LEG_ENDS_WITHIN = 0.5
"""After a talk Asterisk ends the operator's leg by itself; what is still there then is hung up."""


@dataclass(slots=True)
class CallControl:
    """Implements `acd.core.ports.Switch`. `run`: as in `legs.channel_id`, new at each start."""

    link: SwitchLink
    around: Surroundings
    callers: Callers
    run: str
    legs: Legs = field(default_factory=Legs)
    own_calls: OwnCalls = field(default_factory=OwnCalls)
    calls: LegCalls = field(init=False)
    customers: Customers = field(init=False)
    reconciler: Reconciler = field(init=False)
    reachability: Reachability = field(init=False)
    _told_gone: set[CallId] = field(default_factory=set)
    """Callers whose hang-up was told a moment ago: session and switch both notice it."""
    _awaited: dict[CallId, Leg] = field(default_factory=dict)
    """Answered legs whose caller's session is on its way back."""

    def __post_init__(self) -> None:
        self.calls = LegCalls(self.link, self.around.now, self._never_called)
        self.customers = Customers(
            self.calls, self._post, self.now, lambda number: self.around.may_dial(number)
        )
        self.reconciler = Reconciler(self)
        self.reachability = Reachability(self._tell_reachable)

    def start(self) -> None:
        """Begin the regular look at the switch; a running event loop is needed."""
        self.reconciler.start()

    async def close(self) -> None:
        await self.reconciler.close()
        await self.calls.close()

    # Commands of the centre

    def perform(self, command: c.Command) -> None:
        match command:
            case c.Offer():
                self._offer(command)
            case c.WithdrawOffer(offer=offer):
                self._withdraw(offer)
            case c.Connect():
                self._connect(command)
            case c.ReleaseCall(call=call, reason=reason):
                self.callers.release(call, reason)
            case c.DialCustomer():
                self.customers.dial(command, self.around.line_number(command.line))
            case c.StopDialling():
                self.customers.stop(command)
            case _:
                assert_never(command)

    def _offer(self, offer: c.Offer) -> None:
        if self.own_calls.busy(offer.phone):
            self._post(OfferFailed(at=self.now(), offer=offer.offer, cause=Cause.BUSY))
            return
        codes = self.own_calls.codes(offer.phone)
        for channel in codes:
            self.calls.hang_up_channel(channel)
        words = self.around.words(offer)
        leg = Leg(
            offer=offer.offer,
            call=offer.call,
            operator=offer.operator,
            channel=channel_id(self.run, offer.offer),
            free_to_join=offer.work is not None or not words.whisper,
            queue=offer.queue,
            work=offer.work,
        )
        self.legs.add(leg)
        self.calls.dial(leg, offer, words, self.own_calls.until_free if codes else None)

    def _withdraw(self, offer: OfferId) -> None:
        leg = self.legs.of_offer(offer)
        if leg is not None:
            self._end(leg)
            self.calls.hang_up(leg)

    def _connect(self, command: c.Connect) -> None:
        leg = self.legs.of_offer(command.offer)
        if leg is None and not self.reconciler.looks:
            return  # from before a restart: the first look at the switch finds the leg, or none
        if leg is None or leg.over:
            self._post(OfferFailed(at=self.now(), offer=command.offer, cause=Cause.LEG_LOST))
            return
        leg.join_asked = True
        self._join_if_free(leg)

    def _join_if_free(self, leg: Leg) -> None:
        if not (leg.join_asked and leg.free_to_join and leg.stage is Stage.ANSWERED):
            return
        if leg.work is not None and self.around.works.begin(leg):
            self.started(leg)
            return
        if leg.work is None and self.callers.join(leg.call, leg.offer, leg.name):
            leg.stage = Stage.JOINING
            return
        self._awaited[leg.call] = leg
        asyncio.get_running_loop().call_later(RETURN_FOR, self._give_up_waiting, leg)

    def _give_up_waiting(self, leg: Leg) -> None:
        if self._awaited.get(leg.call) is leg:
            del self._awaited[leg.call]
            if not leg.over:
                self.join_failed(leg.offer, Cause.SWITCH_ERROR)

    # What the tasks of the calls report

    def caller_ready(self, call: CallId) -> None:
        """The call's task waits in its queue (again)."""
        leg = self._awaited.pop(call, None)
        if leg is not None and not leg.over:
            self._join_if_free(leg)

    def work_ready(self, channel: str) -> None:
        """An operator's leg that handles a work item has its session (again)."""
        leg = self.legs.of_channel(channel)
        if leg is None or leg.over:
            return
        if leg.stage is Stage.TALKING:
            self.around.works.begin(leg)
        self.caller_ready(leg.call)

    def join_failed(self, offer: OfferId, cause: Cause = Cause.LEG_LOST) -> None:
        """The bridge with the leg did not come about, and the caller is still there."""
        leg = self.legs.of_offer(offer)
        if leg is None or leg.over:
            return
        self._end(leg)
        self.calls.hang_up(leg)
        self._post(OfferFailed(at=self.now(), offer=offer, cause=cause))

    def caller_left(self, call: CallId) -> None:
        """The session of a call that waited or talked has ended, because the caller hung up."""
        leg = self.legs.of_call(call)
        if leg is not None and leg.work is None and leg.stage is Stage.TALKING:
            self.talk_over(leg.offer, Ended.CALLER)
        elif self.callers.is_queued(call) and call not in self._told_gone:
            self._told_gone.add(call)
            asyncio.get_running_loop().call_later(RETURN_FOR, self._told_gone.discard, call)
            self._post(CallerHungUp(at=self.now(), call=call))

    def talk_ended_unseen(self, offer: OfferId) -> None:
        """A talk that an earlier run of the server knew of has ended, and the caller is still there."""
        if self.legs.of_offer(offer) is None:
            self._post(TalkEnded(at=self.now(), offer=offer, by=Ended.OPERATOR))
        else:
            self.talk_over(offer, Ended.OPERATOR)

    def talk_over(self, offer: OfferId, by: Ended) -> None:
        """The bridge has ended. Says so once, whoever notices first."""
        leg = self.legs.of_offer(offer)
        if leg is None or leg.over:
            return
        self.started(leg)
        self._end(leg)
        self._post(TalkEnded(at=self.now(), offer=offer, by=by))
        asyncio.get_running_loop().call_later(LEG_ENDS_WITHIN, self._hang_up_if_there, leg)

    def _hang_up_if_there(self, leg: Leg) -> None:
        if self.legs.of_channel(leg.channel) is leg:
            self.calls.hang_up(leg)

    def stop_playback(self, channel: str) -> None:
        """End what is being played to the caller by CONTROL STREAM FILE, at once."""
        self.calls.stop_playback(channel)

    # What Asterisk says

    def on_link(self, state: LinkState) -> None:
        if state is LinkState.READY:
            self.calls.link_is(up=True)
            self.reconciler.look_now()
        else:
            self.calls.link_is(up=False)
            log.warning("the switch is away", link=str(state))

    def on_event(self, event: t.SwitchEvent) -> None:
        """Every event of the switch, in its order. Does not raise, does not wait."""
        self.reconciler.note(event)
        if isinstance(event, t.ChannelSeen):
            self.own_calls.begun(event.channel, event.endpoint, event.dialled)
            self.customers.seen(event.channel)
        match event:
            case t.ChannelSeen() | t.ChannelState():
                self._on_state(event.channel, event.name, event.state)
            case t.ChannelRenamed():
                self._on_rename(event.channel, event.name)
            case t.ChannelGone():
                self._on_gone(event)
            case t.OriginateEnded():
                self._on_originate_ended(event)
            case t.BridgeEntered():
                self._on_bridge(event.channel, event.bridge)
            case t.BridgeLeft():
                self._on_bridge_left(event.channel)
            case t.PhoneHungUp() if (leg := self.legs.of_channel(event.channel)) is not None:
                self._on_phone_gone(leg)
            case t.KeyPressed():
                self.callers.key(CallId(event.channel), event.key)
            case t.UserEventSeen(name="DzvinLegReady"):
                self._on_leg_ready(event.channel)
            case t.DevicePhone():
                self._on_reachable(event.endpoint, event.reachable)
            case t.ContactSeen() | t.UserEventSeen() | t.Booted() | t.PhoneHungUp():
                pass  # one contact of a phone says nothing: it goes too when another takes its place
            case _:
                assert_never(event)

    def _on_state(self, channel: str, name: str, state: str) -> None:
        leg = self.legs.of_channel(channel)
        if leg is None:
            self._drop_stranger(channel)
            return
        leg.name = name
        if leg.over:
            self.calls.hang_up(leg)
        elif state == "Ringing" and leg.stage < Stage.RANG:
            leg.stage = Stage.RANG
            self._post(PhoneRang(at=self.now(), offer=leg.offer))
        elif state == "Up":
            self.answered(leg)

    def answered(self, leg: Leg) -> None:
        """The operator's phone has picked up."""
        if leg.stage < Stage.ANSWERED:
            leg.stage = Stage.ANSWERED
            self._post(OperatorAnswered(at=self.now(), offer=leg.offer))
        self._join_if_free(leg)

    def _drop_stranger(self, channel: str) -> None:
        """A leg that nobody waits for any more; those of an earlier run are judged at the first look."""
        offer = offer_of(channel)
        if offer is not None and (self.reconciler.looks or channel == channel_id(self.run, offer)):
            self.calls.hang_up_channel(channel)

    def _on_rename(self, channel: str, name: str) -> None:
        leg = self.legs.of_channel(channel)
        if leg is not None:
            leg.name = name

    def _on_leg_ready(self, channel: str) -> None:
        leg = self.legs.of_channel(channel)
        if leg is not None:
            leg.free_to_join = True
            self._join_if_free(leg)

    def _on_originate_ended(self, ended: t.OriginateEnded) -> None:
        self.customers.ended(ended)
        leg = self.legs.of_channel(ended.action)
        if leg is None or ended.success:
            return
        cause = cause_of_originate(ended.reason, leg_existed=bool(leg.name))
        if cause is None and not leg.over:
            return
        self._lost(leg, cause or Cause.SWITCH_ERROR)
        if not leg.name:
            self.legs.forget(leg)

    def _on_gone(self, gone: t.ChannelGone) -> None:
        self.own_calls.ended(gone.channel)
        self.customers.gone(gone)
        leg = self.legs.of_channel(gone.channel)
        if leg is not None:
            self._leg_gone(leg, gone.cause)
            self.legs.forget(leg)
            return
        self._caller_gone(CallId(gone.channel))

    def _leg_gone(self, leg: Leg, cause: int) -> None:
        if leg.stage is Stage.TALKING:
            self.talk_over(leg.offer, Ended.OPERATOR)
        elif leg.stage in (Stage.ANSWERED, Stage.JOINING):
            self._lost(leg, Cause.LEG_LOST)
        else:
            self._lost(leg, cause_of_hangup(cause, rang=leg.stage is Stage.RANG))

    def _lost(self, leg: Leg, cause: Cause) -> None:
        if not leg.over:
            self._end(leg)
            self._post(OfferFailed(at=self.now(), offer=leg.offer, cause=cause))

    def _never_called(self, leg: Leg, cause: Cause) -> None:
        """The Originate was not done: AMI stayed away, or Asterisk refused it."""
        self._lost(leg, cause)
        self.legs.forget(leg)

    def _caller_gone(self, call: CallId) -> None:
        if not self.callers.is_live(call):
            self.caller_left(call)

    def _on_bridge(self, channel: str, bridge: str) -> None:
        leg = self.legs.of_channel(channel)
        if leg is not None:
            leg.bridge = bridge
        else:
            leg = self.legs.of_call(channel)
            if leg is None:
                return
            leg.caller_bridge = bridge
        if leg.joined and not leg.over:
            self.started(leg)
            if leg.phone_gone:
                self.talk_over(leg.offer, Ended.OPERATOR)

    def started(self, leg: Leg) -> None:
        """Both sides are in one bridge."""
        if leg.stage < Stage.TALKING:
            leg.stage = Stage.TALKING
            self._post(TalkStarted(at=self.now(), offer=leg.offer))

    def _on_bridge_left(self, channel: str) -> None:
        """Who leaves first has ended the talk."""
        leg = self.legs.of_channel(channel)
        by = Ended.OPERATOR if leg is not None else Ended.CALLER
        leg = leg or self.legs.of_call(channel)
        if leg is not None and leg.work is None and leg.stage is Stage.TALKING:
            self.talk_over(leg.offer, by)

    def _on_phone_gone(self, leg: Leg) -> None:
        """The operator is free, whatever is tidied up later."""
        leg.phone_gone = True
        if leg.stage is Stage.TALKING:
            self.talk_over(leg.offer, Ended.OPERATOR)

    def _on_reachable(self, endpoint: str, reachable: bool) -> None:
        operator = self.around.operator_of(endpoint)
        if operator is not None:
            self.reachability.said(operator, reachable)

    def _tell_reachable(self, operator: OperatorId, reachable: bool) -> None:
        self._post(PhoneReachable(at=self.now(), operator=operator, reachable=reachable))

    def note_own_calls(self, picture: t.SwitchPicture) -> None:
        """What phones do beside the queues, as the switch shows it now."""
        self.own_calls.only(picture.channels)
        for live in picture.channels.values():
            self.own_calls.begun(live.channel, live.endpoint, live.dialled)

    def _end(self, leg: Leg) -> None:
        leg.stage = Stage.OVER
        self._awaited.pop(leg.call, None)

    def now(self) -> float:
        return self.around.now()

    def _post(self, event: Event) -> None:
        self.around.post(event)
