"""The proof against trying every call: on small dialplans both find the same traps, seconds and steps."""

from collections import Counter

import pytest

from ivr.flow import walk
from tests.proof_comparison import SHORT_GRACE, by_proof, differences
from tests.random_dialplans import random_dialplan


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "GRACE_STEPS", SHORT_GRACE)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, 450, 150))
def test_the_proof_finds_what_trying_every_call_finds(first: int) -> None:
    told, compared = differences(range(first, first + 150), most_steps=2, most_sessions=60)
    assert told == []
    assert compared > 45


@pytest.mark.timeout(600)
def test_also_of_larger_dialplans() -> None:
    told, compared = differences(range(5000, 5030), most_steps=4, most_sessions=120)
    assert told == []
    assert compared > 7


def test_the_limit_of_steps_is_met_by_an_answer_beside_a_fault_that_takes_the_last_chance() -> None:
    """The fault of the recogniser comes first, and is not cut off."""
    assert differences([5687], most_steps=2, most_sessions=60) == ([], 1)


def test_of_the_dialplans_tried_some_trap_and_some_do_not() -> None:
    """Else the comparison would say little."""
    answers = Counter(
        "cut off" if answer == "cut off" else answer[-1]
        for seed in range(60)
        for answer in by_proof(random_dialplan(seed, 3)).values()
    )
    assert min(answers["cut off"], answers[True], answers[False]) > 5
