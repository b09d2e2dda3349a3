"""`dzvin versions`: every version, which one is live, and what became live when."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ivr.arrangement import store_of, unpublished
from ivr.config import Settings
from ivr.orders import status
from ivr.versions import Change, Version
from ivr.versions.canary import RATES


def gather(settings: Settings) -> dict[str, Any]:
    """JSON-ready. Times in seconds since the epoch."""
    store = store_of(settings)
    live = store.live()
    running = status(settings)
    calls = running["calls"] if running else {}
    return {
        "versions": [_row(version, live, calls) for version in store.versions()],
        "damaged": {str(number): why for number, why in store.damaged().items()},
        "history": [asdict(change) for change in store.changes()],
        "trial": _trial(live, running),
        "server": running is not None,
        "unpublished": unpublished(settings, store),
    }


def _row(version: Version, live: Change | None, calls: Mapping[str, int]) -> dict[str, Any]:
    state = ""
    if live is not None and version.number == live.live:
        state = "live"
    elif live is not None and live.canary is not None and version.number == live.canary.number:
        state = "on trial"
    return {**asdict(version), "state": state, "calls": calls.get(str(version.number), 0)}


def _trial(live: Change | None, running: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if live is None or live.canary is None:
        return None
    figures = {"tried": running["tried"], "live": running["live"]} if running else {}
    return {**asdict(live.canary), **figures}


def trial_sentences(trial: Mapping[str, Any]) -> list[str]:
    """How the version on trial does beside the live one."""
    share = f"Version {trial['number']} takes {trial['share']:.0%} of the new calls."
    if "tried" not in trial:
        return [share]
    tried, live = trial["tried"], trial["live"]
    lines = [f"{share} Ended so far: {tried['calls']} of its calls, {live['calls']} of the live version's."]
    for rate, words in RATES.items():
        lines.append(f"  {words}: {_percent(tried, rate)}, live {_percent(live, rate)}")
    return lines


def _percent(tally: Mapping[str, int], rate: str) -> str:
    return f"{tally[rate] / tally['calls']:.1%}" if tally["calls"] else "-"
