"""Words and numbers agree with num2words, an independent source, in the three languages; nothing raises."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from num2words import num2words

from ivr.flow import wording

LANGUAGES = ("uk", "ru", "en")
LARGEST = 999_999_999
TODAY = date(2026, 3, 29)

languages = st.sampled_from(LANGUAGES)
numbers = st.one_of(
    st.integers(0, 9_999),
    st.integers(0, LARGEST),
    st.builds(lambda head, zeros: min(head * 10**zeros, LARGEST), st.integers(0, 999), st.integers(0, 6)),
)
STRANGE = ("[unk]", "", "25", "007", "9" * 400, "٣", "²", "а", "'", "-", "ё", "\0", "року", "the", "of")


def vocabulary(language: str) -> list[str]:
    words = [*wording.number_vocabulary(language), *wording.date_vocabulary(language), *STRANGE]
    phrases = (wording.yes_words(language), wording.no_words(language), wording.operator_words(language))
    return words + [word for group in phrases for phrase in group for word in phrase.split()]


@st.composite
def salads(draw: st.DrawFn) -> tuple[str, str]:
    """A language and up to 300 of its words in no order."""
    language = draw(languages)
    words = draw(st.lists(st.sampled_from(vocabulary(language)), max_size=300))
    return language, " ".join(words)


@settings(max_examples=1500)
@given(languages, numbers)
@example("uk", 1_001_000)
@example("en", LARGEST)
def test_a_spoken_number_is_read_back(language: str, number: int) -> None:
    spoken = num2words(number, lang=language)
    assert wording.read_number(spoken, language) == number
    assert set(wording.normal(spoken).split()) <= set(
        map(wording.normal, wording.number_vocabulary(language))
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_small_number_is_read_back(language: str) -> None:
    """All up to 1,999, then every seventh up to 9,999: each word in each place."""
    for number in (*range(2_000), *range(2_000, 10_000, 7)):
        assert wording.read_number(num2words(number, lang=language), language) == number


@given(languages, st.text("0123456789", min_size=1, max_size=40))
def test_digits_one_by_one_have_one_reading(language: str, digits: str) -> None:
    spoken = " ".join(num2words(int(digit), lang=language) for digit in digits)
    assert wording.digit_readings(spoken, language) == (digits,)


@given(languages, st.lists(st.integers(0, 999), min_size=1, max_size=5))
def test_numbers_in_a_row_are_among_the_readings(language: str, row: list[int]) -> None:
    """Unless there are more readings than are given; all of them differ in zeros only."""
    readings = wording.digit_readings(" ".join(num2words(number, lang=language) for number in row), language)
    assert 1 <= len(readings) == len(set(readings)) <= 16
    wanted = "".join(map(str, row))
    assert wanted in readings or len(readings) == 16
    assert {reading.replace("0", "") for reading in readings} == {wanted.replace("0", "")}


@given(languages, st.lists(st.integers(10, 99), min_size=1, max_size=5))
def test_pairs_are_read_as_pairs_first(language: str, pairs: list[int]) -> None:
    spoken = " ".join(num2words(pair, lang=language) for pair in pairs)
    assert wording.digit_readings(spoken, language)[0] == "".join(map(str, pairs))


@given(languages, st.text() | st.text("еёЁі'-. \u0300\u0301\u0306\u0308\u0323"))
@example("ru", "ё\N{COMBINING DIAERESIS}")
def test_normal_is_idempotent(language: str, text: str) -> None:
    once = wording.normal(text)
    assert wording.normal(once) == once
    assert once == " ".join(once.split())


@settings(deadline=None)
@given(salads(), st.dates())
def test_word_salad_is_read_quickly_and_never_fails(salad: tuple[str, str], today: date) -> None:
    language, text = salad
    started = time.process_time()
    number = wording.read_number(text, language)
    readings = wording.digit_readings(text, language)
    found = wording.read_date(text, language, today)
    wording.read_yes_no(text, language)
    wording.match(text, wording.yes_words(language))
    assert time.process_time() - started < 1.0
    assert number is None or 0 <= number <= LARGEST
    assert len(readings) <= 16
    assert all(reading.isdigit() for reading in readings)
    assert found is None or isinstance(found, date)


@given(st.text(), st.text(max_size=5), st.dates())
def test_any_text_in_any_language_is_read_without_failure(text: str, language: str, today: date) -> None:
    for spoken_in in (*LANGUAGES, language):
        wording.read_number(text, spoken_in)
        wording.digit_readings(text, spoken_in)
        wording.read_date(text, spoken_in, today)
        wording.read_yes_no(text, spoken_in)
    assert wording.match(text, [text]) in (None, text)


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)), st.integers(-182, 182))
def test_a_day_and_month_mean_the_nearest_such_day(today: date, days: int) -> None:
    try:
        wanted = today + timedelta(days)
    except OverflowError:
        return
    assert wording.date_from_keys(f"{wanted:%d%m}", today) == wanted


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_eight_keys_are_the_date(day: date) -> None:
    assert wording.date_from_keys(f"{day:%d%m%Y}", TODAY) == day


@given(languages, st.dates(date(1901, 1, 1), date(2099, 12, 31)))
def test_the_words_of_a_date_are_read_back(language: str, day: date) -> None:
    assert wording.read_date(spoken_date(day, language), language, TODAY) == day


@given(languages, st.dates(date(1901, 1, 1), date(2099, 12, 31)))
def test_the_words_of_a_date_are_in_its_vocabulary(language: str, day: date) -> None:
    words = wording.normal(spoken_date(day, language)).split()
    assert set(words) <= set(map(wording.normal, wording.date_vocabulary(language)))


MONTHS = {
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "en": "January February March April May June July August September October November December",
}


def spoken_date(day: date, language: str) -> str:
    month = MONTHS[language].split()[day.month - 1]
    ordinal = num2words(day.day, lang=language, to="ordinal")
    if language == "en":
        return f"{month} the {ordinal}, {num2words(day.year, lang='en', to='year')}"
    if day.year == 2000:
        year = {"uk": "двохтисячного", "ru": "двухтысячного"}[language]
        return f"{neuter(ordinal, language)} {month} {year}"
    century, rest = divmod(day.year, 100)
    thousands = num2words(century * 100, lang=language)
    year = genitive(num2words(rest, lang=language, to="ordinal"), language)
    return f"{neuter(ordinal, language)} {month} {thousands} {year} {'року' if language == 'uk' else 'года'}"


def neuter(ordinal: str, language: str) -> str:
    """Of the masculine nominative that num2words gives: 'друге число'."""
    if ordinal.endswith("ій"):
        return ordinal[:-2] + "є"
    if ordinal.endswith("третий"):
        return ordinal[:-2] + "ье"
    return ordinal[:-2] + ("е" if language == "uk" else "ое")


def genitive(ordinal: str, language: str) -> str:
    if ordinal.endswith("ій"):
        return ordinal[:-2] + "ього"
    if ordinal.endswith("третий"):
        return ordinal[:-2] + "ьего"
    return ordinal[:-2] + "ого"
