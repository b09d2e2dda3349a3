"""What an import left behind, as a table."""

from collections.abc import Iterable

from rich import box
from rich.table import Table
from rich.text import Text

from ivr.terminal.text import safe


def left_table(rows: Iterable[tuple[str, str, str, str]]) -> Table:
    """Rows: the place, what stood there, why it was not carried over, what to do."""
    table = Table(title="Not carried over", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("Where", no_wrap=True)
    for name in ("What", "Why", "What to do"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(safe(cell)) for cell in row))
    return table
