"""What a rehearsal found: failures with what happened in the call, coverage as a table, one line for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivr.terminal.text import percent, safe, short_time


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One step or line."""

    name: str
    walked: bool
    ways_walked: int
    ways: int
    missing: tuple[str, ...]


def print_failure(
    scenario: str, failures: Sequence[str], transcript: Sequence[str], console: Console
) -> None:
    """`failures` begin with file, line and column."""
    console.print(Text(f"{safe(scenario)} failed", "bold red"), soft_wrap=True)
    for failure in failures:
        console.print(Text(safe(failure)), soft_wrap=True)
    for line in transcript:
        console.print(Text(f"  {safe(line)}", "dim"), soft_wrap=True)
    console.print()


def coverage_table(rows: Sequence[CoverageRow]) -> Table | Text:
    """Only what is left; one sentence where all is walked."""
    if not rows:
        return Text("Every step and every way out of it is walked.", "green")
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("Step", no_wrap=True)
    table.add_column("Walked", no_wrap=True)
    table.add_column("Ways", no_wrap=True, justify="right")
    table.add_column("No scenario goes", overflow="fold")
    for row in rows:
        table.add_row(
            Text(safe(row.name)),
            Text("yes" if row.walked else "no", "" if row.walked else "bold red"),
            f"{row.ways_walked} of {row.ways}",
            Text(safe(", ".join(row.missing))),
        )
    return table


def summary(
    scenarios: int, failed: int, mistakes: int, took: float, shares: Mapping[str, tuple[int, int]]
) -> Text:
    """`31 scenarios, all well, in 45 ms; steps 52 of 56 (93%), ways 120 of 170 (71%).`; `took` in seconds."""
    if mistakes:
        return Text(f"{_count(mistakes, 'mistake')}; nothing was played.", "bold red")
    result = f"{failed} failed" if failed else "all well"
    walked = ", ".join(
        f"{name} {done} of {total} ({percent(done / total if total else None)})"
        for name, (done, total) in shares.items()
    )
    text = f"{_count(scenarios, 'scenario')}, {result}, in {short_time(took)}; {walked}."
    return Text(text, "bold red" if failed else "green")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
