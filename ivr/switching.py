"""`dzvin switch`: what is on, for how long, and who turned it."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.table import Table

from ivr.dialplan.loader import Labels
from ivr.dialplan.problems import advice
from ivr.errors import Plain
from ivr.switches import Switches

_UNITS = {"min": 60, "h": 3600, "d": 86400}


def moment(text: str, now: datetime) -> datetime:
    """When a switch goes off by itself: '18:00' (the next one), '2 h', '90 min', '3 d' or '2026-12-31 18:00'.

    `now` has the center's time zone, and so has what is meant. Plain: none of these, or past.
    """
    if clock := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text):
        found = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return found if found > now else found + timedelta(days=1)
    if lasting := re.fullmatch(r"(\d{1,4}) ?(min|h|d)", text):
        return now + timedelta(seconds=int(lasting[1]) * _UNITS[lasting[2]])
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Plain(f"--until {text!r}: write 18:00, 2 h, 90 min, 3 d or '2026-12-31 18:00'.") from None
    found = found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
    if found <= now:
        raise Plain(f"--until {text}: that is past.")
    return found


def known(name: str, names: Mapping[str, Labels]) -> str:
    """Plain: the dialplan has no such switch."""
    if name not in names:
        hint = advice(name, names) if names else "; the dialplan has no section 'switches'"
        raise Plain(f"there is no switch '{name}'{hint}.")
    return name


def table(names: Mapping[str, Labels], switches: Switches, zone: str) -> Table:
    """Every switch of the dialplan, and whether it is on now."""
    shown = Table("switch", "name", "is", "until", "since", "by")
    turned, now = switches.turned(), datetime.now(ZoneInfo(zone))
    for name, labels in names.items():
        one = turned.get(name)
        if one is None or not one.is_on(now.timestamp()):
            shown.add_row(name, next(iter(labels.values())), "off", "", "", "")
            continue
        until = _shown(one.until, now) if one.until is not None else "switched off"
        shown.add_row(
            name, next(iter(labels.values())), "[bold]on[/bold]", until, _shown(one.since, now), one.who
        )
    return shown


def _shown(at: float, now: datetime) -> str:
    moment = datetime.fromtimestamp(at, now.tzinfo)
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M}"
