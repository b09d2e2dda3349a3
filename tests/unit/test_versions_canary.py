"""Is a version on trial clearly worse? Figures by hand, and thousands of trials in virtual time."""

import random
from math import comb

import pytest

from ivr.versions.canary import (
    CHANCE,
    LEAST_CALLS,
    Comparison,
    Outcome,
    Tally,
    Worse,
    at_least,
    passed,
    takes,
    worse,
)
from ivr.versions.records import Canary

FINE, BAD = Outcome(), Outcome(error=True)


def exactly(bad: int, calls: int, other_bad: int, other_calls: int) -> float:
    marked, total = bad + other_bad, calls + other_calls
    ways = sum(
        comb(marked, taken) * comb(total - marked, calls - taken)
        for taken in range(bad, min(marked, calls) + 1)
        if calls - taken <= total - marked
    )
    return ways / comb(total, calls)


def test_the_chance_is_that_of_the_hypergeometric_distribution() -> None:
    for calls in (1, 3, 12):
        for other in (1, 5, 20):
            for bad in range(calls + 1):
                for other_bad in range(other + 1):
                    found = at_least(bad, calls, other_bad, other)
                    assert found == pytest.approx(exactly(bad, calls, other_bad, other), rel=1e-9, abs=1e-12)


def test_the_figures_of_the_docstring() -> None:
    assert at_least(2, 30, 0, 570) == pytest.approx(1 / 413, rel=0.01)


def test_a_hundred_thousand_calls_are_judged_too() -> None:
    assert at_least(3000, 5000, 1000, 95_000) < 1e-100
    assert at_least(50, 5000, 950, 95_000) == pytest.approx(0.53, abs=0.05)


def test_few_calls_say_nothing() -> None:
    bad = Tally(calls=LEAST_CALLS - 1, error=LEAST_CALLS - 1)
    assert worse(bad, Tally(calls=1000)) is None
    assert worse(Tally(calls=1000, error=1000), Tally(calls=LEAST_CALLS - 1)) is None


def test_a_version_that_fails_every_call_is_caught_at_the_tenth() -> None:
    comparison, found = Comparison(), None
    for _ in range(190):
        assert comparison.add(FINE, on_trial=False) is None
    for call in range(1, 11):
        found = comparison.add(BAD, on_trial=True)
        assert (found is not None) == (call == 10)
    assert str(found) == "calls with an error: 10 of 10, on the live version 0 of 190"


@pytest.mark.parametrize("rate", ["error", "no_match", "abandoned"])
def test_each_rate_counts(rate: str) -> None:
    tried = Tally(calls=100, **{rate: 40})
    live = Tally(calls=1900, **{rate: 190})
    found = worse(tried, live)
    assert isinstance(found, Worse)
    assert found.rate == rate
    assert found.chance < CHANCE
    assert worse(Tally(calls=100, **{rate: 12}), live) is None


def test_a_clear_difference_that_nobody_would_notice_is_none() -> None:
    assert at_least(4000, 100_000, 3000, 100_000) < CHANCE
    assert worse(Tally(calls=100_000, error=4000), Tally(calls=100_000, error=3000)) is None


def test_a_better_version_is_never_worse() -> None:
    assert worse(Tally(calls=500), Tally(calls=500, error=400, no_match=500, abandoned=300)) is None


def trial(dice: random.Random, live: float, tried: float, share: float, calls: int) -> int | None:
    """After how many calls of its own a version was called worse."""
    comparison = Comparison()
    for _ in range(calls):
        on_trial = dice.random() < share
        chance = tried if on_trial else live
        marks = [dice.random() < chance for _ in range(3)]
        one = Outcome(error=marks[0], no_match=marks[1], abandoned=marks[2])
        if comparison.add(one, on_trial=on_trial) is not None:
            return comparison.tried.calls
    return None


def test_equal_versions_are_rarely_called_worse_and_bad_ones_always() -> None:
    dice = random.Random(7)
    false_alarms = sum(trial(dice, 0.1, 0.1, 0.05, 4000) is not None for _ in range(150))
    assert false_alarms <= 6  # three of a hundred at most are expected
    caught = [trial(dice, 0.1, 0.5, 0.05, 4000) for _ in range(40)]
    assert None not in caught
    assert sorted(found or 0 for found in caught)[20] <= 40


def test_the_draw_is_the_share_and_the_same_for_a_call_that_comes_back() -> None:
    canary = Canary(number=8, share=0.05, since=0.0)
    drawn = [takes(canary, f"1798761234.{call}") for call in range(20_000)]
    assert 0.045 < sum(drawn) / len(drawn) < 0.055
    assert drawn == [takes(canary, f"1798761234.{call}") for call in range(20_000)]
    other = [takes(Canary(number=9, share=0.05, since=0.0), f"1798761234.{call}") for call in range(20_000)]
    both = sum(a and b for a, b in zip(drawn, other, strict=True))
    assert both < 100  # 50 by chance: the next trial falls on other callers


def test_a_trial_ends_well_after_its_calls_or_its_time_but_not_untried() -> None:
    by_calls = Canary(number=2, share=0.1, since=0.0, finish_calls=50)
    assert not passed(by_calls, Tally(calls=49), now=1e9)
    assert passed(by_calls, Tally(calls=50), now=0.0)
    by_time = Canary(number=2, share=0.1, since=0.0, finish_at=3600.0)
    assert not passed(by_time, Tally(calls=10), now=3599.0)
    assert passed(by_time, Tally(calls=10), now=3600.0)
    assert not passed(by_time, Tally(calls=LEAST_CALLS - 1), now=1e9)
    assert not passed(Canary(number=2, share=0.1, since=0.0), Tally(calls=10_000), now=1e9)
