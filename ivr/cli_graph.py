"""The command `dzvin graph`."""

from pathlib import Path
from typing import Annotated

import typer

from ivr.cli_words import examples


def add_commands(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "dzvin graph",
            "dzvin graph --line 200 --out business.svg",
            "dzvin graph ~/new-dialplan --language en",
        )
    )(graph)


def graph(
    folder: Annotated[
        Path | None, typer.Argument(help="A dialplan folder; default: the configured one.")
    ] = None,
    line: Annotated[
        str | None, typer.Option(help="The number or the name of one line; default: all.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The picture's file (SVG).")] = Path("dialplan.svg"),
    language: Annotated[
        str | None, typer.Option(help="Of names and prompts in the picture; default: the first one.")
    ] = None,
) -> None:
    """Draw the lines with their menus as a tree, and how soon a caller reaches a person on each path.

    Seconds are the real lengths of the prompts, heard to their end and answered at once. Any browser shows
    the picture; a step that is drawn elsewhere is a link to it.
    """
    from ivr.config import load_settings
    from ivr.graphing import draw

    draw(load_settings(), folder, line, out, language)
