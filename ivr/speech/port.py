"""What the rest of the server knows of speech recognition: a recogniser, its recognitions and their failures.

Sound is 8 kHz, 16 bit, little-endian, mono everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

UNKNOWN_WORD = "[unk]"
"""Stands in a result for speech that is none of the phrases."""


class SpeechError(Exception):
    """Nothing can be recognised now; the caller goes on by keys."""


class RecogniserBusy(SpeechError):
    """The configured limit of streams is reached."""


class RecogniserDead(SpeechError):
    """The worker process died, hangs, or cannot be started."""


class NoModel(SpeechError):
    """There is no usable model for the language."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of one utterance."""

    text: str
    """Normal form (`ivr.flow.wording.normal`): lower case, words parted by single spaces. UNKNOWN_WORD for
    what is none of the phrases; '' for nothing."""
    confidence: float
    """0 to 1: the mean of the words'; 0.0 for no word."""


class Recognition(Protocol):
    """One utterance of one caller. Use from the event loop's thread only."""

    def feed(self, sound: bytes) -> None:
        """More sound, in any portions. Never blocks; after a failure it does nothing."""

    @property
    def ended(self) -> bool:
        """The recogniser itself has heard the end of the utterance, or has failed: `result` returns soon."""

    async def result(self, within: float) -> Heard:
        """End the utterance and tell its words, at most `within` seconds later. RecogniserDead."""

    def close(self) -> None:
        """Give the stream back, at any moment, also twice."""


class Recogniser(Protocol):
    """Where recognitions come from. Safe to call from the event loop at any moment."""

    @property
    def languages(self) -> frozenset[str]:
        """Languages with a usable model: 'uk', 'ru', 'en'."""

    def open(self, language: str, phrases: Sequence[str] | None, *, patient: bool = False) -> Recognition:
        """A new utterance. `phrases` is the grammar: those phrases in any order, everything else is
        UNKNOWN_WORD; None: any words of the model. `patient`: pauses belong to the utterance and do not make
        `ended` true; so it always is with any words. Raises RecogniserBusy, RecogniserDead, NoModel."""
