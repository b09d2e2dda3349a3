"""A scripted Asterisk manager on loopback: answers like the real one, and misbehaves on demand."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

Received = dict[str, str]
"""One action's headers, names in lower case; of repeated ones the last."""
Answer = Callable[[Received], Sequence[bytes]]


def ami_event(name: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes of one event."""
    return _block([("Event", name), *(headers or {}).items()])


def _block(pairs: Sequence[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in pairs).encode() + b"\r\n"


class FakeAsteriskAmi:
    """Set its attributes, `async with` it, point an `Ami` at `port`, read what it `received`."""

    def __init__(self, secret: str = "secret", booted: bool = True) -> None:  # noqa: S107 - a test's secret
        self.secret = secret
        self.booted = booted
        """Whether FullyBooted follows a login at once."""
        self.mute = False
        """Reads and never says anything: a half-open link."""
        self.unanswered: set[str] = set()
        """Actions (lower case) that get no answer."""
        self.answers: dict[str, Answer] = {}
        """Own answers by action in lower case."""
        self.lists: dict[str, list[Mapping[str, str]]] = {"coreshowchannels": [], "devicestatelist": []}
        """Items of list actions."""
        self.reachable: set[str] = set()
        """Channels ('PJSIP/op1') whose asynchronous Originate succeeds; all others fail as unregistered."""
        self.chunk = 0
        """Bytes per write, 0: all at once. Every split shows up at the client."""
        self.received: list[Received] = []
        self.raw = b""
        """Everything that came in."""
        self.connected_at: list[float] = []
        """When each connection came, seconds of time.monotonic()."""
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.stop_listening()
        self.drop()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def listen(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, limit=1_048_576)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def drop(self) -> None:
        """Reset all connections."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    @property
    def connections(self) -> int:
        """Connections so far."""
        return len(self.connected_at)

    @property
    def open(self) -> int:
        """Connections open now."""
        return len(self._writers)

    def actions(self, name: str) -> list[Received]:
        """What came in of one action."""
        return [action for action in self.received if action.get("action", "").lower() == name.lower()]

    async def send(self, data: bytes) -> None:
        """Say `data` on all connections."""
        for writer in list(self._writers):
            await self._write(writer, data)

    async def event(self, name: str, headers: Mapping[str, str] | None = None) -> None:
        await self.send(ami_event(name, headers))

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        step = self.chunk or len(data) or 1
        for start in range(0, len(data), step):
            writer.write(data[start : start + step])
            await writer.drain()
            if self.chunk:
                await asyncio.sleep(0)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name="fake AMI connection")
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected_at.append(time.monotonic())
        self._writers.add(writer)
        try:
            await self._write(writer, b"Asterisk Call Manager/11.0.0\r\n")
            while True:
                block = await reader.readuntil(b"\r\n\r\n")
                self.raw += block
                await self._answer(_parsed(block), writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, action: Received, writer: asyncio.StreamWriter) -> None:
        self.received.append(action)
        name = action.get("action", "").lower()
        if self.mute or name in self.unanswered:
            return
        own = self.answers.get(name)
        for data in own(action) if own else self._usual(name, action):
            await self._write(writer, data)

    def _usual(self, name: str, action: Received) -> Sequence[bytes]:
        if name == "login":
            return self._login(action)
        if name in self.lists:
            return self.list_answer(action, self.lists[name])
        if name == "originate":
            return self._originate(action)
        if name in ("ping", "hangup", "controlplayback", "redirect", "setvar"):
            return [self.response(action, "Success")]
        return [self.response(action, "Error", Message="Invalid/unknown command")]

    def _login(self, action: Received) -> Sequence[bytes]:
        if action.get("secret") != self.secret:
            return [self.response(action, "Error", Message="Authentication failed")]
        accepted = self.response(action, "Success", Message="Authentication accepted")
        return [accepted, ami_event("FullyBooted", {"Status": "Fully Booted"})] if self.booted else [accepted]

    def _originate(self, action: Received) -> Sequence[bytes]:
        channel = action.get("channel", "")
        queued = self.response(action, "Success", Message="Originate successfully queued")
        if action.get("async") != "true":
            return [queued]
        alive = channel in self.reachable
        ended = {
            "ActionID": action.get("actionid", ""),
            "Response": "Success" if alive else "Failure",
            "Channel": channel,
            "Reason": "4" if alive else "0",
            "Uniqueid": action.get("channelid", "<unknown>"),
        }
        return [queued, ami_event("OriginateResponse", ended)]

    def response(self, action: Received, kind: str, **headers: str) -> bytes:
        """The bytes of one response to `action`."""
        asked = [("ActionID", action["actionid"])] if "actionid" in action else []
        return _block([("Response", kind), *asked, *headers.items()])

    def list_answer(
        self,
        action: Received,
        items: Sequence[Mapping[str, str]],
        end: str = "Complete",
        count: int | None = None,
    ) -> Sequence[bytes]:
        """Response, items and end of a list. Item name: the action's name with its 's' or 'List' off."""
        name = action["action"]
        asked = {"ActionID": action.get("actionid", "")}
        item = "DeviceStateChange" if name == "DeviceStateList" else name.removesuffix("s")
        closing = {**asked, "EventList": end, "ListItems": str(len(items) if count is None else count)}
        return [
            self.response(action, "Success", EventList="start", Message="will follow"),
            *(ami_event(item, {**asked, **headers}) for headers in items),
            ami_event(f"{name}Complete", closing),
        ]


def _parsed(block: bytes) -> Received:
    """Read as Asterisk does: each line is a header."""
    lines = block.decode("utf-8", "replace").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return {name.lower(): value.removeprefix(" ") for name, _, value in pairs}
