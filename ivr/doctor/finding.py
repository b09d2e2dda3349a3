"""What one check of the doctor says."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    OK = "ok"
    WARN = "warn"
    """Calls are served, but something is worse than it could be."""
    FAIL = "fail"
    """Calls are not served until this is mended."""


@dataclass(frozen=True, slots=True)
class Finding:
    mark: Mark
    area: str
    """What was looked at, one or two words."""
    what: str
    """What was found."""
    mend: str = ""
    """What to do about it; '' if nothing."""


def ok(area: str, what: str) -> Finding:
    return Finding(Mark.OK, area, what)


def warn(area: str, what: str, mend: str) -> Finding:
    return Finding(Mark.WARN, area, what, mend)


def fail(area: str, what: str, mend: str) -> Finding:
    return Finding(Mark.FAIL, area, what, mend)


def has_failures(findings: Iterable[Finding]) -> bool:
    return any(finding.mark is Mark.FAIL for finding in findings)
