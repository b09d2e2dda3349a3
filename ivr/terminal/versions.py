"""Versions of the dialplan and the difference between two, for people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from ivr.terminal.reports import show
from ivr.terminal.text import safe

_MOST_SENTENCES = 200
_STYLES = (("new", ": new", "is new", " added"), ("gone", ": removed", "no longer", "any more", " removed"))
_COLOURS = {"new": "green", "gone": "red"}


def difference(sentences: Iterable[str]) -> Text:
    """A line for each; what comes is green, what goes is red, what turns is yellow."""
    found = Text()
    lines = list(sentences)
    for line in lines[:_MOST_SENTENCES]:
        found.append("  ")
        found.append(safe(line), _style(line))
        found.append("\n")
    if len(lines) > _MOST_SENTENCES:
        found.append(f"  and {len(lines) - _MOST_SENTENCES} more; --json lists all\n")
    if not lines:
        found.append("  no difference that callers or operators could notice\n", "dim")
    found.rstrip()
    return found


def _style(line: str) -> str:
    for name, *words in _STYLES:
        if any(word in line for word in words):
            return _COLOURS[name]
    return "cyan" if " renamed to " in line else "yellow"


def versions_table(listed: Mapping[str, Any], console: Console | None = None) -> None:
    """`listed` as `ivr.version_list.gather` gives it."""
    table = Table(box=None, pad_edge=False)
    for column in ("version", "published", "by", "why", "changes", "calls now"):
        table.add_column(column, overflow="fold")
    for row in reversed(listed["versions"]):
        state = f" {row['state']}" if row["state"] else ""
        number = Text(f"{row['number']}{state}", "bold green" if row["state"] == "live" else "")
        table.add_row(
            number,
            _moment(row["at"]),
            _text(row["who"]),
            _text(row["why"]),
            _first(row["difference"]),
            str(row["calls"]) if row["calls"] else "",
        )
    for number, why in listed["damaged"].items():
        table.add_row(Text(f"{number} damaged", "red"), "", "", "", _text(why), "")
    show(table, console)


def history_table(listed: Mapping[str, Any], console: Console | None = None) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("when", "what", "live", "on trial", "by", "why"):
        table.add_column(column, overflow="fold")
    for change in listed["history"]:
        canary = change["canary"]
        trial = f"{canary['number']}, {canary['share']:.0%}" if canary else ""
        live = str(change["live"])
        table.add_row(
            _moment(change["at"]),
            _text(change["what"]),
            live,
            trial,
            _text(change["who"]),
            _text(change["why"]),
        )
    show(table, console)


def one_version(row: Mapping[str, Any], folder: str, console: Console | None = None) -> None:
    why = f": {row['why']}" if row["why"] else ""
    head = _text(f"Version {row['number']}, {_moment(row['at'])} by {row['who']}{why}")
    rest = _text(f"Check: {row['checked']}. Its files: {folder}")
    before = f"Changes from version {row['based_on']}:" if row["based_on"] else "The first version."
    show(Group(head, rest, Text(before), difference(row["difference"])), console)


def _first(sentences: list[str]) -> Text:
    if not sentences:
        return Text()
    more = f" (+{len(sentences) - 1})" if len(sentences) > 1 else ""
    return Text.assemble(_text(sentences[0]), more)


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M}"


def _text(words: str) -> Text:
    return Text(safe(words))
