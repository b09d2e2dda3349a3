"""A promise for programs and people outside: JSON-ready, and without what only some may see."""

from typing import Any

from acd.core.codec import to_json
from acd.core.masking import mask_number
from acd.core.promise import Deed, Promise, PromiseFigures

_SAID = frozenset({Deed.TRANSCRIBED, Deed.FORWARDED, Deed.HANDED_BACK})
"""What the history quotes of these are people's own words."""


def document(promise: Promise, *, numbers: bool, said: bool) -> dict[str, Any]:
    """Fields as in `acd.core.promise.Promise`, with its outcome. Times in seconds since the Unix epoch.

    Not `numbers`: the caller's number masked. Not `said`: what callers, operators and departments said or
    wrote is left out: `text` and `note` are then null, `said` is ''.
    """
    found: dict[str, Any] = to_json(Promise, promise)
    found |= {
        "outcome": promise.outcome.value,
        "is_open": promise.is_open,
        "decided_at": promise.decided_at,
    }
    if not numbers:
        found["caller"] = mask_number(found["caller"])
    if not said:
        _leave_out_words(found)
    return found


def _leave_out_words(found: dict[str, Any]) -> None:
    found["note"] = found["returned_because"] = None
    for message in found["messages"]:
        message["text"] = None
    for entry in found["history"]:
        if entry["what"] in _SAID:
            entry["said"] = ""


def figures_document(figures: PromiseFigures) -> dict[str, Any]:
    """Counts, and the share kept with its formula."""
    return {
        "made": figures.made,
        "kept": figures.kept,
        "broken": figures.broken,
        "called_off": figures.called_off,
        "open": figures.open,
        "share_kept": figures.share_kept,
        "formula": "share_kept = kept / (kept + broken)",
    }
