"""`dzvin rehearse`: the scenarios of a dialplan are played, and what went wrong is told."""

import time
from pathlib import Path

from rich.console import Console

from ivr.config import Settings
from ivr.dialplan.loader import Loaded, load
from ivr.dialplan.problems import DialplanErrors
from ivr.errors import Plain
from ivr.prompt_book import PromptBook
from ivr.prompt_folders import own_prompts
from ivr.rehearsal import FOLDER, Rehearsal, Result, rehearse
from ivr.rehearsal.junit import junit
from ivr.terminal.rehearsal import CoverageRow, coverage_table, print_failure, summary
from ivr.terminal.trial import plain_line


def rehearse_folder(
    settings: Settings,
    folder: Path | None,
    report: Path | None,
    show_coverage: bool,
    console: Console | None = None,
) -> int:
    """Exit status: 1 if a scenario failed or cannot be read.

    Plain: the dialplan has mistakes, there is no scenario, or the report cannot be written.
    """
    place = folder or settings.dialplans
    console = console or Console(highlight=False)
    loaded = _read(place, settings)
    book = PromptBook(settings.prompts, loaded.media.languages, own=own_prompts(place))
    began = time.perf_counter()
    rehearsal = rehearse(place, loaded, book, settings.number_region)
    took = time.perf_counter() - began
    if report is not None:
        _write(report, rehearsal, book, took)
    if not rehearsal.results and not rehearsal.mistakes:
        raise Plain(f"{place / FOLDER} holds no scenario; dialplans/README.md tells how to write one.")
    _tell(rehearsal, book, console, took)
    if show_coverage and rehearsal.results:
        console.print(coverage_table(_rows(rehearsal)))
    return 0 if rehearsal.well else 1


def _read(folder: Path, settings: Settings) -> Loaded:
    try:
        return load(folder, web_address=settings.web_address)
    except DialplanErrors as mistakes:
        raise Plain(f"the dialplan in {folder} has mistakes:\n{mistakes}") from None


def _tell(rehearsal: Rehearsal, book: PromptBook, console: Console, took: float) -> None:
    for mistake in rehearsal.mistakes:
        console.print(str(mistake), markup=False, soft_wrap=True)
    for result in rehearsal.failed:
        texts = [str(failure) for failure in result.failures]
        print_failure(result.scenario.id, texts, _transcript(result, book), console)
    mistakes, failed = len(rehearsal.mistakes), len(rehearsal.failed)
    console.print(
        summary(len(rehearsal.results), failed, mistakes, took, _shares(rehearsal)),
        soft_wrap=True,
    )


def _shares(rehearsal: Rehearsal) -> dict[str, tuple[int, int]]:
    return {"steps": rehearsal.coverage.steps, "ways": rehearsal.coverage.ways}


def _rows(rehearsal: Rehearsal) -> list[CoverageRow]:
    return [
        CoverageRow(
            place.name, place.walked, len(place.ways) - len(place.missing), len(place.ways), place.missing
        )
        for place in rehearsal.coverage.places
        if place.missing or not place.walked
    ]


def _transcript(result: Result, book: PromptBook) -> list[str]:
    return [plain_line(moment, book.words) for moment in result.moments]


def _write(path: Path, rehearsal: Rehearsal, book: PromptBook, took: float) -> None:
    texts = ["\n".join(_transcript(result, book)) for result in rehearsal.results]
    document = junit(rehearsal.results, rehearsal.mistakes, texts, took)
    try:
        path.write_bytes(document)
    except OSError as error:
        raise Plain(f"{path} cannot be written: {error.strerror}.") from None
