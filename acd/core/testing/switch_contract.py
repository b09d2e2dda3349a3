"""What every switch must do in answer to commands, told from its events alone.

    @pytest.mark.parametrize("check", SWITCH_CHECKS)
    async def test_my_switch(check: SwitchCheck) -> None:
        async with my_switch() as sut:
            await check(sut)

Each check finds two reachable phones that have no call. That nothing more comes of an offer is not waited for
but proved: a whole later offer has come and gone, and what was late would have come before it.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from acd.core import commands as c
from acd.core import events as e
from acd.core.testing.switch_trial import (
    SOON_FOR,
    Manner,
    SwitchUnderTest,
    answered,
    comes,
    connect,
    count,
    ends_once,
    fails,
    failure,
    hang_ups_of,
    kinds,
    leg_is_gone,
    look,
    nothing_more,
    offer_numbers,
    offer_to,
    perform,
    reach,
    ringing,
    talking,
    withdraw,
)
from acd.core.testing.switch_work_contract import WORK_CHECKS
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId

RING_FOR = 4.0
"""Long enough for a real phone on a busy machine to ring at all."""
LATE_FOR = 3.0
"""So much after `until` the ringing must have ended at the latest."""

SwitchCheck = Callable[[SwitchUnderTest], Awaitable[None]]


async def check_switch(make: Callable[[], AbstractAsyncContextManager[SwitchUnderTest]]) -> None:
    """Any switch must pass. `make`: a world without calls, for each check. AssertionError: what is broken."""
    for check in SWITCH_CHECKS:
        async with make() as sut:
            await check(sut)


async def an_answered_offer_is_said_once(sut: SwitchUnderTest) -> None:
    offer = await answered(sut, 0, await sut.caller_comes())
    await nothing_more(sut)
    assert kinds(sut, offer) in (["PhoneRang", "OperatorAnswered"], ["OperatorAnswered"])


async def a_busy_phone_fails_as_busy(sut: SwitchUnderTest) -> None:
    await sut.phone_will(sut.phones[0][0], Manner.BUSY)
    offer = offer_to(sut, 0, await sut.caller_comes())
    await fails(sut, offer, Cause.BUSY)


async def a_phone_that_rings_until_the_end_fails_as_not_answered(sut: SwitchUnderTest) -> None:
    call = await sut.caller_comes()
    until = sut.now() + RING_FOR
    offer = await ringing(sut, 0, call, RING_FOR)
    failed = await fails(sut, offer, Cause.NO_ANSWER)
    assert until <= failed.at <= until + LATE_FOR, f"ended {failed.at - until:+.2f} s after `until`"
    await leg_is_gone(sut, offer)


async def a_phone_that_declines_fails_once(sut: SwitchUnderTest) -> None:
    """Phones say by the same word that they are busy and that somebody declined."""
    offer = await ringing(sut, 0, await sut.caller_comes())
    await sut.phone_hangs_up(sut.phones[0][0])
    await fails(sut, offer, Cause.REJECTED, Cause.BUSY)


async def a_phone_that_left_is_unreachable_and_back_by_itself(sut: SwitchUnderTest) -> None:
    operator, _ = sut.phones[0]
    await sut.phone_leaves(operator)
    await sut.until(lambda: reach(sut, operator) == [False], SOON_FOR, f"said once that {operator} is gone")
    offer = offer_to(sut, 0, await sut.caller_comes())
    await failure(sut, offer, Cause.UNREACHABLE)
    await sut.phone_comes_back(operator)
    told = [False, True]
    await sut.until(lambda: reach(sut, operator) == told, SOON_FOR, f"said once that {operator} is back")
    await nothing_more(sut)
    assert reach(sut, operator) == told
    assert kinds(sut, offer) == ["OfferFailed"], "it neither rang nor answered"
    assert reach(sut, sut.phones[1][0]) == [], "nothing is said of the other phone"


async def a_withdrawn_ringing_is_gone(sut: SwitchUnderTest) -> None:
    offer = await ringing(sut, 0, await sut.caller_comes())
    assert offer in (await look(sut)).legs, "a leg that rings is shown"
    withdraw(sut, offer, 0)
    await leg_is_gone(sut, offer)
    await nothing_more(sut)
    assert kinds(sut, offer) == ["PhoneRang"], "nothing is said of an offer that was withdrawn"


async def a_withdrawn_answered_leg_is_gone(sut: SwitchUnderTest) -> None:
    """The caller hung up while the operator heard the announcement."""
    offer = await answered(sut, 0, await sut.caller_comes())
    withdraw(sut, offer, 0)
    await leg_is_gone(sut, offer)
    await nothing_more(sut)
    assert kinds(sut, offer)[-1] == "OperatorAnswered", "nothing is said of an offer that was withdrawn"


async def an_offer_withdrawn_in_the_same_moment_is_never_answered(sut: SwitchUnderTest) -> None:
    await sut.phone_will(sut.phones[0][0], Manner.ANSWERS)
    offer = offer_to(sut, 0, await sut.caller_comes())
    withdraw(sut, offer, 0)
    await leg_is_gone(sut, offer)
    await nothing_more(sut)
    assert kinds(sut, offer) == []


async def withdrawing_what_is_not_there_does_nothing(sut: SwitchUnderTest) -> None:
    unknown = OfferId(next(offer_numbers))
    withdraw(sut, unknown, 0)
    await sut.phone_will(sut.phones[0][0], Manner.BUSY)
    ended = offer_to(sut, 0, await sut.caller_comes())
    await failure(sut, ended, Cause.BUSY)
    withdraw(sut, ended, 0)
    await nothing_more(sut)
    assert kinds(sut, unknown) == []
    assert kinds(sut, ended)[-1] == "OfferFailed"
    assert count(sut, ended, e.OfferFailed) == 1


async def a_talk_that_the_caller_ends(sut: SwitchUnderTest) -> None:
    call = await sut.caller_comes()
    offer = await talking(sut, 0, call)
    assert offer in (await look(sut)).talks, "a talk is shown"
    await sut.caller_hangs_up(call)
    await ends_once(sut, offer, Ended.CALLER)


async def a_talk_that_the_operator_ends(sut: SwitchUnderTest) -> None:
    offer = await talking(sut, 0, await sut.caller_comes())
    await sut.phone_hangs_up(sut.phones[0][0])
    await ends_once(sut, offer, Ended.OPERATOR)


async def connecting_twice_joins_once(sut: SwitchUnderTest) -> None:
    call = await sut.caller_comes()
    offer = await answered(sut, 0, call)
    connect(sut, offer, call, 0)
    connect(sut, offer, call, 0)
    await comes(sut, offer, e.TalkStarted)
    connect(sut, offer, call, 0)
    await sut.phone_hangs_up(sut.phones[0][0])
    await ends_once(sut, offer, Ended.OPERATOR)


async def a_leg_lost_while_it_is_connected_comes_to_one_end(sut: SwitchUnderTest) -> None:
    """Joined for a moment or not at all: either is right, and is said whole."""
    call = await sut.caller_comes()
    offer = await answered(sut, 0, call)
    connect(sut, offer, call, 0)
    await sut.phone_hangs_up(sut.phones[0][0])
    ends = {"OfferFailed", "TalkEnded"}
    await sut.until(lambda: not ends.isdisjoint(kinds(sut, offer)), SOON_FOR, f"the end of offer {offer}")
    await leg_is_gone(sut, offer)
    await nothing_more(sut)
    told = [kind for kind in kinds(sut, offer) if kind != "PhoneRang"]
    assert told[1:] in (["OfferFailed"], ["TalkStarted", "TalkEnded"]), f"one end: {told}"


async def a_caller_gone_while_being_connected_is_said(sut: SwitchUnderTest) -> None:
    """As a caller who hung up or as a talk that ended; the centre then withdraws what is left."""
    call = await sut.caller_comes()
    offer = await answered(sut, 0, call)
    connect(sut, offer, call, 0)
    await sut.caller_hangs_up(call)

    def told() -> tuple[int, int]:
        return hang_ups_of(sut, call), count(sut, offer, e.TalkEnded)

    await sut.until(lambda: told() != (0, 0), SOON_FOR, "the caller's end")
    withdraw(sut, offer, 0)
    await leg_is_gone(sut, offer)
    await nothing_more(sut)
    assert max(told()) == 1, f"each is said once at most: {told()}"
    assert count(sut, offer, e.TalkStarted) == count(sut, offer, e.TalkEnded)


async def a_leg_lost_before_the_connect_fails(sut: SwitchUnderTest) -> None:
    call = await sut.caller_comes()
    offer = await answered(sut, 0, call)
    await sut.phone_hangs_up(sut.phones[0][0])
    await fails(sut, offer, Cause.LEG_LOST)


async def connecting_a_leg_that_is_gone_fails(sut: SwitchUnderTest) -> None:
    """The answer to Connect must come, or the caller would wait for a talk for ever."""
    call, unknown = await sut.caller_comes(), OfferId(next(offer_numbers))
    connect(sut, unknown, call, 0)
    await fails(sut, unknown, Cause.LEG_LOST)


async def a_caller_who_hangs_up_before_the_connect_is_said_once(sut: SwitchUnderTest) -> None:
    call = await sut.caller_comes()
    offer = await answered(sut, 0, call)
    await sut.caller_hangs_up(call)
    await sut.until(lambda: hang_ups_of(sut, call) == 1, SOON_FOR, "said that the caller is gone")
    connect(sut, offer, call, 0)
    await failure(sut, offer, Cause.SWITCH_ERROR, Cause.LEG_LOST)
    await nothing_more(sut)
    assert (hang_ups_of(sut, call), count(sut, offer, e.OfferFailed)) == (1, 1)
    assert count(sut, offer, e.TalkStarted) == 0


async def two_offers_at_once_do_not_mix(sut: SwitchUnderTest) -> None:
    calls = [await sut.caller_comes(), await sut.caller_comes()]
    for operator, _ in sut.phones:
        await sut.phone_will(operator, Manner.ANSWERS)
    offers = [offer_to(sut, 0, calls[0]), offer_to(sut, 1, calls[1])]
    for number in (1, 0):
        await comes(sut, offers[number], e.OperatorAnswered)
        connect(sut, offers[number], calls[number], number)
    for offer in offers:
        await comes(sut, offer, e.TalkStarted)
    assert (await look(sut)).talks >= set(offers)
    await sut.phone_hangs_up(sut.phones[0][0])
    await ends_once(sut, offers[0], Ended.OPERATOR)
    assert count(sut, offers[1], e.TalkEnded) == 0, "the other talk goes on"
    assert offers[1] in (await look(sut)).talks
    await sut.caller_hangs_up(calls[1])
    await ends_once(sut, offers[1], Ended.CALLER)


async def what_cannot_be_done_fails_without_raising(sut: SwitchUnderTest) -> None:
    """Also what no centre would ask: a faulty dialplan must cost an offer, never the calls."""
    call = await sut.caller_comes()
    now = sut.now()
    offers = [
        offer_to(sut, 0, call, for_=-1.0),
        offer_to(sut, 0, call, phone="no-such-phone"),
        offer_to(sut, 0, call, phone=""),
        offer_to(sut, 0, call, phone="a\r\nAction: Logoff"),
    ]
    nobody = CallId(f"nobody-{now}")
    perform(sut, c.ReleaseCall(call=nobody, queue=sut.queue, reason=LeaveReason.QUEUE_FULL))
    causes = (Cause.SWITCH_ERROR, Cause.UNREACHABLE)
    for offer in offers:
        await failure(sut, offer, *causes)
    await nothing_more(sut)
    assert [kinds(sut, offer) for offer in offers] == [["OfferFailed"]] * len(offers)


SWITCH_CHECKS: tuple[SwitchCheck, ...] = (
    an_answered_offer_is_said_once,
    a_busy_phone_fails_as_busy,
    a_phone_that_rings_until_the_end_fails_as_not_answered,
    a_phone_that_declines_fails_once,
    a_phone_that_left_is_unreachable_and_back_by_itself,
    a_withdrawn_ringing_is_gone,
    a_withdrawn_answered_leg_is_gone,
    an_offer_withdrawn_in_the_same_moment_is_never_answered,
    withdrawing_what_is_not_there_does_nothing,
    a_talk_that_the_caller_ends,
    a_talk_that_the_operator_ends,
    connecting_twice_joins_once,
    a_leg_lost_while_it_is_connected_comes_to_one_end,
    a_caller_gone_while_being_connected_is_said,
    a_leg_lost_before_the_connect_fails,
    connecting_a_leg_that_is_gone_fails,
    a_caller_who_hangs_up_before_the_connect_is_said_once,
    two_offers_at_once_do_not_mix,
    what_cannot_be_done_fails_without_raising,
    *WORK_CHECKS,
)
