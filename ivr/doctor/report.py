"""The doctor's findings as a table in the terminal."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivr.doctor.finding import Finding, Mark

_STYLES = {Mark.OK: "green", Mark.WARN: "yellow", Mark.FAIL: "bold red"}


def render(findings: Sequence[Finding], console: Console | None = None) -> None:
    """Print one row per finding and a line that counts them."""
    table = Table(box=None, pad_edge=False)
    for heading in ("", "", "found", "to mend"):
        table.add_column(heading, overflow="fold")
    for one in findings:
        table.add_row(Text(one.mark, _STYLES[one.mark]), Text(one.area), Text(one.what), Text(one.mend))
    console = console or Console()
    console.print(table)
    count = Counter(one.mark for one in findings)
    console.print(f"{count[Mark.OK]} well, {count[Mark.WARN]} to look at, {count[Mark.FAIL]} to mend.")
