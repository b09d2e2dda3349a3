"""The proof against brute force: on thousands of small dialplans both find the same seconds and steps."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.flow import walk
from ivr.flow.model import Dialplan
from ivr.flow.proof import PROVEN, SERVICE_SAYS, Bounds, CallerKind, TrapKind, prove
from ivr.flow.said import Digits, Said
from tests.every_call import EveryCall, Found, TooManyCalls, after_right_answers, telling_moments
from tests.random_dialplans import random_dialplan

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv"))
ALLOWED = 45.0
BOUNDS = Bounds(silent=ALLOWED, wrong_key=ALLOWED, mixed=ALLOWED, seeking=ALLOWED)
LENGTHS = {"p": 1.5, "q": 2.25, "goodbye": 1.0, SERVICE_SAYS: 3.5}
Answer = dict[tuple[str, str, str], tuple[float, int, float, int, float]]


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps after the last chance keep the calls few that brute force tries."""
    monkeypatch.setattr(walk, "GRACE_STEPS", 2)


def length(language: str, said: Said) -> float:
    """In halves and quarters, whose sums are exact."""
    if isinstance(said, Digits):
        return 0.5 * len(said.digits)
    return LENGTHS.get(said, 0.75) * (2 if language == "en" else 1) if isinstance(said, str) else 1.25


def by_proof(dialplan: Dialplan, callers: tuple[CallerKind, ...]) -> tuple[Answer, set[tuple[str, str]]]:
    proof = prove(dialplan, length, now=NOW, bounds=BOUNDS, callers=callers)
    answer: Answer = {}
    for worst in proof.worst:
        if worst.helped is not None and worst.ended is not None:
            answer[worst.line, worst.language, worst.caller] = (
                worst.helped.seconds, worst.helped.steps, worst.ended.seconds, worst.ended.steps,
                worst.later.seconds if worst.later else -1,
            )  # fmt: skip
            for figures in (worst.helped, worst.ended, worst.later):
                assert figures is None or figures.path.seconds == figures.seconds
    assert {trap.kind for trap in proof.traps} <= {TrapKind.TOO_LONG, TrapKind.CIRCLE}
    assert proof.holds == (not proof.traps)
    return answer, {(trap.line, trap.caller) for trap in proof.traps}


def by_force(dialplan: Dialplan, callers: tuple[CallerKind, ...]) -> tuple[Answer, set[tuple[str, str]]]:
    starts: dict[tuple[str, str, str], list[Found]] = {}
    later: dict[tuple[str, str, str], list[Found]] = {}
    deaf: set[tuple[str, str]] = set()
    calls = EveryCall(dialplan, length, telling_moments(dialplan, NOW))
    for line in dialplan.lines.values():
        beginnings = [
            (before, done)
            for remembered in (None, *line.languages)
            for before, done in calls.starts(line.id, remembered)
        ]
        for caller in callers:
            for before, done in beginnings:
                found = calls.after(caller, before, done)
                starts.setdefault((line.id, before.language, caller), []).append(found)
        questions, cut_off = after_right_answers(calls, [done for _, done in beginnings])
        deaf |= {(line.id, CallerKind.WANDERING)} if cut_off else set()
        for done in questions:
            for caller in PROVEN:
                found = calls.after(caller, done.session, done)
                later.setdefault((line.id, done.session.language, caller), []).append(found)
    return _worst(starts, later), _trapping(starts, later) | deaf


def _worst(
    starts: dict[tuple[str, str, str], list[Found]], later: dict[tuple[str, str, str], list[Found]]
) -> Answer:
    return {
        key: (
            max(one.helped for one in found),
            max(one.helped_steps for one in found),
            max(one.ended for one in found),
            max(one.ended_steps for one in found),
            max((one.helped for one in later.get(key, ())), default=-1),
        )
        for key, found in starts.items()
    }


def _trapping(*all_found: dict[tuple[str, str, str], list[Found]]) -> set[tuple[str, str]]:
    return {
        (line, caller)
        for found in all_found
        for (line, _, caller), ones in found.items()
        if caller != CallerKind.WANDERING and any(one.cut_off or one.helped > ALLOWED for one in ones)
    }


def differences(seeds: range, callers: tuple[CallerKind, ...], most_steps: int = 4) -> tuple[list[str], int]:
    """Told for people, and how many dialplans were compared."""
    told, compared = [], 0
    for seed in seeds:
        dialplan = random_dialplan(seed, most_steps)
        try:
            forced = by_force(dialplan, callers)
        except TooManyCalls:
            continue
        proven = by_proof(dialplan, callers)
        compared += 1
        if proven != forced:
            keys = proven[0].keys() | forced[0].keys()
            pairs = {key: (proven[0].get(key), forced[0].get(key)) for key in keys}
            wrong = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
            told.append(f"seed {seed}: {wrong}; traps {proven[1]} and {forced[1]}")
    return told, compared


@pytest.mark.parametrize("start", range(0, 4000, 500))
def test_the_proof_finds_what_trying_every_call_finds(start: int) -> None:
    told, compared = differences(range(start, start + 500), PROVEN)
    assert told == []
    assert compared > 200


def test_also_for_callers_who_give_every_answer() -> None:
    told, compared = differences(range(5000, 5060), tuple(CallerKind), most_steps=2)
    assert told == []
    assert compared > 20


def test_of_the_dialplans_tried_some_trap_and_some_do_not() -> None:
    """Else the comparison would say little."""
    trapped = Counter(bool(by_proof(random_dialplan(seed), PROVEN)[1]) for seed in range(150))
    assert min(trapped[True], trapped[False]) > 20
