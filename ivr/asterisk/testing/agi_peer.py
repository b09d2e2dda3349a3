"""Asterisk's side of a FastAGI call: connects, says who calls, carries out commands on a made-up channel."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from typing import Self
from urllib.parse import quote
from uuid import UUID

from ivr.asterisk.testing.audio_peer import FakeAudioPeer

Answer = str | Callable[[list[str]], str]
_ENCODED = re.compile(r"\$\{URIENCODE\(\$\{(.+)\}\)\}")


def split_command(line: str) -> list[str]:
    """The words of an AGI command, as res_agi.c (parse_args) finds them. ValueError for an open quote."""
    words: list[str] = []
    quoted = escaped = False
    between = True
    for letter in line:
        if not escaped and letter == "\\":
            escaped = True
        elif not escaped and letter == '"':
            quoted = not quoted
            if quoted and between:
                words.append("")
                between = False
        elif not escaped and not quoted and letter in " \t":
            between = True
        else:
            if between:
                words.append("")
                between = False
            words[-1] += letter
            escaped = False
    if quoted or escaped:
        raise ValueError("the command does not end where its line ends")
    return words


class FakeAgiPeer:
    """One call: `async with FakeAgiPeer(port, "line") as peer`, then watch `commands` and act by methods."""

    def __init__(self, port: int, route: str, **headers: str) -> None:
        """`headers` without 'agi_': uniqueid, channel, callerid, calleridname, extension, context, …"""
        self.port = port
        self.headers = {
            "network_script": route,
            "channel": "PJSIP/trunk-00000001",
            "language": "en",
            "uniqueid": "1795000000.1",
            "callerid": "0501234567",
            "calleridname": "unknown",
            "context": "dzvin-lines",
            "extension": "100",
            **headers,
        }
        self.commands: list[list[str]] = []
        """Commands that came in, as words."""
        self.variables: dict[str, str] = {}
        self.sounds: dict[str, float] = {}
        """Seconds that a file plays; others: 0. None of them is missing unless in `missing`."""
        self.missing: set[str] = set()
        self.answers: dict[str, Answer] = {}
        """Own replies by the beginning of the command ('GET DATA'); more than one line is allowed."""
        self.audio: list[FakeAudioPeer] = []
        """A connection for each EXEC AudioSocket, the last one open while the command runs."""
        self.closed = asyncio.Event()
        """The server has ended the session."""
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._stopped = asyncio.Event()
        self._dead = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writer.write(self.environment())
        self._task = asyncio.create_task(self._serve())
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._writer.close()

    def environment(self) -> bytes:
        lines = ["agi_network: yes", *(f"agi_{name}: {value}" for name, value in self.headers.items())]
        return ("\n".join(lines) + "\n\n").encode()

    def press(self, key: str) -> None:
        """The caller presses a key."""
        self._keys.put_nowait(key)

    def stop_playing(self) -> None:
        """As AMI ControlPlayback does."""
        self._stopped.set()

    def hang_up(self) -> None:
        """The caller leaves: HANGUP at once, and no command works any more."""
        self._dead.set()
        self.say("HANGUP")

    def say(self, line: str) -> None:
        """Send any line."""
        self._writer.write(line.encode() + b"\n")

    def vanish(self) -> None:
        """The connection is reset, as when Asterisk dies."""
        self._writer.transport.abort()

    async def _serve(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while line := await self._reader.readline():
                words = split_command(line.decode().rstrip("\n"))
                self.commands.append(words)
                reply = await self._reply(words)
                if reply is not None:
                    self.say(reply)
        self.closed.set()

    async def _reply(self, words: list[str]) -> str | None:
        if self._dead.is_set():
            return "511 Command Not Permitted on a dead channel or intercept routine"
        for beginning, answer in self.answers.items():
            if " ".join(words).startswith(beginning):
                return (answer(words) if callable(answer) else answer) or None
        match words:
            case ["STREAM", "FILE", file, keys, *_] | ["CONTROL", "STREAM", "FILE", file, keys, *_]:
                return await self._play(file, keys)
            case ["WAIT", "FOR", "DIGIT", milliseconds]:
                self._stopped.clear()
                return f"200 result={await self._key('0123456789*#', int(milliseconds) / 1000)}"
            case ["SET", "VARIABLE", name, value]:
                self.variables[name] = value
                return "200 result=1"
            case ["GET", "FULL", "VARIABLE", expression]:
                return self._encoded(expression)
            case ["CHANNEL", "STATUS"]:
                return "200 result=6"
            case ["HANGUP"]:
                self._dead.set()
                return "200 result=1"
            case ["EXEC", "AudioSocket", where]:
                return await self._audio_socket(where)
            case ["ANSWER"] | ["SET", "MUSIC", *_] | ["EXEC", *_] | ["NOOP", *_] | ["VERBOSE", *_]:
                return "200 result=0"
        return "510 Invalid or unknown command"

    def _encoded(self, expression: str) -> str:
        asked = _ENCODED.fullmatch(expression)
        if asked is None:
            return "520 Invalid command syntax.  Proper usage not available."
        return f"200 result=1 ({quote(self.variables.get(asked[1], ''))})"

    async def _play(self, file: str, keys: str) -> str | None:
        if file in self.missing:
            return "200 result=-1 endpos=0"
        self._stopped.clear()
        key = await self._key(keys, self.sounds.get(file, 0.0))
        if self._dead.is_set():
            return "200 result=-1 endpos=160"
        stopped = self._stopped.is_set()
        self.variables["CPLAYBACKSTATUS"] = (
            "USERSTOPPED" if key else "REMOTESTOPPED" if stopped else "SUCCESS"
        )
        return f"200 result={key} endpos=800"

    async def _audio_socket(self, where: str) -> str:
        """Until the server says goodbye or the caller hangs up; -1 when nobody listens."""
        id_, address = where.split(",")
        host, _, port = address.rpartition(":")
        audio = FakeAudioPeer(host, int(port), UUID(id_))
        try:
            await audio.connect()
        except OSError:
            return "200 result=-1"
        self.audio.append(audio)
        ends = [asyncio.create_task(end.wait()) for end in (audio.ended, self._dead)]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
            await audio.close()
        return "200 result=-1" if self._dead.is_set() else "200 result=0"

    async def _key(self, wanted: str, for_: float) -> int:
        """ASCII of a wanted key within `for_` seconds, 0 if none came; ends early on a stop or a hang-up."""
        ends = [asyncio.create_task(end.wait()) for end in (self._stopped, self._dead)]
        pressed = asyncio.create_task(self._next_key(wanted))
        try:
            await asyncio.wait([pressed, *ends], timeout=for_, return_when=asyncio.FIRST_COMPLETED)
            return ord(pressed.result()) if pressed.done() else 0
        finally:
            for task in (pressed, *ends):
                task.cancel()

    async def _next_key(self, wanted: str) -> str:
        while (key := await self._keys.get()) not in wanted:
            pass
        return key
