"""Operators act by codes from their own phones, and hear what came of it."""

import pytest

from acd.core.facts import (
    CallCompleted,
    CallConnected,
    NextStatusChosen,
    OperatorFreed,
    StatusChanged,
    WrapUpStarted,
)
from ivr.softphone.phone import Answer, Kind, Softphone
from tests.calls.house import BY_HAND, CODE, OLENA, OPERATORS, House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def dial_code(house: House, phone: Softphone, code: str) -> None:
    """Returns when the confirmation was heard and the server has hung up."""
    await house.until(lambda: not phone.talking, what="the phone is on the hook")
    seen, heard = len(phone.events), house.heard_for(phone, CODE)
    await phone.dial(code)
    await phone.wait_for(Kind.CLOSED, since=seen)
    assert house.heard_for(phone, CODE) > heard + 0.3


async def test_log_in_break_ready_and_log_out(house: House) -> None:
    olena = await house.phone("701")
    steps = [
        ("*10", "available", ""),
        ("*132", "on break", "pause"),
        ("*12", "available", ""),
        ("*11", "logged out", ""),
    ]
    for code, status, reason in steps:
        house.facts.clear()
        await dial_code(house, olena, code)
        changed = house.seen(StatusChanged, operator=OLENA)
        assert [(fact.status, fact.reason) for fact in changed] == [(status, reason)]


async def test_refused_and_unknown_codes_change_nothing(house: House) -> None:
    olena = await house.phone("701")
    house.facts.clear()
    for code in ("*11", "*12", "*139", "*99", "*14"):
        await dial_code(house, olena, code)
    assert not house.seen(StatusChanged)


async def test_a_callers_phone_has_no_codes(house: House) -> None:
    caller = await house.phone("caller1")
    house.facts.clear()
    seen = len(caller.events)
    await caller.dial("*10")
    await caller.wait_for(Kind.CLOSED, since=seen)
    assert not house.facts


async def test_next_status_chosen_in_wrap_up_and_wrap_up_ended_early(house: House) -> None:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    for code, status in (("*151", "on break"), ("*150", "logged out")):
        house.facts.clear()
        await house.operator(OLENA)
        seen = len(olena.events)
        await caller.dial(BY_HAND)
        await house.fact(CallConnected)
        await caller.hang_up()
        await olena.wait_for(Kind.CLOSED, since=seen)
        await house.fact(WrapUpStarted)
        await dial_code(house, olena, code)
        assert house.seen(NextStatusChosen)[0].status == status
        changed = await house.fact(StatusChanged, within=20, status=status)
        assert changed.at >= house.seen(CallCompleted)[0].at
        await dial_code(house, olena, "*10" if status == "logged out" else "*12")


async def test_wrap_up_prolonged_then_ended_by_ready(house: House) -> None:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    seen = len(olena.events)
    await caller.dial(BY_HAND)
    await house.fact(CallConnected)
    await caller.hang_up()
    await olena.wait_for(Kind.CLOSED, since=seen)
    started = await house.fact(WrapUpStarted)
    await dial_code(house, olena, "*14")
    assert house.view_of(OLENA).until > started.until + 50
    await dial_code(house, olena, "*12")
    freed = await house.fact(OperatorFreed)
    assert freed.at < started.until + 50


async def test_the_test_call_echoes(house: House) -> None:
    olena = await house.phone("701", Answer.BY_HAND)
    await olena.dial("*16")
    await house.hears(olena, CODE, 0.3)
    await house.hears(olena, OPERATORS["701"])
    await olena.hang_up()
