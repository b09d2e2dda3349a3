"""The commands for whoever edits a dialplan: `dzvin try` and `dzvin rehearse`."""

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli_words import examples
from ivr.errors import Plain

_YEARS = range(1970, 2100)


def add_commands(app: typer.Typer) -> None:
    app.command(
        "try",
        epilog=examples(
            "dzvin try 100",
            'dzvin try business --at "2026-12-31 23:50" --silent',
            "dzvin try 100 --folder ~/new-dialplan",
            "printf '1\\n1\\n2\\n' | dzvin try 100   (keys from a file or program)",
        ),
    )(try_)
    app.command(
        epilog=examples(
            "dzvin rehearse",
            "dzvin rehearse --coverage --junit report.xml",
            "dzvin rehearse ~/new-dialplan",
        )
    )(rehearse)


def try_(
    line: Annotated[str, typer.Argument(help="The number or the name of a line.")],
    folder: Annotated[
        Path | None, typer.Option(help="A dialplan folder; default: the configured one.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help='When, as "2026-12-31 23:50", by the clock of the dialplan.')
    ] = None,
    caller: Annotated[str, typer.Option(help="The caller's number, or withheld.")] = "0501234567",
    language: Annotated[
        str | None, typer.Option(help="The language that this caller chose in a former call.")
    ] = None,
    silent: Annotated[
        bool, typer.Option("--silent", help="A caller who never answers; types nothing.")
    ] = False,
    no_speech: Annotated[
        bool, typer.Option("--no-speech", help="As without speech models: keys only.")
    ] = False,
    web: Annotated[bool, typer.Option("--web", help="Ask the web services for real.")] = False,
    switch: Annotated[list[str] | None, typer.Option(help="A switch that is on; may be repeated.")] = None,
) -> None:
    """Call a line here in the terminal, without Asterisk: see what a caller hears, type keys or words.

    Time is virtual: prompts last as long as their recordings, and nobody has to wait. Queues, transfers and
    web services ask you what shall happen.
    """
    from ivr.config import load_settings
    from ivr.trying import Wish, try_line

    wish = Wish(
        line=line,
        folder=folder,
        at=_moment(at),
        caller=_caller(caller),
        language=language,
        speech=not no_speech,
        silent=silent,
        web=web,
        switches=tuple(switch or ()),
    )
    try_line(load_settings(), wish)


def rehearse(
    folder: Annotated[
        Path | None, typer.Argument(help="A dialplan folder; default: the configured one.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit report (XML) to this file.")] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Show the steps and ways that no scenario walks.")
    ] = False,
) -> None:
    """Play the scenarios of a dialplan (its folder scenarios/), in milliseconds and without Asterisk.

    Each failure is told with its file and line, what was expected and what happened. Exit status 1 if there
    is one.
    """
    from ivr.config import load_settings
    from ivr.rehearsing import rehearse_folder

    raise typer.Exit(rehearse_folder(load_settings(), folder, junit, coverage))


def _caller(text: str) -> str:
    if text != "withheld" and not re.fullmatch(r"\+?[0-9]{1,15}", text, re.ASCII):
        raise Plain(f"--caller {text}: no telephone number; write up to 15 digits, or withheld.")
    return "" if text == "withheld" else text


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min
    if found.year not in _YEARS or found.tzinfo is not None:
        raise Plain(f'--at {text}: not a moment; write it as "2026-12-31 23:50".')
    return found
