"""The command `dzvin`: each sub-command parses its words here and does its work in a module of its own.

Modules are imported inside the commands, so that `dzvin --help` answers at once.
"""

import asyncio
import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ivr.errors import Plain

app = typer.Typer(
    name="dzvin",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="[bold]Dzvin[/bold]: calls come in, menus are spoken, the first free operator answers within three "
    "seconds.\n\n[bold]dzvin run[/bold] starts everything, [bold]dzvin demo[/bold] shows it without a phone, "
    "[bold]dzvin check[/bold] reads the dialplan for mistakes.",
)
report = typer.Typer(no_args_is_help=True, help="Figures from the journal.")
prompts = typer.Typer(no_args_is_help=True, help="The spoken prompts.")
app.add_typer(report, name="report")
app.add_typer(prompts, name="prompts")


@app.command()
def run() -> None:
    """Start Asterisk with this project's configuration and the server beside it; Ctrl-C ends both."""
    from ivr.config import load_settings
    from ivr.run import run_all

    raise typer.Exit(asyncio.run(run_all(load_settings())))


@app.command()
def serve(
    attached: Annotated[bool, typer.Option("--attached", hidden=True, help="End with the parent.")] = False,
) -> None:
    """Start the server only, beside an Asterisk that runs already ([bold]dzvin run[/bold] does both)."""
    from ivr.app import serve as serve_forever
    from ivr.config import load_settings
    from ivr.run import serve_attached

    asyncio.run((serve_attached if attached else serve_forever)(load_settings()))


@app.command()
def demo(
    seconds: Annotated[int, typer.Option(min=20, max=600, help="How long calls are placed.")] = 40,
) -> None:
    """Watch it work without a phone: softphones call and answer with real sound, then a summary."""
    from ivr.config import load_settings
    from ivr.demo import show

    raise typer.Exit(asyncio.run(show(load_settings(), seconds)))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run the whole test suite; further words go to pytest (for instance [bold]tests/unit -k menu[/bold])."""
    from ivr.selftest import run_tests

    raise typer.Exit(run_tests(context.args))


@app.command()
def info(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Addresses, lines and operators' phone accounts."""
    from ivr.about import info as gather
    from ivr.config import load_settings
    from ivr.terminal.info import print_info

    facts = gather(load_settings())
    print(json.dumps(facts, ensure_ascii=False, indent=2)) if as_json else print_info(facts)


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="A dialplan folder; default: the configured one.")
    ] = None,
) -> None:
    """Read a dialplan and say every mistake with file, line, column and advice."""
    from ivr.config import load_settings
    from ivr.dialplan.check import check as find_problems

    settings = load_settings()
    place = folder or settings.dialplans
    problems = find_problems(place, settings.prompts)
    for problem in problems:
        print(problem)
    if problems:
        raise Plain(f"{len(problems)} mistake(s) in {place}; nothing was changed.")
    print(f"{place}: no mistakes.")


@app.command()
def doctor() -> None:
    """Check versions, modules, rights, ports, clock and sounds, and say what to mend."""
    from ivr.config import load_settings
    from ivr.doctor import has_failures, render, run_doctor

    findings = asyncio.run(run_doctor(load_settings()))
    render(findings)
    raise typer.Exit(1 if has_failures(findings) else 0)


@app.command()
def render(folder: Annotated[Path, typer.Argument(help="Where the files are written to.")]) -> None:
    """Write the files that an Asterisk of your own includes (asterisk-conf/README.md)."""
    from ivr.about import read_dialplan
    from ivr.asterisk.conf_render import render_for_existing
    from ivr.config import load_settings
    from ivr.own_asterisk import asterisk_conf

    settings = load_settings()
    for path in render_for_existing(asterisk_conf(settings, read_dialplan(settings)), folder):
        print(path)


@app.command()
def top() -> None:
    """Watch calls, operators and queues of the running server in the terminal."""
    from ivr.config import load_settings
    from ivr.watch import watch

    asyncio.run(watch(load_settings()))


@app.command()
def why(
    call: Annotated[str, typer.Argument(help="The call's id, from the log, the report or the wallboard.")],
) -> None:
    """Why did this caller wait, and why did this operator get this call?"""
    from ivr.config import load_settings
    from ivr.reports import explain

    asyncio.run(explain(load_settings(), call))


@report.command("line")
def report_line(
    day: Annotated[str | None, typer.Option(help="As 2026-12-31; default: today.")] = None,
) -> None:
    """The three-second rule: time from a free operator to talking, p50 / p95 / p99 and every breach."""
    from ivr.config import load_settings
    from ivr.reports import line

    asyncio.run(line(load_settings(), _day(day)))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Plain(f"--day {text}: not a date; write it as 2026-12-31.") from None


def main() -> None:
    """Entry point of the script `dzvin`: mistakes that we know are one sentence, never a traceback."""
    try:
        app()
    except Plain as mistake:
        print(f"dzvin: {mistake}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
