"""`dzvin report line` and `dzvin why`: figures and stories from a real journal, as text and as JSON."""

import json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.core.facts import CallEntered, Record
from acd.core.why import why
from acd.core.words import CallId, Cause
from acd.storage import open_journal
from ivr.config import Settings, load_settings
from ivr.errors import Plain
from ivr.reports import explain, line
from tests.unit.core_kit import START, Kit, operator, queue

DAY = datetime.fromtimestamp(START, ZoneInfo("Europe/Kyiv")).date()
"""By the time zone of the shipped dialplan."""


def story() -> Kit:
    """A missed offer, a talk with wrap-up, a caller who gives up, an operator who prolongs the wrap-up."""
    kit = Kit(operator("ann"), operator("bob"), queue(wrap_up_for=20.0))
    kit.log_in()
    kit.enter("c1")
    kit.after(1).fail("c1", Cause.NO_ANSWER)
    kit.after(1).talk("c1")
    kit.enter("c2")
    kit.after(30).end("c1")
    kit.after(60).enter("c3")
    kit.hang_up("c3")
    kit.after(60)
    return kit


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(run_folder=tmp_path / "run")


async def write(settings: Settings, records: list[Record]) -> None:
    journal = await open_journal(settings.database, settings.run_folder / "journal")
    await journal.load()
    journal.append(records)
    await journal.close()


async def test_the_report_of_a_day_for_people_and_programs(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    kit = story()
    await write(settings, kit.records)
    await line(settings, DAY)
    assert "operator free → talking" in capsys.readouterr().out
    await line(settings, DAY, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["day"] == DAY.isoformat()
    assert said["promised_within"] == 3.0
    whole = said["steps"][0]
    assert whole["name"] == "operator free → talking"
    assert whole["count"] == len([r for r in kit.records if type(r.fact).__name__ == "CallConnected"])
    assert whole["p50"] <= whole["p99"] <= whole["worst"]


async def test_a_day_without_calls_is_an_empty_report(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await write(settings, story().records)
    await line(settings, date(2020, 1, 1), as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["assignments"] == 0
    assert said["breaches"] == []


async def test_why_tells_the_story_for_people_and_programs(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await write(settings, story().records)
    await explain(settings, "c1")
    assert "missed it: no answer" in capsys.readouterr().out
    await explain(settings, "c1", as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["call"] == "c1"
    assert said["waited_for"] == pytest.approx(2.0)
    assert sum(said["spent"].values()) == pytest.approx(2.0)
    assert any("missed it" in sentence["text"] for sentence in said["sentences"])


async def test_an_unknown_call_is_said(settings: Settings) -> None:
    await write(settings, story().records)
    with pytest.raises(Plain, match="knows no call 99"):
        await explain(settings, "99")


async def test_before_the_first_start_nothing_is_recorded(settings: Settings) -> None:
    with pytest.raises(Plain, match="nothing is recorded yet"):
        await line(settings, None)


async def test_a_database_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    settings = load_settings(
        run_folder=tmp_path, database_url="postgresql://somebody:hidden@127.0.0.1:9/nothing"
    )
    (tmp_path / "journal").mkdir()
    for question in (line(settings, None), explain(settings, "c1")):
        with pytest.raises(
            Plain, match=r"the journal cannot be read: the database .* does not answer"
        ) as told:
            await question
        assert "hidden" not in str(told.value)
        assert "\n" not in str(told.value)


async def test_a_report_makes_no_empty_database(settings: Settings) -> None:
    (settings.run_folder / "journal").mkdir(parents=True)
    with pytest.raises(Plain, match="there is no such file yet"):
        await line(settings, None)
    assert not (settings.run_folder / "dzvin.sqlite").exists()


def test_why_can_begin_anywhere_in_the_journal() -> None:
    kit = story()
    calls = {record.fact.call for record in kit.records if isinstance(record.fact, CallEntered)}
    whole = {call: why(kit.records, call, kit.center.settings) for call in calls}
    for first in range(len(kit.records)):
        part = kit.records[first:]
        entered = {record.fact.call for record in part if isinstance(record.fact, CallEntered)}
        for call in calls:
            told = why(part, call, kit.center.settings)
            assert bool(told.sentences) == (call in entered), f"{call} from {first}"
            assert told.waited_for == (whole[call].waited_for if call in entered else None)


def test_calls_of_the_story_are_there() -> None:
    assert {CallId("c1"), CallId("c2"), CallId("c3")} == {
        record.fact.call for record in story().records if isinstance(record.fact, CallEntered)
    }
