"""Call control against a scripted switch: every order of events, late legs, a link that goes and comes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import pytest

from acd.core.commands import Connect, Offer, ReleaseCall, WithdrawOffer
from acd.core.events import (
    CallerHungUp,
    Event,
    OfferFailed,
    OperatorAnswered,
    PhoneRang,
    PhoneReachable,
    SwitchSeen,
    TalkEnded,
    TalkStarted,
)
from acd.core.state import LiveOffer
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId, OperatorId, QueueId
from ivr.asterisk import leg_calls, reachability
from ivr.asterisk import translate as t
from ivr.asterisk.agi_environment import endpoint_of
from ivr.asterisk.ami import ActionRefused, AmiLost, LinkState
from ivr.asterisk.ami_message import AmiMessage
from ivr.asterisk.call_control import CallControl
from ivr.asterisk.leg_calls import LegWords, caller_id
from ivr.asterisk.legs import offer_of
from ivr.asterisk.surroundings import Surroundings
from tests.eventually import eventually

CALL, OLENA, Q, ONE = CallId("1700.1"), OperatorId("olena"), QueueId("q"), OfferId(1)
LEG, NAME = "dzvin-r1-1", "PJSIP/701-00000001"


class Link:
    """Remembers actions; `fails` raises from the next Originate."""

    def __init__(self) -> None:
        self.actions: list[tuple[str, Mapping[str, str | Sequence[str]]]] = []
        self.fails: Exception | None = None
        self.shown = t.picture_of((), frozenset())
        self.meanwhile: Callable[[], None] = lambda: None
        """What happens while a picture is taken, after Asterisk has listed everything."""

    async def action(self, name: str, headers: Mapping[str, str | Sequence[str]]) -> object:
        self.actions.append((name, headers))
        if name == "Originate" and self.fails is not None:
            raise self.fails
        return None

    async def picture(self) -> t.SwitchPicture:
        shown = self.shown
        self.meanwhile()
        return shown

    def names(self) -> list[str]:
        return [name for name, _ in self.actions]


class Callers:
    def __init__(self) -> None:
        self.waiting = {CALL}
        self.joined: list[tuple[CallId, OfferId, str]] = []
        self.told: list[Any] = []

    def join(self, call: CallId, offer: OfferId, leg: str) -> bool:
        if call not in self.waiting:
            return False
        self.joined.append((call, offer, leg))
        return True

    def release(self, call: CallId, reason: LeaveReason) -> None:
        self.told.append((call, reason))

    def key(self, call: CallId, key: str) -> None:
        self.told.append((call, key))

    def is_live(self, call: CallId) -> bool:
        return call in self.waiting

    def is_queued(self, call: CallId) -> bool:
        return call == CALL


class Bench:
    def __init__(self) -> None:
        self.link, self.callers = Link(), Callers()
        self.events: list[Event] = []
        self.words = LegWords(number="0501234567", title="Billing")
        self.live: dict[OfferId, LiveOffer] = {}
        self.looking = False
        """The regular look has been started."""
        around = Surroundings(
            post=self.events.append,
            now=lambda: asyncio.get_running_loop().time(),
            words=lambda offer: self.words,
            operator_of={"701": OLENA}.get,
            live_offer=lambda offer: self.live.get(offer),
        )
        self.control = CallControl(link=self.link, around=around, callers=self.callers, run="r1")

    def offer(self) -> None:
        until = self.control.now() + 10
        self.control.perform(Offer(offer=ONE, call=CALL, operator=OLENA, queue=Q, phone="701", until=until))

    def connect(self) -> None:
        self.control.perform(Connect(offer=ONE, call=CALL, operator=OLENA, queue=Q))

    def withdraw(self) -> None:
        self.control.perform(WithdrawOffer(offer=ONE, operator=OLENA))

    def says(self, *events: t.SwitchEvent) -> None:
        for event in events:
            self.control.on_event(event)

    def state(self, state: str) -> None:
        self.says(t.ChannelState(LEG, NAME, state))

    def kinds(self) -> list[type[Event]]:
        return [type(event) for event in self.events]

    def only(self, kind: type[Any]) -> Any:
        found = [event for event in self.events if isinstance(event, kind)]
        assert len(found) == 1, self.events
        return found[0]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    bench.control.on_link(LinkState.READY)
    yield bench
    await bench.control.close()


async def ringing(bench: Bench) -> None:
    bench.offer()
    await eventually(lambda: "Originate" in bench.link.names())
    bench.says(t.ChannelSeen(LEG, NAME, "701", "Down", LEG))
    bench.state("Ringing")


async def talking(bench: Bench) -> None:
    await ringing(bench)
    bench.state("Up")
    bench.connect()
    bench.says(t.BridgeEntered("b1", LEG, NAME), t.BridgeEntered("b1", CALL, "PJSIP/caller-1"))


async def test_an_offer_becomes_a_leg_with_our_own_id(bench: Bench) -> None:
    bench.words = LegWords(
        number="+380 50;1", title='Bil"ling\r\n', whisper="dzvin/w", language="uk", variables=(("A", "b"),)
    )
    await ringing(bench)
    name, headers = bench.link.actions[0]
    assert name == "Originate"
    assert headers["Channel"] == "PJSIP/701"
    assert headers["ChannelId"] == headers["ActionID"] == LEG
    assert headers["CallerID"] == '"Billing" <+380501>'
    assert headers["Variable"] == ["A=b", "CHANNEL(language)=uk", "DZVIN_WHISPER=dzvin/w"]
    assert 10_000 <= int(str(headers["Timeout"])) <= 10_500
    assert bench.kinds() == [PhoneRang]


async def test_from_answer_to_talk_to_the_end_by_the_operator(bench: Bench) -> None:
    await talking(bench)
    assert bench.callers.joined == [(CALL, ONE, NAME)]
    assert bench.kinds() == [PhoneRang, OperatorAnswered, TalkStarted]
    bench.says(t.BridgeLeft("b1", LEG, NAME), t.BridgeLeft("b1", CALL, "x"), t.ChannelGone(LEG, NAME, 16))
    assert bench.only(TalkEnded).by is Ended.OPERATOR
    assert len(bench.control.legs) == 0


async def test_the_operators_hang_up_is_told_before_asterisk_has_tidied_up(bench: Bench) -> None:
    await talking(bench)
    bench.says(t.PhoneHungUp(CALL, "x"))
    assert TalkEnded not in bench.kinds()  # the caller's: the operator's phone is still in the talk
    bench.says(t.PhoneHungUp(LEG, NAME))
    assert bench.only(TalkEnded).by is Ended.OPERATOR
    bench.says(t.BridgeLeft("b1", LEG, NAME), t.BridgeLeft("b1", CALL, "x"), t.ChannelGone(LEG, NAME, 16))
    assert bench.kinds().count(TalkEnded) == 1


async def test_an_offer_is_on_its_way_before_anything_else_is_done(bench: Bench) -> None:
    written: list[str] = []
    link = bench.link

    def write(name: str, headers: Mapping[str, str | Sequence[str]]) -> Any:
        written.append(name)
        return Link.action(link, name, headers)

    link.action = write  # type: ignore[method-assign,assignment]
    bench.offer()
    assert written == ["Originate"]


async def test_the_caller_leaves_the_bridge_first(bench: Bench) -> None:
    await talking(bench)
    bench.says(t.BridgeLeft("b1", CALL, "x"), t.BridgeLeft("b1", LEG, NAME), t.ChannelGone(LEG, NAME, 16))
    assert bench.only(TalkEnded).by is Ended.CALLER


async def test_the_end_is_told_once_whoever_notices(bench: Bench) -> None:
    await talking(bench)
    bench.control.talk_over(ONE, Ended.OPERATOR)
    bench.control.talk_over(ONE, Ended.CALLER)
    bench.says(t.ChannelGone(LEG, NAME, 16))
    assert bench.only(TalkEnded).by is Ended.OPERATOR


async def test_a_whisper_is_waited_for_before_the_join(bench: Bench) -> None:
    bench.words = LegWords(whisper="dzvin/w")
    await ringing(bench)
    bench.state("Up")
    bench.connect()
    assert not bench.callers.joined
    bench.says(t.UserEventSeen("DzvinLegReady", LEG, {}))
    assert bench.callers.joined


@pytest.mark.parametrize(
    ("q850", "rang", "cause"),
    [
        (17, True, Cause.BUSY),
        (21, True, Cause.REJECTED),
        (19, True, Cause.NO_ANSWER),
        (20, False, Cause.UNREACHABLE),
        (0, False, Cause.UNREACHABLE),
        (16, True, Cause.REJECTED),
        (58, False, Cause.SWITCH_ERROR),
    ],
)
async def test_a_leg_that_ends_unanswered(bench: Bench, q850: int, rang: bool, cause: Cause) -> None:
    bench.offer()
    await eventually(lambda: bench.link.names())
    bench.says(t.ChannelSeen(LEG, NAME, "701", "Ringing" if rang else "Down", LEG))
    bench.says(t.OriginateEnded(LEG, LEG, False, 1), t.ChannelGone(LEG, NAME, q850))
    assert bench.only(OfferFailed).cause is cause


@pytest.mark.parametrize(("reason", "cause"), [(3, Cause.NO_ANSWER), (5, Cause.BUSY)])
async def test_originate_ends_before_the_hang_up(bench: Bench, reason: int, cause: Cause) -> None:
    await ringing(bench)
    bench.says(t.OriginateEnded(LEG, LEG, False, reason), t.ChannelGone(LEG, NAME, 0))
    assert bench.only(OfferFailed).cause is cause
    assert len(bench.control.legs) == 0


async def test_a_phone_that_is_not_registered_has_no_channel_at_all(bench: Bench) -> None:
    bench.offer()
    await eventually(lambda: bench.link.names())
    bench.says(t.OriginateEnded(LEG, LEG, False, 0))
    assert bench.only(OfferFailed).cause is Cause.UNREACHABLE
    assert len(bench.control.legs) == 0


async def test_withdrawn_while_ringing_and_then_answered_late(bench: Bench) -> None:
    await ringing(bench)
    bench.withdraw()
    await eventually(lambda: bench.link.names().count("Hangup") == 1)
    bench.state("Up")
    await eventually(lambda: bench.link.names().count("Hangup") == 2)
    assert bench.kinds() == [PhoneRang]


async def test_withdrawn_before_the_leg_exists_it_is_dropped_when_it_appears(bench: Bench) -> None:
    bench.offer()
    await eventually(lambda: bench.link.names())
    bench.withdraw()
    bench.says(t.OriginateEnded(LEG, LEG, False, 0))
    bench.says(t.ChannelSeen(LEG, NAME, "701", "Down", LEG))
    await eventually(lambda: bench.link.names().count("Hangup") == 2)
    assert not bench.events


async def test_lost_after_the_answer(bench: Bench) -> None:
    await ringing(bench)
    bench.state("Up")
    bench.says(t.ChannelGone(LEG, NAME, 16))
    assert bench.only(OfferFailed).cause is Cause.LEG_LOST
    bench.connect()
    assert not bench.callers.joined


async def test_the_bridge_did_not_come_about(bench: Bench) -> None:
    await ringing(bench)
    bench.state("Up")
    bench.connect()
    bench.control.join_failed(ONE)
    bench.says(t.ChannelGone(LEG, NAME, 16))
    assert bench.only(OfferFailed).cause is Cause.LEG_LOST
    await eventually(lambda: "Hangup" in bench.link.names())


async def test_the_operator_waits_for_a_session_that_is_coming_back(bench: Bench) -> None:
    bench.callers.waiting.clear()
    await ringing(bench)
    bench.state("Up")
    bench.connect()
    assert not bench.callers.joined
    bench.callers.waiting.add(CALL)
    bench.control.caller_ready(CALL)
    assert bench.callers.joined == [(CALL, ONE, NAME)]


async def test_without_a_link_an_offer_waits_and_then_blames_nobody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leg_calls, "HOLD_FOR", 0.05)
    bench.control.on_link(LinkState.LOST)
    bench.offer()
    await eventually(lambda: bench.events)
    assert bench.only(OfferFailed).cause is Cause.SWITCH_ERROR
    assert not bench.link.actions


async def test_the_link_is_back_in_time(bench: Bench) -> None:
    bench.control.on_link(LinkState.LOST)
    bench.offer()
    await asyncio.sleep(0)
    assert not bench.link.actions
    bench.control.on_link(LinkState.READY)
    await eventually(lambda: "Originate" in bench.link.names())
    assert not bench.events


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (ActionRefused("Originate", AmiMessage(b"Response: Error\r\nMessage: no")), True),
        (AmiLost("gone"), False),
    ],
)
async def test_a_refused_originate_fails_and_a_lost_one_is_looked_up(
    bench: Bench, fault: Exception, told: bool
) -> None:
    bench.link.fails = fault
    bench.offer()
    await eventually(lambda: bench.link.names())
    await asyncio.sleep(0)
    assert [type(event) for event in bench.events] == ([OfferFailed] if told else [])


async def test_commands_and_keys_reach_the_call(bench: Bench) -> None:
    reason = LeaveReason.QUEUE_FULL
    bench.control.perform(ReleaseCall(call=CALL, queue=Q, reason=reason))
    bench.says(t.KeyPressed(CALL, "x", "5"))
    assert bench.callers.told == [(CALL, reason), (CALL, "5")]


async def test_phones_come_and_go_told_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a contact that goes nor a moment's absence is a phone that goes: another took its place."""
    monkeypatch.setattr(reachability, "GONE_FOR", 0.05)
    for state, reachable in (("NOT_INUSE", True), ("INUSE", True), ("UNAVAILABLE", False), ("INUSE", True)):
        bench.says(t.ContactSeen("701", False), t.DevicePhone("701", state, reachable))
    bench.says(t.DevicePhone("999", "NOT_INUSE", True), t.DevicePhone("701", "UNAVAILABLE", False))
    await eventually(lambda: len(bench.events) == 2)
    assert [event.reachable for event in bench.events if isinstance(event, PhoneReachable)] == [True, False]


async def test_a_caller_without_a_session_hangs_up(bench: Bench) -> None:
    bench.says(t.ChannelGone(CALL, "x", 16))
    assert not bench.events
    bench.callers.waiting.clear()
    bench.says(t.ChannelGone(CALL, "x", 16))
    assert bench.only(CallerHungUp).call == CALL


def live(channel: str, name: str, state: str, bridge: str = "") -> t.LiveChannel:
    return t.LiveChannel(
        channel=channel,
        name=name,
        endpoint=endpoint_of(name),
        state=state,
        bridge=bridge,
        context="dzvin-leg",
        caller="",
        application="",
        linked=channel,
        lived_for=1.0,
    )


async def look(bench: Bench, *channels: t.LiveChannel) -> SwitchSeen:
    """What is seen now; what earlier looks have seen is no event any more."""
    bench.link.shown = t.picture_of(channels, frozenset({"701"}))
    bench.events[:] = [event for event in bench.events if not isinstance(event, SwitchSeen)]
    if not bench.looking:
        bench.looking = True
        bench.control.start()
    bench.control.reconciler.look_now()
    await eventually(lambda: SwitchSeen in bench.kinds())
    return bench.only(SwitchSeen)


async def test_a_talk_of_an_earlier_run_is_taken_over_and_its_end_is_told(bench: Bench) -> None:
    old = "dzvin-r0-7"
    seen = await look(bench, live(old, "PJSIP/701-7", "Up", "b7"), live(CALL, "PJSIP/c-1", "Up", "b7"))
    assert (seen.talks, seen.legs, seen.calls) == ({OfferId(7)}, {OfferId(7)}, {CALL})
    assert seen.reachable == {OLENA}
    bench.says(t.BridgeLeft("b7", old, "PJSIP/701-7"))
    assert bench.only(TalkEnded).offer == 7


async def test_a_leg_of_an_earlier_run_that_nobody_knows_is_hung_up(bench: Bench) -> None:
    seen = await look(bench, live("dzvin-r0-7", "PJSIP/701-7", "Ringing"))
    assert not seen.legs
    await eventually(lambda: ("Hangup", {"Channel": "dzvin-r0-7", "Cause": "16"}) in bench.link.actions)


async def test_a_leg_answered_before_the_restart_is_joined(bench: Bench) -> None:
    bench.live[ONE] = LiveOffer(
        offer=ONE,
        call=CALL,
        operator=OLENA,
        queue=Q,
        phone="701",
        until=0.0,
        offered_at=0.0,
        pair_at=0.0,
        operator_free_at=0.0,
        answered_at=0.0,
    )
    await look(bench, live("dzvin-r0-1", NAME, "Up"), live(CALL, "PJSIP/c-1", "Up"))
    assert bench.callers.joined == [(CALL, ONE, NAME)]


async def test_a_talk_whose_events_were_lost_is_found(bench: Bench) -> None:
    await ringing(bench)
    bench.state("Up")
    bench.connect()
    await look(bench, live(LEG, NAME, "Up", "b1"), live(CALL, "PJSIP/c-1", "Up", "b1"))
    assert bench.only(TalkStarted).offer == ONE


async def test_a_leg_that_ended_unseen_is_forgotten(bench: Bench) -> None:
    await ringing(bench)
    seen = await look(bench, live(CALL, "PJSIP/c-1", "Up"))
    assert not seen.legs
    assert len(bench.control.legs) == 0


async def test_a_session_that_stays_away_is_given_up_after_a_grace(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ivr.asterisk import reconcile

    monkeypatch.setattr(reconcile, "ABSENT_FOR", 0.1)
    bench.callers.waiting.clear()
    first = await look(bench, live(CALL, "PJSIP/c-1", "Up"))
    assert first.calls == {CALL}
    await eventually(lambda: isinstance(bench.events[-1], SwitchSeen) and not bench.events[-1].calls, 3)


async def test_a_talk_that_begins_during_the_look_is_not_cut(bench: Bench) -> None:
    """The picture is older than the events: neither the talk nor a phone that came meanwhile is lost."""
    await ringing(bench)
    bench.state("Up")
    bench.connect()

    def meanwhile() -> None:
        bench.says(t.BridgeEntered("b", LEG, NAME), t.BridgeEntered("b", CALL, "PJSIP/c-1"))
        bench.says(t.DevicePhone("701", "INUSE", True))

    bench.link.meanwhile = meanwhile
    bench.link.shown = t.picture_of([live(LEG, NAME, "Up"), live(CALL, "PJSIP/c-1", "Up")], frozenset())
    bench.control.start()
    bench.control.reconciler.look_now()
    await eventually(lambda: SwitchSeen in bench.kinds())
    seen = bench.only(SwitchSeen)
    assert (seen.talks, seen.reachable) == ({ONE}, {OLENA})
    assert TalkEnded not in bench.kinds()
    assert "Hangup" not in bench.link.names()


async def test_a_phone_in_a_call_of_its_own_is_busy_until_that_ends(bench: Bench) -> None:
    own = t.ChannelSeen("1700.9", "PJSIP/701-00000007", "701", "Ring", "1700.9", "0501112233")
    bench.says(own)
    bench.offer()
    assert bench.only(OfferFailed).cause is Cause.BUSY
    assert "Originate" not in bench.link.names()
    bench.says(t.ChannelGone("1700.9", own.name, 16))
    bench.offer()
    await eventually(lambda: "Originate" in bench.link.names())


async def test_a_call_of_its_own_that_ended_unseen_does_not_keep_a_phone_busy(bench: Bench) -> None:
    bench.says(t.ChannelSeen("1700.9", "PJSIP/701-00000007", "701", "Ring", "1700.9", "0501112233"))
    await look(bench, live(CALL, "PJSIP/c-1", "Up"))
    assert not bench.control.own_calls.busy("701")


async def test_a_call_to_a_code_gives_way_to_an_offer(bench: Bench) -> None:
    code = t.ChannelSeen("1700.9", "PJSIP/701-00000007", "701", "Ring", "1700.9", "*12")
    bench.says(code)
    bench.offer()
    await eventually(lambda: bench.link.names() == ["Hangup"])
    assert bench.link.actions[0][1]["Channel"] == "1700.9"
    bench.says(t.ChannelGone("1700.9", code.name, 16))
    await eventually(lambda: "Originate" in bench.link.names())


def test_ids_of_legs_are_known_and_others_are_not() -> None:
    assert offer_of("dzvin-1a2b-77") == 77
    for other in (
        "1700000000.12",
        "dzvin-1a2b-",
        "dzvin-1a2b-7x",
        "xdzvin-1a2b-7",
        "dzvin--7",
        "dzvin-1-7\n",
    ):
        assert offer_of(other) is None


def test_what_the_phone_shows_holds_no_command() -> None:
    shown = caller_id(LegWords(title='A"B<C>\r\nAction: x', number="12&3,Local/9"))
    assert shown == '"ABCAction: x" <1239>'
