"""The live view of the centre in a terminal; where stdout is none, plain lines instead."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from acd.core.facts import Record, SettingsApplied
from acd.core.views import CenterView
from ivr.terminal.narrator import Line, Narrator
from ivr.terminal.tables import calls_table, operators_table, queues_table, summary
from ivr.terminal.text import local_time, safe

_TONES = {"good": "green", "bad": "bold red", "plain": "", "quiet": "dim"}
_SIDE_BY_SIDE = 110
_FRAME = 3
"""Lines of a table beside its rows: title, head, rule."""
_ROOMY = 34
"""From this height on, an empty line stands before each part."""


class CenterScreen:
    """Draws `view()` at most four times a second; is a `FactSink` for the last events in words.

    screen = CenterScreen(service.view, title="Dzvin")
    service.add_sink(screen)
    await screen.run()   # until cancelled
    """

    def __init__(
        self,
        view: Callable[[], CenterView],
        *,
        title: str = "Dzvin",
        console: Console | None = None,
        events: int = 8,
        summary_every_for: float = 10.0,
    ) -> None:
        self._view = view
        self._title = safe(title)
        self._console = console or Console(highlight=False)
        self._narrator = Narrator()
        self._lines: deque[Line] = deque(maxlen=events)
        self._summary_every_for = summary_every_for
        self._note = ""
        self._learnt = False

    @property
    def is_live(self) -> bool:
        """Whether it redraws; False prints lines."""
        return self._console.is_terminal and not self._console.is_dumb_terminal

    def __call__(self, records: Sequence[Record]) -> None:
        if not self._learnt or any(isinstance(record.fact, SettingsApplied) for record in records):
            self._learn(self._view())
        for record in records:
            line = self._narrator.tell(record.fact)
            self._lines.append(line)
            if not self.is_live:
                self._print(line.at, line.text)

    def _learn(self, view: CenterView) -> None:
        self._narrator.learn(view)
        self._learnt = True

    def note(self, text: str) -> None:
        """A line of the caller's own under the title, for instance what the demo does now."""
        self._note = safe(text)
        if text and not self.is_live:
            self._print(time.time(), text)

    def _print(self, at: float, text: str) -> None:
        stamp = local_time(at)
        self._console.print(Text(f"{stamp} {safe(text)}"), soft_wrap=True)

    async def run(self, every_for: float = 0.25) -> None:
        """Until cancelled. The terminal is as before afterwards."""
        self._learn(self._view())
        if not self.is_live:
            await self._run_plain()
            return
        with Live(console=self._console, screen=True, auto_refresh=False, vertical_overflow="crop") as live:
            while True:
                live.update(self.render(self._view()), refresh=True)
                await asyncio.sleep(every_for)

    async def _run_plain(self) -> None:
        while True:
            view = self._view()
            self._learn(view)
            self._print(view.at, summary(view))
            await asyncio.sleep(self._summary_every_for)

    def render(self, view: CenterView) -> RenderableType:
        """The whole screen, fitted to the console's size: queues, people and calls, last events."""
        self._learn(view)
        width, height = self._console.size
        ascii_only = self._console.options.ascii_only
        head = self._head(view)
        gap = [Text()] if height >= _ROOMY else []
        frame = _FRAME + len(gap)
        queue_rows = min(len(view.queues), max(1, height // 3))
        room = height - len(head) - frame - queue_rows - 1 - len(gap)
        events = list(self._lines)[-max(2, room // 4) :]
        return Group(
            *head,
            *gap,
            queues_table(view, width, queue_rows, ascii_only),
            *self._people_and_calls(view, width, room - len(events), gap),
            *gap,
            Text("Last events", "bold italic"),
            *(self._event(line) for line in events),
        )

    def _head(self, view: CenterView) -> list[Text]:
        stamp = local_time(view.at)
        lines = [Text.assemble((f"{self._title}  {stamp}", "bold"), f"  {summary(view)}")]
        if self._note:
            lines.append(Text(self._note, "italic"))
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        return lines

    def _people_and_calls(
        self, view: CenterView, width: int, room: int, gap: list[Text]
    ) -> list[RenderableType]:
        """In at most `room` lines, or as few as two tables need."""
        ascii_only = self._console.options.ascii_only
        frame = _FRAME + len(gap)
        if width >= _SIDE_BY_SIDE:
            half = (width - 2) // 2
            rows = max(1, room - frame)
            grid = Table.grid(padding=(0, 2, 0, 0))
            grid.add_row(operators_table(view, half, rows, ascii_only), calls_table(view, half, rows))
            return [*gap, grid]
        rows = max(2, room - 2 * frame)
        calls = max(1, min(len(view.calls), rows // 2))
        people = max(1, min(len(view.operators), rows - calls))
        tables = operators_table(view, width, people, ascii_only), calls_table(view, width, rows - people)
        return [*gap, tables[0], *gap, tables[1]]

    def _event(self, line: Line) -> Text:
        stamp = local_time(line.at)
        text = Text.assemble((stamp, "dim"), " ", (line.text, _TONES[line.tone]))
        text.no_wrap = True
        text.overflow = "ellipsis"
        return text
