"""Is a version on trial clearly worse than the live one? Pure: calls that ended come in, a verdict comes out.

Three rates are compared, each a share of the calls that ended since the trial began: calls with an error
(a web hook or an action failed, a fault of ours), calls with an answer that led nowhere (silent, wrong key,
not understood), and calls that were given up (the caller hung up while the dialogue waited for an answer or
for an operator).

The test is Fisher's exact one (R. A. Fisher, 1935; the hypergeometric distribution of both kinds of calls),
one-sided: the chance that so many of the marked calls fell to the trial if both versions were the same. The
usual two-proportion z-test is wrong where it matters here, for some twenty calls and rates near zero: 2
errors in 30 calls against 0 in 570 are z = 6.2, "one in a thousand million", while the exact chance is one
in 400.

Looking after every call would sooner or later find any version worse by chance. So it is looked at when 10,
20, 40, 80, … calls by the trial have ended: three rates at ten looks (5,000 calls) with CHANCE each are a
false alarm in at most three of a hundred trials. A version that fails every call is caught at the tenth.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from math import exp, lgamma

from ivr.versions.records import Canary

LEAST_CALLS = 10
"""Of each of the two versions, before anything is said."""
CHANCE = 0.001
"""A difference is clear if chance alone makes it this rarely."""
MARGIN = 0.05
"""And if the rates are at least so far apart: among very many calls any difference is a clear one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one call."""

    error: bool = False
    no_match: bool = False
    abandoned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Calls that ended, and how many of them were marked."""

    calls: int = 0
    error: int = 0
    no_match: int = 0
    abandoned: int = 0

    def plus(self, one: Outcome) -> "Tally":
        return Tally(
            calls=self.calls + 1,
            error=self.error + one.error,
            no_match=self.no_match + one.no_match,
            abandoned=self.abandoned + one.abandoned,
        )


RATES = {
    "error": "calls with an error",
    "no_match": "calls with an answer that led nowhere",
    "abandoned": "calls that were given up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Worse:
    """The first rate that is clearly worse."""

    rate: str
    tried: tuple[int, int]
    """Marked calls, of so many calls."""
    live: tuple[int, int]
    chance: float

    def __str__(self) -> str:
        (bad, calls), (live_bad, live_calls) = self.tried, self.live
        return f"{RATES[self.rate]}: {bad} of {calls}, on the live version {live_bad} of {live_calls}"


@dataclass(slots=True)
class Comparison:
    """Of the calls since a trial began."""

    tried: Tally = field(default_factory=Tally)
    live: Tally = field(default_factory=Tally)
    _next_look: int = LEAST_CALLS

    def add(self, one: Outcome, *, on_trial: bool) -> Worse | None:
        """Count a call that ended, and look if it is time to."""
        if on_trial:
            self.tried = self.tried.plus(one)
        else:
            self.live = self.live.plus(one)
        if self.tried.calls < self._next_look or self.live.calls < LEAST_CALLS:
            return None
        while self._next_look <= self.tried.calls:
            self._next_look *= 2
        return worse(self.tried, self.live)


def worse(tried: Tally, live: Tally) -> Worse | None:
    """The first rate by which `tried` is clearly worse; None: none, or too few calls to say."""
    if min(tried.calls, live.calls) < LEAST_CALLS:
        return None
    for rate in RATES:
        bad, live_bad = getattr(tried, rate), getattr(live, rate)
        if bad / tried.calls < live_bad / live.calls + MARGIN:
            continue
        chance = at_least(bad, tried.calls, live_bad, live.calls)
        if chance < CHANCE:
            return Worse(rate=rate, tried=(bad, tried.calls), live=(live_bad, live.calls), chance=chance)
    return None


def at_least(bad: int, calls: int, other_bad: int, other_calls: int) -> float:
    """Chance that of all the marked calls `bad` or more fall to the first group, were both alike."""
    marked, total = bad + other_bad, calls + other_calls
    most = min(marked, calls)
    if bad <= max(0, marked - other_calls):
        return 1.0
    term = _first_term(bad, marked, calls, total)
    chance = 0.0
    for taken in range(bad, most + 1):
        chance += term
        rest = (taken + 1) * (total - marked - calls + taken + 1)
        term *= (marked - taken) * (calls - taken) / rest if rest else 0.0
    return min(1.0, chance)


def _first_term(bad: int, marked: int, calls: int, total: int) -> float:
    """C(marked, bad) * C(total - marked, calls - bad) / C(total, calls), by logarithms."""

    def log_choose(n: int, k: int) -> float:
        return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)

    return exp(log_choose(marked, bad) + log_choose(total - marked, calls - bad) - log_choose(total, calls))


def passed(canary: Canary, tried: Tally, now: float) -> bool:
    """Whether the trial has lasted as long as was asked for, and was tried enough to go live by itself."""
    if tried.calls < LEAST_CALLS:
        return False
    enough_calls = canary.finish_calls is not None and tried.calls >= canary.finish_calls
    return enough_calls or (canary.finish_at is not None and now >= canary.finish_at)


def takes(canary: Canary, call: str) -> bool:
    """Whether this call goes by the version on trial: always the same answer for the same call.

    The draw has nothing to do with how the dialplan itself shares calls out.
    """
    drawn = int.from_bytes(blake2b(f"{canary.number}/{call}".encode(), digest_size=8).digest())
    return drawn < canary.share * 2**64
