"""Call-backs on a real Asterisk: whoever is called first, whatever becomes of it, and a server that dies."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.core.facts import CallConnected, CallOffered, OfferMissed
from acd.core.work import Reach, WorkEnd
from acd.core.work_facts import (
    CallerReturned,
    CustomerDialled,
    CustomerTried,
    CustomerWaits,
    WorkClosed,
    WorkMade,
)
from ivr.softphone.phone import Answer, Kind, Softphone
from tests.calls.earshot import earshot
from tests.calls.house import hang_up
from tests.calls.promising import (
    CONFIRM,
    MENU,
    OLENA,
    OTHER,
    PROMISED,
    TARAS,
    TITLE,
    VOICES,
    PromisingHouse,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPERATOR_FIRST, CUSTOMER_FIRST = "110", "120"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PromisingHouse]:
    folder: Path = tmp_path_factory.mktemp("call-backs")
    house = PromisingHouse(folder)
    try:
        await house.start()
        await house.hurry()
        yield house
    finally:
        await house.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def house(built: PromisingHouse) -> AsyncIterator[PromisingHouse]:
    yield built
    await built.settle_everything()


async def promise(house: PromisingHouse, name: str, line: str = OPERATOR_FIRST) -> Softphone:
    """The customer calls, confirms the number, and hangs up."""
    phone = await house.person(name)
    seen, heard = len(phone.events), len(phone.recordings())
    await phone.dial(line)
    await phone.wait_for(Kind.ESTABLISHED, since=seen)
    await house.until(lambda: len(phone.recordings()) > heard, what=f"{name} hears something")
    async with earshot(phone.heard()) as ear:
        await ear.hears(OTHER)  # the question: before it nothing listens to keys yet
        await phone.press("1")
        await ear.hears(PROMISED)
    await hang_up(phone)
    await house.until(lambda: not phone.talking, what="the line is free")
    return phone


async def is_called(house: PromisingHouse, phone: Softphone, key: str = "", *, again: bool = False) -> None:
    """The customer picks up, hears the question (`again`: once more, from now on) and presses the key."""
    await house.until(lambda: phone.talking, 15, f"{phone.name} was called and has picked up")
    async with earshot(phone.heard()) as ear:
        if again:
            ear.mark()
        await ear.hears(CONFIRM)
        if key:
            await phone.press(key)


async def talk(house: PromisingHouse, customer: Softphone, operator: Softphone) -> None:
    """They hear each other, from now on."""
    async with earshot(customer.heard()) as theirs, earshot(operator.heard()) as ours:
        theirs.mark()
        ours.mark()
        await theirs.hears(VOICES[operator.name], 0.4)
        await ours.hears(VOICES[customer.name], 0.4)


def reaches(house: PromisingHouse) -> list[Reach]:
    return [fact.reach for fact in house.seen(CustomerTried)]


async def test_operator_first_from_the_promise_to_the_talk(house: PromisingHouse) -> None:
    customer = await promise(house, "711")
    made = await house.fact(WorkMade)
    assert (made.caller, made.queue) == ("711", "claims")
    olena = await house.at_work(OLENA)
    seen = len(olena.events)
    await house.until(lambda: olena.talking, 8, "the operator's phone was called")
    async with earshot(olena.heard()) as ear:
        await ear.hears(TITLE)
    await is_called(house, customer, "1")
    await talk(house, customer, olena)
    closed = await house.fact(WorkClosed)
    assert (closed.end, closed.operator, closed.kept) == (WorkEnd.CALLED_BACK, OLENA, True)
    await hang_up(customer)
    await olena.wait_for(Kind.CLOSED, since=seen)
    assert reaches(house) == [Reach.TALKED]


async def test_operator_first_busy_no_answer_machine_then_by_hand(house: PromisingHouse) -> None:
    """Each has its rule; after the attempts an operator decides, and calls once more by a key."""
    customer = await promise(house, "712")
    customer.answer = Answer.BUSY
    olena = await house.at_work(OLENA)
    await house.until(lambda: reaches(house) == [Reach.BUSY], 15, "busy")
    customer.answer = Answer.BY_HAND
    await house.until(lambda: len(reaches(house)) == 2, 25, "no answer")
    customer.answer = Answer.AT_ONCE
    await is_called(house, customer)
    await house.until(lambda: len(reaches(house)) == 3, 25, "nobody presses a key")
    assert reaches(house) == [Reach.BUSY, Reach.NO_ANSWER, Reach.MACHINE]
    async with earshot(olena.heard()) as ear:
        ear.mark()  # the preview of this call has told of the menu before
        await ear.hears(MENU)
    await olena.press("5")
    await is_called(house, customer, "1")
    await talk(house, customer, olena)
    await hang_up(customer)
    await hang_up(olena)
    assert (await house.fact(WorkClosed)).end is WorkEnd.CALLED_BACK
    assert reaches(house)[3:] == [Reach.TALKED]


async def test_a_wrong_person_ends_it(house: PromisingHouse) -> None:
    customer = await promise(house, "713")
    await house.at_work(OLENA)
    await is_called(house, customer, "2")
    assert (await house.fact(WorkClosed)).end is WorkEnd.WRONG_PERSON
    assert reaches(house) == [Reach.WRONG_PERSON]


async def test_it_is_cancelled_when_the_person_calls_in_and_gets_the_place(house: PromisingHouse) -> None:
    customer = await promise(house, "714")
    made = await house.fact(WorkMade)
    await customer.dial("130")
    returned = await house.fact(CallerReturned)
    assert returned.work == made.work
    olena = await house.at_work(OLENA)
    connected = await house.fact(CallConnected)
    assert connected.call == returned.call
    await talk(house, customer, olena)
    closed = await house.fact(WorkClosed)
    assert closed.end is WorkEnd.GOT_THROUGH
    await hang_up(customer)
    assert not reaches(house)


async def test_an_operator_who_is_gone_before_the_answer_loses_nothing(house: PromisingHouse) -> None:
    customer = await promise(house, "715")
    olena = await house.at_work(OLENA, Answer.BY_HAND)
    await house.fact(CallOffered, operator=OLENA)
    await olena.unregister()
    await house.fact(OfferMissed, operator=OLENA)
    taras = await house.at_work(TARAS)
    await is_called(house, customer, "1")
    await talk(house, customer, taras)
    assert (await house.fact(WorkClosed)).operator == TARAS
    await hang_up(customer)
    await olena.register()


async def test_customer_first_waits_in_the_kept_place_and_talks(house: PromisingHouse) -> None:
    customer = await promise(house, "711", CUSTOMER_FIRST)
    olena = await house.at_work(OLENA)
    await is_called(house, customer, "1")
    waits = await house.fact(CustomerWaits)
    connected = await house.fact(CallConnected)
    assert connected.call == waits.call
    await talk(house, customer, olena)
    await hang_up(customer)
    closed = await house.fact(WorkClosed)
    assert (closed.end, closed.operator) == (WorkEnd.CALLED_BACK, OLENA)
    assert len(house.seen(CustomerDialled)) == 1
    assert reaches(house) == [Reach.TALKED]


async def test_customer_first_busy_no_answer_and_a_machine_are_tried_again(house: PromisingHouse) -> None:
    customer = await promise(house, "712", CUSTOMER_FIRST)
    customer.answer = Answer.BUSY
    olena = await house.at_work(OLENA)
    await house.until(lambda: reaches(house) == [Reach.BUSY], 15, "busy")
    customer.answer = Answer.BY_HAND
    await house.until(lambda: len(reaches(house)) == 2, 25, "no answer")
    customer.answer = Answer.AT_ONCE
    await is_called(house, customer)
    await house.until(lambda: len(reaches(house)) == 3, 25, "nobody presses a key")
    assert reaches(house) == [Reach.BUSY, Reach.NO_ANSWER, Reach.MACHINE]
    assert not house.seen(CallConnected, call=house.seen(CustomerDialled)[-1].call)
    await house.until(lambda: olena.talking, 15, "an operator decides")
    async with earshot(olena.heard()) as ear:
        await ear.hears(TITLE)  # before it nothing listens to keys yet
    await olena.press("60")
    assert (await house.fact(WorkClosed)).end is WorkEnd.HANDLED


async def test_customer_first_wrong_person_is_never_connected(house: PromisingHouse) -> None:
    customer = await promise(house, "713", CUSTOMER_FIRST)
    await house.at_work(OLENA)
    await is_called(house, customer, "2")
    assert (await house.fact(WorkClosed)).end is WorkEnd.WRONG_PERSON
    assert not house.seen(CallOffered)


@pytest_asyncio.fixture(loop_scope="module")
async def killed(tmp_path: Path) -> AsyncIterator[PromisingHouse]:
    """With its server in a process of its own."""
    house = PromisingHouse(tmp_path)
    try:
        await house.asterisk.start()
        await house.start_process()
        await house.until_up()
        yield house
    finally:
        await house.stop()


async def kill_and_start(house: PromisingHouse) -> None:
    await house.kill_process()
    await house.start_process()
    await house.until_up()


async def logs_in(house: PromisingHouse) -> Softphone:
    olena = await house.person("701")
    seen = len(olena.events)
    await olena.dial("*10")
    await olena.wait_for(Kind.CLOSED, since=seen)
    return olena


def calls_of(phone: Softphone) -> int:
    """How often the phone was called."""
    return sum(event.kind is Kind.INCOMING for event in phone.events)


async def done_once(house: PromisingHouse) -> None:
    """One promise, one talk, one end: in the journal of all servers together."""
    await house.until_journalled(WorkClosed, 1)
    assert len(await house.journalled(WorkMade)) == 1
    assert [fact.reach for fact in await house.journalled(CustomerTried)] == [Reach.TALKED]
    (closed,) = await house.journalled(WorkClosed)
    assert (closed.end, closed.kept, closed.operator) == (WorkEnd.CALLED_BACK, True, OLENA)


async def test_killed_while_it_waits_while_the_phone_rings_and_during_the_talk(
    killed: PromisingHouse,
) -> None:
    house = killed
    customer = await promise(house, "711", "150")
    await house.until_journalled(WorkMade, 1)
    await kill_and_start(house)

    customer.answer = Answer.BY_HAND
    olena = await logs_in(house)
    await house.until(lambda: calls_of(customer) == 1, 15, "the customer's phone rings")
    await kill_and_start(house)
    await customer.accept()
    await is_called(house, customer, "1")
    await talk(house, customer, olena)
    await house.until_journalled(WorkClosed, 1)

    await house.kill_process()
    await talk(house, customer, olena)  # it goes on
    await house.start_process()
    await house.until_up()
    await talk(house, customer, olena)
    await hang_up(customer)
    await olena.wait_for(Kind.CLOSED, since=len(olena.events) - 1, within=15)
    await done_once(house)
    assert calls_of(customer) == 1


async def test_customer_first_killed_while_the_phone_rings_and_while_the_customer_is_asked(
    killed: PromisingHouse,
) -> None:
    house = killed
    customer = await promise(house, "712", "160")
    customer.answer = Answer.BY_HAND
    olena = await logs_in(house)
    await house.until(lambda: calls_of(customer) == 1, 15, "the customer's phone rings")
    await kill_and_start(house)
    await customer.accept()
    await is_called(house, customer)
    await kill_and_start(house)
    await is_called(house, customer, "1", again=True)
    await talk(house, customer, olena)
    await hang_up(customer)
    await done_once(house)
    assert calls_of(customer) == 1
