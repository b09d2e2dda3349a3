"""Switches: on at once, off by themselves, never half written, and told in a table."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from acd.core.words import QueueId
from ivr.errors import Plain
from ivr.switches import FILE, Switches
from ivr.switching import known, moment, table
from ivr.world import FRESH_FOR, QueuesNow, WorldAround

KYIV = ZoneInfo("Europe/Kyiv")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=KYIV)
NAMES = {"outage": {"uk": "Аварія"}, "event": {"uk": "Пряма лінія"}}


def test_on_off_and_expired(tmp_path: Path) -> None:
    switches = Switches(tmp_path)
    assert switches.on(100.0) == frozenset()
    switches.turn_on("outage", 100.0, 200.0, "olena")
    switches.turn_on("event", 100.0, None, "olena")
    assert switches.on(150.0) == {"outage", "event"}
    assert switches.on(200.0) == {"event"}
    switches.turn_off("event")
    assert switches.on(150.0) == {"outage"}


def test_another_process_is_seen_at_once(tmp_path: Path) -> None:
    server, command = Switches(tmp_path), Switches(tmp_path)
    assert server.on(1.0) == frozenset()
    command.turn_on("outage", 1.0, None, "olena")
    assert server.on(1.0) == {"outage"}
    command.turn_off("outage")
    assert server.on(1.0) == frozenset()


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": {"since": 1}}', "\xff"])
def test_a_broken_file_leaves_the_switches_as_they_were(tmp_path: Path, content: str) -> None:
    switches = Switches(tmp_path)
    switches.turn_on("outage", 1.0, None, "olena")
    assert switches.on(2.0) == {"outage"}
    (tmp_path / FILE).write_text(content, encoding="latin-1")
    assert switches.on(2.0) in ({"outage"}, frozenset())
    switches.turn_on("event", 1.0, None, "olena")
    assert "event" in switches.on(2.0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("18:00", "2026-11-22T18:00"),
        ("09:30", "2026-11-23T09:30"),
        ("2 h", "2026-11-22T14:00"),
        ("90min", "2026-11-22T13:30"),
        ("3 d", "2026-11-25T12:00"),
        ("2026-12-31 18:00", "2026-12-31T18:00"),
    ],
)
def test_until(text: str, found: str) -> None:
    assert moment(text, NOON) == datetime.fromisoformat(found).replace(tzinfo=KYIV)


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2026-11-21", "2026-13-01", "5 weeks"])
def test_until_what_cannot_be(text: str) -> None:
    with pytest.raises(Plain, match="--until"):
        moment(text, NOON)


def test_names_that_are_none_get_advice() -> None:
    assert known("outage", NAMES) == "outage"
    with pytest.raises(Plain, match="did you mean 'outage'"):
        known("outagge", NAMES)
    with pytest.raises(Plain, match="no section 'switches'"):
        known("outage", {})


def test_the_table_tells_what_is_on(tmp_path: Path) -> None:
    switches = Switches(tmp_path)
    switches.turn_on("event", 0.0, None, "olena")
    console = Console(record=True, width=100, file=(tmp_path / "out").open("w"))
    console.print(table(NAMES, switches, "Europe/Kyiv"))
    shown = console.export_text()
    assert "Аварія" in shown
    assert "olena" in shown
    assert shown.count("off") == 2  # the one that is off, and "switched off" of the other


def test_queues_are_looked_at_once_for_a_moment() -> None:
    looks: list[float] = []
    now = 0.0

    def view() -> Any:
        looks.append(now)
        queue = SimpleNamespace(id=QueueId("q"), waiting=len(looks), logged_in=1, expected_wait_for=None)
        return SimpleNamespace(queues=(queue,))

    clock: Callable[[], float] = lambda: now  # noqa: E731 - reads the test's time
    queues = QueuesNow(view, clock)
    assert [queues[QueueId("q")].waiting, len(queues), list(queues)] == [1, 1, [QueueId("q")]]
    now = FRESH_FOR + 0.1
    assert queues[QueueId("q")].waiting == 2


def test_a_world_without_questions_costs_no_look(tmp_path: Path) -> None:
    def view() -> Any:
        raise AssertionError("nobody asked for the queues")

    assert WorldAround(view, Switches(tmp_path)).now().switches == frozenset()
