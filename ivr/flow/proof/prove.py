"""The proof itself: from every start of every line, and from every question, each kind of caller."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from ivr.flow.model import Dialplan
from ivr.flow.proof.explore import Explorer
from ivr.flow.proof.parts import PROVEN, USUAL, Bounds, CallerKind, Length, Proof, Trap, Worst
from ivr.flow.proof.reach import names_from
from ivr.flow.proof.solver import Solver
from ivr.flow.proof.trial import LineTrial
from ivr.flow.proof.worlds import Moment, moments


def prove(
    dialplan: Dialplan,
    length: Length,
    *,
    now: datetime,
    hears: Collection[str] | None = None,
    bounds: Bounds = USUAL,
    callers: Collection[CallerKind] = PROVEN,
) -> Proof:
    """`hears`: languages that the recogniser understands, None: all; without a recogniser is tried as well.

    `now` (aware; ValueError otherwise) is where the search for moments of open and closed hours begins.
    """
    explorer = Explorer(dialplan, length)
    languages = {language for line in dialplan.lines.values() for language in line.languages}
    heard = languages if hears is None else hears
    times = moments(tuple(dialplan.hours.values()), now)
    worst: list[Worst] = []
    traps: list[Trap] = []
    solvers: dict[Moment, dict[CallerKind, Solver]] = {}
    for line in dialplan.lines.values():
        trial = LineTrial(explorer, line, bounds)
        for moment in _telling(times, names_from(line, dialplan) & dialplan.hours.keys()):
            if moment not in solvers:
                solvers[moment] = {
                    caller: Solver(caller, explorer, moment, bounds.states) for caller in callers
                }
            trial.at(moment, solvers[moment], heard)
        worst += trial.worst()
        traps += trial.traps.values()
    return Proof(worst=tuple(worst), traps=tuple(traps), states=len(explorer.controls))


def _telling(times: Sequence[Moment], hours: Collection[str]) -> Iterable[Moment]:
    """One moment for each set of these hours that are open at once."""
    return {moment.open & frozenset(hours): moment for moment in reversed(times)}.values()
