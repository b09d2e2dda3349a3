"""The head of an OpenFst file: its kind, and the words that it may carry. Pure Python, nothing native.

Format (OpenFst 1.7, `fst.cc`, `symbol-table.cc`; little-endian): magic number, kind of transducer, kind of
arcs, version, flags, properties (8 bytes), start, states, arcs (8 bytes each), then the symbol tables that
the flags name. Strings are a length and UTF-8 bytes.
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

_FST_MAGIC = 2125659606
_TABLE_MAGIC = 2125658996
_HAS_INPUT, _HAS_OUTPUT = 1, 2
_NUMBER = struct.Struct("<i")
_TABLE_SIZE = struct.Struct("<qq")
_KEY_BYTES = 8
_REST_OF_HEAD = 8 + 3 * 8


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
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Reader(data).head()
        except (struct.error, UnicodeDecodeError, ValueError) as error:
            raise NoFst(str(error) if isinstance(error, NoFst) else "it is cut short or garbled") from None


class _Reader:
    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def head(self) -> FstHead:
        if self._number() != _FST_MAGIC:
            raise NoFst("it does not begin as an OpenFst file does")
        kind, _arcs = self._text(), self._text()
        _version, flags = self._number(), self._number()
        self._at += _REST_OF_HEAD
        if self._at > len(self._data):
            raise NoFst("it is cut short")
        if flags & _HAS_INPUT:
            self._symbols()
        return FstHead(kind, self._symbols() if flags & _HAS_OUTPUT else None)

    def _symbols(self) -> frozenset[str]:
        """Half a million words are usual."""
        if self._number() != _TABLE_MAGIC:
            raise NoFst("its table of words is damaged")
        self._text()
        _available, size = _TABLE_SIZE.unpack_from(self._data, self._at)
        self._at += _TABLE_SIZE.size
        if not 0 <= size <= len(self._data):
            raise NoFst(f"its table of words claims {size} words")
        symbols = frozenset(self._symbol() for _ in range(size))
        if self._at > len(self._data):
            raise NoFst("it is cut short")
        return symbols

    def _symbol(self) -> str:
        symbol = self._text()
        self._at += _KEY_BYTES
        return symbol

    def _number(self) -> int:
        (value,) = _NUMBER.unpack_from(self._data, self._at)
        self._at += _NUMBER.size
        return int(value)

    def _text(self) -> str:
        (length,) = _NUMBER.unpack_from(self._data, self._at)
        begin = self._at + _NUMBER.size
        self._at = end = begin + length
        if not begin <= end <= len(self._data):
            raise NoFst("it is cut short")
        return self._data[begin:end].decode("utf-8")
