"""The worlds that switches are tried in: one simulated, in virtual time, one of real Asterisk and phones."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from unittest.mock import patch

from acd.core import events as e
from acd.core.center import Outcome
from acd.core.commands import Command, DialCustomer, Offer
from acd.core.ports import Switch
from acd.core.testing import Behaviour, CustomerManner, Manner, SimulatedSwitch, Timeline
from acd.core.testing.switch import CustomerBehaviour
from acd.core.words import CallId, Cause, OperatorId, QueueId
from acd.core.work import Reach, WorkId, WorkKind
from acd.core.work_events import CustomerCalled, CustomerConfirmed, WorkCalledOff, WorkPromised
from ivr.softphone.phone import Answer, Kind, Softphone
from tests.calls.house import CALLERS, OLENA, PHONE_OF, TARAS, House, hang_up
from tests.eventually import eventually

PHONES = ((OLENA, PHONE_OF[OLENA]), (TARAS, PHONE_OF[TARAS]))
Hear = Callable[[e.Event], list[e.Event]]
Obey = Callable[[Command], bool]
BEHAVIOURS = {
    Manner.ANSWERS: Behaviour(talks_for=None),
    Manner.RINGS: Behaviour(answers_after=None),
    Manner.BUSY: Behaviour(rings_after=0.01, fails_after=0.02, fails_with=Cause.BUSY),
}
CUSTOMERS = {
    CustomerManner.CONFIRMS: CustomerBehaviour(confirms_after=1.0),
    CustomerManner.DENIES: CustomerBehaviour(None, 1.0, Reach.WRONG_PERSON),
    CustomerManner.SILENT: CustomerBehaviour(None, 12.0, Reach.MACHINE),
    CustomerManner.RINGS: CustomerBehaviour(None, 100.0, Reach.NO_ANSWER),
    CustomerManner.BUSY: CustomerBehaviour(None, 0.2, Reach.BUSY),
}


class SimulatedWorld:
    """Implements `SwitchUnderTest`."""

    phones = PHONES
    queue = QueueId("remembered")
    customer = PHONE_OF[TARAS]
    forbidden = "999"

    def __init__(self, hear: Hear = lambda event: [event], obey: Obey = lambda command: True) -> None:
        """`hear`: what the world is told instead of an event; `obey`: whether a command is carried out."""
        self._timeline = Timeline(1000.0)
        self._manners = dict.fromkeys((OLENA, TARAS), Manner.ANSWERS)
        self._customers = CustomerManner.RINGS
        self.events: list[e.Event] = []
        self._obey = obey
        self._simulated = SimulatedSwitch(
            self._timeline,
            lambda event: self.events.extend(hear(event)),
            self._behaviour,
            frozenset(PHONE_OF.values()),
            decide_customer=self._customer,
        )
        self._works = itertools.count(1)
        self._callers = itertools.count(1)
        for operator in self._manners:
            self._simulated.phone_is(operator, reachable=True)
        self.events.clear()

    @property
    def switch(self) -> Switch:
        return self

    def perform(self, command: Command) -> None:
        if self._obey(command):
            self._simulated.perform(command)

    def _customer(self, dial: DialCustomer) -> CustomerBehaviour:
        if dial.number == self.forbidden:
            return CustomerBehaviour(confirms_after=None, fails_after=0.0, fails_with=Reach.FORBIDDEN)
        return CUSTOMERS[self._customers]

    async def customer_will(self, manner: CustomerManner) -> None:
        self._customers = manner

    def next_work(self) -> WorkId:
        return WorkId(next(self._works))

    async def until_dialled(self, call: CallId) -> None:
        """At once."""

    def _behaviour(self, offer: Offer) -> Behaviour:
        return BEHAVIOURS[self._manners[offer.operator]]

    def now(self) -> float:
        return self._timeline.at

    async def until(self, condition: Callable[[], bool], within: float, what: str) -> None:
        deadline = self.now() + within
        while not condition():
            next_at = self._timeline.next_at()
            assert next_at is not None, f"nothing will happen any more: {what}\n{self.events}"
            assert next_at <= deadline, f"not within {within} s: {what}\n{self.events}"
            self._timeline.step()

    async def caller_comes(self) -> CallId:
        call = CallId(f"call-{next(self._callers)}")
        self._simulated.caller_comes(call)
        return call

    async def caller_hangs_up(self, call: CallId) -> None:
        self._simulated.caller_hangs_up(call)

    async def phone_will(self, operator: OperatorId, manner: Manner) -> None:
        self._manners[operator] = manner

    async def phone_hangs_up(self, operator: OperatorId) -> None:
        self._simulated.phone_hangs_up(operator)

    async def phone_leaves(self, operator: OperatorId) -> None:
        self._simulated.phone_is(operator, reachable=False)

    async def phone_comes_back(self, operator: OperatorId) -> None:
        self._simulated.phone_is(operator, reachable=True)

    def look(self) -> None:
        self._simulated.look()


@asynccontextmanager
async def simulated(
    hear: Hear = lambda event: [event], obey: Obey = lambda command: True
) -> AsyncIterator[SimulatedWorld]:
    yield SimulatedWorld(hear, obey)


CUSTOMER_ANSWERS = {
    **dict.fromkeys((CustomerManner.CONFIRMS, CustomerManner.DENIES, CustomerManner.SILENT), Answer.AT_ONCE),
    CustomerManner.RINGS: Answer.BY_HAND,
    CustomerManner.BUSY: Answer.BUSY,
}
KEYS = {CustomerManner.CONFIRMS: "1", CustomerManner.DENIES: "2"}
ANSWERS = {Manner.ANSWERS: Answer.AT_ONCE, Manner.RINGS: Answer.BY_HAND, Manner.BUSY: Answer.BUSY}


class RealWorld:
    """Implements `SwitchUnderTest` in a `House` whose own centre lets callers wait: nobody is logged in.

    What call control and customers' sessions say is kept here and not given to that centre, but that a stay
    is over, or that a customer waits from now on.
    """

    phones = PHONES
    queue = QueueId("remembered")
    line = "260"
    customer = PHONE_OF[TARAS]
    forbidden = "999"

    def __init__(self, house: House) -> None:
        self.house = house
        self.events: list[e.Event] = []
        self._callers: dict[CallId, Softphone] = {}
        self._unregistered: set[OperatorId] = set()
        self._control = house.running.control
        self._service = house.running.service
        self._post, self._ask = self._service.post, self._service.ask
        self._pressing: asyncio.Task[None] | None = None

    @property
    def switch(self) -> Switch:
        return self._control

    def take(self, event: e.Event) -> None:
        self.events.append(event)
        match event:
            case e.TalkEnded(offer=offer):
                leg = self._control.legs.of_offer(offer)
                if leg is not None:
                    self._stay_over(leg.call)
            case e.CallerHungUp(call=call):
                self._stay_over(call)

    def posted(self, event: e.Event) -> None:
        """Instead of the service's own `post`: what sessions say."""
        if isinstance(event, CustomerCalled):
            self.events.append(event)
        else:
            self._post(event)

    async def asked(self, event: e.Event) -> Outcome:
        """Instead of its `ask`: for the house's centre a customer is a caller like others."""
        if not isinstance(event, CustomerConfirmed):
            return await self._ask(event)
        self.events.append(event)
        return await self._ask(e.CallQueued(at=self.now(), call=event.call, queue=self.queue, caller=""))

    def _stay_over(self, call: CallId) -> None:
        self._service.post(e.CallerHungUp(at=self.now(), call=call))

    def now(self) -> float:
        return self._control.now()

    async def until(self, condition: Callable[[], bool], within: float, what: str) -> None:
        try:
            await eventually(condition, within, what)
        except AssertionError as late:
            said = "\n".join(map(str, self.events[-40:]))
            raise AssertionError(f"{late}\n{said}") from None

    async def caller_comes(self) -> CallId:
        desk, waiting = self.house.running.desk, self.house.running.service.center.state.calls
        before = set(waiting)
        phone = await self._free_caller()
        await phone.dial(self.line)

        def arrived() -> list[CallId]:
            return [call for call in waiting.keys() - before if desk.waiting(call) is not None]

        await self.until(lambda: bool(arrived()), 10, "the caller waits")
        (call,) = arrived()
        self._callers[call] = phone
        return call

    async def _free_caller(self) -> Softphone:
        for name in CALLERS:
            phone = await self.house.phone(name)
            closed = {event.call_id for event in phone.events if event.kind is Kind.CLOSED}
            if not {event.call_id for event in phone.events if event.call_id} - closed:
                return phone
        raise AssertionError("all callers have calls")

    async def caller_hangs_up(self, call: CallId) -> None:
        await hang_up(self._callers[call])

    async def phone_will(self, operator: OperatorId, manner: Manner) -> None:
        await self.house.phone(PHONE_OF[operator], ANSWERS[manner])

    async def customer_will(self, manner: CustomerManner) -> None:
        phone = await self.house.phone(self.customer, CUSTOMER_ANSWERS[manner])
        self._no_more_keys()
        if manner in KEYS:
            self._pressing = asyncio.create_task(self._answer_by(phone, KEYS[manner]))

    async def _answer_by(self, phone: Softphone, key: str) -> None:
        """As soon as something is heard."""
        heard = len(phone.recordings())
        await eventually(lambda: phone.talking and len(phone.recordings()) > heard, 30)
        await phone.press(key)

    def _no_more_keys(self) -> None:
        if self._pressing is not None:
            self._pressing.cancel()

    async def phone_hangs_up(self, operator: OperatorId) -> None:
        await hang_up(self.house.phones[PHONE_OF[operator]])

    async def phone_leaves(self, operator: OperatorId) -> None:
        self._unregistered.add(operator)
        await self.house.phones[PHONE_OF[operator]].unregister()

    async def phone_comes_back(self, operator: OperatorId) -> None:
        self._unregistered.discard(operator)
        await self.house.phones[PHONE_OF[operator]].register()

    def next_work(self) -> WorkId:
        """A message in the centre of the house, where nobody is logged in who could be offered it."""
        work = WorkId(self._service.center.state.next_work)
        self._service.post(
            WorkPromised(
                at=self.now(),
                token=f"contract/{work}",
                promise=WorkKind.VOICEMAIL,
                queue=self.queue,
                caller="",
            )
        )
        return work

    async def until_dialled(self, call: CallId) -> None:
        phone = self.house.phones[self.customer]
        seen = len(phone.events)
        await phone.wait_for(Kind.INCOMING, since=max(0, seen - 1))

    def look(self) -> None:
        self._control.reconciler.look_now()

    async def leave(self) -> None:
        """As it was found."""
        self._no_more_keys()
        for operator in list(self._unregistered):
            await self.phone_comes_back(operator)
        for work in list(self._service.center.state.work):
            await self._service.ask(WorkCalledOff(at=self.now(), work=work, by="test"))


@asynccontextmanager
async def real(house: House) -> AsyncIterator[RealWorld]:
    """In a house that is up and has no calls; call control speaks to the world as long as it lasts."""
    for _, phone in PHONES:
        await house.phone(phone)
    await house.until(lambda: all(house.view_of(who).reachable for who, _ in PHONES), what="phones reachable")
    world, control, service = RealWorld(house), house.running.control, house.running.service
    usual = control.around
    control.around = replace(usual, post=world.take)
    try:
        with patch.object(service, "post", world.posted), patch.object(service, "ask", world.asked):
            yield world
            await world.leave()
    finally:
        control.around = usual
        await house.clear()
