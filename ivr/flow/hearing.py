"""How a dialogue listens: to which words and keys, and what becomes of a caller who is not understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ANY_DIGIT = "X"
AFTER_NUMBERS = 1.0
"""Seconds of silence that end a number: people pause between its groups."""
AFTER_WORDS = 2.0
"""Likewise what somebody says in their own words."""


class Miss(StrEnum):
    """An answer that leads nowhere. Each kind has its own edge and its own prompts."""

    SILENT = "silent"
    WRONG_KEY = "wrong-key"
    NOT_UNDERSTOOD = "not-understood"
    """Words, but none that were asked for."""
    UNSURE = "unsure"
    """Words that were asked for, recognised with too little confidence."""
    TOO_LONG = "too-long"
    """The caller went on speaking beyond the limit."""
    SPEECH_BUSY = "speech-busy"
    """The recogniser has no stream left."""
    SPEECH_DEAD = "speech-dead"
    """The recogniser failed in mid-word."""


SPEECH_FAULTS = frozenset({Miss.SPEECH_BUSY, Miss.SPEECH_DEAD})
"""Not the caller's fault: they go on by keys."""

AGAIN: Mapping[Miss, tuple[str, ...]] = {
    Miss.SILENT: ("silence", "silence-again"),
    Miss.WRONG_KEY: ("wrong-key", "wrong-key-again"),
    Miss.NOT_UNDERSTOOD: ("not-understood", "not-understood-again"),
    Miss.UNSURE: ("unsure", "not-understood-again"),
    Miss.TOO_LONG: ("too-long", "not-understood-again"),
    Miss.SPEECH_BUSY: (),
    Miss.SPEECH_DEAD: ("speech-lost",),
}
"""What is said before the question is asked again: the first time, the second, …; the last one stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """What a question does with answers that lead nowhere."""

    tries: int = 3
    """So often it is asked in one visit, before its edge is taken."""
    edges: Mapping[Miss, str] = field(default_factory=dict)
    """None for a kind: the line's `otherwise`; after a fault of the recogniser the question goes by keys."""
    again: Mapping[Miss, tuple[str, ...]] = field(default_factory=dict)
    """Instead of AGAIN."""

    def prompts(self, miss: Miss, asked: int) -> tuple[str, ...]:
        """What is said before the question is asked for the `asked`th time (from 2)."""
        ladder = self.again.get(miss, AGAIN[miss])
        return (ladder[min(asked - 2, len(ladder) - 1)],) if ladder else ()


class Verdict(StrEnum):
    """What can be said of keys typed so far."""

    MORE = "more"
    """No pattern is complete yet."""
    MAYBE = "maybe"
    """Complete, but more keys could follow: a pause or the end key decides."""
    COMPLETE = "complete"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Several keys that make one answer."""

    patterns: tuple[str, ...]
    """Digits; ANY_DIGIT stands for any of them."""
    end_key: str = "#"
    pause_for: float = 4.0
    """Seconds without a key that end the entry."""

    def fits(self, digits: str) -> bool:
        """Whether `digits` are a whole answer."""
        return any(len(pattern) == len(digits) and _begins(pattern, digits) for pattern in self.patterns)

    def verdict(self, typed: str) -> Verdict:
        """Ends early: COMPLETE as soon as no further key could belong to the answer."""
        ahead = [pattern for pattern in self.patterns if _begins(pattern, typed)]
        longer = any(len(pattern) > len(typed) for pattern in ahead)
        if not ahead:
            return Verdict.IMPOSSIBLE
        if not self.fits(typed):
            return Verdict.MORE
        return Verdict.MAYBE if longer else Verdict.COMPLETE


def _begins(pattern: str, digits: str) -> bool:
    return len(digits) <= len(pattern) and all(
        digit in "0123456789" and wanted in (ANY_DIGIT, digit)
        for wanted, digit in zip(pattern, digits, strict=False)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """To what the recogniser listens while a question is asked."""

    phrases: tuple[str, ...] = ()
    """The grammar, in any order and number; empty: any words."""
    longest_for: float = 8.0
    """Seconds of speech."""
    end_after: float | None = None
    """Seconds of silence that end what is said; None: the server's setting."""
    keep: bool = False
    """The sound is stored too; listening begins after a tone, which follows the prompts."""

    @property
    def free(self) -> bool:
        return not self.phrases


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What holds for every question of a dialplan."""

    sure_from: float = 0.6
    """Confidence, 0 to 1, below which words count as unsure."""
    longest_for: float = 8.0
    faults_allowed: int = 2
    """After so many faults of the recogniser in one call the rest of it goes by keys."""
    operator_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By language, beside those of `ivr.flow.wording`."""
