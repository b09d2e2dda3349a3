"""Views and facts as JSON text: field names as in `acd.core`, callers' numbers masked, nobody quoted.

A snapshot is put together from rows whose text is kept from the last time: only what changed is encoded
again.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from acd.core.codec import fact_to_json
from acd.core.facts import Record
from acd.core.masking import masked, masked_fact
from acd.core.views import CallView, CenterView, OperatorView, QueueView, WorkView
from acd.web.source import Health

Row = QueueView | OperatorView | CallView | WorkView
_Key = tuple[type[Row], str | int]
_MASKED_FIELD = "caller"


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def plain(data: Any) -> dict[str, Any]:
    """The fields of a flat dataclass, the caller's number masked."""
    out = {name: getattr(data, name) for name in _names(data.__class__)}
    if _MASKED_FIELD in out:
        out[_MASKED_FIELD] = masked(out[_MASKED_FIELD])
    return out


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_nested)


def _nested(data: Any) -> Any:
    return plain(data)


def facts_text(records: Sequence[Record], lost: int = 0) -> str:
    """The message of the facts stream, each fact as in the journal but masked.

    `lost`: so many before these were dropped, because the client was slow.
    """
    rows = [{"seq": record.seq, "fact": masked_fact(fact_to_json(record.fact))} for record in records]
    return _text({"type": "facts", "lost": lost, "records": rows})


def first_calls(calls: Iterable[CallView], per_queue: int) -> list[CallView]:
    """For each queue the first `per_queue` waiting calls and as many others."""
    shown: list[CallView] = []
    count: dict[tuple[str, bool], int] = {}
    for call in calls:
        place = call.position
        if place is not None and place > per_queue:
            continue
        key = (call.queue, place is None)
        seen = count[key] = count.get(key, 0) + 1
        if seen <= per_queue:
            shown.append(call)
    shown.sort(key=lambda call: (call.queue, call.position is None, call.position or 0, call.since))
    return shown


def first_work(work: Iterable[WorkView], per_queue: int) -> list[WorkView]:
    """For each queue the `per_queue` promises that run out first."""
    shown: list[WorkView] = []
    count: dict[str, int] = {}
    for item in sorted(work, key=lambda item: (item.due_at, item.id)):
        seen = count[item.queue] = count.get(item.queue, 0) + 1
        if seen <= per_queue:
            shown.append(item)
    return shown


def left_out(view: CenterView, shown: Iterable[CallView]) -> int:
    """How many waiting calls are not in `shown`; the view itself may have left them out."""
    return sum(q.waiting for q in view.queues) - sum(call.position is not None for call in shown)


class SnapshotText:
    """Encodes views; keeps each row's text while the row stays equal."""

    def __init__(self, calls_per_queue: int) -> None:
        self._calls_per_queue = calls_per_queue
        self._kept: dict[_Key, tuple[Row, str]] = {}

    def of(self, view: CenterView, health: Health, page: str) -> str:
        """The snapshot message. `page` identifies the wallboard's files, for pages that are out of date."""
        calls = first_calls(view.calls, self._calls_per_queue)
        kept: dict[_Key, tuple[Row, str]] = {}
        parts = {
            "queues": self._rows(view.queues, kept),
            "operators": self._rows(view.operators, kept),
            "calls": self._rows(calls, kept),
            "work": self._rows(first_work(view.work, self._calls_per_queue), kept),
        }
        self._kept = kept
        head = {"type": "snapshot", "at": view.at, "page": page, "waiting_left_out": left_out(view, calls)}
        lists = ",".join(f'"{name}":[{rows}]' for name, rows in parts.items())
        return f"{_text(head | {'health': plain(health)})[:-1]},{lists}}}"

    def _rows(self, rows: Iterable[Row], kept: dict[_Key, tuple[Row, str]]) -> str:
        texts = []
        for row in rows:
            key = (type(row), row.id)
            known = self._kept.get(key)
            entry = known if known is not None and known[0] == row else (row, _text(plain(row)))
            kept[key] = entry
            texts.append(entry[1])
        return ",".join(texts)
