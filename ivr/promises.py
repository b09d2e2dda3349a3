"""`dzvin promises` and `dzvin report promises`: questions to the ledger, and orders to the running server."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from acd.core.promise import PromiseFigures, PromiseFilter
from acd.core.promise_document import document, figures_document
from acd.core.words import QueueId
from ivr.about import read_dialplan
from ivr.config import Settings
from ivr.control_client import NoServer, ask
from ivr.dialplan.loader import Loaded
from ivr.dialplan.problems import advice
from ivr.errors import Plain
from ivr.reports import day_bounds, journal_of, print_json
from ivr.terminal import promises as terminal
from ivr.terminal import reports

_UNITS = {"min": 60, "h": 3600, "d": 86400}


async def show_list(
    settings: Settings, wanted: PromiseFilter, title: str, limit: int, *, numbers: bool, as_json: bool
) -> None:
    """Print the promises that the filter takes, and the figures of all of its queue, caller and time."""
    loaded = read_dialplan(settings)
    every = replace(wanted, is_open=None, outcomes=frozenset())
    async with journal_of(settings) as reader:
        found = await reader.promises.some(wanted, limit + 1)
        figures = sum((await reader.promises.figures(every)).values(), PromiseFigures())
    if not figures.made:
        _known_queue(wanted.queue, loaded)
    shown, left_out = found[:limit], len(found) > limit
    if as_json:
        rows = [document(promise, numbers=numbers, said=True) for promise in shown]
        print_json({"promises": rows, "more": left_out, "figures": figures_document(figures)})
        return
    scene = _scene(loaded, numbers)
    reports.show(terminal.promises_table(shown, scene, title))
    if left_out:
        print(f"There are more; --limit {limit * 5} shows more of them.")
    of = "All" if wanted.made_since is None else f"Since {scene.moment(wanted.made_since)}"
    reports.show(terminal.summary(figures, of))


async def show_one(settings: Settings, work: int, *, numbers: bool, as_json: bool) -> None:
    """Print one promise with its story. Plain: there is none of this number."""
    loaded = read_dialplan(settings)
    async with journal_of(settings) as reader:
        promise = await reader.promises.one(work)
    if promise is None:
        raise Plain(f"there is no promise {work}; `dzvin promises --all` lists them.")
    if as_json:
        print_json(document(promise, numbers=numbers, said=True))
    else:
        reports.show(terminal.story(promise, _scene(loaded, numbers)))


async def show_day(settings: Settings, day: date | None, as_json: bool) -> None:
    """Print what became of promises on a day, by the centre's time zone."""
    loaded = read_dialplan(settings)
    zone = ZoneInfo(loaded.time_zone)
    day = day or datetime.now(zone).date()
    async with journal_of(settings) as reader:
        figures = await reader.promises.figures_between(*day_bounds(day, zone))
    whole = sum(figures.values(), PromiseFigures())
    if as_json:
        rows = [
            {"queue": queue, "kind": kind.value, **figures_document(one)}
            for (queue, kind), one in figures.items()
        ]
        print_json(
            {"day": day.isoformat(), "time_zone": zone.key, **figures_document(whole), "by_queue": rows}
        )
        return
    reports.show(terminal.day_table(figures, f"Promises of {day.isoformat()}"))
    reports.show(terminal.summary(whole, "Decided that day"))


def order(settings: Settings, what: str, work: int, given: Mapping[str, str]) -> str:
    """Carry the order to the running server; a sentence of what came of it. Plain: refused, or no server."""
    request = {"do": "work", "what": what, "work": work, "given": {k: v for k, v in given.items() if v}}
    try:
        answer = ask(settings.run_folder, request)
    except NoServer:
        raise Plain(
            "no server runs in this run folder, and promises are changed by the running one only; "
            "start it with `dzvin run` or `dzvin serve`."
        ) from None
    return str(answer.get("said", "Done.")) if isinstance(answer, dict) else "Done."


def since(text: str, now: datetime) -> float:
    """'2026-12-31', '2026-12-31 18:00', '7 d', '12 h', '90 min', 'today'; `now` has the centre's time zone.

    Plain: none of these.
    """
    if text == "today":
        return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    if lasting := re.fullmatch(r"([0-9]{1,5}) ?(min|h|d)", text):
        return now.timestamp() - int(lasting[1]) * _UNITS[lasting[2]]
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=now.tzinfo)).timestamp()
    except (ValueError, OverflowError):
        raise Plain(f"--since {text!r}: write 2026-12-31, 'today', 7 d, 12 h or 90 min.") from None


def zone_of(settings: Settings) -> ZoneInfo:
    return ZoneInfo(read_dialplan(settings).time_zone)


def caller_digits(text: str) -> str:
    """Plain: there is not one digit to look for."""
    if text and not re.search(r"[0-9]", text):
        raise Plain(f"--caller {text!r}: give some digits of the number, for instance 050 or 050***4567.")
    return text


def _known_queue(queue: QueueId | None, loaded: Loaded) -> None:
    """A queue that is gone may still have promises. Plain: there never was one."""
    known = loaded.settings.queues
    if queue is not None and queue not in known:
        raise Plain(f"the dialplan has no queue '{queue}'{advice(queue, known)}.")


def _scene(loaded: Loaded, numbers: bool) -> terminal.Scene:
    zone = ZoneInfo(loaded.time_zone)
    names: dict[str, str] = {each.id: each.name for each in loaded.settings.operators.values()}
    return terminal.Scene(now=datetime.now(zone).timestamp(), zone=zone, names=names, numbers=numbers)
