"""Numbers, amounts, dates and times in words, against forms that a grammar of the language gives."""

from datetime import date, time

import pytest

from ivr.flow.said import Amount, Count, Day, Digits, Duration, Piece, TimeOfDay
from ivr.media.spoken import (
    LANGUAGES,
    OutOfRange,
    SpokenError,
    UnknownCurrency,
    UnknownLanguage,
    UnknownNoun,
    all_fragments,
    fragments_of,
    nouns,
    words_of,
)

UKRAINIAN = [
    (Count(0), "нуль"),
    (Count(25), "двадцять п'ять"),
    (Count(742), "сімсот сорок два"),
    (Count(21_000), "двадцять одна тисяча"),
    (Count(2_000), "дві тисячі"),
    (Count(1_000_000), "один мільйон"),
    (Count(2_345_678), "два мільйони триста сорок п'ять тисяч шістсот сімдесят вісім"),
    (Count(1, "parcel"), "одна посилка"),
    (Count(2, "parcel"), "дві посилки"),
    (Count(5, "parcel"), "п'ять посилок"),
    (Count(11, "parcel"), "одинадцять посилок"),
    (Count(12, "parcel"), "дванадцять посилок"),
    (Count(21, "parcel"), "двадцять одна посилка"),
    (Count(111, "parcel"), "сто одинадцять посилок"),
    (Count(122, "parcel"), "сто двадцять дві посилки"),
    (Count(0, "parcel"), "нуль посилок"),
    (Count(1000, "parcel"), "одна тисяча посилок"),
    (Count(1, "message"), "одне повідомлення"),
    (Count(51, "message"), "п'ятдесят одне повідомлення"),
    (Count(2, "message"), "два повідомлення"),
    (Count(32, "kilowatt-hour"), "тридцять дві кіловат-години"),
    (Count(14, "cubic-metre"), "чотирнадцять кубометрів"),
    (Count(3, "year"), "три роки"),
    (Amount(100), "одна гривня"),
    (Amount(200), "дві гривні"),
    (Amount(500), "п'ять гривень"),
    (Amount(1), "одна копійка"),
    (Amount(123_45), "сто двадцять три гривні сорок п'ять копійок"),
    (Amount(101, "USD"), "один долар один цент"),
    (Amount(22_02, "EUR"), "двадцять два євро два центи"),
    (Amount(2_00, "RUB"), "два рублі"),
    (Amount(0), "нуль гривень"),
    (Day(date(2026, 11, 22)), "двадцять друге листопада дві тисячі двадцять шостого року"),
    (Day(date(1900, 3, 3)), "третє березня тисяча дев'ятисотого року"),
    (Day(date(2000, 1, 31)), "тридцять перше січня двохтисячного року"),
    (Day(date(2003, 2, 1)), "перше лютого дві тисячі третього року"),
    (Day(date(2010, 8, 13)), "тринадцяте серпня дві тисячі десятого року"),
    (Day(date(1954, 6, 24)), "двадцять четверте червня тисяча дев'ятсот п'ятдесят четвертого року"),
    (Day(date(2040, 12, 8)), "восьме грудня дві тисячі сорокового року"),
    (TimeOfDay(time(14, 30)), "чотирнадцята година тридцять хвилин"),
    (TimeOfDay(time(3, 1)), "третя година одна хвилина"),
    (TimeOfDay(time(0, 22)), "нуль годин двадцять дві хвилини"),
    (TimeOfDay(time(21, 0)), "двадцять перша година"),
    (Duration(93_784), "один день дві години три хвилини чотири секунди"),
    (Duration(3_600), "одна година"),
    (Duration(0), "нуль секунд"),
    (Digits("40125"), "чотири нуль один, два п'ять"),
]
RUSSIAN = [
    (Count(0), "ноль"),
    (Count(740), "семьсот сорок"),
    (Count(2_000), "две тысячи"),
    (Count(21_021), "двадцать одна тысяча двадцать один"),
    (Count(5_000_000), "пять миллионов"),
    (Count(1, "parcel"), "одна посылка"),
    (Count(2, "parcel"), "две посылки"),
    (Count(25, "parcel"), "двадцать пять посылок"),
    (Count(21, "message"), "двадцать одно сообщение"),
    (Count(2, "kilowatt-hour"), "два киловатт-часа"),
    (Count(1_001, "kilowatt-hour"), "одна тысяча один киловатт-час"),
    (Count(4, "year"), "четыре года"),
    (Count(5, "year"), "пять лет"),
    (Amount(100), "одна гривна"),
    (Amount(1101_51), "одна тысяча сто одна гривна пятьдесят одна копейка"),
    (Amount(101, "RUB"), "один рубль одна копейка"),
    (Amount(5_00, "RUB"), "пять рублей"),
    (Amount(3_03, "USD"), "три доллара три цента"),
    (Day(date(2026, 11, 22)), "двадцать второе ноября две тысячи двадцать шестого года"),
    (Day(date(1900, 3, 3)), "третье марта тысяча девятисотого года"),
    (Day(date(2000, 5, 6)), "шестое мая двухтысячного года"),
    (Day(date(2010, 10, 7)), "седьмое октября две тысячи десятого года"),
    (Day(date(1943, 9, 4)), "четвёртое сентября тысяча девятьсот сорок третьего года"),
    (Day(date(2099, 12, 31)), "тридцать первое декабря две тысячи девяносто девятого года"),
    (TimeOfDay(time(14, 30)), "четырнадцать часов тридцать минут"),
    (TimeOfDay(time(1, 2)), "один час две минуты"),
    (TimeOfDay(time(22, 0)), "двадцать два часа"),
    (TimeOfDay(time(0, 0)), "ноль часов ноль минут"),
    (Duration(86_461), "один день одна минута одна секунда"),
    (Digits("12345678"), "один два три, четыре пять шесть, семь восемь"),
]
ENGLISH = [
    (Count(0), "zero"),
    (Count(742), "seven hundred and forty-two"),
    (Count(700), "seven hundred"),
    (Count(1_001), "one thousand and one"),
    (Count(1_100), "one thousand one hundred"),
    (Count(2_000_050), "two million and fifty"),
    (Count(2_001_000), "two million one thousand"),
    (Count(1, "parcel"), "one parcel"),
    (Count(21, "parcel"), "twenty-one parcels"),
    (Count(0, "day"), "zero days"),
    (Count(3, "cubic-metre"), "three cubic metres"),
    (Amount(123_45, "USD"), "one hundred and twenty-three dollars and forty-five cents"),
    (Amount(1_00, "EUR"), "one euro"),
    (Amount(5), "five kopiykas"),
    (Day(date(2026, 11, 22)), "November twenty-second, twenty twenty-six"),
    (Day(date(1900, 3, 3)), "March third, nineteen hundred"),
    (Day(date(1905, 3, 21)), "March twenty-first, nineteen oh five"),
    (Day(date(2000, 1, 1)), "January first, two thousand"),
    (Day(date(2009, 1, 12)), "January twelfth, two thousand and nine"),
    (Day(date(2010, 7, 30)), "July thirtieth, twenty ten"),
    (TimeOfDay(time(14, 30)), "two thirty p.m."),
    (TimeOfDay(time(9, 5)), "nine oh five a.m."),
    (TimeOfDay(time(12, 15)), "twelve fifteen p.m."),
    (TimeOfDay(time(0, 15)), "twelve fifteen a.m."),
    (TimeOfDay(time(12, 0)), "noon"),
    (TimeOfDay(time(0, 0)), "midnight"),
    (Duration(7_260), "two hours one minute"),
    (Digits("907"), "nine zero seven"),
]
CASES = [
    (language, piece, words)
    for language, table in (("uk", UKRAINIAN), ("ru", RUSSIAN), ("en", ENGLISH))
    for piece, words in table
]


@pytest.mark.parametrize(("language", "piece", "words"), CASES)
def test_words(language: str, piece: Piece, words: str) -> None:
    assert words_of(piece, language) == words


def test_digits_are_parted_so_that_none_stands_alone() -> None:
    groups = {
        length: [len(group.split()) for group in words_of(Digits("7" * length), "en").split(",")]
        for length in (1, 2, 3, 4, 5, 7, 8, 13)
    }
    assert groups == {
        1: [1],
        2: [2],
        3: [3],
        4: [2, 2],
        5: [3, 2],
        7: [3, 2, 2],
        8: [3, 3, 2],
        13: [3, 3, 3, 2, 2],
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recordings_are_few_and_named_safely(language: str) -> None:
    table = all_fragments(language)
    assert 220 <= len(table) <= 350
    for fragment, words in table.items():
        place, _, name = fragment.partition("/")
        assert place == "say"
        assert name.replace("-", "").isalnum()
        assert name.isascii()
        assert name == name.lower()
        assert words == words.strip() != ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_recording_is_said_by_some_piece(language: str) -> None:
    """What no piece needs would be recorded in vain."""
    pieces: list[Piece] = [Count(value) for value in range(1000)]
    pieces += [Count(value, noun) for noun in nouns(language) for value in (*range(23), *range(31, 100))]
    pieces += [Count(value * 10**6 + value * 1000 + 1) for value in (1, 2, 5)]
    pieces += [Count(1_001_001), Count(1_000_001), Count(1_000_000), Count(1000), Amount(101)]
    pieces += [Day(date(year, 1, 1 + year % 31)) for year in range(1900, 2100)]
    pieces += [Day(date(2024, month, 28)) for month in range(1, 13)]
    pieces += [TimeOfDay(time(hour, minute)) for hour in range(24) for minute in range(60)]
    pieces += [Digits(f"{digit}012") for digit in range(10)] + [Digits(f"0{digit}00") for digit in range(10)]
    said = {fragment for piece in pieces for fragment in fragments_of(piece, language)}
    assert set(all_fragments(language)) - said == set()


@pytest.mark.parametrize(
    ("piece", "error", "why"),
    [
        (Count(-1), OutOfRange, "0 to 999999999"),
        (Count(1_000_000_000), OutOfRange, "0 to 999999999"),
        (Count(1, "unicorn"), UnknownNoun, "'unicorn' cannot be counted; these can: caller, cent"),
        (Amount(1, "GBP"), UnknownCurrency, "'GBP' is no currency that can be said; these can: UAH"),
        (Amount(100_000_000_000), OutOfRange, "99999999999"),
        (Digits(""), OutOfRange, "at least one of 0-9"),
        (Digits("12a"), OutOfRange, "at least one of 0-9"),
        (Digits("١٢"), OutOfRange, "at least one of 0-9"),
        (Day(date(1899, 12, 31)), OutOfRange, "1900 to 2099"),
        (Day(date(2100, 1, 1)), OutOfRange, "1900 to 2099"),
        (Duration(-1), OutOfRange, "0 to 8639999"),
        (Duration(8_640_000), OutOfRange, "0 to 8639999"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_said(language: str, piece: Piece, error: type[SpokenError], why: str) -> None:
    with pytest.raises(error, match=why):
        words_of(piece, language)
    with pytest.raises(ValueError, match=why):
        fragments_of(piece, language)


def test_an_unknown_language() -> None:
    with pytest.raises(UnknownLanguage, match="'pl'; they are in uk, ru, en"):
        words_of(Count(1), "pl")
    with pytest.raises(UnknownLanguage):
        all_fragments("pl")
