"""Every mistake and every doubt about a folder, for the command line and the editor."""

from pathlib import Path

from ivr.dialplan.loader import Prompts, read
from ivr.dialplan.problems import Problem, Report


def check(folder: Path, prompts: Prompts = None, *, web_address: str = "") -> list[Problem]:
    """In order of place: all errors; without errors, all warnings; [] when all is well.

    `web_address` as in `load`. Warnings beside errors would mostly be their echo. Never raises on bad
    content.
    """
    report = Report()
    read(folder, prompts, report, web_address=web_address)
    return sorted(set(report.errors)) or report.warnings
