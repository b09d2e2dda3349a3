"""Shares of calls without chance: a call's lot that draws the wanted way at each step."""

from collections.abc import Mapping

from ivr.flow.conditions import LOTS, Share, lot
from ivr.flow.model import Choose, Dialplan

MOST_LOTS = 200_000
"""So many are tried; two shares of one per cent each need some 10,000."""


class NoLot(Exception):
    """No call draws all of these; one sentence."""


def shared_targets(choose: Choose) -> dict[str, frozenset[int]]:
    """From each target that calls are drawn to, to the lots that lead there; {} where there are no shares."""
    shares = [(rule.condition, rule.then) for rule in choose.rules if isinstance(rule.condition, Share)]
    drawn: dict[str, set[int]] = {}
    for number in range(LOTS) if shares else ():
        target = next(
            (then for share, then in shares if share.first <= number < share.first + share.count),
            choose.otherwise,
        )
        drawn.setdefault(target, set()).add(number)
    return {target: frozenset(lots) for target, lots in drawn.items()}


def lot_that_draws(dialplan: Dialplan, wanted: Mapping[str, str]) -> int:
    """A call's lot that leads from each step (a Choose) to its target, as far as shares decide. NoLot."""
    lots = {
        name: shared_targets(step)[target]
        for name, target in wanted.items()
        if isinstance(step := dialplan.steps.get(name), Choose)
    }
    for number in range(MOST_LOTS):
        if all(lot(number, name) in allowed for name, allowed in lots.items()):
            return number
    raise NoLot(f"hardly any call draws {', '.join(wanted)} this way together; draw fewer of them")
