"""What every switch must do with work items: operators handle them on their phones, customers are called."""

from acd.core import commands as c
from acd.core.testing.switch_trial import (
    LONG_FOR,
    Manner,
    SwitchUnderTest,
    dial_customer,
    ends_once,
    handling,
    kinds,
    leg_is_gone,
    look,
    nothing_more,
    perform,
    reached,
    reaches_of,
    withdraw,
)
from acd.core.words import Ended
from acd.core.work import Reach


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


async def a_customer_whose_line_is_busy_is_told_of_once(sut: SwitchUnderTest) -> None:
    await sut.phone_will(sut.phones[1][0], Manner.BUSY)
    await reached(sut, dial_customer(sut, sut.next_work()), Reach.BUSY)


async def a_customer_who_does_not_answer_is_told_of_once(sut: SwitchUnderTest) -> None:
    await sut.phone_will(sut.phones[1][0], Manner.RINGS)
    await reached(sut, dial_customer(sut, sut.next_work()), Reach.NO_ANSWER)


async def a_forbidden_number_is_not_called(sut: SwitchUnderTest) -> None:
    await reached(sut, dial_customer(sut, sut.next_work(), sut.forbidden), Reach.FORBIDDEN)


async def dialling_that_is_stopped_says_nothing_more(sut: SwitchUnderTest) -> None:
    await sut.phone_will(sut.phones[1][0], Manner.RINGS)
    work = sut.next_work()
    call = dial_customer(sut, work, for_=LONG_FOR)
    await sut.until_dialled(call)
    perform(sut, c.StopDialling(work=work, call=call))
    await nothing_more(sut)
    assert reaches_of(sut, call) == []
    assert call not in (await look(sut)).calls, "the customer's channel is gone"


async def dialling_too_late_fails(sut: SwitchUnderTest) -> None:
    await reached(sut, dial_customer(sut, sut.next_work(), for_=-1.0), Reach.FAILED)


WORK_CHECKS = (
    a_work_item_is_handled_until_the_operator_hangs_up,
    a_work_item_that_is_withdrawn_frees_the_phone,
    a_customer_whose_line_is_busy_is_told_of_once,
    a_customer_who_does_not_answer_is_told_of_once,
    a_forbidden_number_is_not_called,
    dialling_that_is_stopped_says_nothing_more,
    dialling_too_late_fails,
)
