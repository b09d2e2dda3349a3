"""The terminal views: a sentence for every fact, a fitting screen at every size, lines without a terminal."""

import asyncio
import dataclasses
import io
import types
import typing
from collections.abc import Iterator

import pytest
from rich.console import Console

from acd.core import facts as f
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId, OperatorId, QueueId
from ivr.terminal import CenterScreen
from ivr.terminal.narrator import Narrator
from ivr.terminal.tables import queues_table, summary
from ivr.terminal.text import bar, clock, short_time
from tests.eventually import eventually
from tests.promise_facts import a_few
from tests.web_center import START, FakeCenter, busy_center, call, operator, queue

_VALUES: dict[object, object] = {
    float: START,
    int: 1,
    str: "word",
    bool: True,
    CallId: CallId("c1"),
    OperatorId: OperatorId("o1"),
    QueueId: QueueId("tracking"),
    OfferId: OfferId(1),
    Cause: Cause.BUSY,
    Ended: Ended.CALLER,
    LeaveReason: LeaveReason.HUNG_UP,
}


def _examples() -> Iterator[f.Fact]:
    """One of each kind, built from the types of its fields."""
    for kind in typing.get_args(f.Fact):
        hints = typing.get_type_hints(kind)
        values = {
            field.name: _VALUES.get(hints[field.name], ())
            for field in dataclasses.fields(kind)
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        }
        yield kind(**values)


@pytest.mark.parametrize("fact", list(_examples()), ids=lambda fact: type(fact).__name__)
def test_every_fact_has_a_sentence(fact: f.Fact) -> None:
    line = Narrator().tell(fact)
    assert line.at == START
    assert len(line.text) > 8
    assert "{" not in line.text
    assert line.tone in ("good", "bad", "plain", "quiet")


def test_sentences_use_names_and_masked_numbers() -> None:
    narrator = Narrator()
    narrator.learn(FakeCenter(queue("Parcels"), operators=[operator("o1", "Anna")]).view())
    narrator.tell(_entered("0501234567"))
    offered = f.OfferMissed(
        at=START,
        offer=OfferId(1),
        call=CallId("c1"),
        operator=OperatorId("o1"),
        queue=QueueId("tracking"),
        cause=Cause.NO_ANSWER,
        misses=2,
        set_aside_until=START,
    )
    assert narrator.tell(_entered("0501234567")).text == "050***4567 waits for Parcels"
    assert narrator.tell(offered).text == (
        "Anna missed 050***4567: no answer, 2 times in a row; the call keeps its place"
    )


def _entered(caller: str) -> f.CallEntered:
    return f.CallEntered(
        at=START,
        call=CallId("c1"),
        queue=QueueId("tracking"),
        caller=caller,
        line="100",
        priority=0,
        needs=(),
        waiting_since=START,
    )


def _screen(center: FakeCenter, width: int, height: int = 40, **options: object) -> tuple[str, CenterScreen]:
    out = io.StringIO()
    console = Console(file=out, width=width, height=height, **options)  # type: ignore[arg-type]
    screen = CenterScreen(center.view, console=console)
    center.add_sink(screen)
    center.happen(*_examples())
    console.print(screen.render(center.view()))
    return out.getvalue(), screen


@pytest.mark.parametrize(("width", "height"), [(40, 24), (50, 30), (80, 24), (80, 40), (120, 40), (200, 60)])
def test_the_screen_fits_the_terminal(width: int, height: int) -> None:
    center = busy_center()
    center.calls = tuple(call(f"c{n}", n) for n in range(1, 60))
    text, _ = _screen(center, width, height, force_terminal=True, no_color=True, color_system=None)
    lines = text.splitlines()
    assert max(len(line) for line in lines) <= width
    assert len(lines) <= height
    for word in ("Queues", "Operators", "Calls", "Last events"):
        assert word in text


def test_without_colour_and_without_unicode_all_is_still_said() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    console = Console(file=out, width=150, height=50, force_terminal=True, color_system=None)
    center = FakeCenter(
        queue("Parcels", longest_wait_for=30.0), operators=[operator("o1", "Anna", activity="talking")]
    )
    console.print(CenterScreen(center.view, console=console).render(center.view()))
    out.flush()
    text = typing.cast(io.BytesIO, out.buffer).getvalue().decode("ascii")
    assert "\x1b[3" not in text
    assert "3 !" in text
    assert "* talking" in text
    assert "###" in text
    assert "?" not in text


def test_a_name_cannot_steer_the_terminal() -> None:
    evil = "\x1b[2J[bold red]\nX"
    text, _ = _screen(FakeCenter(queue(evil), operators=[operator("o1", evil)]), 150)
    assert "\x1b" not in text
    assert "�[2J[bold red]�X" in text


async def test_where_there_is_no_terminal_lines_are_printed() -> None:
    out = io.StringIO()
    center = busy_center()
    screen = CenterScreen(center.view, console=Console(file=out, width=80), summary_every_for=0.02)
    center.add_sink(screen)
    center.happen(_entered("0501234567"))
    assert not screen.is_live
    summing_up = asyncio.create_task(screen.run())
    await eventually(lambda: len(out.getvalue().splitlines()) >= 3)
    summing_up.cancel()
    lines = out.getvalue().splitlines()
    assert lines[0].endswith("050***4567 waits for Пошук посилки")
    assert "17 waiting, the longest for 1:02:05" in lines[1]
    assert "waiting, the longest for" in lines[2]
    assert "\x1b" not in out.getvalue()


async def test_a_terminal_gets_its_old_screen_back() -> None:
    out = io.StringIO()
    console = Console(file=out, width=90, height=30, force_terminal=True, _environ={"TERM": "xterm"})
    screen = CenterScreen(busy_center().view, console=console)
    assert screen.is_live
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(screen.run(every_for=0.02), 0.3)
    text = out.getvalue()
    assert text.index("\x1b[?1049h") < text.index("Queues") < text.index("\x1b[?1049l")


def test_the_summary_is_one_line_of_words() -> None:
    assert summary(FakeCenter(queue(waiting=0), operators=[operator("o1", "Anna")]).view()) == (
        "0 waiting; operators: 1 free"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0.028, "28 ms"), (0.95, "0.95 s"), (3.21, "3.2 s"), (95.0, "1:35"), (3723.0, "1:02:03")],
)
def test_times_are_short(seconds: float | None, text: str) -> None:
    assert short_time(seconds) == text


def test_bars_never_hide_a_caller_nor_leave_their_column() -> None:
    assert bar(0, 10, 12, True) == ""
    assert bar(1, 10_000, 12, True) == "#"
    assert bar(20_000, 10, 12, True) == "#" * 12
    assert clock(-3) == "0:00"


def test_the_examples_are_all_facts() -> None:
    assert isinstance(f.Fact, types.UnionType)
    assert len(list(_examples())) == len(typing.get_args(f.Fact))


def test_promises_are_told_without_what_people_said() -> None:
    narrator = Narrator()
    narrator.learn(FakeCenter(queue("Parcels"), operators=[operator("olena", "Olena")]).view())
    told = [narrator.tell(fact).text for fact in a_few(START) if not isinstance(fact, f.CallEntered)]
    assert "promise 1: attempt 1: busy" in told[2]
    assert "promise 2: olena passed it on to networks".casefold() in "\n".join(told).casefold()
    assert not any("Садов" in line or "not our street" in line or "050123" in line for line in told)


def test_a_wide_table_says_how_promises_stand() -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(queues_table(FakeCenter(queue("Parcels")).view(), 200, 5))
    text = console.export_text()
    assert "Promises" in text
    assert "5 !" in text
    assert "92%" in text
