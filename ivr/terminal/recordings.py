"""Stored recordings as tables: what there is, what was said in one, who heard it, what was removed.

The rows are the documents that `ivr.kept` makes for programs too.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ivr.terminal.text import clock, percent, safe

Row = Mapping[str, Any]

UNSURE = 0.5
"""A word that was understood with less confidence is marked."""


def recordings_table(found: Sequence[Row], zone: tzinfo) -> RenderableType:
    """One row for each; a sentence where there is none."""
    if not found:
        return Text("No recordings.", "green")
    table = _table("Recordings, the latest last")
    table.add_column("Id", overflow="fold")
    table.add_column("When", no_wrap=True)
    table.add_column("What", no_wrap=True)
    table.add_column("Queue", overflow="fold")
    table.add_column("Language", no_wrap=True)
    table.add_column("Length", justify="right", no_wrap=True)
    table.add_column("Text", overflow="fold")
    for facts in found:
        table.add_row(
            Text(safe(facts["id"])),
            _written(facts["at"], zone),
            Text(safe(facts["name"])),
            Text(safe(facts["queue"])),
            Text(safe(facts["language"])),
            clock(facts["seconds"]),
            _has_text(facts),
        )
    return table


def _has_text(facts: Row) -> Text:
    if facts["unreadable"]:
        return Text(safe(facts["unreadable"]), "bold red")
    return Text("yes", "green") if facts["transcribed"] else Text("not yet", "yellow")


def story(facts: Row, zone: tzinfo) -> RenderableType:
    """One recording with what was said; words that were hardly understood are underlined."""
    rows = Table(box=None, show_header=False, pad_edge=False)
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    queue = f", queue {facts['queue']}" if facts["queue"] else ""
    for name, value in (
        ("Recording", facts["id"]),
        ("When", _written(facts["at"], zone)),
        ("What", f"{facts['name']}{queue}, call {facts['call']}"),
        ("Length", f"{clock(facts['seconds'])} ({facts['language']})"),
        ("SHA-256", facts["sha256"]),
    ):
        rows.add_row(name, Text(safe(value)))
    return Group(rows, Text(), said(facts))


def said(facts: Row) -> Text:
    """What was said, with the share of confidence."""
    if not facts["transcribed"]:
        return Text("Not transcribed yet.", "yellow")
    if not facts["transcript"]:
        return Text("No words were understood.", "yellow")
    text = Text("“")
    words = facts["words"]
    if words and " ".join(word["word"] for word in words) == facts["transcript"]:
        for number, word in enumerate(words):
            text.append(" " if number else "")
            text.append(safe(word["word"]), "underline yellow" if word["confidence"] < UNSURE else "")
    else:
        text.append(safe(facts["transcript"]))
    return text + Text("”  ") + Text(f"understood with {percent(facts['confidence'])}", "dim")


def proofs_table(proofs: Sequence[Row], zone: tzinfo) -> RenderableType:
    """Removals; their digests in full, for they are the proof."""
    if not proofs:
        return Text("Nothing was removed yet.", "green")
    table = _table("Removed recordings")
    for name in ("Removed", "Id", "Queue", "Recorded", "Bytes", "SHA-256 of the sound", "Why"):
        table.add_column(name, overflow="fold", justify="right" if name == "Bytes" else "left")
    for proof in proofs:
        table.add_row(
            _written(proof["removed_at"], zone),
            Text(safe(proof["id"])),
            Text(safe(proof["queue"])),
            _written(proof["recorded_at"], zone),
            str(proof["size"]),
            proof["sha256"],
            Text(safe(proof["why"])),
        )
    return table


def accesses_table(accesses: Sequence[Row], zone: tzinfo) -> RenderableType:
    if not accesses:
        return Text("Nobody has heard or read any.", "green")
    table = _table("Who heard or read recordings")
    for name in ("When", "Who", "Why", "Id"):
        table.add_column(name, overflow="fold")
    for access in accesses:
        table.add_row(
            _written(access["at"], zone),
            Text(safe(access["by"])),
            Text(safe(access["why"])),
            Text(safe(access["id"])),
        )
    return table


def _table(title: str) -> Table:
    return Table(
        title=Text(title, "bold"), title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False
    )


def _written(at: str, zone: tzinfo) -> str:
    """A day alone stays one."""
    moment = datetime.fromisoformat(at)
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment.tzinfo else at
