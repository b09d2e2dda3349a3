"""What the server says, it understands: numbers, digits and dates of the whole range, in each language."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.said import Count, Day, Digits
from ivr.flow.wording import (
    date_vocabulary,
    digit_readings,
    normal,
    number_vocabulary,
    read_date,
    read_number,
)
from ivr.media.spoken import words_of

LANGUAGES = ("uk", "ru", "en")
TODAY = date(2026, 11, 22)
MOST = 999_999_999
NUMBERS = st.one_of(
    st.integers(0, MOST),
    st.integers(0, 2_000),
    st.integers(0, 9).flatmap(lambda zeros: st.integers(0, MOST // 10**zeros).map(lambda n: n * 10**zeros)),
)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=400, deadline=None)
@given(number=NUMBERS)
def test_a_number_is_understood_as_it_is_said(language: str, number: int) -> None:
    words = words_of(Count(number), language)
    assert read_number(words, language) == number
    assert set(normal(words).split()) <= set(number_vocabulary(language))


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=150, deadline=None)
@given(digits=st.text("0123456789", min_size=1, max_size=13))
def test_digits_are_understood_as_they_are_read_back(language: str, digits: str) -> None:
    words = words_of(Digits(digits), language)
    assert digits in digit_readings(words, language)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=150, deadline=None)
@given(days=st.integers(-36_500, 20 * 365))
def test_a_date_is_understood_as_it_is_said(language: str, days: int) -> None:
    day = TODAY + timedelta(days)
    words = words_of(Day(day), language)
    assert read_date(words, language, TODAY) == day
    assert set(normal(words).split()) <= {normal(word) for word in date_vocabulary(language)}
