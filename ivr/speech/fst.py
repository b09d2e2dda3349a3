"""The head of an OpenFst file: its kind, and the words that it may carry. Pure Python, nothing native.

Format (OpenFst 1.7, `fst.cc`, `symbol-table.cc`; little-endian): magic number, kind of transducer, kind of
arcs, version, flags, properties (8 bytes), start, states, arcs (8 bytes each), then the symbol tables that
the flags name. Strings are a length and UTF-8 bytes.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_FST_MAGIC = 2125659606
_TABLE_MAGIC = 2125658996
_HAS_INPUT, _HAS_OUTPUT = 1, 2
_LONGEST = 1 << 16
_LONGEST_HEAD = 1 << 28


class NoFst(ValueError):
    """The file is no OpenFst file, or is cut short."""


@dataclass(frozen=True, slots=True)
class FstHead:
    kind: str
    """'vector', 'const', 'ngram', 'olabel_lookahead', …"""
    words: frozenset[str] | None
    """Symbols of the output side; None: the file carries none."""


def read_head(path: Path) -> FstHead:
    """NoFst; OSError for a file that cannot be read."""
    with path.open("rb") as file:
        try:
            return _read_head(file)
        except (struct.error, UnicodeDecodeError) as error:
            raise NoFst(f"{path.name} is damaged: {error}") from None


def _read_head(file: BinaryIO) -> FstHead:
    if _number(file) != _FST_MAGIC:
        raise NoFst("it does not begin as an OpenFst file does")
    kind, _arcs = _text(file), _text(file)
    _version, flags = _number(file), _number(file)
    _take(file, "<Qqqq")
    if flags & _HAS_INPUT:
        _symbols(file)
    return FstHead(kind, _symbols(file) if flags & _HAS_OUTPUT else None)


def _symbols(file: BinaryIO) -> frozenset[str]:
    if _number(file) != _TABLE_MAGIC:
        raise NoFst("its table of words is damaged")
    _text(file)
    _available, size = _take(file, "<qq")
    if not 0 <= size < _LONGEST_HEAD:
        raise NoFst(f"its table of words claims {size} words")
    return frozenset(_symbol(file) for _ in range(size))


def _symbol(file: BinaryIO) -> str:
    symbol = _text(file)
    _take(file, "<q")
    return symbol


def _number(file: BinaryIO) -> int:
    return int(_take(file, "<i")[0])


def _text(file: BinaryIO) -> str:
    length = _number(file)
    if not 0 <= length < _LONGEST:
        raise NoFst(f"it has a text of {length} bytes")
    text = file.read(length)
    if len(text) < length:
        raise NoFst("it is cut short")
    return text.decode("utf-8")


def _take(file: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))
