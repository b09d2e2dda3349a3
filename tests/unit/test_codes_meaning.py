"""What operators' codes mean, and which prompt answers."""

import pytest

from acd.core.events import BreakChosen, OperatorLoggedIn, OperatorLoggedOut, OperatorReady, WrapUpProlonged
from acd.core.facts import (
    CallEntered,
    Fact,
    NextStatusChosen,
    OperatorFreed,
    SetAsideEnded,
    StatusChanged,
    WrapUpMoved,
)
from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work_events import WorkAskedFor
from ivr.codes import PROLONG_FOR, PersonEvent, confirmation, event_of

ANNA = OperatorId("anna")
REASONS = ("lunch", "pause")


@pytest.mark.parametrize(
    ("code", "event"),
    [
        ("*10", OperatorLoggedIn(at=1.0, operator=ANNA)),
        ("*11", OperatorLoggedOut(at=1.0, operator=ANNA)),
        ("*12", OperatorReady(at=1.0, operator=ANNA)),
        ("*131", BreakChosen(at=1.0, operator=ANNA, reason="lunch")),
        ("*132", BreakChosen(at=1.0, operator=ANNA, reason="pause")),
        ("*14", WrapUpProlonged(at=1.0, operator=ANNA, extra_for=PROLONG_FOR)),
        ("*151", BreakChosen(at=1.0, operator=ANNA, reason="lunch")),
        ("*150", OperatorLoggedOut(at=1.0, operator=ANNA)),
        ("*17", WorkAskedFor(at=1.0, operator=ANNA)),
        *(
            (code, None)
            for code in ("*13", "*130", "*133", "*15", "*153", "*1", "*", "", "*18", "*13²", "*13*")
        ),
    ],
)
def test_codes(code: str, event: PersonEvent | None) -> None:
    assert event_of(code, ANNA, REASONS, 1.0) == event


LOG_IN, READY = OperatorLoggedIn(at=1.0, operator=ANNA), OperatorReady(at=1.0, operator=ANNA)


@pytest.mark.parametrize(
    ("event", "fact", "prompt"),
    [
        (LOG_IN, StatusChanged(at=1.0, operator=ANNA, status="available"), "op-logged-in"),
        (READY, StatusChanged(at=1.0, operator=ANNA, status="available"), "op-ready"),
        (READY, StatusChanged(at=1.0, operator=ANNA, status="on break", reason="lunch"), "op-break-lunch"),
        (READY, StatusChanged(at=1.0, operator=ANNA, status="logged out"), "op-logged-out"),
        (READY, NextStatusChosen(at=1.0, operator=ANNA, status="on break", reason="x"), "op-next-x"),
        (READY, NextStatusChosen(at=1.0, operator=ANNA, status="logged out"), "op-next-log-out"),
        (READY, NextStatusChosen(at=1.0, operator=ANNA, status=""), "op-ready"),
        (READY, WrapUpMoved(at=1.0, operator=ANNA, until=2.0), "op-wrap-up-prolonged"),
        (READY, OperatorFreed(at=1.0, operator=ANNA), "op-wrap-up-ended"),
        (READY, SetAsideEnded(at=1.0, operator=ANNA), "op-ready"),
    ],
)
def test_confirmations(event: PersonEvent, fact: Fact, prompt: str) -> None:
    other = StatusChanged(at=1.0, operator=OperatorId("other"), status="logged out")
    entered = CallEntered(
        at=1.0,
        call=CallId("c"),
        queue=QueueId("q"),
        caller="",
        line="",
        priority=0,
        needs=(),
        waiting_since=1.0,
    )
    assert confirmation(ANNA, event, [entered, other, fact])[0] == prompt
