"""What phones do beside the queues, and callers whom the centre knows already."""

from pathlib import Path

import pytest

from acd.core.events import BreakChosen, OperatorLoggedOut, OperatorReady
from acd.core.facts import (
    CallConnected,
    CallEntered,
    CallLeft,
    CallOffered,
    OfferMissed,
    ReachabilityChanged,
    StatusChanged,
)
from acd.core.words import Cause, OperatorId
from ivr.softphone.phone import Answer, Kind, Softphone
from tests.calls.house import BY_HAND, CALLERS, MUSIC, OLENA, OPERATORS, TARAS, House, hang_up

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def on_break(house: House, operator: OperatorId) -> None:
    service = house.running.service
    outcome = await service.ask(BreakChosen(at=service.now(), operator=operator, reason="pause"))
    assert outcome.refusal is None


async def ready(house: House, operator: OperatorId) -> None:
    service = house.running.service
    assert (await service.ask(OperatorReady(at=service.now(), operator=operator))).refusal is None


async def test_ready_by_code_beside_a_waiting_caller(house: House) -> None:
    """The call to the code gives way: the phone has one call only, the caller's."""
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    await on_break(house, OLENA)
    await caller.dial("200")
    await house.hears(caller, MUSIC)
    house.facts.clear()
    seen = len(olena.events)
    await olena.dial("*12")
    changed = await house.fact(StatusChanged)
    talk = await house.fact(CallConnected)
    assert talk.at - changed.at < 1.0 + house.stood_still(changed.at, talk.at)
    kinds = [event.kind for event in olena.events[seen:]]
    assert kinds.index(Kind.CLOSED) < kinds.index(Kind.INCOMING)
    assert not house.seen(OfferMissed)
    await house.hears(olena, CALLERS["caller1"])
    await house.hears(caller, OPERATORS["701"])


async def test_an_operator_in_a_call_of_their_own_is_not_disturbed(house: House) -> None:
    """Both ends of a call between two operators' phones are busy; afterwards the caller is put through."""
    olena, taras = await house.operator(OLENA), await house.operator(TARAS, Answer.AT_ONCE)
    await on_break(house, TARAS)
    await olena.dial("250")
    await house.hears(taras, OPERATORS["701"])
    seen = len(olena.events), len(taras.events)
    await ready(house, TARAS)
    caller = await house.phone("caller1")
    await caller.dial("200")
    await house.fact(OfferMissed, count=2)
    missed = {fact.operator: fact.cause for fact in house.seen(OfferMissed)}
    assert missed == {OLENA: Cause.BUSY, TARAS: Cause.BUSY}
    await house.hears(caller, MUSIC)
    assert (olena.talking, taras.talking) == (True, True)
    assert all(event.kind is not Kind.INCOMING for event in olena.events[seen[0] :] + taras.events[seen[1] :])
    await olena.hang_up()
    await house.fact(CallConnected)


async def test_a_phone_at_two_places_is_reachable_all_the_time(house: House, tmp_path: Path) -> None:
    """The second registration takes the place of the first; calls go where the phone is now."""
    await house.operator(OLENA)
    house.facts.clear()
    password = house.phones["701"]._password
    second = Softphone("701", password, house.settings.sip_port, tmp_path / "second", OPERATORS["701"])
    async with second:
        await second.register()
        caller = await house.phone("caller1")
        await caller.dial("200")
        await house.fact(CallConnected)
        await house.hears(second, CALLERS["caller1"])
        assert not house.seen(OfferMissed)
        assert not house.seen(ReachabilityChanged, reachable=False)
        await caller.hang_up()
        await second.wait_for(Kind.CLOSED)
    await house.until(lambda: not house.view_of(OLENA).reachable, 15, "the second place is gone")
    await house.phones["701"].unregister()
    await house.phones["701"].register()
    await house.until(lambda: house.view_of(OLENA).reachable, what="back at the first place")


async def test_the_last_operator_first(house: House) -> None:
    await house.operator(OLENA)
    caller = await house.phone("caller1")
    await caller.dial("260")
    assert (await house.fact(CallConnected)).operator == OLENA
    await house.operator(TARAS)
    await caller.hang_up()
    await house.until(lambda: house.view_of(OLENA).activity == "idle", what="olena free")
    await caller.dial("260")
    again = await house.fact(CallOffered, count=2)
    assert (again.operator, again.chosen_for) == (OLENA, "last operator")
    await house.fact(CallConnected, count=2)
    other = await house.phone("caller2")
    await other.dial("260")
    assert (await house.fact(CallConnected, count=3)).operator == TARAS


async def test_a_dropped_line_gets_its_place_back(house: House) -> None:
    await house.operator(OLENA)
    await on_break(house, OLENA)
    first, second = await house.phone("caller1"), await house.phone("caller2")
    await first.dial("260")
    dropped = await house.fact(CallEntered)
    await second.dial("260")
    await house.fact(CallEntered, count=2)
    await first.hang_up()
    await house.fact(CallLeft)
    await first.dial("260")
    back = await house.fact(CallEntered, count=3)
    assert (back.place_of, back.waiting_since) == (dropped.call, dropped.at)
    await ready(house, OLENA)
    assert (await house.fact(CallConnected)).call == back.call
    await hang_up(second)


async def test_skills_relax_while_the_caller_waits(house: House) -> None:
    """Taras is good enough after 5 s only; Olena, who would be at once, has gone."""
    olena, _ = await house.operator(OLENA), await house.operator(TARAS)
    service = house.running.service
    await service.ask(OperatorLoggedOut(at=service.now(), operator=OLENA))
    caller, seen = await house.phone("caller1"), len(olena.events)
    await caller.dial("270")
    talk = await house.fact(CallConnected)
    offered = house.seen(CallOffered)[0]
    assert (talk.operator, len(house.seen(CallOffered))) == (TARAS, 1)
    due = talk.at - talk.took_for
    stood_still = house.stood_still(due, talk.at)
    assert 5.0 <= offered.waited_for < 5.3 + stood_still
    assert talk.took_for < 1.0 + stood_still, "the pair exists since the skills relaxed"
    assert not olena.events[seen:]


async def test_logged_out_in_the_moment_of_the_offer(house: House) -> None:
    """The phone rings already: the call in hand is taken, and after it the operator is gone."""
    olena, caller = await house.operator(OLENA, Answer.BY_HAND), await house.phone("caller1")
    seen = len(olena.events)
    await caller.dial(BY_HAND)
    await house.fact(CallOffered)
    service = house.running.service
    await service.ask(OperatorLoggedOut(at=service.now(), operator=OLENA))
    await olena.wait_for(Kind.INCOMING, since=seen)
    await olena.accept()
    await house.fact(CallConnected)
    await caller.hang_up()
    await house.fact(StatusChanged, operator=OLENA, status="logged out")
    assert len(house.seen(CallOffered)) == 1


async def test_a_phone_that_is_restarted_sends_nobody_away_who_waits_for_it(house: House) -> None:
    """The only operator's softphone is closed and opened again: the caller waits on and is put through."""
    olena = await house.operator(OLENA, Answer.BY_HAND)
    caller = await house.phone("caller1")
    await olena.stop()
    await house.until(lambda: not house.view_of(OLENA).reachable, what="gone")
    await caller.dial("270")
    entered = await house.fact(CallEntered)
    await house.hears(caller, MUSIC)
    assert not house.seen(CallLeft)
    await house.phone("701")
    assert (await house.fact(CallConnected)).call == entered.call
