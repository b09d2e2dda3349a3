"""What a caller is asked over one stream of sound, and what can come of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from acd.core.words import CallId
from ivr.asterisk.agi import AgiSession

KeyVerdict = Callable[[str], str]
"""Of keys typed so far: "more" is needed, "maybe" (complete, but more could follow), "complete" or
"impossible", as `ivr.flow.hearing.Verdict`."""


def one_key(typed: str) -> str:
    """A menu: each key is an answer."""
    return "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRules:
    """When typed keys are an answer."""

    verdict: KeyVerdict = one_key
    pause_for: float = 4.0
    """Seconds without a key that end an entry which is not complete or only may be."""
    end_key: str = ""
    """Ends an entry, and an utterance of any words; '' for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Sound is 8 kHz, 16 bit, little-endian, mono; durations in seconds."""

    sounds: Sequence[bytes] = ()
    """Prompts, played one after another."""
    wait_for: float = 5.0
    """After the last prompt, for the first key or word."""
    keys: KeyRules = field(default_factory=KeyRules)
    language: str = "uk"
    phrases: tuple[str, ...] | None = None
    """The grammar; None: keys only, or any words with `free`."""
    free: bool = False
    """Any words."""
    longest_for: float = 8.0
    """Of one utterance."""
    end_after: float | None = None
    """Silence that ends an utterance, and nothing shorter does; None: the server's setting, or earlier."""
    keep: bool = False
    """The outcome holds the utterance's sound."""
    beep: bool = False
    """A short tone follows the prompts, and voice counts only after it; keys count all the time."""


@dataclass(frozen=True, slots=True)
class Keys:
    """A key always goes before voice: what was said is dropped."""

    typed: str = field(repr=False)
    """0-9 * #, without the end key; may be what no answer begins with."""
    ended_by_end_key: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """One utterance. `text` and `confidence` as in `ivr.speech.port.Heard`."""

    text: str
    confidence: float
    sound: bytes = field(default=b"", repr=False)
    """With `keep`: the utterance, and a moment before it."""


@dataclass(frozen=True, slots=True)
class Silent:
    """Neither a key nor a voice in time."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """The caller went on speaking beyond `longest_for`."""

    sound: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Busy:
    """No stream of the recogniser is free; nothing was played."""


@dataclass(frozen=True, slots=True)
class Dead:
    """The recogniser failed: in mid-word, or at once, and then nothing was played."""


Outcome = Keys | Words | Silent | TooLong | Busy | Dead


class ListeningFailed(Exception):
    """There is no stream of sound with this caller, who is still there: go on with plain AGI commands."""


class Asks(Protocol):
    """What puts questions: `ivr.listening.Listener`, and `ivr.listening_testing.FakeListener`."""

    keys_in_stream: bool | None
    """Whether this Asterisk's streams carry keys; None: not known yet."""

    async def ask(self, agi: AgiSession, question: Question) -> Outcome:
        """The answer. Raises CallerGone, ListeningFailed."""

    def key(self, call: CallId, key: str) -> bool:
        """A key that Asterisk has reported beside the stream; whether it was used."""
