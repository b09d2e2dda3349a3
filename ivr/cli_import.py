"""The command `dzvin import`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ivr.cli_words import examples


def add_commands(app: typer.Typer) -> None:
    app.command(
        "import",
        epilog=examples(
            "dzvin import /etc/asterisk/queues.conf /etc/asterisk/extensions.conf --to ~/new-dialplan",
            "dzvin import ivr_details.csv ivr_entries.csv --to ~/new-dialplan --language uk",
        ),
    )(import_)


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="queues.conf, extensions.conf, tables of FreePBX as .csv or .json; several together."
        ),
    ],
    to: Annotated[Path, typer.Option(help="A folder that is new or empty.")],
    language: Annotated[
        Literal["uk", "ru", "en"], typer.Option(help="The language of the prompts that will be recorded.")
    ] = "uk",
) -> None:
    """Make a dialplan of another system's files, and say what could not be carried over.

    Only the files that are named are read; nothing in them is run. The report is also written as IMPORT.md.
    """
    from rich.console import Console

    from ivr.importing.folder import import_files
    from ivr.terminal.importing import left_table

    done = import_files(files, to, language)
    if done.left:
        rows = [(str(left.place), left.what, left.why, left.advice) for left in done.left]
        Console().print(left_table(rows))
    counted = f"{done.lines} lines, {done.steps} steps, {done.queues} queues, {done.operators} operators"
    print(f"{to}: {counted}; {done.prompts} prompts to record.")
    print(f"{len(done.left)} points to look at, see {to / 'IMPORT.md'}; then: dzvin check {to}")
