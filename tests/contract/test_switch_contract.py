"""Every switch passes the core's own checks: the simulated one, and call control on a real Asterisk."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from acd.core import events as e
from acd.core.commands import Command, Connect, DialCustomer, Offer, StopDialling, WithdrawOffer
from acd.core.testing import SWITCH_CHECKS, SwitchCheck, check_switch
from acd.core.words import Cause, Ended, OfferId
from acd.core.work_events import CustomerCalled, CustomerConfirmed
from tests.calls.house import House
from tests.contract.switch_worlds import Hear, real, simulated

EACH_CHECK = pytest.mark.parametrize("check", SWITCH_CHECKS, ids=lambda check: check.__name__)


@EACH_CHECK
async def test_simulated(check: SwitchCheck) -> None:
    async with simulated() as world:
        await check(world)


async def test_simulated_as_a_whole() -> None:
    await check_switch(simulated)


def doubled(kind: type[e.Event]) -> Hear:
    return lambda event: [event, event] if isinstance(event, kind) else [event]


def never_said(kind: type[e.Event]) -> Hear:
    return lambda event: [] if isinstance(event, kind) else [event]


def blamed_wrongly(event: e.Event) -> list[e.Event]:
    match event:
        case e.OfferFailed():
            return [replace(event, cause=Cause.REJECTED if event.cause is not Cause.REJECTED else Cause.BUSY)]
        case e.TalkEnded():
            return [replace(event, by=Ended.UNKNOWN)]
        case _:
            return [event]


def mixed_up() -> Hear:
    """As a switch does that takes one operator's leg for another's: every talk is of the first offer."""
    first: list[OfferId] = []

    def hear(event: e.Event) -> list[e.Event]:
        if isinstance(event, e.OperatorAnswered):
            first.append(event.offer)
        return [replace(event, offer=first[0])] if isinstance(event, e.TalkStarted) else [event]

    return hear


KINDS = (
    e.PhoneRang,
    e.OperatorAnswered,
    e.OfferFailed,
    e.TalkStarted,
    e.TalkEnded,
    e.PhoneReachable,
    CustomerCalled,
    CustomerConfirmed,
)
FAULTS = {
    **{f"{kind.__name__} is doubled": doubled(kind) for kind in KINDS},
    **{f"{kind.__name__} is never said": never_said(kind) for kind in KINDS if kind is not e.PhoneRang},
    "the wrong cause": blamed_wrongly,
    "the wrong offer": mixed_up(),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_switch_that_says_it_wrongly_is_noticed(fault: str) -> None:
    with pytest.raises(AssertionError):
        await check_switch(lambda: simulated(hear=FAULTS[fault]))


@pytest.mark.parametrize("kind", [Offer, WithdrawOffer, Connect, DialCustomer, StopDialling])
async def test_a_switch_that_does_not_do_it_is_noticed(kind: type[Command]) -> None:
    with pytest.raises(AssertionError):
        await check_switch(lambda: simulated(obey=lambda command: not isinstance(command, kind)))


async def test_a_switch_that_raises_is_noticed() -> None:
    def raises(command: Command) -> bool:
        raise KeyError(command)

    with pytest.raises(KeyError):
        await check_switch(lambda: simulated(obey=raises))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    house = House(tmp_path_factory.mktemp("switch"))
    try:
        await house.start()
        yield house
    finally:
        await house.stop()


@pytest.mark.parametrize("check", SWITCH_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.asyncio(loop_scope="module")
async def test_call_control_on_a_real_asterisk(house: House, check: SwitchCheck) -> None:
    async with real(house) as world:
        await check(world)
