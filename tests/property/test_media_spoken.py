"""Whatever the value: words agree with num2words and CLDR, and every recording that is needed is known."""

from datetime import date, timedelta

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from ivr.flow.said import Amount, Count, Day, Digits, Duration, Piece, TimeOfDay
from ivr.media.spoken import CURRENCIES, LANGUAGES, LARGEST, all_fragments, fragments_of, nouns, words_of

NUMBERS = st.one_of(
    st.integers(0, LARGEST),
    st.integers(0, 120),
    st.builds(lambda a, b, c: a * 10**6 + b * 1000 + c, *[st.sampled_from([0, 1, 2, 5, 11, 21, 100])] * 3),
)
NOUNS = st.sampled_from(["", *nouns("uk")])
PIECES: st.SearchStrategy[Piece] = st.one_of(
    st.builds(Digits, st.text("0123456789", min_size=1, max_size=20)),
    st.builds(Count, NUMBERS, NOUNS),
    st.builds(Amount, st.integers(0, LARGEST * 100 + 99), st.sampled_from(list(CURRENCIES))),
    st.builds(Day, st.dates(date(1900, 1, 1), date(2099, 12, 31))),
    st.builds(TimeOfDay, st.times()),
    st.builds(Duration, st.integers(0, 8_639_999)),
)
LANGUAGE = st.sampled_from(LANGUAGES)


def by_num2words(number: int, language: str, **how: str) -> str:
    """The independent source, without what it has wrong or what is not heard:

    - English gets commas between thousands ('one thousand, two hundred').
    - A noun's gender also changes Russian millions ('одна миллион' for a feminine one), which are masculine.
    - Ukrainian knows no neuter ('один повідомлення'): the last word is put right here.
    """
    millions, rest = number // 10**6 * 10**6, number % 10**6
    if how and millions:
        gendered = [by_num2words(rest, language, **how)] if rest else []
        return " ".join([by_num2words(millions, language), *gendered])
    words = str(num2words(number, lang=language, **how)).replace(",", "")
    if language == "uk" and how.get("gender") == "n":
        return " ".join("одне" if word == "один" else word for word in words.split())
    return words


@given(NUMBERS, LANGUAGE)
def test_a_number_alone_is_what_num2words_says(number: int, language: str) -> None:
    assert words_of(Count(number), language) == by_num2words(number, language)


@given(NUMBERS, st.sampled_from(["uk", "ru"]), st.sampled_from([("parcel", "feminine"), ("message", "n")]))
def test_a_number_takes_the_gender_of_its_noun(number: int, language: str, noun: tuple[str, str]) -> None:
    *words, _ = words_of(Count(number, noun[0]), language).split()
    assert " ".join(words) == by_num2words(number, language, gender=noun[1])


@given(NUMBERS, st.sampled_from(list(nouns("uk"))), LANGUAGE)
def test_the_noun_has_the_plural_form_of_cldr(number: int, noun: str, language: str) -> None:
    form = Locale.parse(language).plural_form(number)
    assert words_of(Count(number, noun), language).endswith(" " + nouns(language)[noun].forms[form])


@given(NUMBERS, LANGUAGE)
def test_thousands_and_millions_have_the_plural_form_of_cldr(number: int, language: str) -> None:
    said = fragments_of(Count(number), language)
    plural = Locale.parse(language).plural_form
    for name, count in (("million", number // 10**6), ("thousand", number // 1000 % 1000)):
        forms = [fragment for fragment in said if fragment.startswith(f"say/{name}")]
        assert len(forms) == (count > 0)
        if count and language != "en":
            assert forms == [f"say/{name}-{plural(count)}"]


@given(PIECES, LANGUAGE)
def test_every_recording_is_known_and_its_words_are_the_words(piece: Piece, language: str) -> None:
    table = all_fragments(language)
    fragments = fragments_of(piece, language)
    assert fragments
    assert set(fragments) <= set(table)
    assert " ".join(table[fragment] for fragment in fragments) == words_of(piece, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_days_sound_alike(language: str) -> None:
    first = date(1900, 1, 1)
    count = (date(2100, 1, 1) - first).days
    days = {fragments_of(Day(first + timedelta(days=place)), language) for place in range(count)}
    assert len(days) == count
