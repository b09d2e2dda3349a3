"""How long a piece takes at the most: a number or date stands for all of the same size."""

from datetime import date, time, timedelta

from ivr.flow.proof.parts import Length
from ivr.flow.said import Day, Digits, Said, TimeOfDay

_FIRST = date(2027, 1, 1)
DAYS = tuple(Day(_FIRST + timedelta(days=number)) for number in range(365))

TIMES = tuple(TimeOfDay(time(hour, minute)) for hour in range(24) for minute in range(60))


def longest_pieces(length: Length) -> Length:
    """As `length`, but of digits the longest ones of that number, of dates the longest one of a year, and of
    times the longest one of a day."""
    days: dict[str, float] = {}
    times: dict[str, float] = {}

    def seconds(said: Said, language: str) -> float:
        match said:
            case Digits(digits):
                return max(length(Digits(digit * len(digits)), language) for digit in "0123456789")
            case Day():
                if language not in days:
                    days[language] = max(length(day, language) for day in DAYS)
                return days[language]
            case TimeOfDay():
                if language not in times:
                    times[language] = max(length(one, language) for one in TIMES)
                return times[language]
            case _:
                return length(said, language)

    return seconds
