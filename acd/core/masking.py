"""Callers' numbers, and what people said, for screens and logs."""

from typing import Any

_WORDS = {"WorkTranscribed": "text", "WorkForwarded": "note", "WorkReturned": "reason"}
"""Kinds of facts, and their field that holds people's own words."""


def masked_fact(data: dict[str, Any]) -> dict[str, Any]:
    """A fact as JSON-ready data for everybody: the caller's number masked, people's own words left out."""
    words = _WORDS.get(data.get("kind", ""))
    hidden: dict[str, Any] = {} if words is None else {words: ""}
    if "caller" in data:
        hidden["caller"] = masked(data["caller"])
    return data | hidden if hidden else data


def masked(number: str) -> str:
    """As `mask_number`; one that is masked already stays as it is."""
    return number if "***" in number else mask_number(number)


def mask_number(number: str) -> str:
    """`'0501234567'` -> `'050***4567'`: never more than half of the digits stay; `''` stays `''`."""
    if len(number) >= 10:
        return f"{number[:3]}***{number[-4:]}"
    shown = len(number) // 3
    return f"***{number[-shown:]}" if shown else "*" * len(number)
