"""The proof itself: from every start of every line, and from every question, each kind of caller."""

from collections.abc import Collection
from datetime import datetime

from ivr.flow.model import Dialplan, Language
from ivr.flow.proof.explore import Explorer
from ivr.flow.proof.parts import PROVEN, USUAL, Bounds, CallerKind, Length, Proof, Trap, Worst
from ivr.flow.proof.solver import Solver
from ivr.flow.proof.trial import LineTrial


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

    From `now` (aware) on it is looked for hours that are open at the same time.
    """
    explorer = Explorer(dialplan, length, now)
    heard = _languages(dialplan) if hears is None else hears
    solvers = {caller: Solver(caller, explorer, bounds.states) for caller in callers}
    worst: list[Worst] = []
    traps: list[Trap] = []
    for line in dialplan.lines.values():
        trial = LineTrial(explorer, line, bounds)
        trial.run(solvers, heard, now)
        worst += trial.worst()
        traps += trial.traps.values()
    return Proof(worst=tuple(worst), traps=tuple(traps), states=len(explorer.controls))


def _languages(dialplan: Dialplan) -> set[str]:
    spoken = {step.language for step in dialplan.steps.values() if isinstance(step, Language)}
    return spoken.union(*(line.languages for line in dialplan.lines.values()))
