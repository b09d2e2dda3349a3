"""The centre as tables; on a narrow terminal the columns that matter least go first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from rich import box
from rich.table import Table
from rich.text import Text

from acd.core.views import CallView, CenterView, QueueView, operator_state
from acd.core.words import OperatorId
from ivr.terminal.text import STATES, bar, clock, percent, safe, short_time, state_text

_BAR = 12
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    needs: int
    """Shown from this width of the table on, in characters."""
    justify: Literal["left", "right"] = "right"


_QUEUE = (
    _Column("Queue", 0, "left"),
    _Column("Waiting", 0),
    _Column("", 132, "left"),
    _Column("Longest", 0),
    _Column("Free", 48),
    _Column("Busy", 54),
    _Column("Wrap-up", 86),
    _Column("Break", 94),
    _Column("Logged in", 146),
    _Column("Answered", 74),
    _Column("Abandoned", 106),
    _Column("In time", 60),
    _Column("Mean wait", 118),
    _Column("Promises", 158),
    _Column("Kept", 166),
)


def _table(title: str, columns: Sequence[_Column], width: int) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        width=width,
    )
    for column in columns:
        flexible = column.justify == "left" and column.name != ""
        table.add_column(
            column.name,
            justify=column.justify,
            no_wrap=True,
            overflow="ellipsis",
            ratio=1 if flexible else None,
        )
    return table


def queues_table(view: CenterView, width: int, rows: int, ascii_only: bool = False) -> Table:
    """One row per queue, at most `rows`. 'In time' is the service level: see `QueueView.service_level`.

    'Promises' are those that are open, with ! where some run out; 'Kept' is the share kept today.
    """
    shown = [number for number, column in enumerate(_QUEUE) if width >= column.needs]
    table = _table("Queues", [_QUEUE[number] for number in shown], width)
    most = max((queue.waiting for queue in view.queues), default=0)
    for queue in _first(view.queues, rows):
        cells = _queue_cells(queue, max(most, _BAR), ascii_only)
        table.add_row(*(cells[number] for number in shown))
    _say_rest(table, view.queues, rows)
    return table


def _queue_cells(queue: QueueView, most: int, ascii_only: bool) -> list[Text]:
    late = queue.waiting > 0 and queue.longest_wait_for > queue.answer_within
    nobody = queue.waiting > 0 and queue.logged_in == 0
    style = "bold red" if nobody else "bold yellow" if late else ""
    mark = " !!" if nobody else " !" if late else ""
    figures = (queue.idle, queue.busy, queue.wrap_up, queue.on_break, queue.logged_in)
    return [
        Text(safe(queue.name)),
        Text(f"{queue.waiting}{mark}", style),
        Text(bar(queue.waiting, most, _BAR, ascii_only), style or "cyan"),
        Text(clock(queue.longest_wait_for) if queue.waiting else "-", style),
        *(Text(str(figure)) for figure in figures),
        Text(str(queue.answered)),
        Text(str(queue.abandoned)),
        Text(percent(queue.service_level)),
        Text(short_time(queue.mean_wait_for)),
        Text(f"{queue.work_open}{' !' if queue.work_due else ''}", "bold yellow" if queue.work_due else ""),
        Text(percent(queue.kept_share)),
    ]


def operators_table(view: CenterView, width: int, rows: int, ascii_only: bool = False) -> Table:
    """Who does what and since when; those logged out last; at most `rows` of them."""
    columns = (_Column("Operator", 0, "left"), _Column("State", 0, "left"), _Column("For", 0))
    order = (
        "ringing",
        "talking",
        "held",
        "wrap-up",
        "idle",
        "set aside",
        "unreachable",
        "on break",
        "logged out",
    )
    people = sorted(view.operators, key=lambda o: (order.index(operator_state(o)), o.name))
    table = _table("Operators", columns, width)
    for operator in _first(people, rows):
        table.add_row(
            Text(safe(operator.name)),
            state_text(operator, ascii_only),
            Text(clock(view.at - operator.since) if operator.since else "-"),
        )
    _say_rest(table, people, rows)
    return table


def calls_table(view: CenterView, width: int, rows: int) -> Table:
    """Talks, then those who wait in their order; at most `rows`."""
    columns = [
        _Column("Caller", 0, "left"),
        _Column("Queue", 56, "left"),
        _Column("State", 0, "left"),
        _Column("For", 0),
    ]
    shown = [number for number, column in enumerate(columns) if width >= column.needs]
    names = {operator.id: operator.name for operator in view.operators}
    queues = {queue.id: queue.name for queue in view.queues}
    calls = sorted(view.calls, key=lambda call: (call.position is not None, call.position or 0, call.since))
    table = _table("Calls", [columns[number] for number in shown], width)
    for call in _first(calls, rows):
        cells = (
            Text(safe(call.caller) or "withheld"),
            Text(safe(queues.get(call.queue, call.queue))),
            _call_state(call, names),
            Text(clock(view.at - call.since)),
        )
        table.add_row(*(cells[number] for number in shown))
    _say_rest(table, calls, rows)
    return table


def _call_state(call: CallView, names: Mapping[OperatorId, str]) -> Text:
    who = safe(names.get(call.operator, call.operator)) if call.operator else ""
    match call.state:
        case "talking":
            return Text(f"talks to {who}", "bold blue")
        case "offered":
            return Text(f"rings at {who}", "bold cyan")
        case "answered":
            return Text(f"being joined to {who}", "bold cyan")
        case _:
            return Text(f"waits, number {call.position}" if call.position else safe(call.state), "yellow")


def _first(items: Sequence[_Item], rows: int) -> Sequence[_Item]:
    """What fits into `rows`, with one left for saying how many do not."""
    return items if len(items) <= rows else items[: max(0, rows - 1)]


def _say_rest(table: Table, items: Sequence[object], rows: int) -> None:
    left_out = len(items) - len(_first(items, rows))
    if left_out:
        table.add_row(Text(f"and {left_out} more", "dim"))


def summary(view: CenterView) -> str:
    """The centre in one plain line."""
    waiting = sum(queue.waiting for queue in view.queues)
    longest = max((queue.longest_wait_for for queue in view.queues if queue.waiting), default=0.0)
    counts = dict.fromkeys(STATES, 0)
    for operator in view.operators:
        counts[operator_state(operator)] += 1
    people = ", ".join(f"{count} {STATES[state][2]}" for state, count in counts.items() if count)
    wait = f", the longest for {clock(longest)}" if waiting else ""
    return f"{waiting} waiting{wait}; operators: {people or 'none'}"
