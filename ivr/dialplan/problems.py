"""Mistakes in the files of a dialplan, told so that their author can mend them."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

SHOWN_LENGTH = 40
MAX_CANDIDATES = 60


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A place in a file. Line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    spot: Spot
    text: str
    """What is wrong; what would be right."""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = f"{_printable(self.spot.file)}:{self.spot.line}:{self.spot.column}"
        return f"{where}: {'warning: ' if self.severity == 'warning' else ''}{self.text}"


class DialplanErrors(Exception):
    """The files do not make a dialplan. `problems` holds every mistake of every file, in order of place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Report:
    """Collects problems while the files are read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def error(self, spot: Spot, text: str) -> None:
        self.problems.append(Problem(spot, text))

    def warn(self, spot: Spot, text: str) -> None:
        self.problems.append(Problem(spot, text, "warning"))

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        return sorted({problem for problem in self.problems if problem.severity == "warning"})


def shown(value: object) -> str:
    """The value in quotes, short and without control characters, for a message."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a group of keys"
        case list():
            return "a list" if value else "an empty list"
        case bool():
            return f"'{str(value).lower()}'"
    text = _printable(str(value))
    return f"'{text[: SHOWN_LENGTH - 1]}…'" if len(text) > SHOWN_LENGTH else f"'{text}'"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def advice(name: str, known: Iterable[str]) -> str:
    """'; did you mean …?' when a known name is near, else the known names, else nothing."""
    names = set(known)
    near = difflib.get_close_matches(name[:SHOWN_LENGTH], _candidates(name, names), n=1, cutoff=0.6)
    if near:
        return f"; did you mean {shown(near[0])}?"
    if not names:
        return ""
    more = ", …" if len(names) > 8 else ""
    return f"; known: {', '.join(sorted(names)[:8])}{more}"


def _candidates(name: str, names: set[str]) -> list[str]:
    """Few enough to compare letter by letter, however large the files are."""
    if len(names) <= MAX_CANDIDATES:
        return sorted(names)
    alike = [known for known in names if known[:1] == name[:1] and abs(len(known) - len(name)) <= 2]
    return sorted(alike)[:MAX_CANDIDATES]
