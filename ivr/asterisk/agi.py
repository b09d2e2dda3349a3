"""One caller's FastAGI session: commands out, replies and the hang-up in. Skeleton: signatures stand, bodies follow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from acd.core.words import CallId


class CallerGone(Exception):
    """The caller hung up (HANGUP line, 511, -1) or the connection ended: no command will work any more."""


class AgiTimeout(Exception):
    """The command's deadline passed without a reply. The session stays usable; the late reply is dropped."""


class AgiRefused(Exception):
    """Asterisk does not know the command (510), its syntax (520) or the application (EXEC result -2)."""


@dataclass(frozen=True, slots=True)
class AgiEnvironment:
    """What Asterisk says about the call when it connects; control characters are already gone."""

    route: str
    """Path of agi://host:port/path, without query and slashes at its ends: 'line', 'code'."""
    call: CallId
    channel: str
    """For instance 'PJSIP/trunk-00000012'."""
    caller: str
    """Number, '' if withheld or unknown."""
    caller_name: str
    dialled: str
    """The extension of the dialplan, that is the number or code that was dialled."""
    context: str
    endpoint: str
    """'trunk' for the channel 'PJSIP/trunk-00000012'; '' for channels without an endpoint."""
    language: str
    arguments: tuple[str, ...]
    headers: Mapping[str, str]
    """All headers as cleaned text, for instance 'agi_accountcode'."""


@dataclass(frozen=True, slots=True)
class AgiReply:
    result: int
    """-1 with no CallerGone only where a command defines it so."""
    text: str
    """What stood after 'result=' up to the blank: digits of GET DATA are not always a number."""
    data: str
    """What stood in brackets, without them; may hold line ends."""
    endpos: int | None = None
    """Samples played (8,000 a second), where the command says so."""


@dataclass(frozen=True, slots=True)
class PlayResult:
    key: str | None
    """The key that interrupted: '0'-'9', '*', '#', 'A'-'D'."""
    played_to_end: bool
    """False after a key, a stop by AMI, or a missing file."""
    missing: bool
    """The sound file could not be opened in any language or format."""


class BridgeResult(StrEnum):
    """Asterisk's BRIDGERESULT. JOINED: both talked, and the other side left first; the caller is still here."""

    JOINED = "SUCCESS"
    FAILED = "FAILURE"
    LOOP = "LOOP"
    NO_SUCH_CHANNEL = "NONEXISTENT"
    INCOMPATIBLE = "INCOMPATIBLE"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class DialResult:
    status: str
    """DIALSTATUS: ANSWER, BUSY, NOANSWER, CANCEL, CONGESTION, CHANUNAVAIL, …"""
    talked_for: float
    """Seconds (ANSWEREDTIME), 0.0 if nobody answered."""


class AgiSession:
    """One call's connection. Every method raises CallerGone once the caller is gone.

    Commands are serialised by a lock: tasks may share a session. Cancelling a command is safe: its late reply
    is dropped, the next command waits in Asterisk until the running one ends.
    """

    environment: AgiEnvironment
    gone: asyncio.Event
    """Set at once when the caller hangs up or the connection ends, also while no command is under way."""

    async def command(self, *words: str, deadline: float | None = 10.0) -> AgiReply:
        """Send one AGI command; every word is quoted. `deadline` in seconds, None: as long as it takes."""
        raise NotImplementedError

    async def answer(self) -> None: ...

    async def play(self, file: str, interrupt_keys: str = "") -> PlayResult:
        """STREAM FILE. `file` without extension, for instance 'dzvin/welcome'."""
        raise NotImplementedError

    async def play_stoppable(self, file: str, interrupt_keys: str = "") -> PlayResult:
        """CONTROL STREAM FILE: like `play`; AMI ControlPlayback(Control=stop) ends it (key None, not to the end)."""
        raise NotImplementedError

    async def wait_for_key(self, for_: float) -> str | None:
        """WAIT FOR DIGIT: the key, or None after `for_` seconds."""
        raise NotImplementedError

    async def music(self, on: bool, cls: str = "default") -> None: ...

    async def set_variable(self, name: str, value: str) -> None: ...

    async def get_variable(self, name: str) -> str:
        """A channel variable or function such as 'CHANNEL(state)'; '' if unset. Safe against line ends in values."""
        raise NotImplementedError

    async def set_language(self, language: str) -> None: ...

    async def execute(self, application: str, *arguments: str, deadline: float | None = None) -> AgiReply:
        """EXEC. `arguments` are joined by commas."""
        raise NotImplementedError

    async def exec_bridge(self, channel: str, options: str = "") -> BridgeResult:
        """Join the caller with `channel`; returns when the other side has left. CallerGone when the caller left."""
        raise NotImplementedError

    async def exec_dial(self, target: str, for_: float, options: str = "") -> DialResult:
        """Dial `target` (dial string, 'PJSIP/100@trunk'), ring for `for_` seconds."""
        raise NotImplementedError

    async def hang_up(self) -> None:
        """Hang the caller up. Does not raise CallerGone."""


AgiHandler = Callable[[AgiSession], Awaitable[None]]
