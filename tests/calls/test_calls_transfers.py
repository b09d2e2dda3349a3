"""What operators do with a caller at their own phone: hold, and passing the call on."""

import pytest

from acd.core.facts import CallCompleted, CallConnected
from ivr.softphone.phone import Answer, Kind, Softphone
from tests.calls.house import CALLERS, MUSIC, OLENA, OPERATORS, THANKS, House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def talking(house: House) -> tuple[Softphone, Softphone]:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    await caller.dial("200")
    await house.fact(CallConnected)
    await house.hears(caller, OPERATORS["701"])
    return olena, caller


async def test_hold_and_back(house: House) -> None:
    """The caller hears music; the operator stays in the talk, and is heard again afterwards."""
    olena, caller = await talking(house)
    music = house.heard_for(caller, MUSIC)
    await olena._control.command("hold")
    await house.until(lambda: house.heard_for(caller, MUSIC) > music + 0.5, what="music")
    assert house.view_of(OLENA).activity == "talking"
    heard = house.heard_for(caller, OPERATORS["701"])
    await olena._control.command("resume")
    await house.until(lambda: house.heard_for(caller, OPERATORS["701"]) > heard + 0.5, what="heard again")
    assert not house.seen(CallCompleted)
    await caller.hang_up()
    await house.fact(CallCompleted)


async def test_a_caller_passed_on_by_the_phone_leaves_the_operator_free(house: House) -> None:
    """A blind transfer to a line: the operator is free, the caller's call goes on as a new one there."""
    olena, caller = await talking(house)
    taras = await house.phone("702", Answer.AT_ONCE)
    seen = len(olena.events)
    await olena._control.command("transfer", f"sip:250@127.0.0.1:{house.settings.sip_port}")
    await house.fact(CallCompleted)
    await olena.wait_for(Kind.CLOSED, since=seen)
    await house.until(lambda: house.view_of(OLENA).activity == "idle", what="olena is free")
    await house.hears(taras, CALLERS["caller1"])
    await house.hears(caller, OPERATORS["702"])
    assert not house.heard_for(caller, THANKS)
    await caller.hang_up()
