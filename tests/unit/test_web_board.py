"""The wallboard's words, figures and first state."""

import re
import string
import time
from pathlib import Path

import pytest

import acd.web.board as board_module
from acd.web.board import Board, Words, choose_language, clock, level_of, static_files
from acd.web.phrases import LANGUAGES, PHRASES
from acd.web.shown_names import ShownNames
from acd.web.snapshots import Snapshot
from tests.web_center import FakeCenter, busy_center, health, operator, queue

_FOLDER = Path(board_module.__file__).parent


def _page(center: FakeCenter, language: str = "en") -> str:
    snapshot = Snapshot(1, center.view(), center.health(), "", 0.0)
    return Board("v1", None, None).render(snapshot, language, "auto")


def _values_in(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", PHRASES)
def test_no_phrase_lacks_a_language_or_a_value(key: str) -> None:
    texts = PHRASES[key]
    assert set(texts) == set(LANGUAGES)
    assert all(text.strip() for text in texts.values())
    assert len({frozenset(_values_in(text)) for text in texts.values()}) == 1


def test_every_phrase_that_the_page_names_is_in_the_catalogue() -> None:
    template = (_FOLDER / "templates/board.html").read_text(encoding="utf-8")
    script = (_FOLDER / "static/board.js").read_text(encoding="utf-8")
    named = set(re.findall(r"\bt\([\"'](\w+)[\"'][,)]", template))
    named |= set(re.findall(r"figure\(\"(\w+)\"", template)) | set(re.findall(r"words\.(\w+)", script))
    assert len(named) > 15
    assert named <= set(PHRASES)


def test_every_state_of_an_operator_has_a_word_and_a_sign() -> None:
    for state in board_module.SIGNS:
        assert f"state_{state}" in PHRASES
    assert len(set(board_module.SIGNS.values())) == len(board_module.SIGNS)
    assert {f"level_{level}" for level in board_module.LEVEL_SIGNS} <= set(PHRASES)


@pytest.mark.parametrize(
    ("asked", "accepted", "expected"),
    [
        ("ru", "en", "ru"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "de, ru;q=0.4, en;q=0.7", "en"),
        ("xx", "de", "uk"),
        (None, "", "uk"),
        (None, "en;q=0, ru;q=zero, *", "uk"),
        ("<script>", "RU-ru", "ru"),
    ],
)
def test_the_language_is_the_one_asked_for_or_the_best_accepted(
    asked: str | None, accepted: str, expected: str
) -> None:
    assert choose_language(asked, accepted, "uk") == expected


def test_durations_are_written_as_on_a_watch() -> None:
    assert [clock(s) for s in (0, 7.9, 60, 754, 3723, -1)] == [
        "0:00",
        "0:07",
        "1:00",
        "12:34",
        "1:02:03",
        "0:00",
    ]


def test_the_sign_of_a_queue_follows_its_callers_and_its_people() -> None:
    assert level_of(queue(longest_wait_for=20.0)) == "ok"
    assert level_of(queue(longest_wait_for=20.1)) == "late"
    assert level_of(queue(waiting=0, longest_wait_for=0.0, logged_in=0)) == "empty"
    assert level_of(queue(logged_in=0)) == "nobody"


@pytest.mark.parametrize(
    ("language", "formula", "percent"),
    [
        (
            "en",
            "answered within 20 sec ÷ (answered + abandoned, leaving out those who hung up within 5 sec)",
            "83%",
        ),
        ("uk", "прийняті за 20 с ÷", "83%"),
        ("ru", "принятые за 20 с ÷", "83\xa0%"),
    ],
)
def test_the_service_level_names_its_formula(language: str, formula: str, percent: str) -> None:
    html = _page(busy_center(), language).replace("&nbsp;", "\xa0")
    assert formula in html.replace("20\xa0", "20 ").replace("5\xa0", "5 ")
    assert percent in html
    assert f'<html lang="{language}"' in html


def test_a_figure_that_is_not_known_is_a_dash_and_no_zero() -> None:
    assert Words("en", None).percent(None) == Words("en", None).wait(None) == "–"


def test_names_are_text_and_never_markup() -> None:
    evil = "<script>alert('x')</script>\"&"
    center = FakeCenter(queue(evil), operators=[operator("o1", evil, status="on break", reason=evil)])
    html = _page(center)
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert") == 3


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    html = _page(busy_center())
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)
    assert "://" not in html


def test_operators_are_listed_with_state_and_time_and_those_logged_out_are_counted() -> None:
    now = time.time()
    people = [
        operator("o1", "Anna", activity="talking", since=now - 125, next_status="on break"),
        operator("o2", "Boris", status="on break", reason="lunch", since=now - 61),
        operator("o3", "Clara", status="logged out"),
    ]
    html = re.sub(r"<[^>]+>|\s+", " ", _page(FakeCenter(operators=people)))
    assert re.search(r"Anna\s+talking\s+, then a break\s+2:0[56]", re.sub(" +", " ", html))
    assert re.search(r"Boris\s+break\s+: lunch\s+1:0[12]", re.sub(" +", " ", html))
    assert "Clara" not in html
    assert "Logged out: 1" in html


def test_a_lost_switch_is_said_in_the_first_state() -> None:
    center = FakeCenter()
    assert "no link to the telephone switch" not in re.sub(r'data-settings="[^"]*"', "", _page(center))
    center.state = health(switch_up=False)
    assert "no link to the telephone switch" in re.sub(r'data-settings="[^"]*"', "", _page(center))


def test_the_static_files_are_served_as_what_they_are() -> None:
    types = {name: found.content_type for name, found in static_files().items()}
    assert types == {
        "bell.svg": "image/svg+xml",
        "board.css": "text/css",
        "board.js": "text/javascript",
        "format.js": "text/javascript",
        "live.js": "text/javascript",
        "promises.css": "text/css",
        "promises.js": "text/javascript",
    }


def test_names_are_shown_in_the_reader_s_language_where_there_is_one() -> None:
    names = ShownNames(
        queues={"sales": {"uk": "Продаж", "en": "Sales"}},
        operators={"olena": {"uk": "Олена"}},
        reasons={"lunch": {"en": "Tea time"}},
    )
    english, ukrainian = Words("en", None, names), Words("uk", None, names)
    assert english.names == {"queues": {"sales": "Sales"}, "operators": {}, "reasons": {"lunch": "Tea time"}}
    assert english.reason("lunch") == "Tea time"
    assert ukrainian.reason("lunch") == "обід"
    assert ukrainian.names["operators"] == {"olena": "Олена"}
