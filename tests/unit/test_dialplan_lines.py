"""The shipped meter and parcel lines, walked by voice and by keys, their service played by the test."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.dialplan import load
from ivr.flow.actions import CallHook
from ivr.flow.hook import HookAnswer
from ivr.flow.inputs import Heard, HookAnswered, HookFailed, Input, KeyPressed
from ivr.flow.said import Day, Digits
from ivr.flow.testing import Transcript, call, say, type_in

ROOT = Path(__file__).resolve().parents[2]
LOADED = load(ROOT / "dialplans")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv"))
ALL = frozenset({"uk", "ru", "en"})
YES = {"uk": "так", "ru": "да", "en": "yes"}
NO = {"uk": "ні", "ru": "нет", "en": "no"}
ACCOUNT = {
    "uk": "десять мільйонів один",
    "ru": "один ноль ноль ноль ноль ноль ноль один",
    "en": "one zero zero zero zero zero zero one",
}
READING = {"uk": "сімсот сорок", "ru": "семьсот сорок", "en": "seven hundred and forty"}
METER = {"uk": "показник", "ru": "показания", "en": "reading"}
FOUND = HookAnswered(HookAnswer("found"))


def dial(number: str, *script: Input, language: str = "uk") -> Transcript:
    return call(LOADED.dialplan, number, script, at=NOON, hears=ALL, remembered=language)


def asked(transcript: Transcript) -> CallHook:
    assert isinstance(transcript.last, CallHook)
    return transcript.last


@pytest.mark.parametrize("language", sorted(ALL))
def test_a_reading_by_voice_reaches_the_service_confirmed(language: str) -> None:
    account = (say(ACCOUNT[language]), say(YES[language]))
    first = dial("400", *account, language=language)
    assert first.prompts[-4:] == ("confirm-heard", Digits("10000001"), "confirm-question", "one-moment")
    assert (asked(first).url.rpartition("/meter/")[2], dict(asked(first).values)) == (
        "account",
        {"account": "10000001"},
    )
    reading = (say(METER[language]), say(READING[language]), say(YES[language]))
    hook = asked(dial("400", *account, FOUND, *reading, language=language))
    assert dict(hook.values) == {"account": "10000001", "reading": "740"}


def test_the_same_by_keys() -> None:
    keys = (type_in("10000001"), KeyPressed("1"), FOUND, KeyPressed("1"), type_in("740"), KeyPressed("1"))
    assert dict(asked(dial("400", *keys)).values) == {"account": "10000001", "reading": "740"}


def test_what_the_service_says_is_said_and_leads_on() -> None:
    keys = (type_in("10000001"), KeyPressed("1"), FOUND, say("борг"))
    owes = HookAnswer("owes", ("meter-owe", Digits("5"), "meter-pay-by", Day(date(2026, 12, 20))))
    done = dial("400", *keys, HookAnswered(owes))
    assert done.prompts[-5:] == (*owes.say, "meter-more")
    assert dial("400", *keys, HookAnswered(owes), say("ні")).session.ended
    again = HookAnswered(HookAnswer("too-low", ("meter-too-low", Digits("800"))))
    low = (KeyPressed("1"), type_in("740"), KeyPressed("1"), again)
    assert dial("400", *keys[:3], *low).prompts[-3:] == ("meter-too-low", Digits("800"), "meter-ask-reading")


@pytest.mark.parametrize("number", ["400", "500"])
def test_a_service_that_is_away_leads_to_a_person(number: str) -> None:
    given = "10000001" if number == "400" else "2045900000011"
    way = (KeyPressed("1"),) if number == "500" else ()
    done = dial(number, *way, type_in(given), KeyPressed("1"), HookFailed("refused"))
    assert done.prompts[-1] == "service-away"
    assert done.queue == ("general" if number == "400" else "tracking")


def test_where_a_parcel_is_and_another_day_for_it() -> None:
    digits = "два нуль чотири п'ять дев'ять нуль нуль нуль нуль нуль нуль один один"
    where = (say("де моя посилка"), say(digits), say("так"))
    assert dict(asked(dial("500", *where)).values) == {"parcel": "2045900000011"}
    found = HookAnswered(HookAnswer("found", ("parcel-on-its-way",)))
    day = (say("так"), say("тридцяте листопада"), say("так"))
    assert dict(asked(dial("500", *where, found, *day)).values) == {
        "parcel": "2045900000011",
        "day": "2026-11-30",
    }


def test_a_comment_in_the_callers_own_words() -> None:
    done = dial("500", say("відгук"), Heard("дякую все добре", 0.8, "r1"))
    assert dict(asked(done).values) == {"comment": "дякую все добре", "comment-recording": "r1"}
    thanks = dial("500", say("відгук"), Heard("дякую", 0.8, "r1"), HookFailed("down"))
    assert thanks.prompts[-2:] == ("parcel-comment-thanks", "parcel-menu")


@pytest.mark.parametrize("number", ["400", "500"])
def test_an_operator_is_a_word_away_at_any_question(number: str) -> None:
    assert dial(number, say("оператор")).queue
    assert dial(number, KeyPressed("1"), say("оператор")).queue
    assert dial(number, KeyPressed("1"), type_in("0")).queue
