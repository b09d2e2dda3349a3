"""`dzvin check` and `dzvin publish`: every mistake of a folder, and the proof that it traps no caller."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.config import Settings
from ivr.dialplan.loader import load
from ivr.dialplan.problems import Problem
from ivr.dialplan.traps import problems_of_proof
from ivr.flow.proof import SERVICE_SAYS, CallerKind, Figures, Proof, Worst, as_transcript, clock, prove
from ivr.flow.said import Said
from ivr.prompt_book import PromptBook
from ivr.prompt_folders import own_prompts
from ivr.vocabulary import problems_of

SERVICE_SAYS_FOR = 10.0
"""Seconds that the words of a web service are taken to last."""


@dataclass(frozen=True, slots=True)
class Checked:
    problems: tuple[Problem, ...]
    """In order of place."""
    proof: Proof | None
    """None: there are mistakes that come before."""

    @property
    def mistakes(self) -> int:
        return sum(problem.severity == "error" for problem in self.problems)


def check_folder(folder: Path, settings: Settings) -> Checked:
    """Never raises on bad content."""
    problems = problems_of(folder, settings)
    if any(problem.severity == "error" for problem in problems):
        return Checked(tuple(problems), None)
    loaded = load(folder, web_address=settings.web_address)
    book = PromptBook(settings.prompts, loaded.media.languages, own=own_prompts(folder))

    def length(said: Said, language: str) -> float:
        return SERVICE_SAYS_FOR if said == SERVICE_SAYS else book.seconds(said, language)

    proof = prove(loaded.dialplan, length, now=datetime.now(ZoneInfo(loaded.time_zone)))
    return Checked(tuple(sorted({*problems, *problems_of_proof(loaded, proof)})), proof)


def traps_of(proof: Proof) -> Iterator[str]:
    """The way into each trap, as a transcript with times."""
    for trap in proof.traps:
        yield f"{trap.caller.words} of the line '{trap.line}':"
        if trap.before is not None:
            yield as_transcript(trap.before)
            yield "  and from here:"
        yield as_transcript(trap.path)


def table_of(proof: Proof) -> Iterator[str]:
    """The worst of each kind of caller over all lines."""
    if not proof.holds:
        return
    yield "To a person, a message or a goodbye at the latest, in minutes and steps:"
    for caller in CallerKind:
        mine = [worst for worst in proof.worst if worst.caller is caller]
        start = _figures("from the start", [(one, one.start) for one in mine])
        later = _figures("from any later point", [(one, one.later) for one in mine])
        yield f"  {caller.value:<10} {start}{later}".rstrip()


def _figures(where: str, found: list[tuple[Worst, Figures | None]]) -> str:
    known = [(figures.seconds, figures.steps, worst.line) for worst, figures in found if figures is not None]
    if not known:
        return ""
    seconds, _, line = max(known)
    steps = max(number for _, number, _ in known)
    return f"{where} {clock(seconds)}, {steps} steps ({line})   "


def worst_paths(proof: Proof) -> Iterator[str]:
    """The longest path of each kind of caller, as a transcript with times."""
    for caller in CallerKind:
        found = [
            (figures, worst.line)
            for worst in proof.worst
            if worst.caller is caller
            for figures in (worst.start, worst.later)
            if figures is not None
        ]
        if found:
            figures, line = max(found, key=lambda one: one[0].seconds)
            yield f"{caller.words} of the line '{line}', {clock(figures.seconds)}:"
            yield as_transcript(figures.path)
