"""What the rest of the server knows of stored recordings: the port, its words and its failures.

Sound is 8 kHz, 16 bit, little-endian, mono everywhere.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

RATE_HZ = 8000
LONGEST_S = 600
"""Longer sound is a fault of whoever hands it over, and refused."""

Word = tuple[str, float, float, float]
"""A word of a transcript, its confidence (0 to 1), its beginning and end in seconds of the sound."""


class RecordingError(Exception):
    """It is not stored, or cannot be had now; the text says why in one sentence."""


class RecordingsFull(RecordingError):
    """There is no room on the disk."""


class NotFound(RecordingError):
    """There is no such recording, or none any more."""


class Unreadable(RecordingError):
    """It is there, but damaged, or sealed by a key that is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one recording beside its sound."""

    id: str
    call: str
    name: str
    at: datetime
    """Aware; UTC."""
    queue: str
    """'' where it belongs to none."""
    language: str
    transcript: str
    """'' where nothing was understood, or nobody has listened yet: see `transcribed`."""
    confidence: float
    seconds: float
    words: tuple[Word, ...] | None = None
    """None: as it was recorded, with no transcript of the stored sound."""
    sha256: str = ""
    """Of the samples, hexadecimal; '' in recordings of before it was written down."""
    unreadable: str = ""
    """Why all of this but its id and time cannot be had (`Unreadable`); only in a listing."""

    @property
    def transcribed(self) -> bool:
        """It has a text, or was found to hold no words."""
        return self.words is not None or bool(self.transcript)


def _no_days() -> Mapping[str, int]:
    return {}


def _never(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How long recordings stay. Replaced as a whole: `store.rules = replace(store.rules, in_use=…)`."""

    kept_days: int = 30
    """Whole days, from 1."""
    by_queue: Callable[[], Mapping[str, int]] = field(default=_no_days)
    """The same for single queues, asked at each purge; others go by `kept_days`."""
    in_use: Callable[[str], bool] = field(default=_never)
    """Whether the recording with this id is still needed: then no purge removes it."""

    def __post_init__(self) -> None:
        if self.kept_days < 1:
            raise ValueError(f"recordings are kept for {self.kept_days} days: it must be 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That a recording was removed, written down before it is."""

    id: str
    queue: str
    sha256: str
    """Of the removed samples, hexadecimal; of the stored file where it could not be opened."""
    size: int
    """Bytes of the samples, likewise."""
    recorded_at: str
    """ISO 8601, UTC; so is `removed_at`."""
    removed_at: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """That somebody heard a recording or read what was said in it."""

    id: str
    at: str
    """ISO 8601, UTC."""
    by: str
    why: str


class RecordingStore(Protocol):
    """Use on the event loop. Every method raises RecordingError, and ends within some seconds.

    Where an `id` is asked for and there is no such recording: NotFound.
    """

    rules: Rules

    async def save(
        self,
        call: str,
        name: str,
        pcm: bytes,
        *,
        transcript: str,
        confidence: float,
        language: str,
        at: datetime,
        queue: str = "",
    ) -> str:
        """Store the sound whole; its id. RecordingsFull. `call` and `name` may be any text."""

    async def pcm(self, id_: str, *, by: str, why: str = "played") -> bytes:
        """The sound, for `by`: an operator's id or what part of the server it is. Written down before."""

    async def facts(self, id_: str, *, by: str, why: str = "read") -> Facts:
        """The facts with the transcript, for `by`. Written down before."""

    async def ids(self, since: date | None = None) -> list[str]:
        """Of all recordings from that day (UTC) on, oldest first."""

    async def listing(
        self, *, since: date | None = None, most: int = 1000, but: Container[str] = frozenset()
    ) -> list[Facts]:
        """The latest `most` recordings from that day (UTC) on, oldest first, without what was said.

        `but`: leave out these ids.
        """

    async def note(
        self, id_: str, transcript: str, words: Sequence[Word], *, confidence: float | None = None
    ) -> None:
        """Write the transcript to it. `confidence` None: the mean of the words'."""

    async def remove(self, id_: str, *, why: str) -> None:
        """Remove it for good, with a proof, whether it is in use or not."""

    async def purge(self, now: datetime) -> int:
        """Remove what `rules` no longer keep, with proofs; how many. Other files stay."""

    async def proofs(self) -> list[Proof]:
        """Of all removals, oldest first. RecordingError: the file was changed by somebody."""

    async def accesses(self, id_: str | None = None) -> list[Access]:
        """All, or those of one recording, also one that is gone; oldest first. Errors likewise."""

    async def upkeep(self) -> None:
        """Purge, and whatever else goes on behind the store, until cancelled."""

    async def close(self) -> None:
        """Finish what is being written, within some seconds. Afterwards every other method refuses."""
