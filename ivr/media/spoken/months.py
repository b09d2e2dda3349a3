"""Names of the months from CLDR, in the form that stands beside a day: genitive in Ukrainian and Russian."""

from babel.dates import get_month_names


def month_names(language: str) -> tuple[str, ...]:
    """January first."""
    names = get_month_names("wide", context="format", locale=language)
    return tuple(names[month] for month in range(1, 13))
