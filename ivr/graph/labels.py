"""Texts of the picture: short, wrapped, escaped, each line in its style."""

import textwrap
from html import escape

Row = tuple[str, str]
"""A text and its style."""


def seconds(seconds: float) -> str:
    return f"{seconds:.0f} s"


def time_row(after: float | None, helped: str) -> list[Row]:
    """`helped`: what the caller gets, 'a person'; '' for nothing."""
    if after is None:
        return []
    return [(f"{helped} after {seconds(after)}", "person")] if helped else [(f"after {seconds(after)}", "id")]


GREEN, FAINT = "#0b7a4b", "#52606d"
LINE_LETTERS = 30
STYLES = {
    "title": "<b>{}</b>",
    "number": '<font color="#ffffff" point-size="16"><b>{}</b></font>',
    "text": '<font point-size="11">{}</font>',
    "small": '<font point-size="11">{}</font>',
    "id": f'<font point-size="10" color="{FAINT}">{{}}</font>',
    "person": f'<font point-size="12" color="{GREEN}"><b>{{}}</b></font>',
    "light": '<font color="#ffffff">{}</font>',
    "cap": '<font point-size="7">{}</font>',
}


def table(rows: list[Row]) -> str:
    """A label of several lines in graphviz's own kind of HTML."""
    lines = (STYLES[style].format(line) for text, style in rows for line in wrapped(text, LINE_LETTERS))
    return f"<{'<br/>'.join(lines)}>"


def clean(text: str) -> str:
    """Safe in the label and in XML: escaped, without control characters, backslashes doubled for dot."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return escape(printable.replace("\\", "\\\\"))


def wrapped(text: str, letters: int) -> list[str]:
    """Wrapped at words; words that are too long are cut."""
    return [clean(line) for line in textwrap.wrap(text, letters)] or [" "]
