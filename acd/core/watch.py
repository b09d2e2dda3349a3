"""The watch over a free operator beside a waiting caller: impossible by construction, looked for anyway.

The watch trusts the state, not the look-ups: while somebody waits it walks all operators once in
`idle_pair_for` seconds, a few at a time, and compares the number of waiting calls with the index. What it
finds it repairs.
"""

from acd.core import facts as f
from acd.core.desk import WATCH_SLICE, Desk
from acd.core.routing import route
from acd.core.state import Operator


def next_watch(desk: Desk) -> float | None:
    """When to look again: on a fixed grid of moments, so that a restored centre looks at the same ones."""
    if not desk.state.waiting:
        return None
    turn = desk.at // desk.watch_for + 1
    while turn * desk.watch_for <= desk.at:  # rounding must not name the moment that has come already
        turn += 1
    return turn * desk.watch_for


def watch(desk: Desk) -> None:
    """Look at the slices whose turn has come since the last event."""
    now = int(desk.at // desk.watch_for)
    turns, desk.watched = min(now - desk.watched, desk.watch_slices), now
    if turns <= 0 or not desk.state.waiting:
        return
    if desk.state.waiting != desk.index.waiting:
        _mend(desk)
        return
    for turn in range(now - turns + 1, now + 1):
        if any(_stands_idle(desk, operator) for operator in _slice(desk, turn % desk.watch_slices)):
            _mend(desk)
            return


def _slice(desk: Desk, which: int) -> list[Operator]:
    ids = desk.operator_ids[which * WATCH_SLICE : (which + 1) * WATCH_SLICE]
    return [desk.state.operators[i] for i in ids if i in desk.state.operators]


def _stands_idle(desk: Desk, operator: Operator) -> bool:
    return operator.ready and desk.index.best_call(operator.id) is not None


def _mend(desk: Desk) -> None:
    """Make the look-ups anew, say whom they had overlooked, and route."""
    desk.rebuild()
    for operator in desk.state.operators.values():
        best = desk.index.best_call(operator.id) if operator.ready else None
        if best is not None:
            call = desk.state.calls[best[3]]
            stood_for = desk.at - max(operator.free_at, call.open_at)
            desk.say(f.IdlePairFound(at=desk.at, call=call.id, operator=operator.id, stood_for=stood_for))
    route(desk)
