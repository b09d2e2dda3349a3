"""Tables of FreePBX as rows: CSV with a header, or JSON. A row's columns tell which table it is from.

The forms that are read:
- CSV (also with `;` or tabs), one table to a file, its first row the columns' names: what phpMyAdmin, or
  `mysql -B asterisk -e 'SELECT * FROM ivr_details'`, writes;
- JSON of the module backup of FreePBX 15 and later (`modulejson/Ivr.json` in the backup's archive):
  `{"configs": {"ivrs": [row, …], "entries": {"1": [row, …]}}}`, and every other JSON in which the rows are
  objects by column, however deep, such as phpMyAdmin's `[{"type": "table", "data": [row, …]}]`.

Columns as in the modules' sources (github.com/FreePBX: ivr, announcement, queues, timeconditions, core).
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ivr.errors import Plain
from ivr.importing.plan import Place, Plan

MAX_ROWS = 5000
MAX_DEPTH = 30
TABLES: dict[str, frozenset[str]] = {
    "entries": frozenset({"ivr_id", "selection", "dest"}),
    "ivrs": frozenset({"id", "name", "announcement"}),
    "announcements": frozenset({"announcement_id", "post_dest"}),
    "conditions": frozenset({"timeconditions_id", "truegoto", "falsegoto"}),
    "times": frozenset({"timegroupid", "time"}),
    "queues": frozenset({"extension", "descr"}),
    "incoming": frozenset({"extension", "destination", "cidnum"}),
    "recordings": frozenset({"id", "displayname", "filename"}),
}
"""By kind of row: the columns that tell it, most telling first."""

NAMES = {
    "entries": ("keys of ivr", "ivr_id"),
    "ivrs": ("ivr", "id"),
    "announcements": ("announcement", "announcement_id"),
    "conditions": ("time condition", "timeconditions_id"),
    "times": ("time group", "timegroupid"),
    "queues": ("queue", "extension"),
    "incoming": ("route", "extension"),
    "recordings": ("recording", "id"),
}
"""By kind of row: what it is called, and the column that tells it from others."""


@dataclass(frozen=True, slots=True)
class Row:
    kind: str
    cells: Mapping[str, str]
    place: Place

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def name(self) -> str:
        """Which row of its table this is, where the line does not say it: `ivr 3`."""
        title, column = NAMES[self.kind]
        return f"{title} {self[column]}"

    def number(self, column: str) -> int:
        """A whole number, 0 if it is none."""
        text = self[column]
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def read_csv(text: str, file: str, plan: Plan) -> list[Row]:
    header = text.split("\n", 1)[0]
    mark = max(",;\t", key=header.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=mark)
    try:
        columns = [column.strip().lower() for column in next(reader, [])]
        kind = _kind(columns)
        if not kind:
            raise Plain(
                f"{file}:1: no table of FreePBX has these columns; the first line must name them,"
                " for instance ivr_id,selection,dest"
            )
        rows: list[Row] = []
        for cells in reader:
            if cells and len(rows) < MAX_ROWS:
                found = {name: _cell(cell) for name, cell in zip(columns, cells, strict=False)}
                rows.append(Row(kind, found, Place(file, reader.line_num)))
    except csv.Error as error:
        raise Plain(f"{file}:{reader.line_num}: this is no CSV ({error}); export it again.") from None
    if len(rows) == MAX_ROWS:
        plan.tell(
            Place(file, reader.line_num), "further rows", f"more than {MAX_ROWS} rows", "split the file"
        )
    return rows


def read_json(text: str, file: str, plan: Plan) -> list[Row]:
    """Rows found anywhere; JSON does not tell lines: the place is the file."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = (
            error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply, or a strange number"
        )
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise Plain(f"{file}:{line}: this is no JSON ({reason}); export it again.") from None
    rows: list[Row] = []
    for found in _objects(tree, 0):
        kind = _kind(list(found))
        if kind and len(rows) < MAX_ROWS:
            rows.append(
                Row(kind, {str(name).lower(): _cell(cell) for name, cell in found.items()}, Place(file, 1))
            )
    if not rows:
        raise Plain(f"{file}: no row of a FreePBX table is in it; export the IVR module's tables.")
    if len(rows) == MAX_ROWS:
        plan.tell(Place(file, 1), "further rows", f"more than {MAX_ROWS} rows", "split the file")
    return rows


def _kind(columns: list[str]) -> str:
    given = {str(column).lower() for column in columns}
    return next((kind for kind, needed in TABLES.items() if needed <= given), "")


def _objects(tree: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > MAX_DEPTH:
        return
    if isinstance(tree, dict):
        yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        if isinstance(part, dict | list):
            yield from _objects(part, depth + 1)


def _cell(value: object) -> str:
    """NULL of a database is nothing."""
    if value is None or isinstance(value, dict | list) or value in {"NULL", "\\N"}:
        return ""
    return ("1" if value else "0") if isinstance(value, bool) else str(value)[:1000].strip()
