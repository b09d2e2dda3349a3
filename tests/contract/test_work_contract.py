"""The simulated switch passes the core's checks of work items and customers, and they find what is wrong."""

from collections.abc import Callable

import pytest

from acd.core import commands as c
from acd.core import events as e
from acd.core.testing import WORK_CHECKS, CustomerBehaviour, CustomerManner, WorkCheck
from acd.core.work import Reach, WorkId
from acd.core.work_events import CustomerCalled, CustomerConfirmed
from tests.contract.switch_worlds import Hear, SimulatedWorld

CUSTOMERS = {
    CustomerManner.CONFIRMS: CustomerBehaviour(confirms_after=1.0),
    CustomerManner.DENIES: CustomerBehaviour(None, 1.0, Reach.WRONG_PERSON),
    CustomerManner.SILENT: CustomerBehaviour(None, 12.0, Reach.MACHINE),
    CustomerManner.RINGS: CustomerBehaviour(None, 100.0, Reach.NO_ANSWER),
    CustomerManner.BUSY: CustomerBehaviour(None, 0.2, Reach.BUSY),
}


class WorkWorld(SimulatedWorld):
    """Implements `WorkSwitchUnderTest`."""

    customer = "0501234567"

    def __init__(
        self,
        hear: Hear = lambda event: [event],
        obey: Callable[[c.Command], bool] = lambda command: True,
    ) -> None:
        super().__init__(hear, obey)
        self._manner = CustomerManner.RINGS
        self._simulated.decide_customer = lambda dial: CUSTOMERS[self._manner]
        self._work = 0

    async def customer_will(self, manner: CustomerManner) -> None:
        self._manner = manner

    async def work_comes(self) -> WorkId:
        self._work += 1
        return WorkId(self._work)


@pytest.mark.parametrize("check", WORK_CHECKS, ids=lambda check: check.__name__)
async def test_simulated(check: WorkCheck) -> None:
    await check(WorkWorld())


def _doubled(kind: type[e.Event]) -> Hear:
    return lambda event: [event, event] if isinstance(event, kind) else [event]


def _never(kind: type[e.Event]) -> Hear:
    return lambda event: [] if isinstance(event, kind) else [event]


FAULTS: list[Hear] = [_doubled(CustomerCalled), _doubled(CustomerConfirmed), _never(CustomerCalled)]


async def _all(world: Callable[[], WorkWorld]) -> None:
    for check in WORK_CHECKS:
        await check(world())


@pytest.mark.parametrize("fault", range(len(FAULTS)))
async def test_a_switch_that_says_it_wrongly_is_found_out(fault: int) -> None:
    with pytest.raises(AssertionError):
        await _all(lambda: WorkWorld(hear=FAULTS[fault]))


@pytest.mark.parametrize("kind", [c.DialCustomer, c.StopDialling, c.Connect])
async def test_a_switch_that_does_not_obey_is_found_out(kind: type) -> None:
    with pytest.raises(AssertionError):
        await _all(lambda: WorkWorld(obey=lambda command: not isinstance(command, kind)))
