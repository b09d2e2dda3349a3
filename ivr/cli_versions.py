"""The commands for what is live: `dzvin publish`, `dzvin versions` and `dzvin rollback`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.cli_words import examples
from ivr.errors import Plain

if TYPE_CHECKING:
    from ivr.config import Settings
    from ivr.publishing import Proposal
    from ivr.turning import Done

Who = Annotated[str, typer.Option(help="Who does it; default: your user name on this machine.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON document, no questions.")]


def add_commands(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            'dzvin publish --why "claims have a queue of their own"',
            'dzvin publish --why "new hours" --yes   (no question, for scripts)',
            'dzvin publish --why "shorter menu" --canary 5% --finish-after "500 calls"',
            "dzvin publish --finish   (the version on trial goes live)",
            'dzvin publish ~/my-copy --why "..."   (another folder than the configured one)',
        )
    )(publish)
    app.command(
        epilog=examples(
            "dzvin versions", "dzvin versions 7", "dzvin versions --history", "dzvin versions --json"
        )
    )(versions)
    app.command(
        epilog=examples("dzvin rollback", 'dzvin rollback 5 --why "callers lost their way in the new menu"')
    )(rollback)


def publish(
    folder: Annotated[
        Path | None, typer.Argument(help="A dialplan folder; default: the configured one.")
    ] = None,
    why: Annotated[str, typer.Option(help="One line for those who come after you.")] = "",
    who: Who = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    canary: Annotated[
        str, typer.Option(help="Try it first on this share of the new calls, from 1% to 50%.")
    ] = "",
    finish_after: Annotated[
        str,
        typer.Option(help="With --canary: it goes live by itself after '500 calls' of its own, or '2 h'."),
    ] = "",
    finish: Annotated[bool, typer.Option("--finish", help="Make the version on trial live now.")] = False,
    over: Annotated[
        int | None, typer.Option(help="Publish although this version came live since your folder's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the dialplan's folder what new calls go by: checked, rehearsed, compared, and only then live.

    The difference to the live version is shown in words, and nothing happens before you agree. Calls in
    progress stay on the version they began with; operators keep their state and queues their calls. A file
    that was changed and not published changes nothing, not even after a restart.

    With [bold]--canary[/bold] a share of the new calls goes by the new version. If errors, answers that lead
    nowhere or callers who hang up are clearly more than with the live one, it is taken back by itself.

    Exit status 1: not published (mistakes, a scenario failed, or somebody else was faster).
    """
    from ivr.config import load_settings
    from ivr.turning import Refused

    settings = load_settings()
    try:
        if finish:
            _finish(settings, who, why, as_json)
        else:
            _publish(settings, folder, why, who, yes or as_json, canary, finish_after, over, as_json)
    except Refused as refused:
        print("\n".join(refused.lines), file=sys.stderr)
        raise typer.Exit(1) from None


def _finish(settings: "Settings", who: str, why: str, as_json: bool) -> None:
    from ivr.turning import finish
    from ivr.whoami import user

    _tell(finish(settings, who=who or user(), why=why), as_json)


def _publish(
    settings: "Settings",
    folder: Path | None,
    why: str,
    who: str,
    yes: bool,
    canary: str,
    finish_after: str,
    over: int | None,
    as_json: bool,
) -> None:
    import time

    from ivr.arrangement import store_of
    from ivr.publishing import end_of_trial, propose, publish, share_of
    from ivr.terminal.patience import told_if_slow
    from ivr.versions import Canary
    from ivr.whoami import user

    if finish_after and not canary:
        raise Plain("--finish-after goes with --canary.")
    trial = None
    if canary:
        calls, at = end_of_trial(finish_after, time.time()) if finish_after else (None, None)
        trial = Canary(number=0, share=share_of(canary), since=0.0, finish_calls=calls, finish_at=at)
    with told_if_slow("proving that no caller is trapped …"):
        proposal = propose(settings, (folder or settings.dialplans).absolute(), over)
    if proposal is None:
        _say_json({"change": None, "difference": []}) if as_json else print(
            "Nothing to publish: the folder is what is live already."
        )
        return
    try:
        if not as_json:
            _show(proposal)
        if not yes:
            why = _agree(proposal, why, canary)
        if not why:
            raise Plain('say why in one line: --why "new opening hours".')
        _tell(publish(settings, proposal, who=who or user(), why=why, canary=trial), as_json)
    finally:
        store_of(settings).drop(proposal.staged)


def _show(proposal: "Proposal") -> None:
    from rich.console import Console

    from ivr.terminal.versions import difference

    console = Console(highlight=False)
    for warning in proposal.warnings:
        console.print(str(warning), markup=False, soft_wrap=True)
    console.print(f"{proposal.folder}: {proposal.checked}.", markup=False, soft_wrap=True)
    if proposal.after is None:
        console.print("Nothing was published yet.")
        return
    console.print(f"Changes from version {proposal.after.live}, which is live:")
    console.print(difference(proposal.difference), soft_wrap=True)


def _agree(proposal: "Proposal", why: str, canary: str) -> str:
    """Why, once the person agrees; Exit otherwise."""
    if not sys.stdin.isatty():
        raise Plain("nobody is here to agree; add --yes (and --why).")
    if not why:
        why = typer.prompt("Why, in one line")
    on = f" on {canary} of the new calls" if canary else ""
    over = f" over version {proposal.after.live}" if proposal.after else ""
    if not typer.confirm(f"Publish this as version {proposal.number}{over}{on}?"):
        print("Nothing was published.")
        raise typer.Exit(1)
    return why


def _tell(done: "Done", as_json: bool) -> None:
    if as_json:
        _say_json(done.document())
        return
    change = done.change
    if change.canary is not None:
        print(f"Version {change.canary.number} is on trial with {change.canary.share:.0%} of the new calls.")
        print("`dzvin versions` shows how it does; `dzvin publish --finish` and `dzvin rollback` end it.")
    else:
        print(f"Version {change.live} is live ({change.what}).")
    if not done.server:
        print("No server runs here; the next one starts with it.")
    else:
        print(f"The server went over in {done.took_for:.2f} s; calls in progress stay on their version.")
    if done.left:
        print(done.left)


def versions(
    number: Annotated[int | None, typer.Argument(help="One version: what changed with it.")] = None,
    history: Annotated[bool, typer.Option("--history", help="What became live when.")] = False,
    as_json: AsJson = False,
) -> None:
    """List every version that was ever published: by whom, why, what changed, and how many calls go by it."""
    from ivr.arrangement import store_of
    from ivr.config import load_settings
    from ivr.terminal.versions import history_table, one_version, versions_table
    from ivr.version_list import gather, trial_sentences

    settings = load_settings()
    listed = gather(settings)
    if number is not None:
        store_of(settings).version(number)
        row = next(row for row in listed["versions"] if row["number"] == number)
        place = str(store_of(settings).folder_of(number))
        _say_json({**row, "folder": place}) if as_json else one_version(row, place)
        return
    if as_json:
        _say_json(listed)
        return
    if not listed["versions"] and not listed["damaged"]:
        print("Nothing was published yet; the first start of the server publishes version 1.")
        return
    history_table(listed) if history else versions_table(listed)
    for line in trial_sentences(listed["trial"]) if listed["trial"] else []:
        print(line)
    if listed["unpublished"]:
        print(listed["unpublished"][0].upper() + listed["unpublished"][1:])


def rollback(
    number: Annotated[
        int | None, typer.Argument(help="The version to go to; default: the one before the live one.")
    ] = None,
    why: Annotated[str, typer.Option(help="One line for those who come after you.")] = "",
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    """Go back to an earlier version at once, or end the trial of a new one. It asks nothing.

    Nothing is lost: the version that you leave stays in the list, and [bold]dzvin rollback NUMBER[/bold] goes
    to any version, a later one too. Your files are not touched.
    """
    from ivr.config import load_settings
    from ivr.turning import Refused, roll_back
    from ivr.whoami import user

    try:
        done = roll_back(load_settings(), number, who=who or user(), why=why)
    except Refused as refused:
        print("\n".join(refused.lines), file=sys.stderr)
        raise typer.Exit(1) from None
    _tell(done, as_json)
    if not as_json:
        from rich.console import Console

        from ivr.terminal.versions import difference

        Console(highlight=False).print(difference(done.difference), soft_wrap=True)


def _say_json(document: object) -> None:
    import json

    print(json.dumps(document, ensure_ascii=False, indent=2))
