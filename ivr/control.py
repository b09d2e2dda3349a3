"""The running server's own ear for commands: a Unix socket in the run folder, one JSON line each way.

Only the user who runs the server reaches it (mode 0600); it is no port that a network could reach. A request
is `{"do": NAME, …}`, an answer `{"ok": …}`, or `{"refused": SENTENCE}` with `"kind": "overtaken"` where
somebody else was faster.
"""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from ivr.control_client import SOCKET, address_in
from ivr.errors import Plain

log = structlog.get_logger(__name__)

_LONGEST = 256 * 1024
_SPEAK_WITHIN = 5.0

Handler = Callable[[Mapping[str, Any]], Awaitable[object]]
"""Gets the request, gives what goes under "ok". Plain: refused with its sentence."""


class ControlServer:
    def __init__(self, run_folder: Path, handlers: Mapping[str, Handler]) -> None:
        self._folder, self._handlers = run_folder, handlers
        self._server: asyncio.Server | None = None
        self._inode = 0

    async def start(self) -> None:
        """A server that listens already keeps the place: then commands go to it, and the log says so."""
        try:
            with address_in(self._folder) as address:
                if _answers(address):
                    log.error("another server listens for commands in this run folder", folder=self._folder)
                    return
                (self._folder / SOCKET).unlink(missing_ok=True)
                listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                os.fchmod(listening.fileno(), 0o600)
                listening.bind(address)
        except OSError as error:
            log.error("commands cannot reach this server", why=error.strerror)
            return
        listening.setblocking(False)
        self._inode = (self._folder / SOCKET).stat().st_ino
        self._server = await asyncio.start_unix_server(self._serve, sock=listening, limit=_LONGEST)

    async def close(self) -> None:
        if self._server is None:
            return
        self._server.close()
        with contextlib.suppress(OSError):  # the place may be the next server's already
            if (self._folder / SOCKET).stat().st_ino == self._inode:
                (self._folder / SOCKET).unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SPEAK_WITHIN):
                line = await reader.readline()
            if line:
                writer.write(json.dumps(await self._answer(line), ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        except (OSError, TimeoutError, ValueError):
            return  # it went away, says nothing or never ends its line
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, object]:
        try:
            request = json.loads(line)
            handler = self._handlers[request["do"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            return {"refused": "This server does not know that command; is it another version of Dzvin?"}
        try:
            return {"ok": await handler(request)}
        except Plain as error:
            kind = "overtaken" if type(error).__name__ == "Overtaken" else "refused"
            return {"refused": str(error), "kind": kind}
        except Exception as error:
            log.exception("a command failed", command=request["do"])
            return {"refused": f"The server failed ({type(error).__name__}); its log has more."}


def _answers(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(1.0)
        try:
            line.connect(address)
        except OSError:
            return False
        return True
