"""The edges out of a queue, keys while waiting, transfers."""

import pytest

from acd.core.facts import CallConnected, CallEntered, CallLeft
from acd.core.words import LeaveReason
from ivr.softphone.phone import Answer, Kind
from tests.calls.house import AT_ONCE, BY_HAND, BYE, CALLERS, MENU, MUSIC, OLENA, OPERATORS, THANKS, House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_nobody_logged_in(house: House) -> None:
    caller = await house.phone("caller1")
    seen = len(caller.events)
    await caller.dial("200")
    left = await house.fact(CallLeft)
    assert left.reason is LeaveReason.NOBODY_LOGGED_IN
    await house.hears(caller, BYE)
    await caller.wait_for(Kind.CLOSED, since=seen)


async def test_the_queue_is_full(house: House) -> None:
    first, second = await house.phone("caller1"), await house.phone("caller2")
    await first.dial("230")
    await house.fact(CallEntered)
    await second.dial("230")
    left = await house.fact(CallLeft)
    assert left.reason is LeaveReason.QUEUE_FULL
    await house.hears(second, BYE)
    await house.hears(first, MUSIC)


async def test_waited_too_long(house: House) -> None:
    caller = await house.phone("caller1")
    await caller.dial("240")
    entered = await house.fact(CallEntered)
    left = await house.fact(CallLeft)
    assert left.reason is LeaveReason.WAITED_TOO_LONG
    due = entered.at + 5.0
    assert 0 <= left.at - due < 0.2 + house.stood_still(due, left.at)
    await house.hears(caller, BYE)


async def test_a_key_takes_the_caller_back_to_the_menu_and_in_again(house: House) -> None:
    olena = await house.operator(OLENA, Answer.BY_HAND)
    caller, seen = await house.phone("caller1"), len(olena.events)
    await caller.dial(BY_HAND)
    await olena.wait_for(Kind.INCOMING, since=seen)
    await caller.press("5*")
    left = await house.fact(CallLeft)
    assert left.reason is LeaveReason.CHOSE_TO_LEAVE
    await olena.wait_for(Kind.CLOSED, since=seen, within=AT_ONCE)
    await house.hears(caller, MENU, 0.2)
    olena.answer = Answer.BY_HEADER
    await caller.press("1")
    await house.fact(CallConnected)
    await house.hears(caller, OPERATORS["701"])


async def test_a_transfer_to_an_allowed_number(house: House) -> None:
    taras, caller = await house.phone("702", Answer.AT_ONCE), await house.phone("caller1")
    seen = len(caller.events)
    await caller.dial("250")
    await house.hears(taras, CALLERS["caller1"])
    await house.hears(caller, OPERATORS["702"])
    await taras.hang_up()
    await house.hears(caller, THANKS)
    await caller.wait_for(Kind.CLOSED, since=seen)


async def test_a_transfer_that_nobody_answers(house: House) -> None:
    await house.phone("702", Answer.BUSY)
    caller = await house.phone("caller1")
    seen = len(caller.events)
    await caller.dial("250")
    await house.hears(caller, BYE)
    await caller.wait_for(Kind.CLOSED, since=seen)


async def test_silence_in_the_menu_leads_to_an_operator(house: House) -> None:
    await house.operator(OLENA)
    caller = await house.phone("caller1")
    await caller.dial("100")
    talk = await house.fact(CallConnected, within=40)
    assert talk.operator == OLENA


async def test_a_number_nobody_knows(house: House) -> None:
    caller = await house.phone("caller1")
    seen = len(caller.events)
    await caller.dial("555")
    await house.hears(caller, BYE)
    await caller.wait_for(Kind.CLOSED, since=seen)
