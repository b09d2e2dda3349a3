"""What the web face needs from the service that owns the centre."""

from dataclasses import dataclass
from typing import Protocol

from acd.core.ports import FactSink
from acd.core.views import CenterView


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

    def reasons_not_ready(self) -> list[str]:
        """Stable codes of what is missing for taking calls; empty when ready. MQTT is never needed."""
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
