"""YAML 1.2 text to a tree in which every key and value knows its place.

ruamel.yaml reads the text; its events are turned into nodes here, with limits on size and depth, so that
no file can cost more than its length. Anchors, aliases and tags are refused: names do that work here.
Words like `no` and `on`, times and dates stay text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from ivr.dialplan.problems import Report, Spot, shown

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 20_000
MAX_DIGITS = 18

NULLS = {"", "~", "null", "Null", "NULL"}
TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
WHOLE_NUMBER = re.compile(r"[-+]?[0-9]+", re.ASCII)
DECIMAL_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)


class WrittenInt(int):
    """A whole number that remembers how it was written: 0800 is not 800 when it is a telephone number."""

    text: str


Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class ScalarNode:
    spot: Spot
    value: Scalar


@dataclass(frozen=True, slots=True)
class ListNode:
    spot: Spot
    items: list["Node"]


@dataclass(frozen=True, slots=True)
class Entry:
    key_spot: Spot
    node: "Node"


@dataclass(frozen=True, slots=True)
class MapNode:
    spot: Spot
    entries: dict[str, Entry]


Node = ScalarNode | ListNode | MapNode


class _Refused(Exception):
    """The rest of this file is not read; the report says why."""


def read_tree(data: bytes, file: str, report: Report) -> Node | None:
    """The tree of the file's one document; None when it is empty or the report tells what is wrong."""
    text = _decode(data, file, report)
    if text is None:
        return None
    try:
        return _Builder(file, report).build(text)
    except _Refused:
        return None
    except MarkedYAMLError as error:
        _tell_syntax(error, file, text, report)
    except ReaderError as error:
        spot = _spot_at(text, file, error.position if isinstance(error.position, int) else 0)
        report.error(spot, "a control character; delete it")
    except Exception:  # ruamel.yaml raises ValueError, IndexError and others on some malformed texts
        report.error(Spot(file), "this is not YAML; compare it with an example of the reference")
    return None


def to_plain(node: Node) -> Any:
    """Dicts, lists and scalars. Bounded by the size of the file, for nothing is shared."""
    match node:
        case ScalarNode(_, value):
            return value
        case ListNode(_, items):
            return [to_plain(item) for item in items]
        case MapNode(_, entries):
            return {key: to_plain(entry.node) for key, entry in entries.items()}


def spot_of(node: Node, path: tuple[str | int, ...], *, at_key: bool = False) -> Spot:
    """The place of the value (or of its key) at `path`; of the nearest one that is there, if it is not."""
    spot = node.spot
    for part in path:
        if isinstance(node, MapNode) and str(part) in node.entries:
            entry = node.entries[str(part)]
            spot = entry.key_spot if at_key else entry.node.spot
            node = entry.node
        elif isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            spot = node.spot
        else:
            return node.spot
    return spot


def _decode(data: bytes, file: str, report: Report) -> str | None:
    if len(data) > MAX_BYTES:
        report.error(
            Spot(file), f"the file is larger than {MAX_BYTES // 1024} KB; split it into several files"
        )
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", errors="replace")
        report.error(
            _spot_at(before, file, len(before)), "the file is not in UTF-8; save it with that encoding"
        )
        return None


def _spot_at(text: str, file: str, offset: int) -> Spot:
    before = text[:offset]
    return Spot(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def _tell_syntax(error: MarkedYAMLError, file: str, text: str, report: Report) -> None:
    mark = error.problem_mark or error.context_mark
    if "end of stream" in str(error.problem) and error.context_mark:
        mark = error.context_mark  # where the quote or bracket was opened
    spot = Spot(file, mark.line + 1, mark.column + 1) if mark else Spot(file)
    lines = text.splitlines()
    rest = lines[spot.line - 1][spot.column - 1 :] if spot.line <= len(lines) else ""
    before = lines[spot.line - 1][: spot.column - 1] if spot.line <= len(lines) else ""
    problem = " ".join(str(error.problem or error.context or "a mistake").split())
    if rest.startswith("\t") or "\t" in before[: len(before) - len(before.lstrip())]:
        report.error(spot, "a tab; indent with spaces")
    elif rest.startswith("*") or "alias" in problem:
        report.error(spot, 'a * outside quotes; write the star key as "*"')
    else:
        report.error(
            spot, f"not YAML: {problem}; look for a missing ':', quote or bracket, or a wrong indent"
        )


class _Builder:
    """From events to nodes, without recursion."""

    def __init__(self, file: str, report: Report) -> None:
        self.file = file
        self.report = report
        self.root: Node | None = None
        self.open: list[ListNode | MapNode] = []
        self.keys: list[tuple[str, Spot] | None] = []
        """For each open node: the key that waits for its value."""
        self.nodes = 0
        self.documents = 0

    def build(self, text: str) -> Node | None:
        for event in self._events(text):
            self._take(event)
        return self.root

    def _events(self, text: str) -> Iterator[Any]:
        yaml = YAML(typ="safe", pure=True)
        yaml.version = (1, 2)
        yield from yaml.parse(text)

    def _take(self, event: Any) -> None:
        match event:
            case DocumentStartEvent():
                self._count_document(event)
            case AliasEvent():
                self._refuse(event, 'a * outside quotes; write the star key as "*"')
            case ScalarEvent():
                self._check(event)
                self._add_scalar(event)
            case SequenceStartEvent():
                self._check(event)
                self._open(event, ListNode(self._spot(event), []))
            case MappingStartEvent():
                self._check(event)
                self._open(event, MapNode(self._spot(event), {}))
            case SequenceEndEvent() | MappingEndEvent():
                self.open.pop()
                self.keys.pop()
            case _:
                pass

    def _check(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._refuse(event, f"more than {MAX_NODES} values in one file; split it")
        if event.anchor is not None:
            self._refuse(
                event, "an & outside quotes; anchors are not used here, refer to things by their names"
            )
        if event.tag is not None and str(event.tag) != "!":
            self._refuse(event, f"the tag {shown(event.tag)}; tags are not used here")

    def _open(self, event: Any, node: ListNode | MapNode) -> None:
        if len(self.open) >= MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels; look for a wrong indent or bracket")
        if self.open and isinstance(self.open[-1], MapNode) and self.keys[-1] is None:
            self._refuse(event, "a list or a group cannot be a key; a key is one word")
        self._attach(node)
        self.open.append(node)
        self.keys.append(None)

    def _add_scalar(self, event: ScalarEvent) -> None:
        parent = self.open[-1] if self.open else None
        if isinstance(parent, MapNode) and self.keys[-1] is None:
            self.keys[-1] = (str(event.value), self._spot(event))
            return
        plain = event.style is None and (event.implicit is None or event.implicit[0])
        self._attach(ScalarNode(self._spot(event), _resolve(event.value) if plain else str(event.value)))

    def _attach(self, node: Node) -> None:
        parent = self.open[-1] if self.open else None
        if parent is None:
            self.root = node
        elif isinstance(parent, ListNode):
            parent.items.append(node)
        else:
            self._attach_to_key(parent, node)

    def _attach_to_key(self, parent: MapNode, node: Node) -> None:
        waiting = self.keys[-1]
        assert waiting is not None
        self.keys[-1] = None
        key, spot = waiting
        if key in parent.entries:
            first = parent.entries[key].key_spot.line
            self.report.error(spot, f"the key {shown(key)} is here twice, first in line {first}; delete one")
            return
        if isinstance(node, ScalarNode) and node.value is None:
            node = ScalarNode(spot, None)  # the parser places it at the next word
        parent.entries[key] = Entry(spot, node)

    def _count_document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._refuse(event, "a second document after '---'; put it into a file of its own")

    def _spot(self, event: Any) -> Spot:
        return Spot(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _refuse(self, event: Any, text: str) -> None:
        self.report.error(self._spot(event), text)
        raise _Refused


def _resolve(text: str) -> Scalar:
    """The core schema of YAML 1.2, without octal, hexadecimal, infinity and not-a-number."""
    if text in NULLS:
        return None
    if text in TRUTHS:
        return TRUTHS[text]
    if len(text) > MAX_DIGITS:
        return text
    if WHOLE_NUMBER.fullmatch(text):
        number = WrittenInt(text)
        number.text = text
        return number
    return float(text) if DECIMAL_NUMBER.fullmatch(text) else text
