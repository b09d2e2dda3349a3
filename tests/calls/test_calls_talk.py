"""A caller reaches an operator: by keys through the menu, both hear each other, either side hangs up."""

import pytest

from acd.core.facts import CallCompleted, CallConnected, CallEntered, OfferAnswered, OfferRang, OperatorFreed
from acd.core.words import Ended
from ivr.softphone.phone import Answer, Kind
from tests.calls.house import CALLERS, MENU, MUSIC, OLENA, OPERATORS, THANKS, House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_menu_queue_talk_and_the_operator_hangs_up(house: House) -> None:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    await caller.dial("100")
    await house.hears(caller, MENU, 0.2)
    await caller.press("1")
    talk = await house.fact(CallConnected)
    assert talk.operator == OLENA
    assert talk.took_for < 3.0
    await house.hears(olena, CALLERS["caller1"])
    await house.hears(caller, OPERATORS["701"])
    await olena.hang_up()
    done = await house.fact(CallCompleted)
    assert done.by is Ended.OPERATOR
    await house.hears(caller, THANKS)
    await caller.wait_for(Kind.CLOSED)
    await house.fact(OperatorFreed, operator=OLENA)


async def test_the_caller_hangs_up(house: House) -> None:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    await caller.dial("200")
    await house.fact(CallConnected)
    await house.hears(olena, CALLERS["caller1"])
    seen = len(olena.events)
    await caller.hang_up()
    done = await house.fact(CallCompleted)
    assert done.by is Ended.CALLER
    await olena.wait_for(Kind.CLOSED, since=seen, within=2)
    assert not house.running.control.legs.of_offer(done.offer)
