"""The variable that brings a waiting call back after a restart: whole, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.words import QueueId
from ivr.flow.actions import EnterQueue
from ivr.flow.model import Dialplan, Line, Wait
from ivr.flow.session import Session, step
from ivr.flow.states import Waiting
from ivr.returning import before_queue, pack, unpack, version_of

PLAN = Dialplan(
    version="1",
    lines={"main": Line(id="main", names={}, numbers=("100",), languages=("uk",), start="ask")},
    steps={"ask": Wait(id="ask", queue=QueueId("q"), leave_keys={"*": "ask"}, whisper="w")},
)
SESSION = Session(
    line="main",
    caller="0501234567",
    language="ru",
    state=Waiting("ask"),
    silences=1,
    wrong_keys=2,
    misheard=3,
    speech_faults=1,
    values={"account": "00012345"},
    steps=7,
    last_chance=True,
)


def test_back_as_it_was() -> None:
    kept = pack(SESSION)
    assert len(kept) < 200
    assert "050" not in kept
    assert unpack(kept, PLAN, SESSION.caller) == SESSION


def test_the_version_that_the_call_goes_by_comes_along() -> None:
    kept = pack(SESSION, 17)
    assert version_of(kept) == 17
    assert unpack(kept, PLAN, SESSION.caller) == SESSION
    for strange in ("", "[", "{}", "[3]", kept.replace("17]", "-1]"), kept.replace("17]", '"17"]')):
        assert version_of(strange) == 0


def test_what_an_older_server_left_is_read_too() -> None:
    kept = '[2,"main","uk","ask",[0,0,0,0,0,0],{}]'
    assert unpack(kept, PLAN, "") == Session(line="main", caller="", language="uk", state=Waiting("ask"))
    assert version_of(kept) == 0


def test_values_that_do_not_fit_are_left_out_oldest_first() -> None:
    values = {f"v{number}": "я" * 100 for number in range(10)}
    kept = pack(replace(SESSION, values=values))
    found = unpack(kept, PLAN, SESSION.caller)
    assert found is not None
    assert len(kept) <= 1500
    assert list(found.values) == list(values)[-len(found.values) :]
    assert found.values


def test_the_way_into_the_queue_again_keeps_language_and_counters() -> None:
    session, given_input = before_queue(SESSION)
    after = step(PLAN, session, given_input, datetime.now(UTC))
    assert [type(action) for action in after.actions] == [EnterQueue]
    assert after.actions[0] == EnterQueue(queue=QueueId("q"), leave_keys="*", whisper="w")
    assert replace(after.session, steps=SESSION.steps) == SESSION


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "[]",
        "{}",
        "[1]",
        '[1,"main","uk","ask",[0,0,0,0,0,0],{}]',
        '[2,"other","uk","ask",[0,0,0,0,0,0],{}]',
        '[2,"main","uk","gone",[0,0,0,0,0,0],{}]',
        '[2,"main","uk;x","ask",[0,0,0,0,0,0],{}]',
        '[2,"main","uk","ask",[0,0,-1,0,0,0],{}]',
        '[2,"main","uk","ask",[0,0,0,0,999999999,0],{}]',
        '[2,"main","uk","ask",[0,0,0,0,0],{}]',
        '[2,"main","uk","ask",[0,0,0,0,0,0],{"account":5}]',
        "[" * 100_000,
    ],
)
def test_what_is_not_ours_is_nothing(kept: str) -> None:
    assert unpack(kept, PLAN, "") is None


@settings(max_examples=200, deadline=None)
@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(str))
def test_no_value_does_harm(kept: str) -> None:
    found = unpack(kept, PLAN, "")
    assert found is None or found.step == "ask"
