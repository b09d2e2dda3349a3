"""Opening hours as written to opening hours as reckoned: weekdays, dates, yearly dates, public holidays."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

from ivr.dialplan.draft import Item
from ivr.dialplan.problems import Report, advice, shown
from ivr.dialplan.schema import ExceptionGroup, HoursGroup
from ivr.flow.hours import Hours, Periods

YEARS = range(2020, 2051)
"""Public holidays are known for these years."""
MAX_RANGE_DAYS = 366
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
YEARLY = re.compile(r"[0-9]{2}-[0-9]{2}", re.ASCII)
MONTHLY = re.compile(r"([0-9]{1,2})(?:-([0-9]{1,2}))?", re.ASCII)
LEAP_YEAR = 2024
"""29 February is a yearly date too."""


_YearlyDay = tuple[int, int]
"""Month and day."""


class _BadDate(ValueError):
    pass


def compile_hours(item: Item[HoursGroup], default_zone: str, report: Report) -> Hours:
    """The hours; mistakes in dates and days go to the report."""
    dates: dict[date, Periods] = {}
    yearly: dict[_YearlyDay, Periods] = {}
    monthly: dict[_YearlyDay, Periods] = {}
    for index, exception in enumerate(item.group.exceptions):
        of_the_year = yearly if exception.every_month is None else monthly
        try:
            for day in _days(exception):
                if isinstance(day, date):
                    dates.setdefault(day, exception.open)
                else:
                    of_the_year.setdefault(day, exception.open)
        except _BadDate as error:
            report.error(item.spot("exceptions", index), str(error))
    return Hours(
        id=item.id,
        time_zone=item.group.time_zone or default_zone,
        week=_week(item, report),
        dates=dates,
        yearly=monthly | yearly,
        public_holidays=_public_holidays(item, report),
        on_public_holidays=item.group.public_holidays.open if item.group.public_holidays else (),
    )


def _week(
    item: Item[HoursGroup], report: Report
) -> tuple[Periods, Periods, Periods, Periods, Periods, Periods, Periods]:
    week: dict[int, Periods] = {}
    for days, periods in item.group.week.items():
        for day in days:
            if day in week:
                report.error(item.spot("week"), "one day is here twice; name each day once")
            week[day] = periods
    return (
        week.get(0, ()),
        week.get(1, ()),
        week.get(2, ()),
        week.get(3, ()),
        week.get(4, ()),
        week.get(5, ()),
        week.get(6, ()),
    )


def _days(exception: ExceptionGroup) -> Iterable[date | _YearlyDay]:
    match exception.on, exception.from_, exception.to, exception.every_month:
        case str(on), None, None, None:
            return [_yearly(on) if YEARLY.fullmatch(on) else _date(on)]
        case None, str(first), str(last), None:
            return _range(_date(first), _date(last))
        case None, None, None, str(days):
            return [(month, day) for day in _of_a_month(days) for month in range(1, 13) if _is(month, day)]
        case _:
            text = "an exception has one of 'on', 'every-month', or both 'from' and 'to'; write one of them"
            raise _BadDate(text)


def _of_a_month(text: str) -> range:
    match = MONTHLY.fullmatch(text.strip())
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last <= 31:
        raise _BadDate(f"{shown(text)} are no days of a month; write 1 to 31, for instance 15 or 1-4")
    return range(first, last + 1)


def _is(month: int, day: int) -> bool:
    """There is such a day in some year."""
    return day <= monthrange(LEAP_YEAR, month)[1]


def _date(text: str) -> date:
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _BadDate(f"{shown(text)} is no date; write 2026-12-31, or 12-31 with 'on' for every year")


def _yearly(text: str) -> _YearlyDay:
    month, day = int(text[:2]), int(text[3:])
    try:
        date(LEAP_YEAR, month, day)
    except ValueError:
        raise _BadDate(f"{shown(text)} is no day of a year; write month-day, for instance 12-31") from None
    return month, day


def _range(first: date, last: date) -> list[date]:
    days = (last - first).days
    if days < 0:
        raise _BadDate(f"'to' {last} is before 'from' {first}; exchange them")
    if days > MAX_RANGE_DAYS:
        raise _BadDate(
            f"from {first} to {last} is longer than {MAX_RANGE_DAYS} days; change the week instead"
        )
    return [first + timedelta(days=count) for count in range(days + 1)]


def _public_holidays(item: Item[HoursGroup], report: Report) -> frozenset[date]:
    wanted = item.group.public_holidays
    if wanted is None:
        return frozenset()
    import holidays  # a third of the loader's time, and many dialplans do without

    countries = holidays.list_supported_countries(include_aliases=True)
    if wanted.country in countries:  # any other name may be found too, as a part of the library
        return frozenset(holidays.country_holidays(wanted.country, years=YEARS))
    text = f"no public holidays are known for {shown(wanted.country)}{advice(wanted.country, countries)}"
    report.error(item.spot("public-holidays", "country"), text)
    return frozenset()
