"""`dzvin report` and `dzvin why`: questions to the journal, answered while the server runs or not."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import RenderableType

from acd.core.errors import CodecError
from acd.core.facts import (
    CallConnected,
    CallOffered,
    OfferAnswered,
    OfferMissed,
    OfferRang,
    OfferWithdrawn,
    Record,
    RuleBroken,
)
from acd.core.line_report import Assignment, LineReport, line_report
from acd.core.settings import CenterSettings
from acd.core.why import Story, why
from acd.core.words import CallId
from acd.storage import FactReader, StorageError, open_reader
from ivr.about import read_dialplan
from ivr.config import Settings
from ivr.errors import Plain
from ivr.terminal import reports as terminal

_KINDS = [
    kind.__name__
    for kind in (
        CallOffered,
        OfferRang,
        OfferAnswered,
        OfferMissed,
        OfferWithdrawn,
        CallConnected,
        RuleBroken,
    )
]
LOOK_BACK_FOR = 86400.0
"""A story is told from the facts since a day before the call: by then everybody had logged in anew."""


async def line(settings: Settings, day: date | None, as_json: bool = False) -> None:
    """Print the three-second rule's report of a day, by the centre's time zone."""
    loaded = read_dialplan(settings)
    zone = ZoneInfo(loaded.time_zone)
    day = day or datetime.now(zone).date()
    start, end = day_bounds(day, zone)
    async with journal_of(settings) as reader:
        records = [record async for record in reader.facts_between(start, end, _KINDS)]
    report = line_report(records)
    promised = loaded.settings.talk_within
    if as_json:
        print_json(report_document(report, day, zone, promised))
    else:
        terminal.show(terminal.line_report(spreads(report), breaches(report), promised))


async def explain(settings: Settings, call: str, as_json: bool = False) -> None:
    """Print why the caller waited and why the operator got the call. Plain: the journal does not know it."""
    loaded = read_dialplan(settings)
    async with journal_of(settings) as reader:
        about = await reader.facts_of_call(CallId(call))
        if not about:
            raise Plain(
                f"the journal knows no call {call}; the wallboard and the log name calls by their id."
            )
        since, until = about[0].fact.at - LOOK_BACK_FOR, about[-1].fact.at + 0.001
        records = [record async for record in reader.facts_between(since, until)]
    if as_json:
        print_json(story_document(why(records, CallId(call), loaded.settings)))
    else:
        terminal.show(told(records, CallId(call), loaded.settings))


def report_document(report: LineReport, day: date, zone: ZoneInfo, promised: float) -> dict[str, Any]:
    """For programs: durations in seconds, times in seconds since the epoch."""
    return {
        "day": day.isoformat(),
        "time_zone": zone.key,
        "promised_within": promised,
        "assignments": len(report.assignments),
        "steps": [asdict(spread) for spread in spreads(report)],
        "breaches": [asdict(breach) for breach in breaches(report)],
    }


def story_document(story: Story) -> dict[str, Any]:
    """For programs: durations in seconds, times in seconds since the epoch."""
    return {
        "call": story.call,
        "waited_for": story.waited_for,
        "spent": story.spent,
        "summary": story.summary,
        "sentences": [asdict(sentence) for sentence in story.sentences],
    }


def print_json(document: object) -> None:
    """For programs."""
    print(json.dumps(document, ensure_ascii=False, indent=2))


def told(records: Sequence[Record], call: CallId, settings: CenterSettings) -> RenderableType:
    """The story of the call, its summary last."""
    story = why(records, call, settings)
    steps = [terminal.Step(sentence.at, sentence.text) for sentence in story.sentences]
    end = steps[-1].at if steps else 0.0
    return terminal.why_table(f"Call {call}", [*steps, terminal.Step(end, story.summary)])


def spreads(report: LineReport) -> list[terminal.Spread]:
    """The whole way and its steps."""
    rows = report.assignments
    return [
        _spread("operator free → talking", [row.took_for for row in rows]),
        _spread("offered → phone rings", [_gap(row.offered_at, row.rang_at) for row in rows]),
        _spread("phone rings → answered", [_gap(row.rang_at, row.answered_at) for row in rows]),
        _spread("answered → talking", [_gap(row.answered_at, row.talking_at) for row in rows]),
    ]


def breaches(report: LineReport) -> list[terminal.Breach]:
    return [_breach(row) for row in report.breaches]


def _breach(row: Assignment) -> terminal.Breach:
    return terminal.Breach(
        at=row.offered_at,
        call=row.call,
        operator=row.operator,
        queue=row.queue,
        took_for=row.took_for,
        cause=row.broken_because or "",
    )


def _gap(earlier: float | None, later: float | None) -> float | None:
    return None if earlier is None or later is None else later - earlier


def _spread(name: str, times: Sequence[float | None]) -> terminal.Spread:
    """Nearest-rank percentiles."""
    known = sorted(value for value in times if value is not None)

    def at(share: float) -> float | None:
        return known[min(len(known) - 1, int(-(-share * len(known) // 1)) - 1)] if known else None

    return terminal.Spread(name, len(known), at(0.50), at(0.95), at(0.99), known[-1] if known else None)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[float, float]:
    """Its midnight and the next one, seconds since the epoch."""
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return start.timestamp(), end.timestamp()


@asynccontextmanager
async def journal_of(settings: Settings) -> AsyncIterator[FactReader]:
    """Plain: the journal cannot be read."""
    folder = settings.run_folder / "journal"
    if not folder.is_dir():
        raise Plain(f"nothing is recorded yet: {folder} is not there; `dzvin run` makes it.")
    try:
        reader = open_reader(settings.database, folder)
        try:
            yield reader
        finally:
            await reader.close()
    except (StorageError, CodecError, OSError, ValueError) as error:
        raise Plain(f"the journal cannot be read: {error}") from None
