"""What the proof that no caller is trapped says of a dialplan, at the places of its files."""

from ivr.dialplan.loader import Loaded
from ivr.dialplan.problems import Problem, Spot
from ivr.flow.proof import Proof, Trap, TrapKind, clock


def problems_of_proof(loaded: Loaded, proof: Proof) -> list[Problem]:
    """An error for each trap, told once for all callers whom it catches alike; a warning for no proof."""
    told: dict[tuple[Spot, TrapKind], Problem] = {}
    for trap in proof.traps:
        spot = _spot(loaded, trap)
        told.setdefault((spot, trap.kind), Problem(spot, _words(loaded, trap)))
    if proof.not_proven:
        text = f"that no caller is trapped is not proven: {proof.not_proven}; fewer questions may be proven"
        return [Problem(min(loaded.line_spots.values()), text, "warning")]
    return sorted(told.values())


def _spot(loaded: Loaded, trap: Trap) -> Spot:
    """Of the circle, else of the first step of the path."""
    waiting = (event.step for event in trap.path.events)
    steps = _circle(loaded, trap) or tuple(step for step in waiting if step in loaded.spots)
    return loaded.spots[steps[0]] if steps else loaded.line_spots[trap.line]


def _circle(loaded: Loaded, trap: Trap) -> tuple[str, ...]:
    """From the step that comes first in the files."""
    if not trap.circle:
        return ()
    first = min(trap.circle, key=lambda step: loaded.spots[step])
    at = trap.circle.index(first)
    return (*trap.circle[at:], *trap.circle[:at])


def _words(loaded: Loaded, trap: Trap) -> str:
    who = f"{trap.caller.words} of the line '{trap.line}'"
    match trap.kind:
        case TrapKind.CIRCLE:
            circle = _circle(loaded, trap)
            way = " → ".join([*circle, circle[0]])
            return f"{who} is led round and round: {way}; lead one of these to a person or a goodbye"
        case TrapKind.CUT_OFF:
            limit = loaded.dialplan.lines[trap.line].limits.steps
            return (
                f"{who} needs more steps to a person or a goodbye than the limit of {limit}; "
                "shorten the way, or raise `steps` in `limits`"
            )
        case TrapKind.TOO_LONG:
            return (
                f"{who} hears no person and no goodbye for {clock(trap.path.seconds)} minutes, at most "
                f"{clock(trap.allowed)} are allowed; shorten the prompts, ask less often, or let a miss lead "
                "to a person sooner"
            )
