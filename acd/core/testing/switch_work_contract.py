"""What every switch must do with work items: operators handle them on their phones, customers are called."""

from acd.core import commands as c
from acd.core.testing.switch_trial import (
    DIAL_FOR,
    LONG_FOR,
    CustomerManner,
    SwitchUnderTest,
    channel_is_gone,
    dial_customer,
    ends_once,
    handling,
    kinds,
    leg_is_gone,
    look,
    nothing_more,
    only_word,
    perform,
    reached,
    told_of_customer,
    withdraw,
)
from acd.core.words import Ended
from acd.core.work import Reach, call_of
from acd.core.work_events import CustomerCalled, CustomerConfirmed

HEARD_OUT_FOR = 30.0
"""Whoever answers is asked, and asked again, before they count as a machine."""


async def a_work_item_is_handled_until_the_operator_hangs_up(sut: SwitchUnderTest) -> None:
    """Nobody is joined with the operator: the leg itself is the talk."""
    offer = await handling(sut, 0, sut.next_work())
    seen = await look(sut)
    assert offer in seen.talks, "an operator who handles a work item is shown as talking"
    assert offer in seen.legs
    await sut.phone_hangs_up(sut.phones[0][0])
    await ends_once(sut, offer, Ended.OPERATOR)


async def a_work_item_that_is_withdrawn_frees_the_phone(sut: SwitchUnderTest) -> None:
    offer = await handling(sut, 0, sut.next_work())
    withdraw(sut, offer, 0)
    await leg_is_gone(sut, offer)
    await nothing_more(sut)
    assert kinds(sut, offer)[-1] == "TalkStarted", "nothing is said of an offer that was withdrawn"


async def a_customer_who_wants_the_call_is_told_of_once_and_waits(sut: SwitchUnderTest) -> None:
    await sut.customer_will(CustomerManner.CONFIRMS)
    work = sut.next_work()
    call = dial_customer(sut, work, for_=LONG_FOR)
    told = await only_word(sut, call, within=HEARD_OUT_FOR)
    assert isinstance(told, CustomerConfirmed)
    assert told.work == work
    assert call in (await look(sut)).calls, "the customer's channel waits, by the id that was given"
    perform(sut, c.StopDialling(work=work, call=call))
    await channel_is_gone(sut, call)


async def _comes_to(
    sut: SwitchUnderTest, manner: CustomerManner, reach: Reach, for_: float = DIAL_FOR
) -> CustomerCalled:
    """One word, and the customer's channel is gone."""
    await sut.customer_will(manner)
    work = sut.next_work()
    call = dial_customer(sut, work, for_=for_)
    told = await reached(sut, call, reach, within=HEARD_OUT_FOR)
    assert told.work == work
    await channel_is_gone(sut, call)
    return told


async def somebody_who_did_not_ask_for_the_call_is_told_of_once(sut: SwitchUnderTest) -> None:
    await _comes_to(sut, CustomerManner.DENIES, Reach.WRONG_PERSON, for_=LONG_FOR)


async def a_machine_is_told_of_once(sut: SwitchUnderTest) -> None:
    await _comes_to(sut, CustomerManner.SILENT, Reach.MACHINE, for_=LONG_FOR)


async def a_customer_whose_line_is_busy_is_told_of_once(sut: SwitchUnderTest) -> None:
    await _comes_to(sut, CustomerManner.BUSY, Reach.BUSY)


async def a_customer_who_does_not_answer_is_told_of_once(sut: SwitchUnderTest) -> None:
    until = sut.now() + DIAL_FOR
    told = await _comes_to(sut, CustomerManner.RINGS, Reach.NO_ANSWER)
    assert told.at >= until - 0.5, "it rings as long as it may"


async def a_forbidden_number_is_not_called(sut: SwitchUnderTest) -> None:
    await reached(sut, dial_customer(sut, sut.next_work(), sut.forbidden), Reach.FORBIDDEN)


async def what_is_no_number_is_not_called(sut: SwitchUnderTest) -> None:
    for number in ("", "1\r\nAction: Logoff"):
        await reached(sut, dial_customer(sut, sut.next_work(), number), Reach.FORBIDDEN, Reach.FAILED)


async def dialling_that_is_stopped_says_nothing_more(sut: SwitchUnderTest) -> None:
    await sut.customer_will(CustomerManner.RINGS)
    work = sut.next_work()
    call = dial_customer(sut, work, for_=LONG_FOR)
    await sut.until_dialled(call)
    await _stopped(sut, c.StopDialling(work=work, call=call))


async def dialling_that_is_stopped_in_the_same_moment_says_nothing_more(sut: SwitchUnderTest) -> None:
    await sut.customer_will(CustomerManner.RINGS)
    work = sut.next_work()
    call = dial_customer(sut, work, for_=LONG_FOR)
    await _stopped(sut, c.StopDialling(work=work, call=call))


async def stopping_what_was_not_dialled_does_nothing(sut: SwitchUnderTest) -> None:
    work = sut.next_work()
    await _stopped(sut, c.StopDialling(work=work, call=call_of(work, 1)))


async def _stopped(sut: SwitchUnderTest, command: c.StopDialling) -> None:
    perform(sut, command)
    await nothing_more(sut)
    assert told_of_customer(sut, command.call) == []
    await channel_is_gone(sut, command.call)


async def dialling_too_late_fails(sut: SwitchUnderTest) -> None:
    await reached(sut, dial_customer(sut, sut.next_work(), for_=-1.0), Reach.FAILED)


WORK_CHECKS = (
    a_work_item_is_handled_until_the_operator_hangs_up,
    a_work_item_that_is_withdrawn_frees_the_phone,
    a_customer_who_wants_the_call_is_told_of_once_and_waits,
    somebody_who_did_not_ask_for_the_call_is_told_of_once,
    a_machine_is_told_of_once,
    a_customer_whose_line_is_busy_is_told_of_once,
    a_customer_who_does_not_answer_is_told_of_once,
    a_forbidden_number_is_not_called,
    what_is_no_number_is_not_called,
    dialling_that_is_stopped_says_nothing_more,
    dialling_that_is_stopped_in_the_same_moment_says_nothing_more,
    stopping_what_was_not_dialled_does_nothing,
    dialling_too_late_fails,
)
