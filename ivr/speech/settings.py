"""Settings of the recogniser's engine, and what it tells of itself."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

ANY_WORDS_COST = 5
"""An utterance of any words takes the CPU of five that have a grammar (0.11 of a core beside 0.023)."""


def _threads() -> int:
    return max(1, (os.cpu_count() or 1) // 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSettings:
    """Durations in seconds."""

    workers: int = 2
    """Processes. Each holds all models in memory; while one is started again the others go on."""
    threads: int = field(default_factory=_threads)
    """Of each worker; all workers' together as many as cores."""
    streams: int = 40
    """Utterances at the same time; one of any words counts as ANY_WORDS_COST. Beyond: RecogniserBusy."""
    end_after: float = 0.6
    """Silence by which the recogniser itself hears the end of an utterance."""
    load_within: float = 120.0
    heartbeat: float = 0.5
    hang_after: float = 3.0
    """A worker that does not answer for so long is killed."""
    stuck_after: float = 15.0
    """Likewise one that works on one piece of sound for so long."""
    late_limit: float = 5.0
    """An utterance whose sound waits for so long is given up: the machine does not keep pace."""
    first_pause: float = 0.25
    """Before a worker that died is started again; doubled each time up to `longest_pause`."""
    longest_pause: float = 30.0
    steady_after: float = 30.0
    """Life of a worker after which the pause begins anew."""
    niceness: int = 5
    """Asterisk and the server go first: late words are better than broken sound."""
    measure: bool = False
    """Workers report each piece of sound that they have worked through (for benchmarks)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechHealth:
    """A snapshot for the health page, metrics and the log."""

    languages: frozenset[str]
    problems: Mapping[str, str]
    """Why a language goes by keys only."""
    workers: int
    workers_alive: int
    streams: int
    """Open now."""
    load: int
    """As counted against `limit`."""
    limit: int
    restarts: int
    """Of all workers since the start."""
    late: float
    """Worst lateness of sound in the last heartbeat, seconds."""
    busy_refusals: int
    failures: int
    """Utterances lost because a worker died, hung or failed."""


def describe(health: SpeechHealth) -> str:
    """One line for the log at the start, in plain words."""
    languages = [one for one in ("uk", "ru", "en") if one in health.languages]
    parts = []
    if languages:
        state = (
            f"{health.workers_alive} of {health.workers} workers, up to {health.limit} callers speak at once"
        )
        parts.append(f"speech is recognised in {', '.join(languages)} ({state})")
    parts += [f"{one}: keys only, because {why}" for one, why in sorted(health.problems.items())]
    return "; ".join(parts)
