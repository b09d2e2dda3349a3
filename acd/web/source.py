"""What the web face needs from the service that owns the centre."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from acd.core.ports import FactSink
from acd.core.views import CenterView


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechState:
    """How well callers' words are understood. Without it calls go by keys."""

    state: Literal["off", "up", "down"] = "off"
    """'off': no language has a model; 'down': no recogniser process is ready."""
    languages: tuple[str, ...] = ()
    """Those that are understood."""
    streams: int = 0
    """Callers who may speak now, as counted against `limit`."""
    limit: int = 0
    busy_refusals: int = 0
    """Questions that went by keys because all streams were taken."""
    failures: int = 0
    """Utterances lost because a recogniser process died, hung or failed."""
    restarts: int = 0
    """Of recogniser processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HooksState:
    """Questions that dialogues put to the company's own services since the start."""

    answered: int = 0
    failed: int = 0
    silent_for: float = 0.0
    """Seconds since questions began to fail without one that was answered; 0.0 while they are answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the server is, beside the calls themselves."""

    version: str
    started_at: float
    """Seconds since the Unix epoch."""
    switch_up: bool
    """The link to the switch is logged in and answers."""
    dialplan_loaded: bool
    journal_writable: bool
    journal_backlog: int
    """Facts that are not in the database yet."""
    mqtt: str = "off"
    """'off' (none configured), 'up' or 'down'."""
    mqtt_backlog: int = 0
    """Messages that the broker has not got yet."""
    speech: SpeechState = field(default_factory=SpeechState)
    hooks: HooksState = field(default_factory=HooksState)

    def reasons_not_ready(self) -> list[str]:
        """Stable codes of what is missing for taking calls; empty when ready. MQTT, speech and web hooks are
        never needed."""
        checks = {
            "switch link down": self.switch_up,
            "journal not writable": self.journal_writable,
            "dialplan not loaded": self.dialplan_loaded,
        }
        return [reason for reason, fine in checks.items() if not fine]


class ViewSource(Protocol):
    """The service, as the web face sees it. All of it is called on the event loop."""

    def view(self, calls_per_queue: int | None = None) -> CenterView:
        """The centre now; `calls_per_queue`: only the first so many waiting calls of each queue."""

    def add_sink(self, sink: FactSink) -> None:
        """From now on `sink` gets every new record, in order; it returns at once."""

    def health(self) -> Health: ...
