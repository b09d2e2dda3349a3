"""The world that a switch is tried in, and the steps of which `switch_contract` makes its checks."""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Protocol

from acd.core import commands as c
from acd.core import events as e
from acd.core.ports import Switch
from acd.core.words import CallId, Cause, Ended, OfferId, OperatorId, QueueId
from acd.core.work import Reach, WorkId, call_of
from acd.core.work_events import CustomerCalled, CustomerConfirmed

SOON_FOR = 10.0
"""A bound, not a demand: what shall happen at once must have happened within."""
AT_ONCE_FOR = 0.25
"""`perform` that takes longer stalls all calls: the service reports such an event loop as blocked."""
LONG_FOR = 60.0
"""So long an offer stands unless a check says otherwise."""

offer_numbers = itertools.count(1)
DIAL_FOR = 3.0
"""So long a customer's phone rings."""
_OfOffer = (e.PhoneRang, e.OperatorAnswered, e.OfferFailed, e.TalkStarted, e.TalkEnded)


class Manner(Enum):
    """What a phone does with calls that come from now on."""

    ANSWERS = "answers at once"
    RINGS = "rings until somebody acts"
    BUSY = "says that it is busy"


class CustomerManner(Enum):
    """What a customer's phone and person do with calls that come from now on."""

    CONFIRMS = "answers, says that the call is wanted, and stays"
    DENIES = "answers and did not ask for it"
    SILENT = "answers and presses nothing"
    RINGS = "does not answer"
    BUSY = "says that it is busy"


class SwitchUnderTest(Protocol):
    """A switch in a small world: two operators with phones, and callers. Every wait is the world's own,
    so that it may run in real or in virtual time."""

    @property
    def switch(self) -> Switch: ...

    @property
    def events(self) -> Sequence[e.Event]:
        """All that the switch has said since the check began, in order."""
        ...

    @property
    def phones(self) -> Sequence[tuple[OperatorId, str]]:
        """Two operators and how their phones are called in an `Offer`."""
        ...

    @property
    def queue(self) -> QueueId: ...

    def now(self) -> float: ...

    async def until(self, condition: Callable[[], bool], within: float, what: str) -> None:
        """Let time pass until it holds; AssertionError with `what` after `within` seconds."""
        ...

    async def caller_comes(self) -> CallId:
        """A new caller, who waits now and can be connected. There may be three at once."""
        ...

    async def caller_hangs_up(self, call: CallId) -> None: ...

    @property
    def customer(self) -> str:
        """The customer's number in a `DialCustomer`; it may be that of the second operator's phone."""
        ...

    async def customer_will(self, manner: CustomerManner) -> None: ...

    @property
    def forbidden(self) -> str:
        """A number that may not be called."""
        ...

    def next_work(self) -> WorkId:
        """A work item that no check has had; the centre of the world need not know it."""
        ...

    async def until_dialled(self, call: CallId) -> None:
        """The customer's phone rings."""
        ...

    async def phone_will(self, operator: OperatorId, manner: Manner) -> None: ...

    async def phone_hangs_up(self, operator: OperatorId) -> None:
        """End the call, or decline what rings."""
        ...

    async def phone_leaves(self, operator: OperatorId) -> None:
        """The phone says good-bye to the switch."""
        ...

    async def phone_comes_back(self, operator: OperatorId) -> None: ...

    def look(self) -> None:
        """Have the switch say by `SwitchSeen` what it holds; returns at once."""
        ...


# Commands, each of which must be taken at once


def perform(sut: SwitchUnderTest, command: c.Command) -> None:
    """Within one turn of the event loop, and without a word back but by events."""
    turned: list[bool] = []
    handle = asyncio.get_running_loop().call_soon(turned.append, True)
    began = time.thread_time()
    answer: object = sut.switch.perform(command)  # type: ignore[func-returns-value]
    took_for = time.thread_time() - began
    handle.cancel()
    what = type(command).__name__
    assert answer is None, f"{what} is taken without an answer, not even one to await"
    assert not turned, f"{what} let the event loop turn"
    assert took_for < AT_ONCE_FOR, f"{what} took {took_for:.2f} s"


def offer_to(
    sut: SwitchUnderTest,
    place: int,
    call: CallId,
    for_: float = LONG_FOR,
    phone: str | None = None,
    work: WorkId | None = None,
) -> OfferId:
    operator, own_phone = sut.phones[place]
    offer = OfferId(next(offer_numbers))
    command = c.Offer(
        offer=offer,
        call=call,
        operator=operator,
        queue=sut.queue,
        phone=own_phone if phone is None else phone,
        until=sut.now() + for_,
        work=work,
    )
    perform(sut, command)
    return offer


def withdraw(sut: SwitchUnderTest, offer: OfferId, place: int) -> None:
    perform(sut, c.WithdrawOffer(offer=offer, operator=sut.phones[place][0]))


def connect(sut: SwitchUnderTest, offer: OfferId, call: CallId, place: int) -> None:
    perform(sut, c.Connect(offer=offer, call=call, operator=sut.phones[place][0], queue=sut.queue))


async def ringing(sut: SwitchUnderTest, place: int, call: CallId, for_: float = LONG_FOR) -> OfferId:
    await sut.phone_will(sut.phones[place][0], Manner.RINGS)
    offer = offer_to(sut, place, call, for_)
    await comes(sut, offer, e.PhoneRang)
    return offer


async def answered(sut: SwitchUnderTest, place: int, call: CallId) -> OfferId:
    await sut.phone_will(sut.phones[place][0], Manner.ANSWERS)
    offer = offer_to(sut, place, call)
    await comes(sut, offer, e.OperatorAnswered)
    return offer


async def talking(sut: SwitchUnderTest, place: int, call: CallId) -> OfferId:
    offer = await answered(sut, place, call)
    connect(sut, offer, call, place)
    await comes(sut, offer, e.TalkStarted)
    return offer


async def handling(sut: SwitchUnderTest, place: int, work: WorkId) -> OfferId:
    """An operator handles the work item."""
    await sut.phone_will(sut.phones[place][0], Manner.ANSWERS)
    call = call_of(work, 1)
    offer = offer_to(sut, place, call, work=work)
    await comes(sut, offer, e.OperatorAnswered)
    command = c.Connect(offer=offer, call=call, operator=sut.phones[place][0], queue=sut.queue, work=work)
    perform(sut, command)
    await comes(sut, offer, e.TalkStarted)
    return offer


def dial_customer(
    sut: SwitchUnderTest, work: WorkId, number: str | None = None, for_: float = DIAL_FOR
) -> CallId:
    call = call_of(work, 1)
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


# What came of them


def told_of_customer(sut: SwitchUnderTest, call: CallId) -> list[CustomerCalled | CustomerConfirmed]:
    """What was said of attempts to reach a customer by this call."""
    told = (event for event in sut.events if isinstance(event, CustomerCalled | CustomerConfirmed))
    return [event for event in told if event.call == call]


async def reached(
    sut: SwitchUnderTest, call: CallId, *reaches: Reach, within: float = SOON_FOR
) -> CustomerCalled:
    """One of them, and it is the last word."""
    told = await only_word(sut, call, within)
    assert isinstance(told, CustomerCalled)
    assert told.reach in reaches, f"{told.reach!r} is not one of {reaches}"
    return told


async def only_word(
    sut: SwitchUnderTest, call: CallId, within: float = SOON_FOR
) -> CustomerCalled | CustomerConfirmed:
    """What is said of the attempt, once."""
    await sut.until(lambda: bool(told_of_customer(sut, call)), within, f"what became of {call}")
    await nothing_more(sut)
    told = told_of_customer(sut, call)
    assert len(told) == 1, f"one word of each attempt: {told}"
    return told[0]


async def channel_is_gone(sut: SwitchUnderTest, call: CallId) -> None:
    """That of the customer."""
    deadline = sut.now() + SOON_FOR
    while call in (await look(sut)).calls:
        assert sut.now() < deadline, f"the channel of {call} lives on"


def told_of(sut: SwitchUnderTest, offer: OfferId) -> list[e.Event]:
    return [event for event in sut.events if isinstance(event, _OfOffer) and event.offer == offer]


def kinds(sut: SwitchUnderTest, offer: OfferId) -> list[str]:
    return [type(event).__name__ for event in told_of(sut, offer)]


def count(sut: SwitchUnderTest, offer: OfferId, kind: type[e.Event]) -> int:
    return sum(isinstance(event, kind) for event in told_of(sut, offer))


def hang_ups_of(sut: SwitchUnderTest, call: CallId) -> int:
    """How often it was said that the caller is gone."""
    return sum(isinstance(event, e.CallerHungUp) and event.call == call for event in sut.events)


def reach(sut: SwitchUnderTest, operator: OperatorId) -> list[bool]:
    told = (event for event in sut.events if isinstance(event, e.PhoneReachable))
    return [event.reachable for event in told if event.operator == operator]


async def comes(sut: SwitchUnderTest, offer: OfferId, kind: type[e.Event]) -> None:
    await sut.until(lambda: count(sut, offer, kind) > 0, SOON_FOR, f"{kind.__name__} of offer {offer}")
    assert count(sut, offer, kind) == 1, f"{kind.__name__} is said once: {told_of(sut, offer)}"


async def failure(sut: SwitchUnderTest, offer: OfferId, *causes: Cause) -> e.OfferFailed:
    await comes(sut, offer, e.OfferFailed)
    failed = next(event for event in told_of(sut, offer) if isinstance(event, e.OfferFailed))
    assert failed.cause in causes, f"{failed.cause!r} is not one of {causes}"
    return failed


async def fails(sut: SwitchUnderTest, offer: OfferId, *causes: Cause) -> e.OfferFailed:
    """And that is the last and only word."""
    failed = await failure(sut, offer, *causes)
    await nothing_more(sut)
    assert told_of(sut, offer)[-1] is failed, f"OfferFailed is the last word: {told_of(sut, offer)}"
    assert count(sut, offer, e.OfferFailed) == 1
    return failed


async def ends_once(sut: SwitchUnderTest, offer: OfferId, by: Ended) -> None:
    await comes(sut, offer, e.TalkEnded)
    await leg_is_gone(sut, offer)
    await nothing_more(sut)
    assert kinds(sut, offer)[-3:] == ["OperatorAnswered", "TalkStarted", "TalkEnded"]
    ended = told_of(sut, offer)[-1]
    assert isinstance(ended, e.TalkEnded)
    assert ended.by is by, f"ended by {ended.by!r}, not {by!r}"


async def look(sut: SwitchUnderTest) -> e.SwitchSeen:
    """What the switch holds, seen from now on."""
    asked_at = sut.now()

    def seen() -> list[e.SwitchSeen]:
        looks = (event for event in sut.events if isinstance(event, e.SwitchSeen))
        return [look for look in looks if (look.at if look.began_at is None else look.began_at) >= asked_at]

    sut.look()
    await sut.until(lambda: bool(seen()), SOON_FOR, "the switch says what it holds")
    return seen()[-1]


async def leg_is_gone(sut: SwitchUnderTest, offer: OfferId) -> None:
    deadline = sut.now() + SOON_FOR
    while offer in (await look(sut)).legs:
        assert sut.now() < deadline, f"the leg of offer {offer} lives on"


async def nothing_more(sut: SwitchUnderTest) -> None:
    """A whole offer of another caller to the first phone: what was on its way has come when it ends."""
    call = await sut.caller_comes()
    offer = await answered(sut, 0, call)
    withdraw(sut, offer, 0)
    await leg_is_gone(sut, offer)
    await sut.caller_hangs_up(call)
