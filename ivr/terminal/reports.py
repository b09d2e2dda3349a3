"""Reports and answers as tables, from plain data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ivr.terminal.text import local_time, safe, short_time


@dataclass(frozen=True, slots=True)
class Spread:
    """One line of times, in seconds; None where nothing was measured."""

    name: str
    count: int
    p50: float | None
    p95: float | None
    p99: float | None
    worst: float | None


@dataclass(frozen=True, slots=True)
class Breach:
    """One assignment that was slower than promised."""

    at: float
    call: str
    operator: str
    queue: str
    took_for: float | None
    """None: it never came to a talk."""
    cause: str


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence of an answer to "why", with its time."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One fault: where, what."""

    where: str
    what: str


def faults_table(faults: Sequence[Row], place: str) -> RenderableType:
    """Each fault; one sentence when there is none."""
    if not faults:
        return Text(f"{safe(place)}: every recording is there and well.", "green")
    table = _table(f"{place}: {len(faults)} to mend")
    table.add_column("Recording", overflow="fold")
    table.add_column("What is wrong", overflow="fold")
    for fault in faults:
        table.add_row(Text(safe(fault.where)), Text(safe(fault.what)))
    return table


def spread_table(spreads: Iterable[Spread], title: str = "From free to talking") -> Table:
    """How long the steps took: median, 95th and 99th percentile, and the worst."""
    table = _table(title)
    table.add_column("Step", overflow="fold")
    for name in ("Count", "p50", "p95", "p99", "Worst"):
        table.add_column(name, justify="right", no_wrap=True)
    for spread in spreads:
        times = (spread.p50, spread.p95, spread.p99, spread.worst)
        table.add_row(Text(safe(spread.name)), str(spread.count), *(short_time(time) for time in times))
    return table


def breaches_table(breaches: Sequence[Breach], promise_for: float) -> RenderableType:
    """Each breach with its cause; one sentence when there is none."""
    if not breaches:
        return Text(f"No assignment took longer than {short_time(promise_for)}.", "green")
    table = _table(f"Slower than {short_time(promise_for)}: {len(breaches)}")
    table.add_column("At", no_wrap=True)
    for name in ("Call", "Operator", "Queue"):
        table.add_column(name, overflow="fold")
    table.add_column("Took", justify="right", no_wrap=True)
    table.add_column("Cause", overflow="fold", style="bold")
    for breach in breaches:
        names = (Text(safe(name)) for name in (breach.call, breach.operator, breach.queue))
        took = "no talk" if breach.took_for is None else short_time(breach.took_for)
        table.add_row(local_time(breach.at), *names, took, Text(safe(breach.cause)))
    return table


def line_report(spreads: Iterable[Spread], breaches: Sequence[Breach], promise_for: float) -> RenderableType:
    """What `dzvin report line` shows."""
    return Group(spread_table(spreads), Text(), breaches_table(breaches, promise_for))


def why_table(question: str, steps: Sequence[Step]) -> RenderableType:
    """The sentences of an answer in order, each with its time and the time since the one before."""
    if not steps:
        return Text(f"{safe(question)}: the journal says nothing about it.")
    table = _table(question)
    table.add_column("At", no_wrap=True)
    table.add_column("After", justify="right", no_wrap=True, style="dim")
    table.add_column("What happened", overflow="fold")
    before = steps[0].at
    for step in steps:
        after = "" if step.at <= before else f"+{short_time(step.at - before)}"
        table.add_row(local_time(step.at), after, Text(safe(step.text)))
        before = step.at
    return table


def show(what: RenderableType, console: Console | None = None) -> None:
    """Print it; without a terminal in plain text, wide enough that no line is folded by accident."""
    console = console or Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, 160)
    console.print(what)


def _table(title: str) -> Table:
    return Table(
        title=Text(safe(title), "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
