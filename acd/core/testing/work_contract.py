"""What every switch must do with work items and customers, beside `switch_contract`.

@pytest.mark.parametrize("check", WORK_CHECKS)
async def test_my_switch(check: WorkCheck) -> None:
    async with my_switch() as sut:
        await check(sut)
"""

import itertools
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Protocol

from acd.core import commands as c
from acd.core import events as e
from acd.core.testing.switch_trial import (
    LONG_FOR,
    SOON_FOR,
    Manner,
    SwitchUnderTest,
    comes,
    count,
    ends_once,
    leg_is_gone,
    look,
    nothing_more,
    offer_numbers,
    perform,
    withdraw,
)
from acd.core.words import CallId, Ended, OfferId
from acd.core.work import Reach, WorkId, call_of
from acd.core.work_events import CustomerCalled, CustomerConfirmed

RING_FOR = 2.0
LATE_FOR = 5.0
"""So much after `until` it must be known at the latest that nobody answered."""
work_numbers = itertools.count(1000)


class CustomerManner(Enum):
    """What a customer's phone and person do with calls that come from now on."""

    CONFIRMS = "answers, says that the call is wanted, and stays"
    DENIES = "answers and did not ask for it"
    SILENT = "answers and presses nothing"
    RINGS = "does not answer"
    BUSY = "says that it is busy"


class WorkSwitchUnderTest(SwitchUnderTest, Protocol):
    """A switch in a small world with a customer beside the operators."""

    @property
    def customer(self) -> str:
        """The customer's number."""
        ...

    async def customer_will(self, manner: CustomerManner) -> None: ...

    async def work_comes(self) -> WorkId:
        """A work item of this customer, which an operator can be offered now."""
        ...


WorkCheck = Callable[[WorkSwitchUnderTest], Awaitable[None]]


def _dial(
    sut: WorkSwitchUnderTest, work: WorkId, for_: float = LONG_FOR, number: str | None = None
) -> CallId:
    call = call_of(work, next(work_numbers))
    command = c.DialCustomer(
        work=work,
        call=call,
        queue=sut.queue,
        number=sut.customer if number is None else number,
        line="",
        language="",
        until=sut.now() + for_,
    )
    perform(sut, command)
    return call


def _told(sut: SwitchUnderTest, call: CallId) -> list[CustomerCalled | CustomerConfirmed]:
    found = (event for event in sut.events if isinstance(event, CustomerCalled | CustomerConfirmed))
    return [event for event in found if event.call == call]


async def _is_told(sut: SwitchUnderTest, call: CallId, within: float = SOON_FOR + LATE_FOR) -> None:
    await sut.until(lambda: bool(_told(sut, call)), within, f"what became of {call}")


async def _comes_to(sut: WorkSwitchUnderTest, manner: CustomerManner, *reaches: Reach) -> CustomerCalled:
    """One word of it, and the channel is gone."""
    await sut.customer_will(manner)
    work = await sut.work_comes()
    call = _dial(sut, work, RING_FOR)
    await _is_told(sut, call, within=60.0)
    await _is_gone(sut, call)
    await nothing_more(sut)
    told = _only_word(sut, call)
    assert told.work == work
    assert told.reach in reaches, f"{told.reach!r} is not one of {reaches}"
    return told


def _only_word(sut: SwitchUnderTest, call: CallId) -> CustomerCalled:
    told = _told(sut, call)
    assert len(told) == 1, f"one word of each attempt: {told}"
    assert isinstance(told[0], CustomerCalled), f"{told[0]} is no outcome"
    return told[0]


async def _is_gone(sut: SwitchUnderTest, call: CallId) -> None:
    deadline = sut.now() + SOON_FOR
    while call in (await look(sut)).calls:
        assert sut.now() < deadline, f"the channel {call} lives on"


async def _dealt_with(sut: WorkSwitchUnderTest) -> OfferId:
    """An operator deals with a work item on the phone."""
    work = await sut.work_comes()
    operator, phone = sut.phones[0]
    await sut.phone_will(operator, Manner.ANSWERS)
    offer, call = OfferId(next(offer_numbers)), call_of(work, next(work_numbers))
    until = sut.now() + LONG_FOR
    perform(
        sut,
        c.Offer(
            offer=offer, call=call, operator=operator, queue=sut.queue, phone=phone, until=until, work=work
        ),
    )
    await comes(sut, offer, e.OperatorAnswered)
    perform(sut, c.Connect(offer=offer, call=call, operator=operator, queue=sut.queue, work=work))
    await comes(sut, offer, e.TalkStarted)
    return offer


async def an_operator_deals_with_a_work_item_until_hanging_up(sut: WorkSwitchUnderTest) -> None:
    offer = await _dealt_with(sut)
    seen = await look(sut)
    assert offer in seen.talks | seen.legs, "the leg is shown as long as it lives"
    await sut.phone_hangs_up(sut.phones[0][0])
    await ends_once(sut, offer, Ended.OPERATOR)


async def a_work_item_that_is_withdrawn_hangs_up_the_operator(sut: WorkSwitchUnderTest) -> None:
    offer = await _dealt_with(sut)
    withdraw(sut, offer, 0)
    await leg_is_gone(sut, offer)
    await nothing_more(sut)
    assert count(sut, offer, e.TalkEnded) <= 1


async def a_customer_who_wants_the_call_is_said_once_and_waits(sut: WorkSwitchUnderTest) -> None:
    await sut.customer_will(CustomerManner.CONFIRMS)
    work = await sut.work_comes()
    call = _dial(sut, work)
    await _is_told(sut, call, within=60.0)
    await nothing_more(sut)
    told = _told(sut, call)
    assert [type(event) for event in told] == [CustomerConfirmed], f"said once: {told}"
    assert (told[0].work, told[0].call) == (work, call)
    assert call in (await look(sut)).calls, "the channel waits, by the id that was given"
    perform(sut, c.StopDialling(work=work, call=call))
    await _is_gone(sut, call)


async def a_busy_customer(sut: WorkSwitchUnderTest) -> None:
    await _comes_to(sut, CustomerManner.BUSY, Reach.BUSY)


async def a_customer_who_does_not_answer(sut: WorkSwitchUnderTest) -> None:
    until = sut.now() + RING_FOR
    told = await _comes_to(sut, CustomerManner.RINGS, Reach.NO_ANSWER)
    assert told.at >= until - 0.5, "it rang as long as it may"


async def somebody_who_did_not_ask_for_a_call(sut: WorkSwitchUnderTest) -> None:
    await _comes_to(sut, CustomerManner.DENIES, Reach.WRONG_PERSON)


async def a_machine(sut: WorkSwitchUnderTest) -> None:
    await _comes_to(sut, CustomerManner.SILENT, Reach.MACHINE)


async def a_customer_who_is_called_no_more(sut: WorkSwitchUnderTest) -> None:
    await sut.customer_will(CustomerManner.RINGS)
    work = await sut.work_comes()
    call = _dial(sut, work)
    perform(sut, c.StopDialling(work=work, call=call))
    await _is_gone(sut, call)
    await nothing_more(sut)
    assert not any(isinstance(event, CustomerConfirmed) for event in _told(sut, call))


async def calling_nobody_no_more_does_nothing(sut: WorkSwitchUnderTest) -> None:
    work = await sut.work_comes()
    call = call_of(work, next(work_numbers))
    perform(sut, c.StopDialling(work=work, call=call))
    await nothing_more(sut)
    assert _told(sut, call) == []


async def a_customer_who_cannot_be_called_is_said(sut: WorkSwitchUnderTest) -> None:
    work = await sut.work_comes()
    calls = [
        _dial(sut, work, number=""),
        _dial(sut, work, number="1\r\nAction: Logoff"),
        _dial(sut, work, -1.0),
    ]
    for call in calls:
        await _is_told(sut, call)
    await nothing_more(sut)
    for call in calls:
        told = _only_word(sut, call)
        assert told.reach in (Reach.FAILED, Reach.FORBIDDEN)


WORK_CHECKS: tuple[WorkCheck, ...] = (
    an_operator_deals_with_a_work_item_until_hanging_up,
    a_work_item_that_is_withdrawn_hangs_up_the_operator,
    a_customer_who_wants_the_call_is_said_once_and_waits,
    a_busy_customer,
    a_customer_who_does_not_answer,
    somebody_who_did_not_ask_for_a_call,
    a_machine,
    a_customer_who_is_called_no_more,
    calling_nobody_no_more_does_nothing,
    a_customer_who_cannot_be_called_is_said,
)
