"""The command `dzvin promises`: what was promised to callers, what became of it, and orders about it."""

import asyncio
from typing import Annotated, Literal

import typer

from ivr.cli_words import examples
from ivr.errors import Plain

AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]
Numbers = Annotated[bool, typer.Option("--numbers", help="Callers' numbers whole.")]
Number = Annotated[int, typer.Argument(min=0, help="The promise's number, from the list.", metavar="N")]
Operator = Annotated[str, typer.Option(help="The operator's id in the dialplan.")]

promises = typer.Typer(
    invoke_without_command=True,
    no_args_is_help=False,
    rich_markup_mode="rich",
    epilog=examples(
        "dzvin promises   (open ones, those that run out first)",
        "dzvin promises --broken --since '7 d'",
        "dzvin promises --all --queue post --caller 050",
        "dzvin promises --json | jq .figures.share_kept",
        "dzvin promises show 17   (its story)",
        "dzvin promises claim 17 --operator olena   (orders go to the running server)",
    ),
)


def add_commands(app: typer.Typer) -> None:
    app.add_typer(promises, name="promises")
    promises.callback()(list_)
    for name, command, lines in _COMMANDS:
        promises.command(name, epilog=examples(*lines))(command)


def list_(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too, the newest first.")] = False,
    broken: Annotated[bool, typer.Option("--broken", help="Only broken ones, open or closed.")] = False,
    kept: Annotated[bool, typer.Option("--kept", help="Only kept ones.")] = False,
    queue: Annotated[str, typer.Option(help="Only of this queue.")] = "",
    kind: Annotated[
        Literal["call-back", "voicemail"] | None, typer.Option(help="Only call-backs, or only messages.")
    ] = None,
    since: Annotated[
        str, typer.Option(help="Made since then: 2026-12-31, today, '7 d', '12 h' or '90 min'.")
    ] = "",
    caller: Annotated[str, typer.Option(help="Digits of the caller's number: 050, or 050***4567.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="So many at most.")] = 100,
    numbers: Numbers = False,
    as_json: AsJson = False,
) -> None:
    """What was promised to callers who did not wait (call-backs, messages), and what became of it.

    Without words: the open ones, those that run out first. Red: late, and open until somebody settles it;
    yellow: less than 15 minutes are left. The last line counts the promises of this queue, caller and time:
    [bold]share kept = kept / (kept + broken)[/bold]; one that was called off, or was a wrong number's, is in
    neither.
    """
    if context.invoked_subcommand is not None:
        return
    if broken and kept:
        raise Plain("--broken and --kept exclude each other; --all shows both.")
    from datetime import datetime

    from acd.core.promise import Outcome, PromiseFilter
    from acd.core.words import QueueId
    from acd.core.work import WorkKind
    from ivr.config import load_settings
    from ivr.promises import caller_digits, show_list, zone_of
    from ivr.promises import since as moment

    settings = load_settings()
    only = Outcome.BROKEN if broken else Outcome.KEPT if kept else None
    default = only is None and not everything
    wanted = PromiseFilter(
        is_open=True if default else None,
        outcomes=frozenset({only} if only else ()),
        kind=WorkKind(kind) if kind else None,
        queue=QueueId(queue) if queue else None,
        caller=caller_digits(caller),
        made_since=moment(since, datetime.now(zone_of(settings))) if since else None,
        order="due" if default else "newest",
    )
    title = "Open promises, those that run out first" if default else _title(only)
    asyncio.run(show_list(settings, wanted, title, limit, numbers=numbers, as_json=as_json))


def _title(only: str | None) -> str:
    return f"Promises: {only}, the newest first" if only else "All promises, the newest first"


def show(work: Number, numbers: Numbers = False, as_json: AsJson = False) -> None:
    """The story of one promise: every attempt, who had it, what was said, with times and transcripts."""
    from ivr.config import load_settings
    from ivr.promises import show_one

    asyncio.run(show_one(load_settings(), work, numbers=numbers, as_json=as_json))


def claim(work: Number, operator: Operator) -> None:
    """An operator takes it: nobody else is offered it until the lock expires. Again: the lock begins anew."""
    _order("claim", work, operator=operator)


def release(work: Number, operator: Operator) -> None:
    """The operator lets go of it; it waits in its queue again."""
    _order("release", work, operator=operator)


def forward(
    work: Number,
    department: Annotated[str, typer.Argument(help="Who has to do with it.")],
    operator: Operator,
    note: Annotated[str, typer.Option(help="What they should know; one line.")] = "",
) -> None:
    """Pass it on to a department, which has it until it is handed back or closed."""
    _order("forward", work, department=department, operator=operator, note=note)


def back(
    work: Number,
    reason: Annotated[str, typer.Option(help="Why; one line.")],
    operator: Annotated[str, typer.Option(help="Who hands it back; default: the department.")] = "",
) -> None:
    """The department, or whoever has claimed it, hands it back to its queue with a reason."""
    _order("back", work, reason=reason, operator=operator)


def close(
    work: Number,
    topic: Annotated[str, typer.Option(help="What it was about, for your statistics.")] = "",
    operator: Annotated[str, typer.Option(help="Who settled it; default: a department or an admin.")] = "",
) -> None:
    """It is settled. Kept, if it is not late yet."""
    _order("close", work, topic=topic, operator=operator)


def cancel(
    work: Number,
    by: Annotated[str, typer.Option(help="Who calls it off; default: your user name on this machine.")] = "",
) -> None:
    """Nobody wants it any more: called off, which is neither kept nor broken."""
    from ivr.whoami import user

    _order("cancel", work, by=by or user())


def _order(what: str, work: int, **given: str) -> None:
    from ivr.config import load_settings
    from ivr.promises import order

    print(order(load_settings(), what, work, given))


_COMMANDS = (
    ("show", show, ("dzvin promises show 17", "dzvin promises show 17 --json | jq .messages")),
    ("claim", claim, ("dzvin promises claim 17 --operator olena",)),
    ("release", release, ("dzvin promises release 17 --operator olena",)),
    (
        "forward",
        forward,
        ('dzvin promises forward 17 networks --operator olena --note "no light, Sadova 12"',),
    ),
    ("back", back, ('dzvin promises back 17 --reason "not our street"',)),
    ("close", close, ("dzvin promises close 17 --topic tariff",)),
    ("cancel", cancel, ("dzvin promises cancel 17", "dzvin promises cancel 17 --by caller")),
)
