"""Words of callers, as tables: what is read as what, and what is refused."""

from collections.abc import Callable
from datetime import date

import pytest

from ivr.flow import wording

TODAY = date(2026, 3, 29)
LANGUAGES = ("uk", "ru", "en")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("П’ЯТЬ  п`ять пʼять", "п'ять п'ять п'ять"),
        ("Четвёртое", "четвертое"),
        ("по-русски — так", "по русски так"),
        ("twenty-five, please!", "twenty five please"),
        ("[unk] так", "[unk] так"),
        ("25,5", "25,5"),
        ("и\N{COMBINING BREVE}", "й"),
        ("ё\N{COMBINING DIAERESIS}", "е"),
        (" \t\n", ""),
    ],
)
def test_normal(text: str, expected: str) -> None:
    assert wording.normal(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("uk", "двадцять п'ять", 25),
        ("uk", "двадцять п’ять", 25),
        ("uk", "одна", 1),
        ("uk", "двадцять одне", 21),
        ("uk", "дві", 2),
        ("uk", "дві тисячі три", 2003),
        ("uk", "тисяча", 1000),
        ("uk", "тисяча двісті", 1200),
        ("uk", "мільйон", 1_000_000),
        ("uk", "сто двадцять одна тисяча п'ять", 121_005),
        ("uk", "25", 25),
        ("ru", "семьсот сорок", 740),
        ("ru", "тысяча", 1000),
        ("ru", "двести тысяч", 200_000),
        ("ru", "двадцать две тысячи два", 22_002),
        ("ru", "нуль", 0),
        ("ru", "ноль", 0),
        ("ru", "три миллиона две тысячи одна", 3_002_001),
        ("en", "one hundred and five", 105),
        ("en", "one hundred five", 105),
        ("en", "a hundred and five thousand", 105_000),
        ("en", "Twenty-Five", 25),
        ("en", "twelve hundred fifty", 1250),
        ("en", "two thousand and six", 2006),
        ("en", "one million, two hundred thousand", 1_200_000),
        ("en", "oh", 0),
        ("en", "999999999", 999_999_999),
    ],
)
def test_numbers(language: str, text: str, number: int) -> None:
    assert wording.read_number(text, language) == number


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("uk", ""),
        ("uk", "п'ять двадцять"),
        ("uk", "двадцять десять"),
        ("uk", "двадцять нуль"),
        ("uk", "нуль п'ять"),
        ("uk", "сто двісті"),
        ("uk", "тисяча тисяч"),
        ("uk", "тисяча мільйонів"),
        ("uk", "двадцять [unk]"),
        ("uk", "[unk]"),
        ("uk", "twenty"),
        ("uk", "25 25"),
        ("uk", "25,5"),
        ("uk", "1000000000"),
        ("uk", "-5 тисяч"),
        ("ru", "два три"),
        ("ru", "пять сто"),
        ("ru", "тысяча миллион"),
        ("en", "five and"),
        ("en", "and five"),
        ("en", "twenty and five"),
        ("en", "a"),
        ("en", "a twenty"),
        ("en", "twenty hundred"),
        ("en", "twelve hundred thousand"),
        ("en", "thousand hundred"),
        ("en", "one hundred and one hundred"),
        ("en", "double five"),
        ("pl", "pięć"),
        ("", "25"),
    ],
)
def test_no_single_number(language: str, text: str) -> None:
    assert wording.read_number(text, language) is None


@pytest.mark.parametrize(
    ("language", "text", "readings"),
    [
        ("uk", "двадцять п'ять сімдесят", ("2570", "20570")),
        ("uk", "один два три", ("123",)),
        ("uk", "нуль п'ять нуль", ("050",)),
        ("uk", "нуль нуль двадцять", ("0020",)),
        ("uk", "сто двадцять три", ("123", "1203", "10023", "100203")),
        ("uk", "п'ять тисяч", ("5000",)),
        ("uk", "25", ("25",)),
        ("uk", "007 25 три", ("007253",)),
        ("ru", "семь сорок", ("740",)),
        ("ru", "сорок семь", ("47", "407")),
        ("ru", "одна две", ("12",)),
        ("en", "double five oh one", ("5501",)),
        ("en", "triple zero twenty one", ("00021", "000201")),
        ("en", "nineteen eighty four", ("1984", "19804")),
        ("en", "one hundred and five", ("105",)),
        ("en", "five and six", ()),
        ("en", "double", ()),
        ("en", "double twenty", ()),
        ("en", "five [unk] six", ()),
        ("en", "", ()),
        ("pl", "25", ()),
    ],
)
def test_digits(language: str, text: str, readings: tuple[str, ...]) -> None:
    assert wording.digit_readings(text, language) == readings


def test_a_phone_number_in_pairs_is_its_first_reading() -> None:
    spoken = "нуль п'ятдесят сто двадцять три сорок п'ять шістдесят сім"
    readings = wording.digit_readings(spoken, "uk")
    assert readings[0] == "0501234567"
    assert len(readings) == 16


@pytest.mark.parametrize("words", [65, 100_000])
def test_endless_speech_is_no_value(words: int) -> None:
    text = "двадцять " * words
    assert wording.digit_readings(text, "uk") == ()
    assert wording.read_number(text, "uk") is None
    assert wording.read_date(text, "uk", TODAY) is None
    assert wording.match(text, ["двадцять"]) is None


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("uk", "двадцять друге листопада дві тисячі двадцять шостого року", date(2026, 11, 22)),
        ("uk", "двадцять другого листопада двадцять шостого року", date(2026, 11, 22)),
        ("uk", "перше травня", date(2026, 5, 1)),
        ("uk", "п’яте квітня", date(2026, 4, 5)),
        ("uk", "двадцять два травня", date(2026, 5, 22)),
        ("uk", "22 травня 2027", date(2027, 5, 22)),
        ("uk", "двадцять друге одинадцятого двадцять п'ятого", date(2025, 11, 22)),
        ("uk", "перше третього", date(2026, 3, 1)),
        ("uk", "третє серпня двохтисячного року", date(2000, 8, 3)),
        ("uk", "третє серпня тисяча дев'ятсот дев'яностого", date(1990, 8, 3)),
        ("uk", "сьогодні", TODAY),
        ("uk", "вчора", date(2026, 3, 28)),
        ("uk", "післязавтра", date(2026, 3, 31)),
        ("ru", "двадцать второго ноября", date(2025, 11, 22)),
        ("ru", "четвёртое мая", date(2026, 5, 4)),
        ("ru", "четвертого пятого", date(2026, 5, 4)),
        ("ru", "первое января тысяча девятьсот восемьдесят четвёртого года", date(1984, 1, 1)),
        ("ru", "завтра", date(2026, 3, 30)),
        ("en", "november twenty second", date(2025, 11, 22)),
        ("en", "november twenty two", date(2025, 11, 22)),
        ("en", "the second of may", date(2026, 5, 2)),
        ("en", "May the second, twenty twenty-seven", date(2027, 5, 2)),
        ("en", "second may nineteen oh five", date(1905, 5, 2)),
        ("en", "may two two thousand five", date(2005, 5, 2)),
        ("en", "the day after tomorrow", date(2026, 3, 31)),
        ("en", "yesterday", date(2026, 3, 28)),
    ],
)
def test_dates(language: str, text: str, expected: date) -> None:
    assert wording.read_date(text, language, TODAY) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("uk", ""),
        ("uk", "листопада"),
        ("uk", "двадцять друге"),
        ("uk", "двадцять другого"),
        ("uk", "тридцять перше листопада"),
        ("uk", "тридцяте лютого"),
        ("uk", "сорок друге травня"),
        ("uk", "двадцять дев'яте лютого дві тисячі двадцять шостого"),
        ("uk", "друге тринадцятого"),
        ("uk", "друге травня п'ять тисяч"),
        ("uk", "[unk] травня"),
        ("uk", "today"),
        ("ru", "ноль мая"),
        ("ru", "второе мая мая"),
        ("en", "may"),
        ("en", "the of"),
        ("en", "november thirty first"),
        ("en", "may the second third"),
        ("en", "may two 1 " + "9" * 5000),
        ("pl", "dzisiaj"),
    ],
)
def test_no_date(language: str, text: str) -> None:
    assert wording.read_date(text, language, TODAY) is None


@pytest.mark.parametrize(
    ("today", "keys", "expected"),
    [
        (TODAY, "0104", date(2026, 4, 1)),
        (TODAY, "2212", date(2025, 12, 22)),
        (date(2026, 12, 31), "0101", date(2027, 1, 1)),
        (date(2027, 1, 1), "3112", date(2026, 12, 31)),
        (date(2026, 7, 1), "2902", date(2028, 2, 29)),
        (date(2026, 2, 1), "2902", date(2024, 2, 29)),
        (date(1900, 3, 1), "2902", date(1904, 2, 29)),
        (date(2024, 8, 30), "2902", date(2024, 2, 29)),
        (date(2024, 1, 1), "0207", date(2024, 7, 2)),  # 183 days to both sides
        (date(2023, 7, 2), "0101", date(2023, 1, 1)),  # 182 days before, 183 after
        (TODAY, "22112026", date(2026, 11, 22)),
        (TODAY, "29022026", None),
        (TODAY, "3002", None),
        (TODAY, "0000", None),
        (TODAY, "1313", None),
        (TODAY, "221", None),
        (TODAY, "221126", None),
        (TODAY, "", None),
        (TODAY, "22a1", None),
        (TODAY, "٠١٠٤", None),
        (TODAY, "22110000", None),
    ],
)
def test_dates_from_keys(today: date, keys: str, expected: date | None) -> None:
    assert wording.date_from_keys(keys, today) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("посилка", "Посилка"),
        ("ПОСИЛКА", "Посилка"),
        ("[unk] посилка [unk] [unk]", "Посилка"),
        ("посилка посилка", "Посилка"),
        ("посилка [unk] посилка", "Посилка"),
        ("моя посилка", "моя посилка"),
        ("посилка моя посилка", "моя посилка"),
        ("де моя посилка", None),
        ("моя [unk] посилка", None),
        ("посилка оператор", None),
        ("оператор [unk] посилка", None),
        ("п’ять хвилин", "п'ять хвилин"),
        ("[unk]", None),
        ("", None),
        ("посилкар", None),
        ("так ні", None),
    ],
)
def test_match(text: str, expected: str | None) -> None:
    phrases = ["Посилка", "моя посилка", "оператор", "п'ять хвилин", "так", "ні", "", "[unk]"]
    assert wording.match(text, phrases) == expected


def test_a_phrase_that_repeats_beats_longer_neighbours() -> None:
    assert wording.match("да да", ["да", "да да да"]) == "да"
    assert wording.match("а б а б", ["а б", "а б а"]) == "а б"
    assert wording.match("а", ["А", "а"]) == "А", "equal phrases: the first"
    assert wording.match("а", iter(["а"])) == "а"
    assert wording.match("а", []) is None


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("uk", "так", True),
        ("uk", "так так правильно", True),
        ("uk", "[unk] вірно", True),
        ("uk", "ні", False),
        ("uk", "не так", False),
        ("uk", "ні неправильно", False),
        ("uk", "ні так", None),
        ("uk", "так не так", False),
        ("uk", "не [unk] так", None),
        ("ru", "да верно", True),
        ("ru", "да нет", None),
        ("ru", "не верно", False),
        ("en", "yes", True),
        ("en", "that right", None),
        ("en", "not right", False),
        ("en", "", None),
        ("pl", "tak", None),
    ],
)
def test_yes_and_no(language: str, text: str, expected: bool | None) -> None:
    assert wording.read_yes_no(text, language) is expected


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phrases", [wording.yes_words, wording.no_words, wording.operator_words])
def test_every_phrase_is_recognised_as_itself(
    phrases: Callable[[str], tuple[str, ...]], language: str
) -> None:
    own = phrases(language)
    assert own
    assert [wording.match(phrase, own) for phrase in own] == list(own)
    assert [wording.normal(phrase) for phrase in own] == list(own)


def test_another_language_is_asked_for_in_the_one_spoken() -> None:
    for spoken_in in LANGUAGES:
        wanted = wording.language_words(spoken_in)
        assert set(wanted) < set(LANGUAGES)
        assert spoken_in not in wanted
        assert all(wording.match(phrase, phrases) for phrases in wanted.values() for phrase in phrases)
    assert wording.match("по-украински", wording.language_words("ru")["uk"]) == "по украински"
    assert "англійською" in wording.language_words("uk")["en"]
    assert wording.language_words("en") == {"uk": ("ukrainian",), "ru": ("russian",)}


def test_a_language_that_is_not_known_is_empty_everywhere() -> None:
    for words in (wording.number_vocabulary, wording.date_vocabulary, wording.yes_words):
        assert words("pl") == ()
    assert wording.no_words("pl") == wording.operator_words("") == ()
    assert dict(wording.language_words("pl")) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_vocabularies_are_single_words_each_once(language: str) -> None:
    for vocabulary in (wording.number_vocabulary(language), wording.date_vocabulary(language)):
        assert len(set(vocabulary)) == len(vocabulary) > 30
        assert all(word and " " not in word for word in vocabulary)
    for word in wording.number_vocabulary(language):
        spoken = wording.read_number(word, language) is not None
        assert spoken or word in {"and", "double", "triple"}
