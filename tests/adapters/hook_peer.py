"""A company's service as a script: each connection is answered by the next manner, the last one for good."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType

Manner = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        read: dict[str, object] = json.loads(self.body)
        return read


class HookPeer:
    """Use as `async with HookPeer(...) as peer`; `asked`: all requests in order. `tls`: it speaks HTTPS."""

    def __init__(self, *manners: Manner, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._manners = list(manners)
        self._connections: set[asyncio.Task[None]] = set()
        self.asked: list[Asked] = []

    async def __aenter__(self) -> "HookPeer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/parcel/where"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        try:
            self.asked.append(await _read(reader))
            manner = self._manners.pop(0) if len(self._manners) > 1 else self._manners[0]
            await manner(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client did not wait
        finally:
            writer.close()
            self._connections.discard(connection)


async def _read(reader: asyncio.StreamReader) -> Asked:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Asked(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


def answers(
    body: object = None, status: int = 200, kind: str = "application/json", extra: str = "", cut: int = 0
) -> Manner:
    """`body`: bytes as they are, anything else as JSON; `cut`: so many of its last bytes are never sent."""
    sent = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()

    async def manner(writer: asyncio.StreamWriter) -> None:
        head = (
            f"HTTP/1.1 {status} Status\r\nContent-Type: {kind}\r\nContent-Length: {len(sent)}\r\n{extra}\r\n"
        )
        writer.write(head.encode() + sent[: len(sent) - cut])
        await writer.drain()

    return manner


async def hangs(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


async def resets(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def babbles(writer: asyncio.StreamWriter) -> None:
    """No HTTP at all."""
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await writer.drain()


async def never_ends(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()
