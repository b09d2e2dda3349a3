"""Remote control of a baresip process: module `ctrl_tcp`, JSON objects in netstrings over TCP.

A netstring is `<length>:<bytes>,` (D. J. Bernstein). Requests are `{"command", "params", "token"}`,
answers carry `response: true` and the token, everything else is an event with its `type`.
"""

import asyncio
import contextlib
import itertools
import json
import socket
from collections.abc import Callable, Mapping

Message = Mapping[str, object]


class ControlError(RuntimeError):
    """The softphone refused a command, did not answer in time, or its control connection is gone."""


class Control:
    """One connection; events go to `on_event` on the event loop, in order of arrival."""

    def __init__(self, on_event: Callable[[Message], None]) -> None:
        self._on_event = on_event
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._tokens = itertools.count(1)
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def connect(self, port: int) -> None:
        """Connect on loopback; OSError when nobody listens there."""
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        self._reading = asyncio.create_task(self._read(reader))

    async def command(self, name: str, params: str = "", within: float = 5.0) -> str:
        """Run a command and return what the softphone printed; ControlError when it did not do it."""
        if self._writer is None or self._reading is None or self._reading.done():
            raise ControlError(f"{name}: the softphone is not running")
        token = str(next(self._tokens))
        answer = self._answers[token] = asyncio.get_running_loop().create_future()
        body = json.dumps({"command": name, "params": params, "token": token}).encode()
        self._writer.write(b"%d:%s," % (len(body), body))
        try:
            reply = await asyncio.wait_for(answer, within)
        except TimeoutError as late:
            raise ControlError(f"{name}: no answer from the softphone in {within} s") from late
        finally:
            self._answers.pop(token, None)
        if not reply.get("ok"):
            raise ControlError(f"{name} {params}: {str(reply.get('data', '')).strip()}")
        return str(reply.get("data", ""))

    async def close(self) -> None:
        """End the connection; commands under way fail."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                self._acknowledge_at_once()
                length = int((await reader.readuntil(b":"))[:-1])
                body = await reader.readexactly(length)
                await reader.readexactly(1)
                self._dispatch(json.loads(body.decode(errors="replace")))
        except (asyncio.IncompleteReadError, OSError):
            pass  # the process has ended
        finally:
            self._fail_all()

    def _acknowledge_at_once(self) -> None:
        """Linux delays ACKs by 40 ms and baresip's Nagle waits for them: events would be 40 ms late."""
        if self._writer is not None and hasattr(socket, "TCP_QUICKACK"):
            with contextlib.suppress(OSError):
                self._writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _dispatch(self, message: Message) -> None:
        if not message.get("response"):
            self._on_event(message)
            return
        answer = self._answers.get(str(message.get("token")))
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _fail_all(self) -> None:
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ControlError("the softphone has ended"))
