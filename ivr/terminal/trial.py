"""A tried call in a terminal: what the caller hears, does and where it leads, a line each."""

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivr.flow.said import Said
from ivr.terminal.text import clock, safe
from ivr.trial import Kind, Moment

Words = Callable[[Said, str], str]
"""What is said, in words of a language; '' where no text is written."""

LABELS = {Kind.HEARS: "hears", Kind.DOES: "caller", Kind.HAPPENS: "then", Kind.TRACE: "trace"}
STYLES = {Kind.HEARS: "", Kind.DOES: "bold cyan", Kind.HAPPENS: "yellow", Kind.TRACE: "dim"}
_STAMP_WIDTH, _LABEL_WIDTH = 5, 6


def plain_line(moment: Moment, words: Words) -> str:
    """`0:07  hears   Вітаємо…  [welcome]`."""
    return _line(moment, words).plain


class TrialScreen:
    """Shows moments as they come."""

    def __init__(self, words: Words, console: Console | None = None) -> None:
        self._words = words
        self._console = console or Console(highlight=False)
        self._shown = 0

    def show(self, moments: Sequence[Moment]) -> None:
        """Those that were not shown before."""
        for moment in moments[self._shown :]:
            if self._console.is_terminal:
                self._console.print(_row(moment, self._words))
            else:
                self._console.print(_line(moment, self._words), soft_wrap=True)
        self._shown = len(moments)

    def head(self, text: str) -> None:
        self._console.print(Text(safe(text), "bold"), soft_wrap=True)

    def tell(self, text: str) -> None:
        """A remark of the program's own, perhaps of several lines."""
        for line in text.splitlines():
            self._console.print(Text(f"       {safe(line)}", "italic"), soft_wrap=True)

    def ask(self, hint: str) -> str | None:
        """What the person types; None: nothing more comes. Without a terminal no hint is shown."""
        try:
            return input(f"{hint} > " if self._console.is_terminal else "")
        except EOFError:
            return None


def _line(moment: Moment, words: Words) -> Text:
    return Text("  ").join((_stamp(moment), _label(moment))).append(" ").append(_text(moment, words))


def _row(moment: Moment, words: Words) -> Table:
    """As `_line`; what does not fit into the width goes on below its beginning."""
    row = Table.grid()
    row.add_column(width=_STAMP_WIDTH + 2, no_wrap=True)
    row.add_column(width=_LABEL_WIDTH + 1, no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(_stamp(moment), _label(moment), _text(moment, words))
    return row


def _stamp(moment: Moment) -> Text:
    return Text(f"{clock(moment.at):>{_STAMP_WIDTH}}", "dim")


def _label(moment: Moment) -> Text:
    return Text(f"{LABELS[moment.kind]:<{_LABEL_WIDTH}}", "dim")


def _text(moment: Moment, words: Words) -> Text:
    if moment.said is None:
        return Text(safe(moment.text), STYLES[moment.kind])
    spoken = safe(words(moment.said, moment.language))
    if not isinstance(moment.said, str):
        return Text(spoken)
    return Text.assemble(spoken or "(no text)", (f"  [{moment.said}]", "dim"))
