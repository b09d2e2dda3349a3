"""Ways that depend on the caller, values, hours, queues, switches and chance."""

from datetime import UTC, datetime

import pytest

from acd.core.words import QueueId
from ivr.flow.conditions import (
    LOTS,
    AllOf,
    CallerIs,
    Condition,
    IsOpen,
    LanguageIs,
    NobodyIn,
    QueueNow,
    Share,
    SwitchOn,
    ValueBetween,
    ValueIs,
    WaitingMoreThan,
    WaitLongerThan,
    World,
    holds,
    lot,
)
from ivr.flow.hours import Hours, Period
from ivr.flow.inputs import Started
from ivr.flow.model import Choose, Dialplan, Farewell, Line, Rule, SetValues
from ivr.flow.session import start, step
from ivr.flow.states import Session

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
Q = QueueId("q")
OFFICE = Hours(id="office", time_zone="UTC", week=((Period(600, 780),),) * 7)
SESSION = Session(line="main", caller="+380671234567", language="uk", values={"score": "7", "name": "Ганна"})
WORLD = World(
    queues={Q: QueueNow(waiting=5, logged_in=2, expected_wait=90.0)}, switches=frozenset({"outage"})
)


@pytest.mark.parametrize(
    ("condition", "true"),
    [
        (CallerIs(("38067XXXXXXX",)), True),
        (CallerIs(("+38067XXXXXXX",)), True),
        (CallerIs(("067XXXXXXX",)), False),
        (ValueIs("name", ("Олена", "Ганна")), True),
        (ValueIs("none", ("Ганна",)), False),
        (ValueBetween("score", 0, 6), False),
        (ValueBetween("score", 7), True),
        (ValueBetween("score", None, 7), True),
        (ValueBetween("name", 0), False),
        (IsOpen("office"), True),
        (IsOpen("unknown"), True),
        (WaitingMoreThan(Q, 4), True),
        (WaitingMoreThan(Q, 5), False),
        (WaitingMoreThan(QueueId("other"), 0), False),
        (WaitLongerThan(Q, 60.0), True),
        (WaitLongerThan(Q, 90.0), False),
        (NobodyIn(Q), False),
        (NobodyIn(QueueId("other")), True),
        (SwitchOn("outage"), True),
        (SwitchOn("other"), False),
        (LanguageIs("uk"), True),
        (LanguageIs("ru"), False),
        (AllOf((LanguageIs("uk"), SwitchOn("outage"))), True),
        (AllOf((LanguageIs("ru"), SwitchOn("outage"))), False),
        (AllOf((LanguageIs("uk"), SwitchOn("other"))), False),
    ],
)
def test_conditions(condition: Condition, true: bool) -> None:
    assert holds(condition, "s", SESSION, {"office": OFFICE}, WORLD, NOON) is true


def test_a_wait_that_cannot_be_said_is_long_only_where_nobody_works() -> None:
    waiting = World(queues={Q: QueueNow(waiting=1, logged_in=0)})
    assert holds(WaitLongerThan(Q, 60.0), "s", SESSION, {}, waiting, NOON)
    staffed = World(queues={Q: QueueNow(waiting=1, logged_in=1)})
    assert not holds(WaitLongerThan(Q, 60.0), "s", SESSION, {}, staffed, NOON)


def plan(*rules: Rule) -> Dialplan:
    ends = {name: Farewell(id=name, prompts=(name,)) for name in ("a", "b", "c", "other")}
    return Dialplan(
        version="1",
        lines={"main": Line(id="main", names={}, numbers=("1",), languages=("uk",), start="set")},
        steps={
            "set": SetValues(id="set", values={"district": "north"}, then="choose"),
            "choose": Choose(id="choose", rules=rules, otherwise="other"),
            **ends,
        },
    )


def way(dialplan: Dialplan, lot_: int = 0) -> str:
    done = step(dialplan, start(dialplan, "1", "050", NOON, lot=lot_), Started(), NOON, WORLD)
    assert done.session.values == {"district": "north"}
    return done.trace[-1]


def test_the_first_rule_that_holds_wins() -> None:
    rules = (
        Rule(SwitchOn("off"), "a"),
        Rule(ValueIs("district", ("north",)), "b"),
        Rule(SwitchOn("outage"), "c"),
    )
    assert way(plan(*rules)) == "main/choose/rule-2"
    assert way(plan(rules[0])) == "main/choose/otherwise"


def test_calls_are_shared_out_as_written() -> None:
    shared = plan(Rule(Share(0, 60), "a"), Rule(Share(60, 30), "b"))
    ways = [way(shared, number) for number in range(3000)]
    found = [ways.count(f"main/choose/{edge}") / len(ways) for edge in ("rule-1", "rule-2", "otherwise")]
    assert found == pytest.approx([0.6, 0.3, 0.1], abs=0.03)


def test_a_call_draws_anew_at_each_step_but_the_same_lot_at_the_same_step() -> None:
    assert all(0 <= lot(number, "s") < LOTS for number in range(100))
    assert lot(7, "s") == lot(7, "s")
    both = sum(lot(number, "s") < 50 and lot(number, "t") < 50 for number in range(4000)) / 4000
    assert both == pytest.approx(0.25, abs=0.03)
