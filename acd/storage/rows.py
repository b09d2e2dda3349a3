"""A record as a row of the database and as a line of the spool.

Line: `<CRC-32 of the rest, 8 hex digits> <seq> <fact as JSON>\\n`, ASCII only. A torn or damaged line fails
its checksum and is left out by the reader.
"""

import json
import zlib
from typing import Any, NamedTuple

from acd.core.codec import fact_from_json, fact_to_json
from acd.core.facts import Record
from acd.core.words import CallId
from acd.core.work import work_of

COLUMN_LENGTH = 255
"""Longest value of an indexed column; the body holds the whole one."""
BIGGEST = 2**63 - 1
"""Of a database's whole numbers."""


class Row(NamedTuple):
    """`body` is the fact as JSON text; the other columns repeat what queries look for."""

    seq: int
    at: float
    kind: str
    call: str | None
    operator: str | None
    queue: str | None
    offer: int | None
    body: str
    work: int | None = None


def line_of(record: Record) -> bytes:
    """The spool's line. Values JSON does not know are written as their text: a fact is never refused."""
    body = json.dumps(fact_to_json(record.fact), separators=(",", ":"), default=str)
    rest = f"{record.seq} {body}".encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(rest), rest)


def row_of_line(line: bytes) -> Row | None:
    """None where the line is torn or damaged."""
    checksum, _, rest = line.rstrip(b"\n").partition(b" ")
    if line[-1:] != b"\n" or checksum != b"%08x" % zlib.crc32(rest):
        return None
    seq, _, body = rest.decode("ascii").partition(" ")
    return row_of_body(int(seq), body)


def row_of_body(seq: int, body: str) -> Row:
    fact: dict[str, Any] = json.loads(body)
    offer = fact.get("offer")
    return Row(
        seq=seq,
        at=float(fact["at"]),
        kind=str(fact["kind"]),
        call=column(fact.get("call")),
        operator=column(fact.get("operator")),
        queue=column(fact.get("queue")),
        offer=offer if isinstance(offer, int) else None,
        body=body,
        work=_work(fact),
    )


def _work(fact: dict[str, Any]) -> int | None:
    """The work item that the fact names, or whose call it names."""
    named, call = fact.get("work"), fact.get("call")
    if isinstance(named, int) and 0 <= named <= BIGGEST:
        return named
    return work_of(CallId(call)) if isinstance(call, str) else None


def column(value: object) -> str | None:
    """Text that every database takes: no NUL, no half surrogates, not too long."""
    if value is None:
        return None
    text = str(value).replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return text[:COLUMN_LENGTH]


def record_of(row: Row) -> Record:
    """CodecError for a fact this version does not know."""
    return Record(row.seq, fact_from_json(json.loads(row.body)))
