"""One caller's FastAGI session: commands out, replies and the hang-up in."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote
from uuid import UUID

from ivr.asterisk.agi_environment import AgiEnvironment
from ivr.asterisk.agi_reply import AgiReply
from ivr.asterisk.agi_wire import AgiTimeout, AgiWire, CallerGone
from ivr.asterisk.encode import UnsafeValue, agi_command, whitelisted

__all__ = [
    "AgiEnvironment",
    "AgiHandler",
    "AgiRefused",
    "AgiReply",
    "AgiSession",
    "AgiTimeout",
    "BridgeResult",
    "CallerGone",
    "DialResult",
    "PlayResult",
]

_NO_KEY = "f"
"""CONTROL STREAM FILE winds by '#' and '*' unless told another key: one that no phone can send."""
_UNKNOWN_APPLICATION = -2


class AgiRefused(Exception):
    """Asterisk does not know the command (510), its syntax (520) or the application (EXEC result -2)."""


@dataclass(frozen=True, slots=True)
class PlayResult:
    key: str | None
    """The key that interrupted: '0'-'9', '*', '#', 'A'-'D'."""
    played_to_end: bool
    """False after a key, a stop by AMI, or a missing file."""
    missing: bool
    """The sound file could not be opened in any language or format."""


class BridgeResult(StrEnum):
    """Asterisk's BRIDGERESULT."""

    JOINED = "SUCCESS"
    """Both talked, and the other side left first; the caller is still here."""
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
    is dropped, and the next command waits until the running one ends.
    """

    def __init__(self, environment: AgiEnvironment, wire: AgiWire) -> None:
        self.environment = environment
        self.gone = wire.gone
        """Set at once when the caller hangs up or the connection ends, also while no command is under way."""
        self._wire = wire
        self._lock = asyncio.Lock()

    async def command(self, *words: str, deadline: float | None = 10.0) -> AgiReply:
        """Send one AGI command: its name ('SET VARIABLE'), then arguments, which are quoted.

        `deadline` in seconds, None: as long as it takes. A result of -1 is returned only while the caller is
        still there: then the command itself failed. Raises CallerGone, AgiTimeout, AgiRefused, UnsafeValue.
        """
        line = agi_command(words)
        async with self._lock:
            reply = await self._wire.ask(line, deadline)
            if reply.code != 200:
                raise AgiRefused(f"{words[0]}: {reply.code} {reply.data.partition(chr(10))[0]}")
            if reply.result == -1:
                await self._still_there()
        return reply

    async def _still_there(self) -> None:
        """-1 means a hang-up or a failed command: the channel's state tells which. Raises CallerGone."""
        state = await self._wire.ask("CHANNEL STATUS", 10.0)
        if state.code != 200 or state.result < 0:
            self._wire.mark_gone()
            raise CallerGone

    async def until_gone(self) -> None:
        """Return when the caller is gone."""
        await self.gone.wait()

    async def answer(self) -> None:
        """Returns when the channel is up; up to 0.5 s where the caller sends no sound."""
        await self.command("ANSWER")

    async def play(self, file: str, interrupt_keys: str = "") -> PlayResult:
        """STREAM FILE. `file` without extension, for instance 'dzvin/welcome'."""
        reply = await self.command("STREAM FILE", *_playing(file, interrupt_keys), deadline=None)
        return _played(reply, to_end=True)

    async def play_stoppable(self, file: str, interrupt_keys: str = "") -> PlayResult:
        """CONTROL STREAM FILE: like `play`; AMI ControlPlayback (Control: stop) ends it at once."""
        winding = ("0", _NO_KEY, _NO_KEY)
        words = (*_playing(file, interrupt_keys), *winding)
        reply = await self.command("CONTROL STREAM FILE", *words, deadline=None)
        if reply.result != 0:
            return _played(reply, to_end=False)
        return _played(reply, to_end=await self.get_variable("CPLAYBACKSTATUS") != "REMOTESTOPPED")

    async def wait_for_key(self, for_: float) -> str | None:
        """The key, or None after `for_` seconds."""
        milliseconds = str(max(1, round(for_ * 1000)))
        return _key(await self.command("WAIT FOR DIGIT", milliseconds, deadline=for_ + 10.0))

    async def music(self, on: bool, cls: str = "default") -> None:
        """Music on hold on or off; returns at once, the music plays on while the server thinks."""
        await self.command("SET MUSIC", *(("ON", whitelisted(cls, "word")) if on else ("OFF",)))

    async def set_variable(self, name: str, value: str) -> None:
        """A channel variable, or a function that can be written, such as 'CHANNEL(language)'."""
        await self.command("SET VARIABLE", whitelisted(name, "variable name"), value)

    async def get_variable(self, name: str) -> str:
        """A channel variable or function such as 'CHANNEL(state)'; '' if unset.

        Asked for in URI encoding (Asterisk needs func_uri): a plain answer would let a line end or a bracket
        inside the value forge the end of the reply.
        """
        expression = f"${{URIENCODE(${{{whitelisted(name, 'variable name')}}})}}"
        reply = await self.command("GET FULL VARIABLE", expression)
        return unquote(reply.data) if reply.result == 1 else ""

    async def set_language(self, language: str) -> None:
        """Prompts and numbers are played in `language` ('uk') from now on."""
        await self.set_variable("CHANNEL(language)", whitelisted(language, "language"))

    async def execute(self, application: str, *arguments: str, deadline: float | None = None) -> AgiReply:
        """EXEC. `arguments` are joined by commas, so none of them may hold one."""
        if any("," in argument for argument in arguments):
            raise UnsafeValue(application, "has a comma inside an argument")
        words = (whitelisted(application, "application"), ",".join(arguments))
        reply = await self.command("EXEC", *words, deadline=deadline)
        if reply.result == _UNKNOWN_APPLICATION:
            raise AgiRefused(f"EXEC: Asterisk has no application {application}")
        return reply

    async def exec_bridge(self, channel: str, options: str = "") -> BridgeResult:
        """Join the caller with `channel`; returns when the other side has left, or could not be joined.

        Raises CallerGone when the caller leaves first.
        """
        await self.execute("Bridge", whitelisted(channel, "channel name"), *_given(options))
        result = await self.get_variable("BRIDGERESULT")
        return BridgeResult(result) if result in set(BridgeResult) else BridgeResult.UNKNOWN

    async def exec_dial(self, target: str, for_: float, options: str = "") -> DialResult:
        """Dial `target` ('PJSIP/100@trunk') and ring for `for_` seconds; returns when the other side left."""
        ring = str(max(1, round(for_)))
        await self.execute("Dial", whitelisted(target, "dial string"), ring, *_given(options))
        status = await self.get_variable("DIALSTATUS")
        talked = await self.get_variable("ANSWEREDTIME")
        return DialResult(status, float(talked) if talked.isdecimal() else 0.0)

    async def exec_audio_socket(self, stream: UUID, address: str) -> bool:
        """The caller's sound goes to `address` ('host:port') until that side ends it, and comes from there.

        No other command can run meanwhile. True when it ended in order; False when Asterisk could not connect
        (at once, or after its own limit of 2 s), lost the connection, or is older than 20.14, 21.9 or 22.4.
        """
        reply = await self.execute("AudioSocket", str(stream), whitelisted(address, "address"))
        return reply.result == 0

    async def hang_up(self) -> None:
        """Hang the caller up; nothing to do when they are gone already."""
        try:
            await self.command("HANGUP")
        except CallerGone:
            return
        self._wire.mark_gone()


AgiHandler = Callable[[AgiSession], Awaitable[None]]


def _playing(file: str, keys: str) -> tuple[str, str]:
    return whitelisted(file, "sound file"), whitelisted(keys, "keys")


def _given(options: str) -> tuple[str, ...]:
    return (options,) if options else ()


def _key(reply: AgiReply) -> str | None:
    return chr(reply.result) if reply.result > 0 else None


def _played(reply: AgiReply, to_end: bool) -> PlayResult:
    return PlayResult(_key(reply), played_to_end=to_end and reply.result == 0, missing=reply.result < 0)
