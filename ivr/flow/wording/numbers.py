"""Numbers and digit strings from their words.

A number is its millions, thousands and the rest, each of hundreds, tens and units in falling order. The
genders and plural forms of a language are not checked against each other: recognisers confuse endings, and
the value is the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ivr.flow.wording.languages import LEXICONS, LONGEST, Lexicon
from ivr.flow.wording.normal import normal
from ivr.flow.wording.table import Kind, Part

LARGEST = 999_999_999
READINGS = 16
"""So many readings of a digit string at most."""
_EXAMINED = 4 * READINGS
_MULTIPLIERS = {Kind.HUNDRED, Kind.SCALE}


def number_vocabulary(language: str) -> tuple[str, ...]:
    """Every word of the numbers 0 to 999,999,999 and of digit strings, for a recogniser's grammar.

    Spelt as recognisers spell. Empty for a language that is not known.
    """
    lexicon = LEXICONS.get(language)
    if lexicon is None:
        return ()
    table = lexicon.table
    forms = [*table.numbers.values(), *table.scales.values(), table.joiner, *table.repeats.values()]
    return tuple(dict.fromkeys(" ".join(forms).split()))


def read_number(text: str, language: str) -> int | None:
    """'двадцять п'ять' -> 25. None for everything that is not one whole well-formed number.

    0 to 999,999,999. Also written digits, alone: '25'.
    """
    lexicon = LEXICONS.get(language)
    parts = _parts(normal(text), lexicon) if lexicon else None
    return whole(parts) if parts else None


def whole(parts: Sequence[Part]) -> int | None:
    """The value of parts that make one number."""
    if len(parts) == 1 and parts[0].kind is Kind.WRITTEN:
        return parts[0].value if parts[0].value >= 0 else None
    return next((value for end, value in _numbers_from(parts, 0) if end == len(parts)), None)


def digit_readings(text: str, language: str) -> tuple[str, ...]:
    """The digit strings that the words may mean, at most 16, the most natural first; () for other words.

    People say an account in digits, pairs, hundreds or any mixture: 'двадцять п'ять сімдесят' is 2570 or
    20570. A reading of fewer numbers is the more natural one; among equals that with the longer number first.
    Zeros are digits of their own; 'double five' is 55; written digits stay as they are.
    """
    lexicon = LEXICONS.get(language)
    parts = _parts(normal(text), lexicon) if lexicon else None
    if not parts:
        return ()
    readings = islice(_Splits(parts).by_naturalness(), _EXAMINED)
    return tuple(dict.fromkeys(readings))[:READINGS]


def _parts(text: str, lexicon: Lexicon) -> list[Part] | None:
    """None where a word belongs in no number, or there are too many."""
    words = text.split(maxsplit=LONGEST)
    parts = [part for word in words if (part := lexicon.part(word))]
    return parts if len(parts) == len(words) <= LONGEST else None


@dataclass(slots=True)
class _Group:
    """A number on its way: what is before the present thousands, hundreds below it, and what may follow."""

    total: int = 0
    scale: int = LARGEST + 1
    """The next scale must be smaller."""
    value: int = 0
    room: int = 1000
    """The next hundreds, tens or units must be smaller; 1000: nothing of this group was said yet."""
    closed: bool = True
    """The number may end here."""

    @property
    def number(self) -> int:
        return self.total + self.value

    def take(self, part: Part) -> bool:
        """Whether the part fits here; then it is counted in."""
        self.closed = part.kind not in {Kind.AND, Kind.ARTICLE}
        match part.kind:
            case Kind.UNIT | Kind.TEEN | Kind.TENS | Kind.HUNDREDS:
                return self._add(part)
            case Kind.HUNDRED:
                return self._multiply_by_hundred()
            case Kind.SCALE:
                return self._end_group(part.value)
            case Kind.AND:
                return self._join()
            case Kind.ARTICLE:
                return self._begin_with_article()
        return False

    def _add(self, part: Part) -> bool:
        least = {Kind.UNIT: 10, Kind.TEEN: 100, Kind.TENS: 100, Kind.HUNDREDS: 1000}[part.kind]
        if self.room < least:
            return False
        self.value += part.value
        self.room = {Kind.TENS: 10, Kind.HUNDREDS: 100}.get(part.kind, 0)
        return True

    def _multiply_by_hundred(self) -> bool:
        """'five hundred', 'hundred' at the beginning, and 'twelve hundred' where no thousands were said."""
        alone = self.value == 0 and self.total == 0 and self.room == 1000
        of_a_year = 10 < self.value < 100 and self.value % 10 != 0 and self.total == 0
        if not (alone or of_a_year or 0 < self.value < 10):
            return False
        self.value = 100 * max(self.value, 1)
        self.room = 100
        return True

    def _end_group(self, scale: int) -> bool:
        """'тисяча' without a number before it is one thousand."""
        begun = self.value > 0 or self.room == 1000
        if scale >= self.scale or self.value >= 1000 or not begun:
            return False
        self.total += scale * max(self.value, 1)
        self.scale, self.value, self.room = scale, 0, 1000
        return True

    def _join(self) -> bool:
        after_scale = self.total > 0 and self.room == 1000
        after_hundred = self.value >= 100 and self.room == 100
        self.room = 100
        return after_scale or after_hundred

    def _begin_with_article(self) -> bool:
        fits, self.value, self.room = self.room == 1000, self.value + 1, 0
        return fits


def _numbers_from(parts: Sequence[Part], start: int) -> Iterator[tuple[int, int]]:
    """Each number that begins at `start`, as the index after its end and its value, the shortest first."""
    if parts[start].kind is Kind.ZERO:
        yield start + 1, 0
        return
    group = _Group()
    for end in range(start, len(parts)):
        if not group.take(parts[end]):
            return
        if group.closed:
            yield end + 1, group.number


class _Splits:
    """All ways to part the words into numbers, without a dead end in the search."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._steps = [list(_pieces_from(parts, start))[::-1] for start in range(len(parts))]
        self._counts = [0] * len(parts) + [1]
        """Bit n of entry i: the words from i on can be parted into n numbers."""
        for start in reversed(range(len(parts))):
            for end, _ in self._steps[start]:
                self._counts[start] |= self._counts[end] << 1

    def by_naturalness(self) -> Iterator[str]:
        for count in range(1, len(self._steps) + 1):
            yield from self._from(0, count)

    def _from(self, start: int, count: int) -> Iterator[str]:
        if not self._counts[start] >> count & 1:
            return
        if count == 0:
            yield ""
            return
        for end, digits in self._steps[start]:
            yield from (digits + rest for rest in self._from(end, count - 1))


def _pieces_from(parts: Sequence[Part], start: int) -> Iterator[tuple[int, str]]:
    """What can be said in one go from `start`, the shortest first: index after its end, and its digits."""
    first = parts[start]
    if first.kind is Kind.WRITTEN:
        yield start + 1, first.written
    elif first.kind is Kind.REPEAT:
        if start + 1 < len(parts) and parts[start + 1].kind in {Kind.ZERO, Kind.UNIT}:
            yield start + 2, str(parts[start + 1].value) * first.value
    elif not (first.kind in _MULTIPLIERS and start and _can_be_multiplied(parts[start - 1])):
        for end, value in _numbers_from(parts, start):
            yield end, str(value)


def _can_be_multiplied(part: Part) -> bool:
    """Five and thousand are never two numbers."""
    return part.kind in {Kind.UNIT, Kind.TEEN, Kind.TENS, Kind.HUNDREDS, Kind.HUNDRED, Kind.ARTICLE}
