"""Orders about promises: from words to events, and refusals in plain words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.errors import RefusalCode, Refused
from acd.core.words import OperatorId
from acd.core.work import WorkId
from acd.core.work_events import (
    ClaimGivenBack,
    WorkCalledOff,
    WorkClaimed,
    WorkDone,
    WorkEvent,
    WorkHandedBack,
    WorkPassedOn,
)
from acd.core.work_orders import LONGEST, LONGEST_NAME, ORDERS, BadOrder, read_order, refusal_text

OLENA, SEVEN = OperatorId("olena"), WorkId(7)


@pytest.mark.parametrize(
    ("what", "fields", "event"),
    [
        ("claim", {"operator": " olena "}, WorkClaimed(at=5.0, operator=OLENA, work=SEVEN)),
        ("release", {"operator": "olena"}, ClaimGivenBack(at=5.0, operator=OLENA, work=SEVEN)),
        (
            "forward",
            {"operator": "olena", "department": "networks", "note": "вулиця Садова"},
            WorkPassedOn(at=5.0, operator=OLENA, work=SEVEN, department="networks", note="вулиця Садова"),
        ),
        ("back", {"reason": "not ours"}, WorkHandedBack(at=5.0, work=SEVEN, reason="not ours")),
        (
            "back",
            {"reason": "not mine", "operator": "olena"},
            WorkHandedBack(at=5.0, work=SEVEN, reason="not mine", operator=OLENA),
        ),
        ("close", {"topic": "tariff"}, WorkDone(at=5.0, work=SEVEN, topic="tariff")),
        ("close", {"operator": "olena"}, WorkDone(at=5.0, work=SEVEN, operator=OLENA)),
        ("cancel", {"by": "admin"}, WorkCalledOff(at=5.0, work=SEVEN, by="admin")),
    ],
)
def test_each_order_is_one_event(what: str, fields: dict[str, str], event: WorkEvent) -> None:
    assert read_order(what, 7, fields)(5.0) == event


@pytest.mark.parametrize(
    ("what", "fields", "code"),
    [
        ("explode", {}, "unknown-order"),
        ("claim", {}, "missing-field"),
        ("claim", {"operator": "  "}, "missing-field"),
        ("claim", {"operator": 7}, "bad-field"),
        ("claim", {"operator": "olena", "colour": "red"}, "unknown-field"),
        ("claim", {"operator": "o" * (LONGEST_NAME + 1)}, "bad-field"),
        ("forward", {"operator": "olena"}, "missing-field"),
        ("back", {"reason": "r" * (LONGEST + 1)}, "bad-field"),
        ("back", {"reason": "two\nlines"}, "bad-field"),
        ("cancel", {"by": "\x1b[31m"}, "bad-field"),
    ],
)
def test_a_bad_order_is_told_with_a_stable_code(what: str, fields: dict[str, object], code: str) -> None:
    with pytest.raises(BadOrder) as told:
        read_order(what, 7, fields)
    assert told.value.code == code
    assert told.value.text.endswith(".")


_anything = st.none() | st.integers() | st.text(max_size=30) | st.lists(st.text(max_size=3), max_size=2)


@given(
    st.sampled_from([*ORDERS, "other"]),
    st.dictionaries(
        st.sampled_from(["operator", "department", "note", "reason", "topic", "by", "x"]), _anything
    ),
)
def test_any_fields_are_an_event_or_a_sentence(what: str, fields: dict[str, object]) -> None:
    try:
        event = read_order(what, 7, fields)(1.0)
    except BadOrder:
        return
    assert (event.at, event.work) == (1.0, 7)  # type: ignore[union-attr]


def test_refusals_are_sentences() -> None:
    for code in RefusalCode:
        said = refusal_text(Refused(code, "olena", "The core says so."), 7)
        assert said.endswith(".")
        assert "\n" not in said
    assert refusal_text(Refused(RefusalCode.WORK_TAKEN, "", ""), 7) == "Somebody else has promise 7 now."
    assert refusal_text(Refused(RefusalCode.BAD_DURATION, "", ""), 7) == "Refused: bad-duration."
