"""The listener without sound: its answers come in order, and nothing is answered that was not expected."""

from typing import cast

import pytest

from acd.core.words import CallId
from ivr.asterisk.agi import AgiSession, CallerGone
from ivr.listening_testing import FakeListener
from ivr.question import Asks, Busy, Keys, ListeningFailed, Question, Silent

NOBODY = cast(AgiSession, None)


async def test_answers_come_in_order() -> None:
    listener = FakeListener([Silent(), lambda question: Keys("2") if question.beep else Busy()])
    asks: Asks = listener
    assert await asks.ask(NOBODY, Question()) == Silent()
    assert await asks.ask(NOBODY, Question(beep=True)) == Keys("2")
    assert [question.beep for question in listener.asked] == [False, True]
    with pytest.raises(AssertionError, match="question 3"):
        await asks.ask(NOBODY, Question())


async def test_exceptions_are_raised() -> None:
    listener = FakeListener([CallerGone(), ListeningFailed("no stream")])
    with pytest.raises(CallerGone):
        await listener.ask(NOBODY, Question())
    with pytest.raises(ListeningFailed, match="no stream"):
        await listener.ask(NOBODY, Question())


def test_keys_that_asterisk_reports_are_remembered() -> None:
    listener = FakeListener()
    assert listener.key(CallId("1.1"), "5")
    assert listener.keys == [("1.1", "5")]
