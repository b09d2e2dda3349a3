"""`dzvin promises` and `dzvin report promises`: from a real journal, as text, as JSON, and on any words."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from acd.core.facts import Fact
from acd.storage import open_journal
from ivr.cli import app
from ivr.config import Settings, load_settings
from ivr.control import ControlServer, Handler
from ivr.errors import Plain
from ivr.promises import order, since
from tests.promise_facts import START, a_few, closed, made, records

KYIV = ZoneInfo("Europe/Kyiv")
"""The time zone of the shipped dialplan."""
DAY = datetime.fromtimestamp(START, KYIV).date()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DZVIN_RUN_FOLDER", str(tmp_path / "run"))
    monkeypatch.setenv("COLUMNS", "200")
    return load_settings()


def write(house: Settings, facts: Sequence[Fact]) -> None:
    async def stored() -> None:
        journal = await open_journal(house.database, house.run_folder / "journal")
        await journal.load()
        journal.append(records(facts))
        await journal.close()

    asyncio.run(stored())


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def dzvin(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ivr.cli", *words], capture_output=True, text=True, check=False
    )


def numbers_of(said: Result) -> list[int]:
    return [row["id"] for row in json.loads(said.stdout)["promises"]]


def test_the_list_is_the_open_ones_that_run_out_first(house: Settings) -> None:
    write(house, a_few())
    said = run("promises", "--json")
    assert numbers_of(said) == [2, 4, 6]
    figures = json.loads(said.stdout)["figures"]
    assert (figures["made"], figures["kept"], figures["broken"], figures["open"]) == (6, 1, 2, 3)
    assert figures["share_kept"] == pytest.approx(1 / 3)
    text = run("promises").stdout
    assert text.index("093***4321") < text.index("050***8877") < text.index("withheld")
    assert "share kept 33% = kept / (kept + broken)" in text
    assert "0937654321" not in text


@pytest.mark.parametrize(
    ("words", "works"),
    [
        (["--all"], [6, 5, 4, 3, 2, 1]),
        (["--broken"], [5, 2]),
        (["--kept"], [1]),
        (["--all", "--queue", "meter"], [2]),
        (["--all", "--kind", "voicemail"], [2]),
        (["--all", "--caller", "050***4567"], [1]),
        (["--all", "--since", "2200-01-01"], []),
        (["--all", "--limit", "2"], [6, 5]),
    ],
)
def test_filters(house: Settings, words: list[str], works: list[int]) -> None:
    write(house, a_few())
    assert numbers_of(run("promises", *words, "--json")) == works
    assert run("promises", *words).exit_code == 0


def test_numbers_are_shown_on_demand(house: Settings) -> None:
    write(house, a_few())
    assert "0937654321" in run("promises", "--numbers").stdout
    assert json.loads(run("promises", "show", "2", "--json", "--numbers").stdout)["caller"] == "0937654321"


def test_the_story_is_told_in_words_with_times_and_transcripts(house: Settings) -> None:
    write(house, a_few())
    text = run("promises", "show", "2").stdout
    for words in (
        "Promise 2: ✖ broken, waits for its turn",
        "немає світла на Садовій",
        "heard with 82%",
        "passed it on to networks: вулиця Садова, 12.",
        "Handed back by the department: not our street.",
        "The time promised is over: broken. It stays open.",
        datetime.fromtimestamp(START + 10, KYIV).strftime("%Y-%m-%d %H:%M:%S"),
    ):
        assert words in text
    noted = run("promises", "show", "4").stdout
    for words in ("Note by", "кабель на розі", "added a spoken note of 0:04."):
        assert words in noted
    call_back = run("promises", "show", "1").stdout
    for words in (
        "attempt 1.",
        "Attempt 1: busy; again at",
        "Attempt 2: talked.",
        "Closed by",
        "kept: called back",
    ):
        assert words in call_back


def test_an_unknown_promise_queue_and_bad_words_are_sentences(house: Settings) -> None:
    write(house, a_few())
    for words, sentence in (
        (["show", "99"], "there is no promise 99"),
        (["--queue", "nowhere"], "the dialplan has no queue 'nowhere'"),
        (["--since", "yesterday"], "--since 'yesterday': write"),
        (["--caller", "abc"], "give some digits"),
        (["--broken", "--kept"], "exclude each other"),
        (["claim", "2", "--operator", "olena"], "no server runs in this run folder"),
    ):
        said = dzvin("promises", *words)
        assert said.returncode == 2
        assert sentence in said.stderr
        assert "Traceback" not in said.stderr


def test_before_anything_was_promised(house: Settings) -> None:
    assert "nothing is recorded yet" in dzvin("promises").stderr
    write(house, [])
    text = run("promises").stdout
    assert "Open promises, those that run out first: none." in text
    assert "share kept -" in text


def test_the_report_of_a_day(house: Settings) -> None:
    write(house, [*a_few(), made(7, START - 86400, due_in=90000), closed(7, START + 3)])
    day = DAY.isoformat()
    said = json.loads(run("report", "promises", "--day", day, "--json").stdout)
    assert (said["day"], said["time_zone"]) == (day, "Europe/Kyiv")
    assert (said["made"], said["kept"], said["broken"], said["called_off"], said["open"]) == (6, 2, 2, 1, 3)
    assert said["share_kept"] == 0.5
    assert {(row["queue"], row["kind"]) for row in said["by_queue"]} == {
        ("post", "call-back"),
        ("meter", "voicemail"),
    }
    text = run("report", "promises", "--day", day).stdout
    assert "share kept 50%" in text
    assert "2020-01-01" in run("report", "promises", "--day", "2020-01-01").stdout


def test_a_name_cannot_move_the_cursor(house: Settings) -> None:
    write(house, [made(1, caller="\x1b[2J050"), closed(1, START + 9, topic="\x1b[31mred\x07", kept=False)])
    for words in (["promises", "--all"], ["promises", "show", "1"]):
        assert "\x1b[2J" not in run(*words).stdout
        assert "\x07" not in run(*words).stdout


_WORDS = (
    "--all --kept --since 7d show claim 1 -1 99999999999999999999999 --operator --json --caller 050 --limit 0"
)
_MORE = (
    "forward --note close --topic --queue post --broken cancel --by back --reason --numbers --kind voicemail"
)
_word = st.text(max_size=12) | st.sampled_from([*_WORDS.split(), *_MORE.split()])


@given(st.lists(_word, max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_words_make_a_traceback(house: Settings, words: list[str]) -> None:
    said = CliRunner().invoke(app, ["promises", *words])
    assert said.exception is None or isinstance(said.exception, (SystemExit, Plain))


def test_times_of_since() -> None:
    now = datetime(2026, 12, 31, 18, 30, tzinfo=KYIV)
    assert since("today", now) == datetime(2026, 12, 31, tzinfo=KYIV).timestamp()
    assert since("7 d", now) == now.timestamp() - 7 * 86400
    assert since("90 min", now) == now.timestamp() - 5400
    assert since("2026-12-01", now) == datetime(2026, 12, 1, tzinfo=KYIV).timestamp()
    assert since("2026-12-01 08:00", now) == datetime(2026, 12, 1, 8, tzinfo=KYIV).timestamp()


async def test_an_order_reaches_the_running_server(house: Settings) -> None:
    seen: list[Mapping[str, Any]] = []

    async def work(request: Mapping[str, Any]) -> object:
        seen.append(request)
        return {"said": "Promise 2 is passed on."}

    handlers: dict[str, Handler] = {"work": work}
    house.run_folder.mkdir(parents=True)
    server = ControlServer(house.run_folder, handlers)
    await server.start()
    given = {"department": "networks", "operator": "olena", "note": ""}
    said = await asyncio.to_thread(order, house, "forward", 2, given)
    await server.close()
    assert said == "Promise 2 is passed on."
    fields = {"department": "networks", "operator": "olena"}
    assert seen == [{"do": "work", "what": "forward", "work": 2, "given": fields}]
