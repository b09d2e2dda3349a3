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

from ivr import (
    cli_dialplan,
    cli_graph,
    cli_import,
    cli_promises,
    cli_recordings,
    cli_switch,
    cli_versions,
)
from ivr.cli_words import examples as _examples
from ivr.errors import Plain
from ivr.guard import guarded

app = typer.Typer(
    name="dzvin",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="[bold]Dzvin[/bold]: calls come in, menus are spoken, the first free operator answers within three "
    "seconds.\n\n[bold]dzvin run[/bold] starts everything, [bold]dzvin demo[/bold] shows it without a phone, "
    "[bold]dzvin check[/bold] reads the dialplan for mistakes.",
    epilog="Settings are environment variables DZVIN_*, or lines of the file .dzvin/settings.env. "
    "Exit status: 0 well, 1 found something to mend, 2 a mistake said in one sentence.",
)
report = typer.Typer(no_args_is_help=True, help="Figures from the journal.")
prompts = typer.Typer(
    no_args_is_help=True, help="The spoken prompts: are all there, and make what is missing."
)
app.add_typer(report, name="report")
app.add_typer(prompts, name="prompts")

AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"dzvin {version('dzvin')}")
        except PackageNotFoundError:
            print("dzvin (not installed)")
        raise typer.Exit


@app.callback()
def _common(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say which one this is.")
    ] = False,
) -> None:
    return


@app.command(
    epilog=_examples(
        "dzvin run",
        "DZVIN_SIP_HOST=0.0.0.0 dzvin run   (phones of other machines too)",
        "DZVIN_HTTP_PORT=8091 dzvin run   (another port; likewise DZVIN_SIP_PORT, DZVIN_AMI_PORT, "
        "DZVIN_FASTAGI_PORT)",
    )
)
def run() -> None:
    """Start Asterisk with this project's configuration and the server beside it; Ctrl-C ends both.

    It prints what to dial, the phones' accounts and the addresses. Whichever of the two dies is started
    again; if this command itself is killed, Asterisk keeps its calls and the next run takes it over.
    """
    from ivr.config import load_settings
    from ivr.run import run_all

    raise typer.Exit(asyncio.run(run_all(load_settings())))


@app.command(
    epilog=_examples("DZVIN_ASTERISK=existing DZVIN_AMI_SECRET_FILE=/etc/dzvin/ami-secret dzvin serve")
)
def serve() -> None:
    """Start the server only, beside an Asterisk that runs already ([bold]dzvin run[/bold] does both)."""
    from ivr.app import serve as serve_forever
    from ivr.config import load_settings
    from ivr.loop import run as run_fast

    run_fast(serve_forever(load_settings()))


@app.command(
    epilog=_examples("dzvin demo", "dzvin demo --seconds 120", "dzvin demo --models .dzvin/speech-models")
)
def demo(
    seconds: Annotated[int, typer.Option(min=5, max=600, help="How long calls are placed.")] = 40,
    models: Annotated[
        Path | None,
        typer.Option(help="A folder of speech models by language, instead of the shipped synthetic ones."),
    ] = None,
) -> None:
    """Watch it work without a phone: softphones call, speak and answer with real sound, then a summary.

    It ends with status 0 if talks were heard on both sides and words were understood.
    """
    from ivr.config import load_settings
    from ivr.demo import show

    raise typer.Exit(asyncio.run(show(load_settings(), seconds, models)))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog=_examples("dzvin test", "dzvin test tests/unit -k menu", "dzvin test tests/calls -x"),
)
def test(context: typer.Context) -> None:
    """Run the whole test suite; further words go to pytest."""
    from ivr.selftest import run_tests

    raise typer.Exit(run_tests(context.args))


@app.command(epilog=_examples("dzvin info", "dzvin info --json | jq -r '.operators[] | .phone, .password'"))
def info(as_json: AsJson = False) -> None:
    """Addresses, lines with their numbers, and the phones' accounts with passwords."""
    from ivr.about import info as gather
    from ivr.config import load_settings
    from ivr.terminal.info import print_info

    facts = gather(load_settings())
    _print_json(facts) if as_json else print_info(facts)


@app.command(epilog=_examples("dzvin check", "dzvin check ~/new-dialplan", "dzvin check --worst"))
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="A dialplan folder; default: the configured one.")
    ] = None,
    worst: Annotated[
        bool, typer.Option("--worst", help="Show the longest path of each kind of caller, with times.")
    ] = False,
) -> None:
    """Read a dialplan and say every mistake with its place and advice; prove that it traps no caller.

    Exit status 1 if there are mistakes; warnings alone let it be used and exit with 0.
    """
    from ivr.arrangement import store_of, unpublished
    from ivr.config import load_settings
    from ivr.proving import check_folder, table_of, traps_of, worst_paths
    from ivr.terminal.patience import told_if_slow
    from ivr.unused import note_of

    settings = load_settings()
    place = folder or settings.dialplans
    with told_if_slow("proving that no caller is trapped …"):
        checked = check_folder(place, settings)
    for problem in checked.problems:
        print(problem)
    if checked.mistakes:
        for line in traps_of(checked.proof) if checked.proof else ():
            print(line)
        print(f"{place}: {_count(checked.mistakes, 'mistake')}.", file=sys.stderr)
        raise typer.Exit(1)
    warned = f", {_count(len(checked.problems), 'warning')}" if checked.problems else ""
    if checked.proof is not None:
        for line in (*(worst_paths(checked.proof) if worst else ()), *table_of(checked.proof)):
            print(line)
    print(f"{place}: no mistakes{warned}.")
    if unused := note_of(place, settings):
        print(unused)
    if folder is None and (differs := unpublished(settings, store_of(settings))):
        print(differs[0].upper() + differs[1:])


@app.command(epilog=_examples("dzvin doctor"))
def doctor() -> None:
    """Check versions, modules, rights, ports, clock and sounds, and say what to mend.

    Exit status 1 if something has to be mended; warnings alone exit with 0.
    """
    from ivr.config import load_settings
    from ivr.doctor import has_failures, render, run_doctor

    findings = asyncio.run(run_doctor(load_settings()))
    render(findings)
    raise typer.Exit(1 if has_failures(findings) else 0)


@app.command(epilog=_examples("dzvin render /etc/asterisk/dzvin"))
def render(folder: Annotated[Path, typer.Argument(help="Where the files are written to.")]) -> None:
    """Write the files that an Asterisk of your own includes (asterisk-conf/README.md)."""
    from ivr.about import read_dialplan
    from ivr.asterisk.conf_render import render_for_existing
    from ivr.config import load_settings
    from ivr.own_asterisk import asterisk_conf

    settings = load_settings()
    try:
        for path in render_for_existing(asterisk_conf(settings, read_dialplan(settings)), folder):
            print(path)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Plain(f"{error.filename or folder} cannot be written: {error.strerror}.") from None


@app.command(epilog=_examples("dzvin top", "dzvin top >> calls.log   (without a terminal: a line per event)"))
def top() -> None:
    """Watch calls, operators and queues of the running server in the terminal; Ctrl-C ends the view only."""
    from ivr.config import load_settings
    from ivr.watch import watch

    asyncio.run(watch(load_settings()))


@app.command(
    "example-service",
    epilog=_examples(
        "dzvin example-service",
        'curl -d \'{"values": {"account": "10000001"}}\' http://127.0.0.1:8095/meter/debt',
        "curl http://127.0.0.1:8095/taken   (what callers gave so far)",
    ),
)
def example_service(
    port: Annotated[int, typer.Option(min=0, max=65535, help="On loopback; 0: any free one.")] = 8095,
) -> None:
    """Answer the web hooks of the shipped meter and parcel lines, in the place of your company's own service.

    It prints the accounts and parcels that it knows, and keeps what callers give in memory only.
    Its source, ivr/hooks/example.py, explains in a page how to write your own.
    """
    from ivr.hooks.example import serve as serve_example

    asyncio.run(serve_example(port))


@app.command(epilog=_examples("dzvin why 1798761234.57", "dzvin why 1798761234.57 --json"))
def why(
    call: Annotated[str, typer.Argument(help="The call's id, from the log, the report or the wallboard.")],
    as_json: AsJson = False,
) -> None:
    """Why did this caller wait, and why did this operator get this call?"""
    from ivr.config import load_settings
    from ivr.reports import explain

    asyncio.run(explain(load_settings(), call, as_json))


@report.command(
    "line",
    epilog=_examples(
        "dzvin report line", "dzvin report line --day 2026-12-31", "dzvin report line --json | jq .breaches"
    ),
)
def report_line(
    day: Annotated[str | None, typer.Option(help="As 2026-12-31; default: today.")] = None,
    as_json: AsJson = False,
) -> None:
    """The three-second rule: time from a free operator to talking, p50 / p95 / p99 and every breach."""
    from ivr.config import load_settings
    from ivr.reports import line

    asyncio.run(line(load_settings(), _day(day), as_json))


@report.command(
    "promises",
    epilog=_examples(
        "dzvin report promises",
        "dzvin report promises --day 2026-12-31",
        "dzvin report promises --json | jq .share_kept",
    ),
)
def report_promises(
    day: Annotated[str | None, typer.Option(help="As 2026-12-31; default: today.")] = None,
    as_json: AsJson = False,
) -> None:
    """Call-backs and messages by queue: made, kept, broken that day; share kept = kept / (kept + broken)."""
    from ivr.config import load_settings
    from ivr.promises import show_day

    asyncio.run(show_day(load_settings(), _day(day), as_json))


_OwnPrompts = Annotated[
    Path | None,
    typer.Argument(help="A dialplan folder with prompts of its own; default: the configured prompts."),
]


@prompts.command(
    "check", epilog=_examples("dzvin prompts check", "dzvin prompts check dialplans/examples/lenta")
)
def prompts_check(dialplan: _OwnPrompts = None) -> None:
    """Measure every recording: missing, wrong format, too quiet, clipped, cut off, left over.

    Exit status 1 if there is a fault.
    """
    from ivr.config import load_settings
    from ivr.recorded import check_prompts

    raise typer.Exit(check_prompts(load_settings(), dialplan=dialplan))


@prompts.command(
    "build",
    epilog=_examples(
        "dzvin prompts build",
        "dzvin prompts build --anew   (all of them)",
        "dzvin prompts build dialplans/examples/lenta   (its own, and copies of the common ones)",
    ),
)
def prompts_build(
    dialplan: _OwnPrompts = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Render also those that are there; never a person's recording.")
    ] = False,
) -> None:
    """Convert recordings that were dropped in, render the missing ones with a synthesizer, then check all.

    Drop in prompts/LANGUAGE/ID.mp3, .ogg, .flac, .m4a or .wav; prompts/README.md says what becomes of it.
    The synthesizer is the setting DZVIN_SYNTHESIZER. Exit status 1 if there is a fault afterwards.
    """
    from ivr.config import load_settings
    from ivr.recorded import build_prompts

    raise typer.Exit(build_prompts(load_settings(), anew, dialplan=dialplan))


cli_dialplan.add_commands(app)
cli_graph.add_commands(app)
cli_import.add_commands(app)
cli_promises.add_commands(app)
cli_recordings.add_commands(app)
cli_switch.add_commands(app)
cli_versions.add_commands(app)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Plain(f"--day {text}: not a date; write it as 2026-12-31.") from None


def main() -> None:
    """Entry point of the script `dzvin`: mistakes that we know are one sentence, never a traceback."""
    sys.exit(guarded(app))


if __name__ == "__main__":
    main()
