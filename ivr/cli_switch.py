"""The command `dzvin switch`."""

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from ivr.cli_words import examples
from ivr.errors import Plain


def add_commands(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "dzvin switch", "dzvin switch outage-north on --until 18:00", "dzvin switch outage-north off"
        )
    )(switch)


def switch(
    name: Annotated[str | None, typer.Argument(help="A name of the dialplan's section 'switches'.")] = None,
    state: Annotated[Literal["on", "off"] | None, typer.Argument(help="What it shall be.")] = None,
    until: Annotated[
        str, typer.Option(help="When it goes off by itself: 18:00, '2 h', '90 min' or '2026-12-31 18:00'.")
    ] = "",
) -> None:
    """Switch an announcement or another way of the dialplan on or off, at once; without words: show all.

    The running server heeds it from each caller's next step on; nothing is restarted or published.
    """
    from rich.console import Console

    from ivr.about import read_dialplan
    from ivr.config import load_settings
    from ivr.switches import Switches
    from ivr.switching import known, moment, table
    from ivr.whoami import user

    settings = load_settings()
    loaded = read_dialplan(settings)
    switches, names = Switches(settings.run_folder), loaded.names.switches
    if name is not None:
        if state is None:
            raise Plain(f"say what '{known(name, names)}' shall be: dzvin switch {name} on, or off.")
        now = datetime.now(ZoneInfo(loaded.time_zone))
        if state == "on":
            end = moment(until, now).timestamp() if until else None
            switches.turn_on(known(name, names), now.timestamp(), end, user())
        elif until:
            raise Plain("--until goes with 'on' only.")
        else:
            switches.turn_off(known(name, names))
    if not names:
        print("The dialplan has no switches.")
        return
    Console().print(table(names, switches, loaded.time_zone))
