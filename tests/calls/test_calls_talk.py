"""A caller reaches an operator: by keys through the menu, both hear each other, either side hangs up."""

import asyncio

import pytest

from acd.core.facts import (
    CallCompleted,
    CallConnected,
    CallEntered,
    CallOffered,
    OfferAnswered,
    OfferRang,
    OperatorFreed,
    WrapUpStarted,
)
from acd.core.words import Ended
from ivr.softphone.phone import Answer, Kind
from tests import sound
from tests.calls.house import (
    AT_ONCE,
    CALLERS,
    MENU,
    MUSIC,
    NEWS,
    OLENA,
    OPERATORS,
    TARAS,
    THANKS,
    WHISPER,
    WHISPER_FOR,
    WRAP_UP_FOR,
    House,
    hang_up,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_menu_queue_talk_and_the_operator_hangs_up(house: House) -> None:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    seen = len(caller.events)
    await caller.dial("100")
    await house.hears(caller, MENU, 0.2)
    await caller.press("1")
    talk = await house.fact(CallConnected)
    assert talk.operator == OLENA
    assert talk.took_for - house.stood_still(talk.at - talk.took_for, talk.at) < 3.0
    await house.hears(olena, CALLERS["caller1"])
    await house.hears(caller, OPERATORS["701"])
    await olena.hang_up()
    done = await house.fact(CallCompleted)
    assert done.by is Ended.OPERATOR
    await house.hears(caller, THANKS)
    await caller.wait_for(Kind.CLOSED, since=seen)
    await house.fact(OperatorFreed, operator=OLENA)


async def test_the_caller_hangs_up(house: House) -> None:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    seen = len(olena.events)
    await caller.dial("200")
    await house.fact(CallConnected)
    await house.hears(olena, CALLERS["caller1"])
    await caller.hang_up()
    done = await house.fact(CallCompleted)
    assert done.by is Ended.CALLER
    await olena.wait_for(Kind.CLOSED, since=seen, within=AT_ONCE)
    await house.until(lambda: not house.running.control.legs.of_offer(done.offer), AT_ONCE, "leg forgotten")


async def test_the_facts_tell_the_story_in_order(house: House) -> None:
    await house.operator(OLENA)
    caller = await house.phone("caller1")
    house.facts.clear()
    await caller.dial("200")
    await house.fact(CallConnected)
    await caller.hang_up()
    await house.fact(OperatorFreed)
    told = [type(fact) for fact in house.facts]
    assert told == [
        CallEntered,
        CallOffered,
        OfferRang,
        OfferAnswered,
        CallConnected,
        CallCompleted,
        WrapUpStarted,
        OperatorFreed,
    ]
    assert [fact.at for fact in house.facts] == sorted(fact.at for fact in house.facts)


async def test_two_callers_one_operator_the_second_follows_after_the_wrap_up(house: House) -> None:
    olena = await house.operator(OLENA)
    first, second = await house.phone("caller1"), await house.phone("caller2")
    await first.dial("200")
    talk = await house.fact(CallConnected)
    await second.dial("200")
    await house.fact(CallEntered, count=2)
    await house.hears(second, MUSIC)
    await olena.hang_up()
    done = await house.fact(CallCompleted)
    following = await house.fact(CallConnected, count=2)
    assert following.call != talk.call
    due = done.at + WRAP_UP_FOR
    assert 0 <= following.at - due < 0.5 + house.stood_still(due, following.at)
    await house.hears(olena, CALLERS["caller2"])
    assert sound.heard_for(olena.heard(), CALLERS["caller1"]) == 0
    assert following.took_for < 1.0 + house.stood_still(due, following.at)


async def test_one_caller_two_operators_the_one_idle_longest_answers(house: House) -> None:
    olena = await house.operator(OLENA)
    await house.operator(TARAS)
    caller = await house.phone("caller1")
    seen = len(caller.events)
    await caller.dial("200")
    first = await house.fact(CallConnected)
    assert first.operator == OLENA
    await olena.hang_up()
    await house.fact(CallCompleted)
    await caller.wait_for(Kind.CLOSED, since=seen)
    await house.fact(OperatorFreed, operator=OLENA)
    await caller.dial("200")
    second = await house.fact(CallConnected, count=2)
    assert second.operator == TARAS
    await house.hears(house.phones["702"], CALLERS["caller1"])


async def test_two_callers_two_operators_at_the_same_time(house: House) -> None:
    olena, taras = await house.operator(OLENA), await house.operator(TARAS)
    first, second = await house.phone("caller1"), await house.phone("caller2")
    await asyncio.gather(first.dial("200"), second.dial("200"))
    await house.fact(CallConnected, count=2)
    await house.until(
        lambda: (
            {
                hz
                for hz in (CALLERS["caller1"], CALLERS["caller2"])
                for p in (olena, taras)
                if house.heard_for(p, hz)
            }
            == {CALLERS["caller1"], CALLERS["caller2"]}
        ),
        what="each operator hears one caller",
    )


async def test_the_whisper_is_heard_by_the_operator_only_and_before_the_caller(house: House) -> None:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    await caller.dial("210")
    talk = await house.fact(CallConnected)
    answered = house.seen(OfferAnswered)[0]
    late = talk.at - answered.at - WHISPER_FOR
    assert -0.2 < late < 1.0 + house.stood_still(answered.at, talk.at)
    await house.hears(olena, WHISPER, 0.6)
    await house.hears(olena, CALLERS["caller1"])
    await house.hears(caller, OPERATORS["701"])
    assert house.heard_for(caller, WHISPER) == 0
    assert house.heard_for(caller, MUSIC) > 0.4


async def test_an_announcement_is_cut_short_by_the_answer(house: House) -> None:
    olena = await house.operator(OLENA, Answer.BY_HAND)
    caller = await house.phone("caller1")
    seen = len(olena.events)
    await caller.dial("220")
    await olena.wait_for(Kind.INCOMING, since=seen)
    await house.hears(caller, NEWS, 0.6)
    await olena.accept()
    talk = await house.fact(CallConnected)
    answered = house.seen(OfferAnswered)[0]
    assert talk.at - answered.at < 0.3 + house.stood_still(answered.at, talk.at)
    await house.hears(caller, OPERATORS["701"])
    assert house.heard_for(caller, NEWS) < 6.0
    await hang_up(caller)
    await house.fact(CallCompleted)
