"""The report of what could not be carried over, as Markdown; the terminal's table is in `ivr.terminal`."""

import re
from collections.abc import Sequence

from ivr.importing.plan import Left


def markdown(left: Sequence[Left]) -> str:
    """IMPORT.md. Whatever stood in the files is shown as text, never as markup."""
    head = (
        "# What was not carried over\n\n"
        "Before the dialplan goes live: record the prompts of `prompts/texts.yaml`, set the time zone in\n"
        "`center.yaml`, look at each line below, then run `./dzvin check` and `./dzvin try` on this\n"
        "folder.\n\n"
    )
    if not left:
        return head + "Everything was carried over.\n"
    rows = [
        f"| {_plain(row.place.file)} | {row.place.line} | {_plain(row.what)} | {_plain(row.why)} |"
        f" {_plain(row.advice)} |"
        for row in left
    ]
    table = ["| file | line | what | why | what to do |", "|---|---|---|---|---|", *rows]
    return head + "\n".join(table) + "\n"


def _plain(text: str) -> str:
    """Signs with a meaning in Markdown or HTML lose it."""
    return re.sub(r"([\\`*_{}\[\]<>|#&!~])", r"\\\1", text)
