"""The command `dzvin recordings`: what callers have said and is stored, who heard it, what was removed."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli_words import examples
from ivr.errors import Plain

AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]
Id = Annotated[
    str, typer.Argument(metavar="ID", help="From the list; its last 8 letters are enough, such as 9f86d081.")
]

recordings = typer.Typer(
    invoke_without_command=True,
    no_args_is_help=False,
    rich_markup_mode="rich",
    epilog=examples(
        "dzvin recordings   (the latest ones)",
        "dzvin recordings --queue claims --since 2026-12-01",
        "dzvin recordings show 9f86d081   (what was said in it)",
        'dzvin recordings play 9f86d081 --why "complaint 4711"   (into a WAV file)',
        "dzvin recordings accesses 9f86d081   (who heard it)",
        "dzvin recordings proofs   (what was removed, when and why)",
    ),
)


def add_commands(app: typer.Typer) -> None:
    app.add_typer(recordings, name="recordings")
    recordings.callback()(list_)
    for name, command, lines in _COMMANDS:
        recordings.command(name, epilog=examples(*lines))(command)


def list_(
    context: typer.Context,
    queue: Annotated[str, typer.Option(help="Only of this queue.")] = "",
    since: Annotated[str, typer.Option(help="Only from this day (UTC) on: 2026-12-31.")] = "",
    untranscribed: Annotated[
        bool, typer.Option("--untranscribed", help="Only those that have no text yet.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=20_000, help="So many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """What callers have said and is stored: messages, and answers in their own words.

    Whoever hears a recording or reads what was said in it is written down before, here and on the phone; this
    list shows neither. Recordings go by themselves when they are too old
    ([bold]DZVIN_RECORDINGS_KEPT_DAYS[/bold], or a queue's [bold]messages-kept[/bold] in the dialplan), except
    messages that still wait for an answer; each leaves a proof. Works beside a running server.
    """
    if context.invoked_subcommand is not None:
        return
    from datetime import date

    from ivr.config import load_settings
    from ivr.kept import show_list

    try:
        first = date.fromisoformat(since) if since else None
    except ValueError:
        raise Plain(f"--since {since!r}: write a day, such as 2026-12-31.") from None
    settings = load_settings()
    asyncio.run(
        show_list(
            settings, since=first, queue=queue, untranscribed=untranscribed, limit=limit, as_json=as_json
        )
    )


def show(
    id_: Id,
    why: Annotated[str, typer.Option(help="What for; it is written down.")] = "shown",
    as_json: AsJson = False,
) -> None:
    """What was said in one, and all that is known of it. Written down as an access."""
    from ivr.config import load_settings
    from ivr.kept import show_one

    asyncio.run(show_one(load_settings(), id_, why, as_json=as_json))


def play(
    id_: Id,
    to: Annotated[Path | None, typer.Option(help="The file; default: ID.wav in this folder.")] = None,
    why: Annotated[str, typer.Option(help="What for; it is written down.")] = "exported",
) -> None:
    """Put one into a WAV file that only you can read. Written down as an access."""
    from ivr.config import load_settings
    from ivr.kept import export

    print(asyncio.run(export(load_settings(), id_, to, why)))


def proofs(as_json: AsJson = False) -> None:
    """What was removed: when, why, and the SHA-256 of the sound that is gone.

    Each line of the file vouches for the one before; where somebody has changed it, this says so.
    """
    from ivr.config import load_settings
    from ivr.kept import show_proofs

    asyncio.run(show_proofs(load_settings(), as_json=as_json))


def accesses(
    id_: Annotated[str, typer.Argument(metavar="[ID]", help="Only of this one, also where it is gone.")] = "",
    as_json: AsJson = False,
) -> None:
    """Who heard or read which recording, when and what for: people, and parts of the server."""
    from ivr.config import load_settings
    from ivr.kept import show_accesses

    asyncio.run(show_accesses(load_settings(), id_, as_json=as_json))


def purge() -> None:
    """Remove now what is too old, as the server does every six hours; each leaves a proof.

    The running server does it, and without one this command: messages that still wait for an answer stay.
    """
    from ivr.config import load_settings
    from ivr.kept import purge as purge_now

    print(f"Removed recordings: {asyncio.run(purge_now(load_settings()))}.")


def remove(
    id_: Id,
    why: Annotated[str, typer.Option(help="Why; it stays in the proof.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove one for good, for instance because its caller asks for it. Leaves a proof."""
    if not yes:
        typer.confirm(f"Remove recording {id_}? It cannot be brought back.", abort=True)
    from ivr.config import load_settings
    from ivr.kept import remove as remove_now

    print(f"{asyncio.run(remove_now(load_settings(), id_, why))} is removed.")


def new_key(
    file: Annotated[Path, typer.Argument(help="Made where it is not there; keys that are in it stay.")],
) -> None:
    """Make a key by which recordings are sealed, for DZVIN_RECORDINGS_KEY_FILE.

    Keep a copy in a safe place: what is sealed cannot be heard without it. The new key stands first in the
    file and seals from the server's next start on; those after it open what they have sealed.
    """
    from ivr.recordings.sealing import KeyFileError, make_key

    try:
        mark = make_key(file)
    except KeyFileError as error:
        raise Plain(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    print(f"{file} has a new key, {mark}. Set DZVIN_RECORDINGS_KEY_FILE={file} and restart the server.")


_COMMANDS = (
    ("show", show, ("dzvin recordings show 9f86d081", "dzvin recordings show 9f86d081 --json | jq .words")),
    ("play", play, ('dzvin recordings play 9f86d081 --to /tmp/claim.wav --why "complaint 4711"',)),
    ("proofs", proofs, ("dzvin recordings proofs", "dzvin recordings proofs --json | jq .proofs[-1]")),
    ("accesses", accesses, ("dzvin recordings accesses", "dzvin recordings accesses 9f86d081")),
    ("purge", purge, ("dzvin recordings purge",)),
    ("remove", remove, ('dzvin recordings remove 9f86d081 --why "the caller asks for it"',)),
    ("new-key", new_key, ("dzvin recordings new-key /etc/dzvin/recordings-key",)),
)
