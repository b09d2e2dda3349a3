"""The proof against trying every call: `python -m tests.proof_comparison 20000` compares so many dialplans.

Further numbers: the most steps of one, the most sessions of one (a dialplan with more is left out), the first
seed.
"""

import sys
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr.flow import walk
from ivr.flow.model import Dialplan
from ivr.flow.proof import SERVICE_SAYS, Bounds, CallerKind, Trap, TrapKind, prove
from ivr.flow.said import Digits, Recording, Said
from tests.every_call import EveryCall, TooManyCalls, cuts, worst_of
from tests.random_dialplans import random_dialplan

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv"))
ALLOWED = 45.0
BOUNDS = Bounds(silent=ALLOWED, wrong_key=ALLOWED, mixed=ALLOWED, seeking=ALLOWED, states=20_000)
LENGTHS = {"p": 1.5, "q": 2.25, "goodbye": 1.0, SERVICE_SAYS: 3.5}
SHORT_GRACE = 2
"""Few steps after the last chance keep the calls few that are tried."""
Answer = dict[tuple[str, str], Any]


def length(said: Said, language: str) -> float:
    """In halves and quarters, whose sums are exact."""
    if isinstance(said, Recording):
        return 0.0
    if isinstance(said, Digits):
        return 0.5 * len(said.digits)
    if not isinstance(said, str):
        return 1.25
    if said.startswith("said "):
        return 0.5 * int(said.removeprefix("said "))
    return LENGTHS.get(said, 0.75) * (2 if language == "en" else 1)


def by_proof(dialplan: Dialplan) -> Answer:
    """By line and caller: 'cut off', or the figures of the start and of later, and whether it is too long."""
    proof = prove(dialplan, length, now=NOW, bounds=BOUNDS, hears=("uk", "en"), exactly=True)
    quick = prove(dialplan, length, now=NOW, bounds=BOUNDS, hears=("uk", "en"))
    assert (proof.not_proven, quick.not_proven) == ("", "")
    assert {*map(_who, quick.traps)} == {*map(_who, proof.traps)}
    kinds = {(trap.line, trap.caller.value): trap.kind for trap in proof.traps}
    answer: Answer = {}
    for worst in proof.worst:
        key = (worst.line, worst.caller.value)
        kind = kinds.get(key)
        figures = [(one.seconds, one.steps) if one else None for one in (worst.start, worst.later)]
        cut_off = kind in (TrapKind.CIRCLE, TrapKind.CUT_OFF)
        answer[key] = "cut off" if cut_off else (*figures, kind is TrapKind.TOO_LONG)
        for one in (worst.start, worst.later):
            assert one is None or one.path.seconds == one.seconds, "the path is the one of the figures"
    return answer


def _who(trap: Trap) -> tuple[str, str]:
    return trap.line, trap.caller


def by_force(dialplan: Dialplan, most: int) -> Answer:
    """Likewise. TooManyCalls."""
    calls = EveryCall(dialplan, length, NOW, most)
    answer: Answer = {}
    for line in dialplan.lines:
        firsts, later = calls.beginnings(line)
        for caller in CallerKind:
            at_start = [calls.after(caller, before, done) for before, done in firsts]
            after = [calls.after(caller, before, done) for before, done, _ in later]
            cut_off = any(one.cut_off for one in (*at_start, *after))
            cut_off |= any(cuts(done) for _, done in firsts)
            cut_off |= any(cuts(done) > expected for _, done, expected in later)
            figures = (worst_of(at_start), worst_of(after))
            too_long = any(one[0] > ALLOWED for one in figures if one is not None)
            answer[line, caller.value] = "cut off" if cut_off else (*figures, too_long)
    return answer


def differences(seeds: Iterable[int], most_steps: int, most_sessions: int) -> tuple[list[str], int]:
    """Told for people, and how many dialplans were compared."""
    told, compared = [], 0
    for seed in seeds:
        dialplan = random_dialplan(seed, most_steps)
        try:
            forced = by_force(dialplan, most_sessions)
        except TooManyCalls:
            continue
        proven = by_proof(dialplan)
        compared += 1
        told += [
            f"seed {seed}, {key}: proven {proven.get(key)}, tried {forced[key]}"
            for key in forced
            if proven.get(key) != forced[key]
        ]
    return told, compared


def main(seeds: int, most_steps: int = 4, most_sessions: int = 600, first: int = 0) -> int:
    walk.GRACE_STEPS = SHORT_GRACE
    began_at = time.monotonic()
    told, compared = differences(range(first, first + seeds), most_steps, most_sessions)
    print(*told, sep="\n")
    print(f"{compared} dialplans compared, {len(told)} differences, {time.monotonic() - began_at:.0f} s")
    return 1 if told else 0


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
