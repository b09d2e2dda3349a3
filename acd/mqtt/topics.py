"""Topics and payloads: `dzvin/<site>/...`.

- `facts/<kind>`: every fact, QoS 1, in the journal's order: `{"seq": 17, "site": .., "fact": {"kind": ..}}`.
  At least once: a consumer drops what is not greater than the last `seq` it has seen.
- `facts/gap`: `{"first": 18, "last": 40, "count": 23}`: these facts will not come, the buffer was too small.
- `queues/<id>`, `operators/<id>`: retained, the newest view; empty when it is gone.
- `status`: retained, `online` or `offline` (the last will).
"""

import dataclasses
import json
from typing import Any

from acd.core.codec import fact_to_json
from acd.core.facts import Record
from acd.core.masking import masked_fact
from acd.core.views import OperatorView, QueueView

_UNSAFE = frozenset("%/+#")


def topic_part(text: str) -> str:
    """An id as one level of a topic: `%`, `/`, `+`, `#`, `$` in front and control characters as %XX."""
    safe = "".join(_escaped(letter) for letter in text)
    return "%24" + safe[1:] if safe.startswith("$") else safe or "%"


def _escaped(letter: str) -> str:
    if letter in _UNSAFE or ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0:
        return f"%{ord(letter):02X}"
    return "\ufffd" if 0xD800 <= ord(letter) < 0xE000 else letter


def fact_payload(record: Record, site: str, full_numbers: bool) -> bytes:
    """`full_numbers`: callers' numbers whole, and what was said in messages and notes."""
    fact = fact_to_json(record.fact)
    shown = fact if full_numbers else masked_fact(fact)
    return _json({"seq": record.seq, "site": site, "fact": shown})


def gap_payload(first: int, last: int, count: int, site: str) -> bytes:
    return _json({"first": first, "last": last, "count": count, "site": site})


def view_payload(view: QueueView | OperatorView) -> bytes:
    return _json(dataclasses.asdict(view))


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":"), default=str).encode("ascii")
