"""Offers that fail, each with its cause; callers who leave at each step."""

import asyncio

import pytest

from acd.core.events import BreakChosen
from acd.core.facts import (
    CallCompleted,
    CallConnected,
    CallEntered,
    CallLeft,
    CallOffered,
    OfferAnswered,
    OfferMissed,
    OfferWithdrawn,
)
from acd.core.words import Cause, Ended, LeaveReason
from ivr.queue_stay import QueueStay
from ivr.softphone.phone import Answer, Kind
from tests.calls.house import AT_ONCE, BY_HAND, CALLERS, MENU, MUSIC, OLENA, TARAS, House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_no_answer_then_the_other_operator(house: House) -> None:
    olena = await house.operator(OLENA, Answer.BY_HAND)
    await house.operator(TARAS)
    caller, seen = await house.phone("caller1"), len(olena.events)
    await caller.dial("200")
    missed = await house.fact(OfferMissed)
    assert (missed.operator, missed.cause) == (OLENA, Cause.NO_ANSWER)
    talk = await house.fact(CallConnected)
    assert talk.operator == TARAS
    assert talk.at - missed.at < 1.0 + house.stood_still(missed.at, talk.at)
    await olena.wait_for(Kind.CLOSED, since=seen, within=AT_ONCE)
    await house.hears(house.phones["702"], CALLERS["caller1"])


async def test_busy(house: House) -> None:
    await house.operator(OLENA, Answer.BUSY)
    await house.operator(TARAS)
    await (await house.phone("caller1")).dial("200")
    missed = await house.fact(OfferMissed)
    assert (missed.operator, missed.cause) == (OLENA, Cause.BUSY)
    assert (await house.fact(CallConnected)).operator == TARAS


async def test_rejected_by_hand(house: House) -> None:
    """baresip declines with 486 as well: what its operator does by hand looks like a busy phone."""
    olena = await house.operator(OLENA, Answer.BY_HAND)
    caller, seen = await house.phone("caller1"), len(olena.events)
    await caller.dial("200")
    await olena.wait_for(Kind.INCOMING, since=seen)
    await olena.reject()
    missed = await house.fact(OfferMissed)
    assert missed.cause in (Cause.REJECTED, Cause.BUSY)
    olena.answer = Answer.BY_HEADER
    assert (await house.fact(CallConnected)).operator == OLENA


async def test_a_phone_that_is_not_registered_is_not_called_and_back_by_itself(house: House) -> None:
    olena = await house.operator(OLENA)
    await olena.unregister()
    await house.until(lambda: not house.view_of(OLENA).reachable, what="unreachable")
    await house.operator(TARAS, Answer.BY_HAND)
    caller = await house.phone("caller1")
    await caller.dial("200")
    offered = await house.fact(CallOffered)
    assert offered.operator == TARAS
    await olena.register()
    assert (await house.fact(CallConnected)).operator == OLENA


async def test_a_phone_that_vanished_is_missed_once_and_the_caller_goes_on(house: House) -> None:
    """Killed without a word: still registered for Asterisk, it answers nothing."""
    olena = await house.operator(OLENA)
    await house.operator(TARAS)
    await olena.vanish()
    await (await house.phone("caller1")).dial("200")
    missed = await house.fact(OfferMissed)
    assert missed.operator == OLENA
    assert (await house.fact(CallConnected)).operator == TARAS
    await house.operator(OLENA)


async def test_gone_in_the_menu(house: House) -> None:
    caller = await house.phone("caller1")
    await caller.dial("100")
    await house.hears(caller, MENU, 0.2)
    await caller.hang_up()
    await house.until(lambda: not len(house.running.desk), AT_ONCE, "task ends")
    assert not house.seen(CallEntered)


async def test_gone_while_waiting(house: House) -> None:
    await house.operator(OLENA)
    service = house.running.service
    await service.ask(BreakChosen(at=service.now(), operator=OLENA, reason="pause"))
    caller = await house.phone("caller1")
    await caller.dial("200")
    await house.hears(caller, MUSIC)
    await caller.hang_up()
    left = await house.fact(CallLeft, within=AT_ONCE)
    assert left.reason is LeaveReason.HUNG_UP


async def test_gone_while_ringing(house: House) -> None:
    olena = await house.operator(OLENA, Answer.BY_HAND)
    caller, seen = await house.phone("caller1"), len(olena.events)
    await caller.dial(BY_HAND)
    await olena.wait_for(Kind.INCOMING, since=seen)
    await caller.hang_up()
    await house.fact(OfferWithdrawn, within=AT_ONCE)
    await olena.wait_for(Kind.CLOSED, since=seen, within=AT_ONCE)
    assert house.view_of(OLENA).activity == "idle"


async def test_gone_during_the_whisper(house: House) -> None:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    seen = len(olena.events)
    await caller.dial("210")
    await house.fact(OfferAnswered)
    await caller.hang_up()
    await house.fact(CallLeft, within=AT_ONCE)
    await olena.wait_for(Kind.CLOSED, since=seen, within=AT_ONCE)
    assert not house.seen(CallConnected)
    assert house.view_of(OLENA).activity == "idle"


async def test_the_operator_hangs_up_during_the_whisper(house: House) -> None:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    await caller.dial("210")
    await house.fact(OfferAnswered)
    await olena.hang_up()
    missed = await house.fact(OfferMissed)
    assert missed.cause is Cause.LEG_LOST
    talk = await house.fact(CallConnected)
    assert talk.call == missed.call


async def test_gone_at_the_moment_of_the_answer(house: House) -> None:
    olena = await house.operator(OLENA, Answer.BY_HAND)
    caller, seen = await house.phone("caller1"), len(olena.events)
    await caller.dial(BY_HAND)
    await olena.wait_for(Kind.INCOMING, since=seen)
    await asyncio.gather(olena.accept(), caller.hang_up())
    await house.until(lambda: house.seen(CallLeft) or house.seen(CallCompleted), AT_ONCE, "the call is over")
    await olena.wait_for(Kind.CLOSED, since=seen, within=AT_ONCE)
    await house.until(lambda: house.view_of(OLENA).activity == "idle", what="the operator is free")
    assert not house.running.service.view().calls


async def test_gone_in_the_talk(house: House) -> None:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    await caller.dial("200")
    await house.hears(olena, CALLERS["caller1"])
    await caller.vanish()
    await olena.hang_up()
    done = await house.fact(CallCompleted)
    assert done.by is Ended.OPERATOR


async def test_a_fault_of_ours_does_not_drop_the_caller(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session breaks; Asterisk plays music, comes back, and the call goes on."""
    await house.operator(OLENA)
    enter, broken = QueueStay._enter, []

    def fail_once(stay: QueueStay) -> None:
        if not broken:
            broken.append(stay)
            raise RuntimeError("a fault on purpose")
        enter(stay)

    monkeypatch.setattr(QueueStay, "_enter", fail_once)
    caller = await house.phone("caller1")
    await caller.dial("200")
    await house.fact(CallConnected, within=10)
    await house.hears(house.phones["701"], CALLERS["caller1"])


async def test_the_link_to_asterisk_breaks_under_a_talk_and_a_waiting_call(house: House) -> None:
    olena = await house.operator(OLENA)
    first, second = await house.phone("caller1"), await house.phone("caller2")
    await first.dial("200")
    await house.fact(CallConnected)
    await second.dial("200")
    await house.fact(CallEntered, count=2)
    listed = await house.asterisk.cli("manager show connected")
    number = next(line.split()[4] for line in listed.splitlines() if line.split()[:1] == ["dzvin"])
    await house.asterisk.cli(f"manager kick session {number}")
    await olena.hang_up()
    await house.fact(CallCompleted)
    await house.fact(CallConnected, count=2)
    await house.hears(olena, CALLERS["caller2"])
    assert house.running.ami.ready
