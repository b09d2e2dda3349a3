"""The shipped post office, walked by scripted callers in three languages, without Asterisk."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.core.settings import Need
from acd.core.words import LeaveReason, OperatorId, QueueId
from ivr.dialplan import check, load
from ivr.flow.actions import Ask, EnterQueue, HangUp, Transfer
from ivr.flow.inputs import CallerGone, Input, KeyPressed, QueueLeft, Silence, TalkOver, TransferOver
from ivr.flow.testing import Transcript, call, press, speak

ROOT = Path(__file__).resolve().parents[2]
LOADED = load(ROOT / "dialplans")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv"))
NIGHT = NOON.replace(hour=3)
LANGUAGE_KEYS = {"uk": "1", "ru": "2", "en": "3"}


def dial(number: str, script: list[Input], at: datetime = NOON) -> Transcript:
    return call(LOADED.dialplan, number, script, at=at)


def test_nothing_is_wrong_or_doubtful() -> None:
    assert check(ROOT / "dialplans") == []


def test_every_prompt_is_recorded_in_every_language() -> None:
    assert check(ROOT / "dialplans", ROOT / "prompts") == []


@pytest.mark.parametrize("language", LANGUAGE_KEYS)
@pytest.mark.parametrize("at", [NOON, NIGHT], ids=["noon", "night"])
def test_key_0_reaches_an_operator_who_speaks_it_at_any_hour(language: str, at: datetime) -> None:
    transcript = dial("100", press(LANGUAGE_KEYS[language] + "0"), at)
    assert transcript.queue == "general"
    assert isinstance(transcript.last, EnterQueue)
    assert [need.skill for need in transcript.last.needs] == [language]
    assert transcript.heard[-1] == (language, "main-menu")


@pytest.mark.parametrize("language", LANGUAGE_KEYS)
def test_the_parcel_menu(language: str) -> None:
    transcript = dial("100", press(LANGUAGE_KEYS[language] + "112"))
    assert transcript.queue == "tracking"
    assert transcript.prompts[4:] == ("main-menu", "tracking-menu", "how-to-track", "tracking-menu")
    assert {spoken for spoken, _ in transcript.heard[4:]} == {language}
    assert transcript.trace == (
        "main/open",
        f"main/choose-language/{LANGUAGE_KEYS[language]}",
        "main/main-menu/1",
        "main/tracking-menu/1",
        "main/how-to-track/done",
        "main/tracking-menu/2",
    )


@pytest.mark.parametrize("keys", ["121", "122", "131", "132"])
def test_information_leads_back_to_its_menu_and_0_still_works(keys: str) -> None:
    assert isinstance(dial("100", press(keys)).last, Ask)
    assert dial("100", press(keys + "0")).queue == "general"


def test_a_silent_caller_reaches_an_operator_in_ukrainian() -> None:
    transcript = dial("100", [Silence()] * 10)
    assert transcript.queue == "general"
    assert transcript.session.language == "uk"
    assert transcript.lasted_for < 60


def test_a_caller_who_presses_nonsense_reaches_an_operator() -> None:
    assert dial("100", press("9" * 4)).queue == "general"


def test_a_waiting_caller_may_go_back_to_the_menu() -> None:
    transcript = dial("100", press("10*"))
    assert transcript.trace[-1] == "main/ask-general/*"
    assert isinstance(transcript.last, Ask)


def test_tracking_overflows_to_everybody_and_a_full_queue_says_so() -> None:
    waited = dial("100", [*press("112"), QueueLeft(LeaveReason.WAITED_TOO_LONG)])
    assert waited.queue == "general"
    full = dial("100", [*press("10"), QueueLeft(LeaveReason.QUEUE_FULL)])
    assert full.prompts[-2:] == ("many-calls", "call-back-instead")
    silent = dial("100", [*press("10"), QueueLeft(LeaveReason.QUEUE_FULL), Silence(), Silence()])
    assert silent.prompts[-2:] == ("queue-full", "goodbye")
    assert isinstance(silent.last, HangUp)


@pytest.mark.parametrize("language", LANGUAGE_KEYS)
def test_who_waits_is_called_back_or_leaves_a_message(language: str) -> None:
    called = dial("100", press(f"{LANGUAGE_KEYS[language]}0111"))
    assert [(promise.queue, promise.number) for promise in called.promised] == [("general", "0501234567")]
    assert called.heard[-2:] == ((language, "call-back-promised"), (language, "goodbye"))
    left = dial("100", [*press(f"{LANGUAGE_KEYS[language]}02"), speak("r1"), CallerGone()])
    assert [(message.queue, message.recordings) for message in left.kept] == [("general", ("r1",))]


def test_at_night_nobody_is_promised_a_call_before_the_morning() -> None:
    times = LOADED.settings.queues[QueueId("general")].call_back.times
    assert times is not None
    assert times.next_allowed(NIGHT.timestamp()) == NIGHT.replace(hour=8).timestamp()
    business = LOADED.settings.queues[QueueId("business")].call_back.times
    assert business is not None
    assert business.allows(NOON.timestamp())
    assert not business.allows(datetime(2026, 12, 25, 12, tzinfo=NOON.tzinfo).timestamp())


def test_after_the_talk_the_call_ends() -> None:
    assert dial("100", [*press("10"), TalkOver()]).session.ended


def test_the_caller_hangs_up_while_waiting() -> None:
    transcript = dial("100", [*press("10"), CallerGone(), KeyPressed("1")])
    assert transcript.session.ended
    assert transcript.trace[-1] == "main/ask-general/caller-gone"


def test_business_callers_go_first_by_day_and_to_the_main_line_by_night() -> None:
    assert dial("200", press("1")).queue == "business"
    assert dial("200", press("0")).queue == "business"
    queues = LOADED.settings.queues
    assert queues[QueueId("business")].priority > queues[QueueId("general")].priority
    night = dial("200", press("10"), NIGHT)
    assert night.trace[0] == "business/closed"
    assert night.queue == "general"


@pytest.mark.parametrize(
    ("day", "is_open"), [("2026-12-25T12:00", False), ("2026-12-31T17:59", True), ("2026-12-31T18:00", False)]
)
def test_days_off_of_the_business_line(day: str, is_open: bool) -> None:
    at = datetime.fromisoformat(day).replace(tzinfo=NOON.tzinfo)
    assert dial("200", [], at).trace[0] == f"business/{'open' if is_open else 'closed'}"


def test_staff_are_called_back_by_nobody_but_put_through_to_the_shift_leader() -> None:
    transcript = dial("300", [QueueLeft(LeaveReason.NOBODY_LOGGED_IN)])
    assert transcript.last == Transfer("706", 25.0)
    unanswered = dial("300", [QueueLeft(LeaveReason.NOBODY_LOGGED_IN), TransferOver(False)])
    assert unanswered.prompts[-2:] == ("nobody-logged-in", "goodbye")


def test_an_unknown_number_is_told_so() -> None:
    transcript = dial("999", [])
    assert transcript.prompts == ("line-unknown",)
    assert isinstance(transcript.last, HangUp)


def test_what_the_server_gets() -> None:
    settings, phones = LOADED.settings, LOADED.phones
    assert [phone.name for phone in phones] == ["701", "702", "703", "704", "705", "706"]
    assert len({phone.kind for phone in phones}) == 6
    assert settings.break_reasons == ("lunch", "pause", "training")
    assert settings.operators[OperatorId("olena")].skills == {"uk": 10, "ru": 8, "en": 3, "parcels": 8}
    tracking = settings.queues[QueueId("tracking")]
    assert [need.skill for need in tracking.needs] == ["parcels"]
    assert tracking.max_wait_for == 600.0
    assert LOADED.outside.fallback_number == "706"
    assert LOADED.names.queues["tracking"]["en"] == "Where is my parcel"
    assert {"welcome", "position-many", "wait-1-3", "whisper-staff"} <= LOADED.media.prompts


def test_skills_relax_with_the_wait() -> None:
    transcript = dial("100", press("312"))
    assert isinstance(transcript.last, EnterQueue)
    (need,) = transcript.last.needs
    assert isinstance(need, Need)
    assert (need.skill, need.level) == ("en", 4)
    assert [(relax.after_for, relax.level) for relax in need.relaxations] == [(30.0, 2), (90.0, 0)]
    assert transcript.last.whisper == "whisper-tracking"
    assert transcript.last.announcements.every_for == 40.0
