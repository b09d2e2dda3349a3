"""Spoken answers as measured: their tables in the terminal, and the file that keeps them."""

import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.table import Table

AFTER, OVER, KEY = "after the prompt", "over the prompt", "key"
"""Kinds of answers; those of numbers come from `number_with`."""
Results = Mapping[str, Sequence["Answer"]]
"""By setting."""


def number_with(pause: float) -> str:
    """The kind of a number whose halves are parted by so many seconds."""
    return f"number, pause {pause:g} s"


@dataclass(frozen=True)
class Answer:
    """One spoken answer or key. Times in seconds; None where there is none."""

    language: str
    kind: str
    said: str
    right: bool = False
    got: str = ""
    """The edge that the dialogue took, or the digits that were read back; '' when nothing came."""
    took: float | None = None
    silence: float | None = None
    words: float | None = None
    prompt: float | None = None
    barge_in: float | None = None


def times(answers: Sequence[Answer], what: str) -> str:
    """p50 and p95 in milliseconds."""
    found = [1000 * value for one in answers if (value := getattr(one, what)) is not None]
    if not found:
        return "-"
    return f"{np.percentile(found, 50):.0f} / {np.percentile(found, 95):.0f}"


def share(answers: Sequence[Answer]) -> str:
    return f"{sum(one.right for one in answers)} of {len(answers)}" if answers else "-"


def time_table(results: Results) -> Table:
    shown = Table(title="Milliseconds, p50 / p95")
    parts = ("silence", "words", "prompt")
    for column in (
        "trailing silence, s",
        "spoken answers",
        "answer",
        *parts,
        "barge-in",
        "key: silent",
        "key: prompt",
    ):
        shown.add_column(column, justify="right")
    for name, answers in results.items():
        keys = [one for one in answers if one.kind == KEY]
        spoken = [one for one in answers if one.kind != KEY]
        shown.add_row(
            *(name, str(len(spoken)), times(spoken, "took"), *(times(spoken, part) for part in parts)),
            *(times(spoken, "barge_in"), times(keys, "barge_in"), times(keys, "took")),
        )
    return shown


def share_table(results: Results) -> Table:
    """Of each kind, and of single words in each language."""
    every = [one for answers in results.values() for one in answers if one.kind != KEY]
    kinds = list(dict.fromkeys(one.kind for one in every))
    languages = list(dict.fromkeys(one.language for one in every))
    shown = Table(title="Right answers")
    for column in ("trailing silence, s", *kinds, *(f"words {language}" for language in languages)):
        shown.add_column(column, justify="right")
    for name, answers in results.items():
        words = [one for one in answers if one.kind in (AFTER, OVER)]
        parts = [[one for one in answers if one.kind == kind] for kind in kinds]
        parts += [[one for one in words if one.language == language] for language in languages]
        shown.add_row(name, *map(share, parts))
    return shown


def save(results: Results, folder: Path) -> None:
    kept = {
        "made_at": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "settings": {name: [asdict(one) for one in answers] for name, answers in results.items()},
    }
    path = folder / "spoken_answers.json"
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
