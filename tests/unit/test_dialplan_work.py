"""Voicemail and call-backs as written: what dialogue and centre get of them, and who is called when."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from acd.core.settings import QueueSettings
from acd.core.words import QueueId
from acd.core.work import RETRY_AFTER, CallBackMode, CallBackRules, Reach, WorkRules
from ivr.dialplan import load
from ivr.dialplan.loader import Loaded
from ivr.dialplan.recordings import Recordings
from ivr.flow.hearing import Miss
from ivr.flow.model import CallBack, Voicemail
from tests.dialplan_samples import SMALL, Files, changed, write

STEPS = """
steps:
  message: { voicemail: help, say: [hello, choose], longest: 2 min, then: news, if-empty: sorry,
    if-failed: ask }
  short: { voicemail: help }
  call-me:
    call-back: help
    say: hello
    pattern: [0XXXXXXXXX, 7XX]
    choose-time: true
    tries: 2
    sure: 0.8
    if-silent: sorry
    if-refused: message
    if-failed: short
topics: { sale: { uk: Продаж, en: Sale }, other: Other }
departments: { stock: Stock }
"""
RULES = """
    call-back:
      mode: customer-first
      hours: office
      quiet-hours: 19:00-09:30
      promised-within: 2 h
      ring: 20 s
      lead: 12 s
      hold: 5 s
      attempts: 3
      retry-after: { busy: [1 min, 5 min], machine: 1 h }
      hourly-limit: 50
    work:
      { answer-within: 8 h, hours: office, urgent: 2 h, urgent-priority: 5, share: 25, claim: 10 min,
        again: 2 min }
    messages-kept: 90
"""


def small(more: str = STEPS, rules: str = "") -> Files:
    keys = '"*": main-menu, 3: message, 4: call-me, 5: short'
    menus = changed("menus.yaml", '"*": main-menu', keys) if more else SMALL
    return {
        **menus,
        **changed("people.yaml", "    ring: 15 s\n", f"    ring: 15 s{rules}\n"),
        "x.yaml": more,
    } | {"menus.yaml": menus["menus.yaml"]}


def loaded(folder: Path, files: Files) -> Loaded:
    found = load(write(folder, files))
    assert found.warnings == ()
    return found


def queue(found: Loaded) -> QueueSettings:
    return found.settings.queues[QueueId("help")]


def test_the_steps_are_what_is_written(tmp_path: Path) -> None:
    steps = loaded(tmp_path, small()).dialplan.steps
    message, short, call_me = steps["message"], steps["short"], steps["call-me"]
    assert isinstance(message, Voicemail)
    assert (message.queue, message.prompts, message.longest_for) == ("help", ("hello", "choose"), 120.0)
    assert (message.then, message.if_empty, message.if_failed) == ("news", "sorry", "ask")
    assert message.retry.tries == 2
    assert isinstance(short, Voicemail)
    assert (short.prompts, short.review, short.then) == (("voicemail-welcome",), True, "goodbye")
    assert isinstance(call_me, CallBack)
    assert call_me.entry.patterns == ("0XXXXXXXXX", "7XX")
    assert (call_me.choose_time, call_me.may_type, call_me.sure_from) == (True, True, 0.8)
    assert dict(call_me.retry.edges) == {Miss.SILENT: "sorry"}
    assert (call_me.then, call_me.if_refused, call_me.if_failed) == ("goodbye", "message", "short")


def test_operators_choose_topics_and_departments_in_their_order(tmp_path: Path) -> None:
    names = loaded(tmp_path, small()).names
    assert list(names.topics) == ["sale", "other"]
    assert names.topics["sale"] == {"uk": "Продаж", "en": "Sale"}
    assert names.departments == {"stock": {"uk": "Stock", "en": "Stock"}}


def test_a_queue_that_says_nothing_has_the_rules_of_the_centre_and_quiet_nights(tmp_path: Path) -> None:
    settings = queue(loaded(tmp_path, small()))
    assert settings.work == WorkRules()
    times = settings.call_back.times
    assert times is not None
    assert times.week == (((8 * 60, 21 * 60),),) * 7
    assert times.time_zone == "Europe/Kyiv"
    assert settings.call_back == CallBackRules(times=times)


def test_a_queue_has_its_own_rules(tmp_path: Path) -> None:
    found = loaded(tmp_path, small(rules=RULES))
    settings = queue(found)
    rules = settings.call_back
    assert rules.times is not None
    assert rules == CallBackRules(
        mode=CallBackMode.CUSTOMER_FIRST,
        times=rules.times,
        promised_within=7200.0,
        ring_for=20.0,
        lead_for=12.0,
        hold_for=5.0,
        attempts=3,
        retry_after={**RETRY_AFTER, Reach.BUSY: (60.0, 300.0), Reach.MACHINE: (3600.0,)},
        hourly_limit=50,
    )
    assert rules.times.week == (*(((9 * 60 + 30, 19 * 60),),) * 5, (), ())
    assert settings.work.times is not None
    assert settings.work.times.week == (*(((8 * 60, 20 * 60),),) * 5, (), ())
    assert settings.work == WorkRules(
        answer_within=28800.0,
        times=settings.work.times,
        urgent_for=7200.0,
        urgent_priority=5,
        share=0.25,
        claim_for=600.0,
        again_after=120.0,
    )
    assert found.media.messages_kept == {"help": 90}
    call_me = found.dialplan.steps["call-me"]
    assert isinstance(call_me, CallBack)
    assert call_me.times == rules.times


NIGHTS = """
hours:
  nights:
    week: { mon-fri: "20:00-03:00", sat: "10:00-12:00" }
    public-holidays: { country: UA, open: closed }
    exceptions:
      - { on: 12-24, open: closed }
      - { on: 2026-11-24, open: ["06:00-10:00", "12:00-13:00"] }
      - { on: 02-29, open: "12:00-13:00" }
"""
KYIV = 2
"""Hours before UTC in winter."""


@pytest.mark.parametrize(
    ("day", "hour", "allowed"),
    [
        ((2026, 11, 23), 19, False),  # Monday
        ((2026, 11, 23), 20, True),
        ((2026, 11, 23), 23, True),
        ((2026, 11, 24), 2, True),  # the rest of Monday's night
        ((2026, 11, 24), 7, True),  # a day of its own
        ((2026, 11, 24), 20, False),
        ((2026, 11, 25), 2, False),  # there was no night before
        ((2026, 11, 28), 2, True),  # Saturday, the rest of Friday
        ((2026, 11, 28), 11, True),
        ((2026, 11, 29), 2, False),
        ((2026, 12, 24), 2, True),
        ((2026, 12, 24), 21, False),
        ((2026, 12, 25), 2, False),
        ((2028, 2, 29), 12, True),
        ((2028, 3, 1), 2, False),
    ],
)
def test_opening_hours_after_midnight_and_on_special_days(
    day: tuple[int, int, int], hour: int, allowed: bool, tmp_path: Path
) -> None:
    rules = "\n    call-back: { hours: nights, quiet-hours: none }"
    times = queue(loaded(tmp_path, small(STEPS + NIGHTS, rules))).call_back.times
    assert times is not None
    moment = datetime(*day, hour, 30, tzinfo=UTC).timestamp() - KYIV * 3600
    assert times.allows(moment) is allowed


def test_quiet_hours_are_taken_out_at_both_ends_and_in_the_middle(tmp_path: Path) -> None:
    rules = "\n    call-back: { hours: nights, quiet-hours: 22:00-01:00 }"
    times = queue(loaded(tmp_path / "a", small(STEPS + NIGHTS, rules))).call_back.times
    assert times is not None
    assert times.week[1] == ((60, 180), (20 * 60, 22 * 60))
    rules = "\n    call-back: { hours: nights, quiet-hours: 10:30-11:00 }"
    times = queue(loaded(tmp_path / "b", small(STEPS + NIGHTS, rules))).call_back.times
    assert times is not None
    assert times.week[5] == ((0, 180), (600, 630), (660, 720))


def test_prompts_that_these_steps_say_have_to_be_recorded(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", small())
    recorded = Path(__file__).resolve().parents[2] / "prompts"
    own = tmp_path / "prompts"
    for language in ("uk", "en"):
        (own / language).mkdir(parents=True)
        for name in ("hello", "choose", "news", "closed"):
            (own / language / f"{name}.wav").touch()
    assert load(folder, Recordings((own, recorded))).warnings == ()
    said = load(folder).media.prompts
    assert {"voicemail-welcome", "voicemail-review", "call-back-when", "call-back-confirm"} <= said
    assert "call-back-welcome" not in said
    plain = load(write(tmp_path / "e", SMALL)).media.prompts
    assert not {prompt for prompt in plain if prompt.startswith(("voicemail-", "call-back-"))}
