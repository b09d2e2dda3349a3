"""Opening hours: is it open at this moment, by the wall clock of the line's own time zone?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

WHOLE_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Period:
    """Minutes since midnight by the wall clock, from `opens` until just before `closes`.

    `closes` is 1 to 1440; a period that closes at or before `opens` goes on into the next day.
    """

    opens: int
    closes: int

    @property
    def crosses_midnight(self) -> bool:
        return self.closes <= self.opens


Periods = tuple[Period, ...]
"""Of one day. Empty: closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    id: str
    time_zone: str
    """IANA name, for instance Europe/Kyiv."""
    week: tuple[Periods, Periods, Periods, Periods, Periods, Periods, Periods]
    """Monday first."""
    dates: Mapping[date, Periods] = field(default_factory=dict)
    """Exceptions on one date. They win over everything else."""
    yearly: Mapping[tuple[int, int], Periods] = field(default_factory=dict)
    """Exceptions by (month, day). They win over public holidays and the week."""
    public_holidays: frozenset[date] = frozenset()
    on_public_holidays: Periods = ()

    def periods_on(self, day: date) -> Periods:
        """What holds on this day: its date, else its yearly date, else public holiday, else weekday."""
        if day in self.dates:
            return self.dates[day]
        if (day.month, day.day) in self.yearly:
            return self.yearly[(day.month, day.day)]
        if day in self.public_holidays:
            return self.on_public_holidays
        return self.week[day.weekday()]

    def is_open(self, now: datetime) -> bool:
        """`now` must know its time zone; ValueError otherwise."""
        if now.tzinfo is None:
            raise ValueError("the moment has no time zone")
        local = now.astimezone(ZoneInfo(self.time_zone))
        minute = local.hour * 60 + local.minute
        if any(_covers(period, minute) for period in self.periods_on(local.date())):
            return True
        if local.date() == date.min:
            return False
        yesterday = self.periods_on(local.date() - timedelta(days=1))
        return any(period.crosses_midnight and minute < period.closes for period in yesterday)


def _covers(period: Period, minute: int) -> bool:
    return period.opens <= minute and (period.crosses_midnight or minute < period.closes)
