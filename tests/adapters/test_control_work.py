"""Call control with work items: legs that an operator handles one on, customers who are called first."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import permutations

import pytest

from acd.core.commands import Connect, DialCustomer, Offer, StopDialling
from acd.core.events import OfferFailed, OperatorAnswered, PhoneRang, SwitchSeen, TalkEnded, TalkStarted
from acd.core.state import LiveOffer
from acd.core.words import CallId, Cause, Ended, QueueId
from acd.core.work import Reach, WorkId
from acd.core.work_events import CustomerCalled
from ivr.asterisk import call_control, customers
from ivr.asterisk import translate as t
from ivr.asterisk.ami import AmiNotReady, LinkState
from ivr.asterisk.legs import Leg
from tests.adapters.test_control_legs import LEG, NAME, OLENA, ONE, Bench, Q, live, look, ringing
from tests.eventually import eventually

WORK, PLACE = WorkId(7), CallId("work-7-1")
CUSTOMER = "Local/0501234567@dzvin-transfer-00000001;1"


class Works:
    """Sessions of operators' legs by channel."""

    def __init__(self) -> None:
        self.sessions: set[str] = set()
        self.begun: list[Leg] = []

    def begin(self, leg: Leg) -> bool:
        if leg.channel not in self.sessions:
            return False
        self.begun.append(leg)
        return True


class WorkBench(Bench):
    def __init__(self) -> None:
        super().__init__()
        self.works = Works()
        self.allowed = True
        self.control.around = replace(
            self.control.around,
            works=self.works,
            may_dial=lambda number: self.allowed,
            line_number=lambda line: "100",
        )

    def offer(self) -> None:
        until = self.control.now() + 10
        self.control.perform(
            Offer(offer=ONE, call=PLACE, operator=OLENA, queue=Q, phone="701", until=until, work=WORK)
        )

    def connect(self) -> None:
        self.control.perform(Connect(offer=ONE, call=PLACE, operator=OLENA, queue=Q, work=WORK))

    def comes(self) -> None:
        """The leg's session."""
        self.works.sessions.add(LEG)
        self.control.work_ready(LEG)

    def dial(self, for_: float = 10.0, number: str = "0501234567", queue: QueueId = Q) -> None:
        self.control.perform(
            DialCustomer(
                work=WORK,
                call=PLACE,
                queue=queue,
                number=number,
                line="100",
                language="uk",
                until=self.control.now() + for_,
            )
        )

    @property
    def reaches(self) -> list[Reach]:
        return [event.reach for event in self.events if isinstance(event, CustomerCalled)]


@pytest.fixture
async def bench() -> AsyncIterator[WorkBench]:
    bench = WorkBench()
    bench.control.on_link(LinkState.READY)
    yield bench
    await bench.control.close()


async def answered(bench: WorkBench) -> None:
    await ringing(bench)
    bench.state("Up")


async def handling(bench: WorkBench) -> None:
    await answered(bench)
    bench.comes()
    bench.connect()


async def test_the_operators_leg_goes_to_the_context_for_work(bench: WorkBench) -> None:
    await answered(bench)
    _, headers = bench.link.actions[0]
    assert (headers["Channel"], headers["ChannelId"], headers["Context"]) == ("PJSIP/701", LEG, "dzvin-work")
    assert bench.kinds() == [PhoneRang, OperatorAnswered]


@pytest.mark.parametrize("order", list(permutations(("connect", "comes"))))
async def test_the_talk_begins_when_session_and_centre_are_there(
    bench: WorkBench, order: tuple[str, ...]
) -> None:
    await answered(bench)
    steps: dict[str, Callable[[], None]] = {"connect": bench.connect, "comes": bench.comes}
    for step in order:
        assert TalkStarted not in bench.kinds()
        steps[step]()
    assert bench.only(TalkStarted).offer == ONE
    (leg,) = bench.works.begun
    assert (leg.work, leg.call, leg.operator, leg.queue) == (WORK, PLACE, OLENA, Q)


async def test_without_a_session_the_offer_fails_and_nobody_is_blamed(
    bench: WorkBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_control, "RETURN_FOR", 0.05)
    await answered(bench)
    bench.connect()
    await eventually(lambda: OfferFailed in bench.kinds())
    assert bench.only(OfferFailed).cause is Cause.SWITCH_ERROR
    bench.comes()
    assert TalkStarted not in bench.kinds()


async def test_talks_with_the_customer_come_and_go_and_the_leg_goes_on(bench: WorkBench) -> None:
    await handling(bench)
    for bridge in ("b1", "b2"):
        bench.says(t.BridgeEntered(bridge, LEG, NAME), t.BridgeEntered(bridge, "x.1", CUSTOMER))
        bench.says(t.BridgeLeft(bridge, "x.1", CUSTOMER), t.BridgeLeft(bridge, LEG, NAME))
    assert bench.kinds() == [PhoneRang, OperatorAnswered, TalkStarted]
    bench.says(t.PhoneHungUp(LEG, NAME), t.ChannelGone(LEG, NAME, 16))
    assert bench.only(TalkEnded).by is Ended.OPERATOR


async def test_a_leg_that_is_handled_is_found_again_after_a_restart(bench: WorkBench) -> None:
    channel = "dzvin-r0-1"
    bench.live[ONE] = LiveOffer(
        offer=ONE,
        call=PLACE,
        operator=OLENA,
        queue=Q,
        phone="701",
        until=0.0,
        offered_at=0.0,
        pair_at=0.0,
        operator_free_at=0.0,
        answered_at=0.0,
        talking_at=0.0,
        work=WORK,
    )
    here = (live(channel, NAME, "Up", "b1"), live("x.1", CUSTOMER, "Up", "b1"))
    seen: SwitchSeen = await look(bench, *here)
    assert seen.talks == seen.legs == {ONE}
    bench.works.sessions.add(channel)
    bench.control.work_ready(channel)
    assert [leg.work for leg in bench.works.begun] == [WORK]
    assert (await look(bench, live(channel, NAME, "Up"))).talks == {ONE}
    bench.says(t.ChannelGone(channel, NAME, 16))
    assert bench.only(TalkEnded).offer == ONE


# Customers


async def test_a_customer_is_called_through_the_context_of_allowed_numbers(bench: WorkBench) -> None:
    bench.dial()
    await eventually(lambda: "Originate" in bench.link.names())
    _, headers = bench.link.actions[0]
    assert headers["Channel"] == "Local/0501234567@dzvin-transfer/n"
    assert (headers["ChannelId"], headers["ActionID"], headers["Context"]) == (PLACE, PLACE, "dzvin-customer")
    assert headers["CallerID"] == '"" <100>'
    assert headers["Variable"] == ["DZVIN_WORK=7", "DZVIN_QUEUE=q", "CHANNEL(language)=uk"]
    assert 9_500 <= int(str(headers["Timeout"])) <= 10_000
    bench.dial()
    assert bench.link.names() == ["Originate"]


async def test_a_number_that_may_not_be_called_is_not(bench: WorkBench) -> None:
    bench.allowed = False
    bench.dial()
    assert bench.reaches == [Reach.FORBIDDEN]
    assert not bench.link.actions


async def test_what_asterisk_could_misread_is_never_sent(bench: WorkBench) -> None:
    bench.dial(number="050&PJSIP/evil")
    await eventually(lambda: bool(bench.reaches))
    assert bench.reaches == [Reach.FAILED]
    assert not bench.link.actions


@pytest.mark.parametrize(
    ("says", "reach"),
    [
        ([t.OriginateEnded(PLACE, PLACE, False, 5), t.ChannelGone(PLACE, CUSTOMER, 17)], Reach.BUSY),
        ([t.ChannelGone(PLACE, CUSTOMER, 17), t.OriginateEnded(PLACE, PLACE, False, 5)], Reach.BUSY),
        ([t.OriginateEnded(PLACE, PLACE, False, 1), t.ChannelGone(PLACE, CUSTOMER, 21)], Reach.BUSY),
        ([t.OriginateEnded(PLACE, PLACE, False, 3), t.ChannelGone(PLACE, CUSTOMER, 0)], Reach.NO_ANSWER),
        ([t.ChannelGone(PLACE, CUSTOMER, 19), t.OriginateEnded(PLACE, PLACE, False, 8)], Reach.NO_ANSWER),
        ([t.ChannelGone(PLACE, CUSTOMER, 34)], Reach.FAILED),
    ],
)
async def test_who_is_not_reached_is_told_of_once(
    bench: WorkBench, says: list[t.SwitchEvent], reach: Reach
) -> None:
    bench.dial()
    bench.says(t.ChannelSeen(PLACE, CUSTOMER, "", "Down", PLACE), *says)
    assert bench.reaches == [reach]


async def test_who_has_answered_is_told_of_by_the_session_alone(bench: WorkBench) -> None:
    bench.dial()
    bench.says(t.ChannelSeen(PLACE, CUSTOMER, "", "Down", PLACE))
    bench.control.customers.answered(PLACE)
    bench.says(t.OriginateEnded(PLACE, PLACE, True, 4), t.ChannelGone(PLACE, CUSTOMER, 16))
    assert not bench.reaches


async def test_an_attempt_of_which_nothing_is_heard_has_failed(
    bench: WorkBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "LATE_FOR", 0.05)
    bench.dial(for_=0.05)
    await eventually(lambda: bool(bench.reaches))
    assert bench.reaches == [Reach.FAILED]
    bench.says(t.ChannelSeen(PLACE, CUSTOMER, "", "Down", PLACE))
    assert bench.reaches == [Reach.FAILED]


async def test_a_refused_originate_is_a_failed_attempt(bench: WorkBench) -> None:
    bench.link.fails = AmiNotReady("Originate: no")
    bench.dial()
    await eventually(lambda: bool(bench.reaches))
    assert bench.reaches == [Reach.FAILED]


async def test_dialling_that_is_stopped_says_nothing_more(bench: WorkBench) -> None:
    bench.dial()
    bench.control.perform(StopDialling(work=WORK, call=PLACE))
    await eventually(lambda: "Hangup" in bench.link.names())
    bench.says(t.ChannelSeen(PLACE, CUSTOMER, "", "Down", PLACE))
    await eventually(lambda: bench.link.names().count("Hangup") == 2)
    bench.says(t.ChannelGone(PLACE, CUSTOMER, 16), t.OriginateEnded(PLACE, PLACE, False, 1))
    assert not bench.reaches
