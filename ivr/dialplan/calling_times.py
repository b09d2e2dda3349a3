"""When customers may be called back: opening hours without the callers' quiet hours. And when a message's
time to be answered counts."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from acd.core.work import CallingTimes
from ivr.dialplan.calendar import YEARS
from ivr.dialplan.draft import Draft
from ivr.dialplan.problems import Report
from ivr.dialplan.schema import QueueGroup
from ivr.flow.hours import WHOLE_DAY, Hours, Period, Periods

QUIET = (Period(21 * 60, 8 * 60),)
"""Unless a queue says otherwise."""
Spans = tuple[tuple[int, int], ...]
"""Minutes of one day, from, until just before."""
_ALWAYS: Spans = ((0, WHOLE_DAY),)
_LEAP_DAY = (2, 29)


def calling_times(queue: QueueGroup, hours: Mapping[str, Hours], zone: str) -> CallingTimes:
    """Of a queue, whose hours are among `hours`; `zone` is that of queues without any."""
    quiet = QUIET if queue.call_back.quiet_hours is None else queue.call_back.quiet_hours
    within = hours.get(queue.call_back.hours or "")
    if within is None:
        return CallingTimes(time_zone=zone, week=(_without(_ALWAYS, quiet),) * 7)
    return _times(within, quiet)


def answering_times(queue: QueueGroup, hours: Mapping[str, Hours]) -> CallingTimes | None:
    """When the time to answer a message counts; None: always."""
    within = hours.get(queue.work.hours or "")
    return None if within is None else _times(within, ())


def _times(within: Hours, quiet: Periods) -> CallingTimes:
    week = tuple(
        _without(_joined((*_of(within.week[day]), *_after(within.week[day - 1]))), quiet) for day in range(7)
    )
    return CallingTimes(
        time_zone=within.time_zone,
        week=week,
        dates={
            day: spans
            for day in _special(within)
            if (spans := _without(_on(within, day), quiet)) != week[day.weekday()]
        },
    )


def check_calling_times(draft: Draft, hours: Mapping[str, Hours], zone: str, report: Report) -> None:
    """A queue whose customers could never be called is told."""
    for item in draft.queues.values():
        if item.group.call_back.hours is not None and item.group.call_back.hours not in hours:
            continue
        if not any(calling_times(item.group, hours, zone).week):
            key = "hours" if item.group.call_back.hours is not None else "quiet-hours"
            text = "nobody could ever be called back: the quiet hours leave no time of the week; change one"
            report.error(item.spot("call-back", key), text)


def _special(hours: Hours) -> Iterator[date]:
    """Days that are not like their weekday, and those after them."""
    yearly = (
        date(year, *day)
        for day in hours.yearly
        for year in YEARS
        if day != _LEAP_DAY or date(year, 12, 31).timetuple().tm_yday == 366
    )
    days = {*hours.dates, *yearly, *hours.public_holidays}
    yield from sorted(days | {day + timedelta(days=1) for day in days if day < date.max})


def _on(hours: Hours, day: date) -> Spans:
    yesterday = hours.periods_on(day - timedelta(days=1)) if day > date.min else ()
    return _joined((*_of(hours.periods_on(day)), *_after(yesterday)))


def _of(periods: Periods) -> Spans:
    return tuple((one.opens, WHOLE_DAY if one.crosses_midnight else one.closes) for one in periods)


def _after(yesterday: Periods) -> Spans:
    """What is left of the day before."""
    return tuple((0, one.closes) for one in yesterday if one.crosses_midnight)


def _joined(spans: Iterable[tuple[int, int]]) -> Spans:
    found: list[tuple[int, int]] = []
    for first, end in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((first, end))
    return tuple(found)


def _without(spans: Spans, quiet: Periods) -> Spans:
    for begins, ends in (*_of(quiet), *_after(quiet)):
        spans = tuple(
            part
            for first, end in spans
            for part in ((first, min(end, begins)), (max(first, ends), end))
            if part[0] < part[1]
        )
    return spans
