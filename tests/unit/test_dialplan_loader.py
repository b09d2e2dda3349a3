"""What the loader makes of good files, and how it looks for recordings."""

import os
from datetime import date
from pathlib import Path

import pytest

from acd.core.settings import DEFAULT_MISS_RULES, MissRule
from acd.core.words import Cause, OperatorId, QueueId
from ivr.dialplan import DialplanErrors, check, load
from ivr.dialplan.fields import example
from ivr.dialplan.numbers import fits
from ivr.dialplan.problems import Report, advice, shown
from ivr.dialplan.recordings import spoken_by_itself
from ivr.dialplan.tree import MapNode, read_tree, spot_of, to_plain
from ivr.flow.hours import Period
from ivr.flow.model import GOODBYE, OPERATOR, DialplanStep, Hook, Menu, TransferOut, Wait
from tests.dialplan_samples import SMALL, changed, extra, write

PEOPLE, LINES, MENUS = "people.yaml", "lines.yaml", "menus.yaml"


def plain(text: str) -> object:
    report = Report()
    tree = read_tree(text.encode(), "f", report)
    assert report.problems == []
    return to_plain(tree) if tree else None


def test_words_times_and_dates_stay_text_as_in_yaml_1_2() -> None:
    assert plain("[no, yes, on, 08:00, 2026-12-31, 0x1F, 1e3, -5, ~, 'true', true]") == [
        "no", "yes", "on", "08:00", "2026-12-31", "0x1F", 1000.0, -5, None, "true", True,
    ]  # fmt: skip


def test_a_number_keeps_its_leading_zeros_and_plus(tmp_path: Path) -> None:
    files = changed(LINES, "[100]", "[0800, +380441112233, '55']")
    assert load(write(tmp_path, files)).dialplan.lines["main"].numbers == ("0800", "+380441112233", "55")


def test_places_are_counted_in_letters_not_bytes() -> None:
    tree = read_tree("ключ: { інший: x }\n".encode(), "f", Report())
    assert isinstance(tree, MapNode)
    spot = spot_of(tree, ("ключ", "інший"))
    assert (spot.line, spot.column) == (1, 16)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    files = {name: b"\xef\xbb\xbf" + str(text).encode() for name, text in SMALL.items()}
    assert check(write(tmp_path, dict(files))) == []


def test_the_setting_of_the_web_address_goes_before_the_center_s(tmp_path: Path) -> None:
    hooks = """\
steps:
  ask-company: { web: /parcel, if-failed: goodbye }
  ask-other: { web: https://other.example/parcel, if-failed: goodbye }
  asked: { web: /asked, then: ask-company, if-failed: ask-other }
"""
    folder = write(tmp_path, {**SMALL, "hooks.yaml": hooks})
    assert [problem.severity for problem in check(folder)][:1] == ["error"], "the center has none"

    steps = load(folder, web_address="http://127.0.0.1:9/trial/").dialplan.steps
    assert _url(steps["ask-company"]) == "http://127.0.0.1:9/trial/parcel"
    assert _url(steps["ask-other"]) == "https://other.example/parcel"


def _url(step: DialplanStep) -> str:
    assert isinstance(step, Hook)
    return step.url


def test_files_may_be_split_and_joined_freely(tmp_path: Path) -> None:
    apart = load(write(tmp_path / "apart", SMALL))
    joined = load(write(tmp_path / "joined", {"all.yml": "".join(str(text) for text in SMALL.values())}))
    assert joined.settings == apart.settings
    assert joined.dialplan.steps == apart.dialplan.steps
    assert joined.dialplan.version != apart.dialplan.version


def test_the_version_changes_with_any_letter(tmp_path: Path) -> None:
    first = load(write(tmp_path / "a", SMALL)).dialplan.version
    assert load(write(tmp_path / "b", SMALL)).dialplan.version == first
    assert load(write(tmp_path / "c", changed(LINES, "Main line", "Main lines"))).dialplan.version != first


def test_steps_and_their_defaults(tmp_path: Path) -> None:
    dialplan = load(write(tmp_path, SMALL)).dialplan
    menu, wait, out = (dialplan.steps[name] for name in ("main-menu", "ask", "call-out"))
    assert isinstance(menu, Menu)
    assert menu.keys == {"1": "ask", "2": "news", "*": "main-menu"}
    assert isinstance(wait, Wait)
    assert (wait.if_full, wait.after_talk, wait.needs) == ("call-out", GOODBYE, ())
    assert isinstance(out, TransferOut)
    assert out.ring_for == 30.0
    assert dialplan.lines["main"].otherwise == OPERATOR


def test_queues_and_operators(tmp_path: Path) -> None:
    files = changed(
        PEOPLE, "ring: 15 s", "ring: 15 s\n    wrap-up: 1 min\n    after-miss: { busy: { set-aside: 5 s } }"
    )
    settings = load(write(tmp_path, files)).settings
    queue = settings.queues[QueueId("help")]
    assert (queue.ring_for, queue.wrap_up_for, queue.name) == (15.0, 60.0, "Допомога")
    assert queue.miss_rules == {**DEFAULT_MISS_RULES, Cause.BUSY: MissRule(5.0)}
    olena = settings.operators[OperatorId("olena")]
    assert (olena.phone, olena.skills, olena.queues) == ("701", {"uk": 10, "sales": 5}, {"help"})


def test_hours_with_every_kind_of_exception(tmp_path: Path) -> None:
    files = changed(
        LINES,
        "sat: closed }",
        "sat: closed }\n    public-holidays: { country: PL, open: 10:00-12:00 }\n    exceptions:\n"
        "      - { on: 12-31, open: closed }\n      - { from: 2026-05-02, to: 2026-05-04, open: closed }\n"
        "      - { every-month: 29-31, open: 12:00-13:00 }\n      - { every-month: 15, open: closed }\n",
    )
    hours = load(write(tmp_path, files)).dialplan.hours["office"]
    assert hours.periods_on(date(2026, 11, 11)) == (Period(600, 720),)  # Poland's independence day
    assert hours.periods_on(date(2026, 5, 3)) == ()  # a holiday, but the exception wins
    assert hours.periods_on(date(2030, 12, 31)) == ()
    assert hours.periods_on(date(2026, 11, 23)) == (Period(480, 1200),)
    assert hours.periods_on(date(2026, 11, 22)) == ()  # Sunday is not named
    for day in (date(2026, 11, 29), date(2027, 10, 31), date(2028, 2, 29)):
        assert hours.periods_on(day) == (Period(720, 780),)
    assert hours.periods_on(date(2027, 3, 1)) == (Period(480, 1200),)  # after a month without a 29th
    assert hours.periods_on(date(2027, 8, 15)) == ()  # also a holiday in Poland
    assert hours.periods_on(date(2027, 12, 31)) == ()  # the yearly date wins


def record(folder: Path, language: str, *prompts: str) -> None:
    (folder / language).mkdir(parents=True, exist_ok=True)
    for prompt in prompts:
        (folder / language / f"{prompt}.wav").touch()


SAID = ("hello", "choose", "news", "closed", *spoken_by_itself())


def test_prompts_are_looked_for_in_every_language(tmp_path: Path) -> None:
    folder, prompts = write(tmp_path / "d", SMALL), tmp_path / "prompts"
    record(prompts, "uk", *SAID)
    record(prompts, "en", *(prompt for prompt in SAID if prompt not in {"news", "silence"}))
    assert [str(problem).replace(f"{folder}/", "") for problem in check(folder, prompts)] == [
        "lines.yaml:2:3: the prompt 'silence' is not recorded in en; record prompts/en/silence.wav",
        "menus.yaml:6:17: the prompt 'news' is not recorded in en; record prompts/en/news.wav",
    ]
    record(prompts, "en", "news", "silence")
    assert check(folder, prompts) == []
    with pytest.raises(DialplanErrors, match="no-such"):
        load(write(tmp_path / "e", changed(MENUS, "play: news", "play: no-such")), prompts)


def test_a_misspelt_prompt_gets_advice(tmp_path: Path) -> None:
    folder, prompts = write(tmp_path / "d", changed(MENUS, "[hello,", "[helo,")), tmp_path / "prompts"
    record(prompts, "uk", *SAID)
    record(prompts, "en", *SAID)
    assert [problem.text for problem in check(folder, prompts)] == [
        "the prompt 'helo' is not recorded in uk, en; did you mean 'hello'?"
    ]


def test_announcements_need_their_prompts(tmp_path: Path) -> None:
    files = changed(PEOPLE, "ring: 15 s", "announce: { every: 30 s, position: true, expected-wait: true }")
    prompts = load(write(tmp_path, files)).media.prompts
    assert {"position-1", "position-10", "position-many", "wait-under-1", "wait-over-10"} <= prompts


def test_odd_names_of_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff\n.yaml")).write_text("x: [")
    (problem,) = check(tmp_path)
    assert str(problem).startswith(f"{tmp_path}/??.yaml:1:5: ")
    assert [problem.text for problem in check(Path("a\0b"))] == [
        "the folder cannot be read (embedded null byte); name a folder with *.yaml files"
    ]


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    folder = write(tmp_path, extra("notes.txt", "{ not yaml") | {".hidden.yaml": "{ nor this"})
    (folder / "folder.yaml").mkdir()
    assert check(folder) == []


@pytest.mark.parametrize(
    ("pattern", "number", "allowed"),
    [
        ("0XXXXXXXXX", "0501112233", True),
        ("0XXXXXXXXX", "050111223", False),
        ("0XXXXXXXXX", "05011122334", False),
        ("+380X", "+3805", True),
        ("+380X", "3805", False),
        ("7XX", "7٣1", False),
    ],
)
def test_patterns_of_numbers(pattern: str, number: str, allowed: bool) -> None:
    assert fits(pattern, number) is allowed


def test_values_are_shown_short_and_harmless() -> None:
    assert shown("a\x1b[31m\n\ud800b") == "'a?[31m??b'"
    assert len(shown("x" * 100)) == 42
    assert [shown(value) for value in (None, [], {}, True)] == [
        "nothing",
        "an empty list",
        "a group of keys",
        "'true'",
    ]


def test_advice_stays_cheap_and_short() -> None:
    assert advice("mian", ["main", "other"]) == "; did you mean 'main'?"
    assert advice("zzz", ["b", "a"]) == "; known: a, b"
    assert advice("zzz", []) == ""
    assert advice("n5001", [f"n{count}" for count in range(9000)]).startswith("; did you mean")


@pytest.mark.parametrize(
    ("seconds", "text"), [(3.0, "3 s"), (120.0, "2 min"), (90.0, "90 s"), (86400.0, "24 h")]
)
def test_durations_in_advice(seconds: float, text: str) -> None:
    assert example(seconds) == text
