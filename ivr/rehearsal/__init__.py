"""Scenarios in YAML beside a dialplan, played by the server's own interpreter in virtual time.

rehearsal = rehearse(folder, loaded, book)
rehearsal.well, rehearsal.mistakes, rehearsal.results, rehearsal.coverage
"""

from dataclasses import dataclass
from pathlib import Path

from ivr.dialplan.loader import Loaded
from ivr.dialplan.problems import Problem, Report
from ivr.prompt_book import PromptBook
from ivr.rehearsal.coverage import Coverage, coverage
from ivr.rehearsal.playing import Result, play
from ivr.rehearsal.reading import FOLDER, read_scenarios
from ivr.rehearsal.references import References

__all__ = ["FOLDER", "Rehearsal", "Result", "rehearse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    mistakes: tuple[Problem, ...]
    """Of the scenario files, in order of place; while there are any, nothing is played."""
    results: tuple[Result, ...]
    coverage: Coverage

    @property
    def failed(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.failures)

    @property
    def well(self) -> bool:
        """Also where there is no scenario at all."""
        return not self.mistakes and not self.failed


def rehearse(folder: Path, loaded: Loaded, book: PromptBook, region: str = "UA") -> Rehearsal:
    """Play all scenarios of the dialplan in `folder`, which `loaded` is. Never raises on bad content.

    `region`: country of numbers that name none.
    """
    report = Report()
    scenarios = read_scenarios(folder, report)
    references = References(loaded, book.known, report)
    for scenario in scenarios:
        references.check(scenario)
    played = () if report.errors else scenarios
    results = tuple(play(scenario, loaded, book, region) for scenario in played)
    return Rehearsal(
        mistakes=tuple(sorted(set(report.errors))),
        results=results,
        coverage=coverage(loaded, (one for result in results for one in result.walked)),
    )
