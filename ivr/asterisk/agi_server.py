"""The FastAGI server: its accept loop survives every peer; one task per call, ended cleanly."""

import asyncio
from collections.abc import Mapping

import structlog

from ivr.asterisk.agi import AgiHandler, AgiSession
from ivr.asterisk.agi_environment import AgiEnvironment, BadEnvironment, parse_environment
from ivr.asterisk.agi_wire import AgiWire, CallerGone

log = structlog.get_logger(__name__)

LINE_LIMIT = 65_536
"""Bytes of one line, in headers and in replies."""


class FastAgiServer:
    """Serves calls: the handler whose route is the path of agi://host:port/path gets the session.

    The handler's return gives the call back to Asterisk's dialplan. Its CallerGone is a normal end; another
    exception is logged and ends only its own call; a cancelled handler stays cancelled.
    """

    def __init__(
        self,
        host: str,
        port: int,
        routes: Mapping[str, AgiHandler],
        *,
        header_for: float = 5.0,
        header_limit: int = 32_768,
    ) -> None:
        """`header_for`: seconds a peer has for its headers; `header_limit`: their bytes. Port 0: any free."""
        self._host, self._port = host, port
        self._routes = {route.strip("/"): handler for route, handler in routes.items()}
        self._header_for, self._header_limit = header_for, header_limit
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen. Raises OSError, for instance when the port is taken."""
        self._server = await asyncio.start_server(
            self._accept, self._host, self._port, limit=LINE_LIMIT, backlog=512
        )

    @property
    def port(self) -> int:
        assert self._server is not None, "start() first"
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def calls(self) -> int:
        """Connections open now."""
        return len(self._calls)

    async def close(self, deadline: float = 5.0) -> None:
        """Listen no more, cancel the calls' tasks and wait at most `deadline` seconds for their last acts."""
        if self._server is not None:
            self._server.close()
        for call in self._calls:
            call.cancel()
        if self._calls:
            _, late = await asyncio.wait(self._calls, timeout=deadline)
            if late:
                log.error("agi.calls_do_not_end", calls=len(late))

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.create_task(self._serve(reader, writer), name="agi call")
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            environment = await self._environment(reader)
            if environment is not None:
                await self._run(environment, reader, writer)
        except OSError as why:
            log.info("agi.connection_lost", why=str(why))
        finally:
            writer.close()

    async def _environment(self, reader: asyncio.StreamReader) -> AgiEnvironment | None:
        """The call's headers; None, and a line in the log, for peers that are no call."""
        try:
            async with asyncio.timeout(self._header_for):
                return parse_environment(await self._header_lines(reader))
        except TimeoutError:
            log.warning("agi.slow_header", after=self._header_for)
        except EOFError:
            log.info("agi.no_header")
        except ValueError as wrong:
            log.warning("agi.bad_header", why=str(wrong))
        return None

    async def _header_lines(self, reader: asyncio.StreamReader) -> list[bytes]:
        lines: list[bytes] = []
        left = self._header_limit
        while True:
            line = await reader.readline()
            left -= len(line)
            if not line.endswith(b"\n"):
                raise EOFError
            if left < 0:
                raise BadEnvironment(f"more than {self._header_limit} bytes")
            if not (text := line.rstrip(b"\r\n")):
                return lines
            lines.append(text)

    async def _run(
        self, environment: AgiEnvironment, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        handler = self._routes.get(environment.route)
        if handler is None:
            log.error("agi.no_route", route=environment.route, call=environment.call)
            return
        wire = AgiWire(reader, writer)
        try:
            await handler(AgiSession(environment, wire))
        except CallerGone:
            log.info("agi.caller_gone", call=environment.call)
        except Exception:
            log.exception("agi.handler_failed", route=environment.route, call=environment.call)
        finally:
            await wire.close()
