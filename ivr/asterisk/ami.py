"""AMI client with hardened link: `Ami`. Skeleton: signatures stand, bodies follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum


class AmiError(Exception):
    """Root of all that an action can raise, except UnsafeValue."""


class AmiNotReady(AmiError):
    """There is no link to Asterisk at the moment; nothing was sent."""


class AmiLost(AmiError):
    """The link broke while the action was under way: it may or may not have been done. Never sent again by itself."""


class AmiTimeout(AmiError):
    """The action's deadline passed without a (complete) answer; a late answer is dropped."""


class ActionRefused(AmiError):
    """Response: Error. `message` is Asterisk's answer, `reason` its Message header."""

    def __init__(self, name: str, message: AmiMessage) -> None:
        super().__init__(f"{name}: {message.get('message')}")
        self.message = message
        self.reason = message.get("message")


class ListBroken(AmiError):
    """A list ended Cancelled, or with another number of items than it says."""


class LinkState(StrEnum):
    READY = "ready"
    """Logged in and FullyBooted seen: look around now."""
    LOST = "lost"
    """Link gone (or Asterisk shuts down); reconnecting by itself."""
    REFUSED = "refused"
    """User or secret not accepted; tried again slowly."""


class AmiMessage:
    """One event or response. Header names are case-insensitive."""

    name: str
    """Event name, '' for a response."""

    def get(self, header: str, default: str = "") -> str:
        """First value of `header`."""
        raise NotImplementedError

    def __getitem__(self, header: str) -> str:
        """First value of `header`; KeyError if absent."""
        raise NotImplementedError

    def all(self, header: str) -> tuple[str, ...]:
        """All values of a repeated header."""
        raise NotImplementedError


Headers = Mapping[str, str | Sequence[str]]


class Ami:
    """Link to one Asterisk; reconnects by itself until `close()`."""

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        on_event: Callable[[AmiMessage], None],
        on_link: Callable[[LinkState], None] = lambda state: None,
    ) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Begin connecting in the background (a running event loop is needed)."""

    async def until_ready(self, deadline: float) -> None:
        """Return when the link is ready; AmiTimeout after `deadline` seconds."""

    @property
    def ready(self) -> bool:
        raise NotImplementedError

    async def action(self, name: str, headers: Headers | None = None, deadline: float = 5.0) -> AmiMessage:
        """Do one action; `headers` may hold 'ActionID'. Raises ActionRefused, AmiTimeout, AmiLost, AmiNotReady, UnsafeValue."""
        raise NotImplementedError

    async def collect(
        self, name: str, headers: Headers | None = None, deadline: float = 5.0
    ) -> list[AmiMessage]:
        """Do a list action; its item events (not given to `on_event`). Also raises ListBroken."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the link and all attempts for good; pending actions raise AmiLost."""
