"""Opening hours by the wall clock: midnight, days when clocks change, dates that differ."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.flow.hours import WHOLE_DAY, Hours, Period, Periods

KYIV = ZoneInfo("Europe/Kyiv")
DAY: Periods = (Period(8 * 60, 22 * 60),)


def hours(week: Periods = DAY, **more: object) -> Hours:
    seven = (week, week, week, week, week, week, week)
    return Hours(id="h", time_zone="Europe/Kyiv", week=seven, **more)  # type: ignore[arg-type]


def kyiv(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KYIV)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T07:59:59", False),
        ("2026-11-23T08:00:00", True),
        ("2026-11-23T21:59:59", True),
        ("2026-11-23T22:00:00", False),
    ],
)
def test_from_opening_until_just_before_closing(moment: str, is_open: bool) -> None:
    assert hours().is_open(kyiv(moment)) is is_open


def test_the_lines_own_time_zone_decides_not_the_callers() -> None:
    assert hours().is_open(datetime(2026, 11, 23, 6, 0, tzinfo=UTC))  # 08:00 in Kyiv, winter
    assert not hours().is_open(datetime(2026, 11, 23, 5, 59, tzinfo=UTC))
    assert hours().is_open(datetime(2026, 7, 1, 5, 0, tzinfo=UTC))  # 08:00 in Kyiv, summer


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        hours().is_open(datetime(2026, 11, 23, 12, 0))


def test_the_whole_day_has_no_gap_at_midnight() -> None:
    always = hours((Period(0, WHOLE_DAY),))
    assert always.is_open(kyiv("2026-11-23T23:59:59"))
    assert always.is_open(kyiv("2026-11-24T00:00:00"))


def test_a_night_shift_goes_on_into_the_next_day() -> None:
    friday_only = Hours(
        id="h", time_zone="Europe/Kyiv", week=((), (), (), (), (Period(22 * 60, 6 * 60),), (), ())
    )
    assert not friday_only.is_open(kyiv("2026-11-27T21:59:00"))
    assert friday_only.is_open(kyiv("2026-11-27T23:00:00"))
    assert friday_only.is_open(kyiv("2026-11-28T05:59:00"))
    assert not friday_only.is_open(kyiv("2026-11-28T06:00:00"))
    assert not friday_only.is_open(kyiv("2026-11-27T05:00:00"))


def test_the_day_when_clocks_go_forward_is_an_hour_shorter() -> None:
    """29 March 2026, 03:00 becomes 04:00: an office open 02:00-05:00 is open for two hours."""
    office = hours((Period(2 * 60, 5 * 60),))
    begin = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)  # midnight in Kyiv
    minutes = sum(office.is_open(begin + timedelta(minutes=count)) for count in range(23 * 60))
    assert minutes == 2 * 60


def test_the_day_when_clocks_go_back_is_an_hour_longer() -> None:
    """25 October 2026, 04:00 becomes 03:00: an office open 02:00-05:00 is open for four hours."""
    office = hours((Period(2 * 60, 5 * 60),))
    begin = datetime(2026, 10, 24, 21, 0, tzinfo=UTC)  # midnight in Kyiv
    minutes = sum(office.is_open(begin + timedelta(minutes=count)) for count in range(25 * 60))
    assert minutes == 4 * 60


def test_a_date_wins_over_a_yearly_date_over_a_public_holiday_over_the_week() -> None:
    day = date(2026, 12, 25)
    layers = hours(
        dates={day: (Period(600, 660),)},
        yearly={(12, 25): (Period(700, 760),), (12, 26): (Period(800, 860),)},
        public_holidays=frozenset({day, date(2026, 12, 26), date(2026, 12, 27)}),
        on_public_holidays=(Period(900, 960),),
    )
    assert layers.periods_on(day) == (Period(600, 660),)
    assert layers.periods_on(date(2027, 12, 25)) == (Period(700, 760),)
    assert layers.periods_on(date(2026, 12, 26)) == (Period(800, 860),)
    assert layers.periods_on(date(2026, 12, 27)) == (Period(900, 960),)
    assert layers.periods_on(date(2026, 12, 28)) == DAY


def test_a_closed_day_after_a_night_shift_still_ends_the_shift() -> None:
    """The shift belongs to the day on which it begins."""
    office = hours((Period(22 * 60, 6 * 60),), dates={date(2026, 12, 25): ()})
    assert office.is_open(kyiv("2026-12-25T05:00:00"))
    assert not office.is_open(kyiv("2026-12-25T23:00:00"))
    assert not office.is_open(kyiv("2026-12-26T05:00:00"))
