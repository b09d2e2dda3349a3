"""The bytes of one AMI connection: framing, bounded memory, and the answers to actions under way."""

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic
from typing import cast

import structlog
from panoramisk.actions import Action

from ivr.asterisk.ami_message import ActionRefused, AmiError, AmiLost, AmiMessage, ListBroken
from ivr.asterisk.encode import Headers, UnsafeValue, ami_action

log = structlog.get_logger(__name__)

MESSAGE_LIMIT = 262_144
"""Bytes of one message; the longest real ones have a few thousand."""
BACKLOG_HIGH = 1_048_576
"""Bytes not yet dispatched above which the socket is left unread."""
BACKLOG_LOW = 262_144
SLICE_FOR = 0.005
"""Seconds of dispatching before other tasks get their turn."""
_BANNER = b"Asterisk Call Manager/"
_BANNER_LIMIT = 256


class NotAmi(AmiError):
    """The peer does not speak AMI, or sends a message beyond all limits."""


class BlockReader:
    """Cuts a stream of bytes into messages, wherever the stream was split. Knows nothing of sockets."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0
        self._searched = 0
        self.version: str | None = None
        """Of the protocol, from the banner; None until it has come."""

    def feed(self, data: bytes) -> None:
        self._buffer += data

    @property
    def backlog(self) -> int:
        """Bytes that wait."""
        return len(self._buffer) - self._at

    def next(self) -> bytes | None:
        """The next message without its empty line, None if it is not complete yet. Raises NotAmi."""
        if self.version is None and not self._read_banner():
            return None
        while True:
            end = self._buffer.find(b"\r\n\r\n", max(self._at, self._searched - 3))
            if end < 0:
                self._wait_for_more()
                return None
            block = bytes(self._buffer[self._at : end]).lstrip(b"\r\n")
            self._at = self._searched = end + 4
            if block:
                return block

    def _wait_for_more(self) -> None:
        self.compact()
        self._searched = len(self._buffer)
        if len(self._buffer) > MESSAGE_LIMIT:
            raise NotAmi(f"a message longer than {MESSAGE_LIMIT} bytes")

    def compact(self) -> None:
        """Forget what was given out."""
        del self._buffer[: self._at]
        self._searched = max(0, self._searched - self._at)
        self._at = 0

    def _read_banner(self) -> bool:
        end = self._buffer.find(b"\r\n")
        begun = bytes(self._buffer[: len(_BANNER)])
        if not _BANNER.startswith(begun) or (end < 0 and len(self._buffer) > _BANNER_LIMIT):
            raise NotAmi("the peer does not greet as an Asterisk manager")
        if end < 0:
            return False
        self.version = self._buffer[len(_BANNER) : end].decode("ascii", "replace")
        self._at = self._searched = end + 2
        return True


class PendingAction(Action):  # type: ignore[misc]  # panoramisk has no type hints
    """An action under way. panoramisk's Action makes id, future and text; the answer is read here.

    It is a list only where a list was asked for, ended by the EventList header and never guessed from words.
    """

    future: asyncio.Future[AmiMessage]

    def __init__(self, name: str, headers: Headers, wants_list: bool) -> None:
        names = [header.lower() for header in (*headers, "Action")]
        if len(set(names)) < len(names):  # to panoramisk case is the same: it would keep one
            raise UnsafeValue("header", "is given twice")
        super().__init__({**headers, "Action": name})
        self.name = name
        self.wants_list = wants_list
        self.items_seen: list[AmiMessage] = []
        self._list_begun = False

    def __repr__(self) -> str:
        """No values: one may be the secret."""
        return f"<{self.name} {self.id}>"

    def take(self, message: AmiMessage) -> bool:
        """Use `message` if it is part of the answer; False: it is an ordinary event."""
        if self.future.done():
            return not message.name
        if not message.name:
            self._take_response(message)
            return True
        if not (self.wants_list and self._list_begun) or message.name == "OriginateResponse":
            return False
        self._take_item(message)
        return True

    def _take_response(self, message: AmiMessage) -> None:
        if not message.success:
            self.future.set_exception(ActionRefused(self.name, message))
        elif not self.wants_list:
            self.future.set_result(message)
        elif message.get("eventlist").lower() == "start":
            self._list_begun = True
        else:
            self.future.set_exception(ListBroken(f"{self.name} does not answer with a list"))

    def _take_item(self, message: AmiMessage) -> None:
        match message.get("eventlist").lower():
            case "":
                self.items_seen.append(message)
            case "complete" if self._counted(message):
                self.future.set_result(message)
            case "complete":
                self._break(f"ended with {len(self.items_seen)} items, not {message.get('listitems')!r}")
            case _:
                self._break("was cancelled by Asterisk")

    def _counted(self, message: AmiMessage) -> bool:
        return message.get("listitems", str(len(self.items_seen))) == str(len(self.items_seen))

    def _break(self, why: str) -> None:
        self.future.set_exception(ListBroken(f"{self.name} {why}"))


class AmiLink(asyncio.Protocol):
    """One connection. `on_message` gets every message that answers no action; exceptions of it are logged.

    A flood is dispatched in slices of `SLICE_FOR` seconds, and above `BACKLOG_HIGH` bytes the socket waits:
    memory stays bounded, other tasks go on, and Asterisk sees a slow reader instead of a dead one.
    """

    def __init__(self, on_message: Callable[[AmiMessage], None], on_lost: Callable[[], None]) -> None:
        """`on_lost` is called once, at once when the connection is over."""
        self.on_message = on_message
        self.on_lost = on_lost
        self.reader = BlockReader()
        self.pending: dict[str, PendingAction] = {}
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the connection is over."""
        self.heard_at = monotonic()
        self.transport: asyncio.Transport | None = None
        self._paused = False
        self._working = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it

    def data_received(self, data: bytes) -> None:
        self.heard_at = monotonic()
        self.reader.feed(data)
        if not self._working:
            self._work()
        self._balance()

    @property
    def busy(self) -> bool:
        """Messages of the peer still wait here: silence now would not be the peer's."""
        return self._working

    def _work(self) -> None:
        until = monotonic() + SLICE_FOR
        self._working = False
        try:
            while not self.lost.done() and (block := self.reader.next()) is not None:
                self._dispatch(AmiMessage(block))
                if monotonic() > until:
                    self._working = True
                    self.reader.compact()
                    asyncio.get_running_loop().call_soon(self._work)
                    break
        except NotAmi as wrong:
            log.error("ami.not_ami", why=str(wrong))
            self.abort()
        self._balance()

    def _balance(self) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        if not self._paused and self.reader.backlog > BACKLOG_HIGH:
            self._paused = True
            self.transport.pause_reading()
        elif self._paused and self.reader.backlog < BACKLOG_LOW:
            self._paused = False
            self.heard_at = monotonic()
            self.transport.resume_reading()

    def _dispatch(self, message: AmiMessage) -> None:
        asked = self.pending.get(message.action_id) if self.pending else None
        if asked is not None and asked.take(message):
            return
        try:
            self.on_message(message)
        except Exception:
            log.exception("ami.callback_failed", event_name=message.name)

    def send(self, action: PendingAction) -> None:
        """Write the action and await its answer in `action.future`; `forget` it in every case."""
        data = ami_action(action)
        if self.lost.done() or self.transport is None or self.transport.is_closing():
            raise AmiLost(f"{action.name}: the link is gone")
        if action.id in self.pending:
            raise UnsafeValue("ActionID", "is under way already")
        self.pending[action.id] = action
        self.transport.write(data)

    def forget(self, action: PendingAction) -> None:
        if self.pending.get(action.id) is action:
            del self.pending[action.id]

    def abort(self) -> None:
        """End the connection now."""
        if self.transport is not None:
            self.transport.abort()
        self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish()

    def _finish(self) -> None:
        if self.lost.done():
            return
        self.lost.set_result(None)
        self.on_lost()
        under_way: Mapping[str, PendingAction] = self.pending
        self.pending = {}
        for action in under_way.values():
            if not action.future.done():
                action.future.set_exception(AmiLost(f"{action.name}: the link broke before the answer"))
