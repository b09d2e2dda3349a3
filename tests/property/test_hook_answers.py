"""Whatever a service answers, the reader gives a HookAnswer whose pieces can be said, or a HookFailed."""

import json
from datetime import date, time
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.hook import HookAnswer
from ivr.flow.said import Amount, Count, Day, Digits, Duration, Said, TimeOfDay
from ivr.hooks.answer import LONGEST_VALUE, MOST_PIECES, MOST_VALUES, read_answer
from ivr.hooks.failed import HookFailed

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANY_JSON = st.recursive(LEAVES, lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=20)
KINDS = st.sampled_from(["digits", "number", "of", "amount", "currency", "date", "time", "duration", "other"])
NEARLY = st.one_of(
    LEAVES,
    st.sampled_from(
        ["1", "007", "12.50", "1.", "-1", "2026-02-30", "2026-02-28", "24:00", "23:59", "UAH", "day"]
    ),
    st.sampled_from(["a", "prompt-1", "Prompt", "1\n", "١٢", "1" * 61]),
    st.integers(-1, 10**9),
)
NEARLY_RIGHT = st.fixed_dictionaries(
    {},
    optional={
        "go": NEARLY,
        "say": st.lists(NEARLY | st.dictionaries(KINDS, NEARLY, max_size=2), max_size=4) | NEARLY,
        "values": st.dictionaries(st.text(max_size=3), NEARLY, max_size=3) | NEARLY,
    },
)


def read(body: bytes) -> HookAnswer | None:
    failed: HookFailed
    try:
        return read_answer(body)
    except HookFailed as error:
        failed = error
    assert len(failed.reason) < 300
    assert failed.reason.isprintable()
    return None


def can_be_said(piece: Said) -> bool:
    match piece:
        case str(prompt):
            return 0 < len(prompt) <= 60 and prompt.isascii() and prompt.replace("-", "a").isalnum()
        case Digits(digits):
            return digits.isascii() and digits.isdecimal()
        case Count(value, noun):
            return 0 <= value <= 999_999_999 and noun.isascii()
        case Amount(minor, currency):
            return 0 <= minor <= 99_999_999_999 and currency in {"UAH", "RUB", "USD", "EUR"}
        case Duration(seconds):
            return 0 <= seconds <= 8_639_999
        case _:
            return isinstance(piece, Day | TimeOfDay)


def check(body: bytes) -> None:
    answer = read(body)
    if answer is not None:
        assert all(can_be_said(piece) for piece in answer.say)
        assert len(answer.say) <= MOST_PIECES
        assert len(answer.values) <= MOST_VALUES
        assert all(len(text) <= LONGEST_VALUE and text.isprintable() for text in answer.values.values())


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    check(body)


@given(ANY_JSON)
def test_any_json(written: object) -> None:
    check(json.dumps(written).encode())


@given(NEARLY_RIGHT)
def test_nearly_right_answers(written: object) -> None:
    check(json.dumps(written).encode())


@given(
    st.integers(0, 999_999_999),
    st.decimals(0, Decimal("999999999.99"), places=2),
    st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x4FF), max_size=LONGEST_VALUE).filter(
        str.isprintable
    ),
)
def test_what_is_right_is_taken_as_it_is(
    number: int, amount: Decimal, day: date, at: time, text: str
) -> None:
    pieces = [{"number": number}, {"amount": str(amount)}, {"date": day.isoformat()}, {"time": f"{at:%H:%M}"}]
    answer = read(json.dumps({"say": pieces, "values": {"name": text}}).encode())
    assert answer == HookAnswer(
        "", (Count(number), Amount(int(amount * 100)), Day(day), TimeOfDay(at)), {"name": text}
    )
