"""What a dialogue asks of a company's own service, and what the service may answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ivr.flow.said import Said

MOST_TRIES = 4
"""Of one question; the caller waits meanwhile."""


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One question. It takes at most `deadline` × `tries` seconds and the short pauses between tries."""

    url: str
    """http:// or https://"""
    call: str
    line: str
    """The dialled number."""
    step: str
    """Name of the dialplan's step that asks."""
    visit: int
    """How often the call has come to this step, from 1: a repeated question of one visit is the same one."""
    language: str
    """'uk', 'ru' or 'en'."""
    caller: str = field(repr=False)
    """The caller's number; '': withheld."""
    values: Mapping[str, str] = field(repr=False)
    """What the caller has given so far, by the names in the dialplan."""
    deadline: float = 3.0
    """Seconds for one try."""
    tries: int = 2
    """1 to MOST_TRIES."""

    @property
    def key(self) -> str:
        """Tells a service that it has answered this question already: no reading is taken twice."""
        return f"{self.call}/{self.step}/{self.visit}"


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What the service wants said, where the dialogue shall go, and values to keep."""

    go: str = ""
    """Name of one of the step's edges; '': the usual one."""
    say: tuple[Said, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """New values, or new text for known ones; never part of a log."""


def is_web_address(text: str) -> bool:
    """Whether it is http://… or https://… with a host."""
    if not text.isprintable() or " " in text or len(text) > 500:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
