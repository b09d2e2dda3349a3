"""What `why` tells of calls in which something was promised, and of the calls that keep the promise."""

from acd.core.why import why
from tests.unit.work_kit import NUMBER, CallId, Reach, WorkKit, c, customer_first, operator


def told(kit: WorkKit, call: str) -> str:
    return why(kit.records, CallId(call), kit.center.settings).text()


def test_a_call_that_was_promised_a_call_back() -> None:
    kit = WorkKit(operator("ann"))
    kit.enter("c1", caller=NUMBER)
    kit.after(40)
    kit.promise(call=CallId("c1"))
    story = told(kit, "c1")
    assert "A call-back was promised as item 1, in 60 min." in story
    assert "It keeps the place of 40 s ago." in story
    assert "Left the queue without an operator: call-back." in story


def test_the_caller_who_called_in() -> None:
    kit = WorkKit(operator("ann"))
    kit.promise()
    kit.after(10)
    kit.enter("c2", caller=NUMBER)
    assert "It took over the place of item 1, a call-back not made yet." in told(kit, "c2")


def test_the_call_to_the_customer() -> None:
    kit = WorkKit(operator("ann"), call_back=customer_first(retry_after={Reach.BUSY: (60.0,)}))
    kit.log_in()
    kit.promise()
    kit.called(Reach.BUSY)
    kit.after(60)
    kit.confirm()
    kit.talk("work-1-2")
    assert "Attempt 1 to call the customer: busy; again in 60 s." in told(kit, "work-1-1")
    second = told(kit, "work-1-2")
    assert "The customer of item 1 was called, attempt 2." in second
    assert "The customer answered and wanted the call." in second
    assert "Talked to Ann" in second


def test_the_place_of_an_item_and_a_journal_from_the_middle() -> None:
    kit = WorkKit(operator("ann"))
    kit.log_in()
    kit.promise()
    assert kit.asked(c.Offer)
    assert "The place of item 1 entered the queue q with 0 callers ahead." in told(kit, "work-1-1")
    kit.deal()
    kit.called(Reach.TALKED)
    kit.end("work-1-1")
    for begin in range(len(kit.records)):
        why(kit.records[begin:], CallId("work-1-1"), kit.center.settings)
