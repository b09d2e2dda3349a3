"""Every mistake and every doubt about a folder, for the command line and the editor."""

from pathlib import Path

from ivr.dialplan.loader import read
from ivr.dialplan.problems import Problem, Report


def check(folder: Path, prompts: Path | None = None) -> list[Problem]:
    """In order of place: all errors; without errors, all warnings; [] when all is well.

    Warnings beside errors would mostly be their echo. Never raises on bad content.
    """
    report = Report()
    read(folder, prompts, report)
    return sorted(set(report.errors)) or report.warnings
