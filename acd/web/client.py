"""The running server seen from another process: view and facts over the WebSocket, found again when lost."""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

import aiohttp

from acd.core.codec import fact_from_json, from_json
from acd.core.errors import CodecError
from acd.core.facts import Record
from acd.core.ports import FactSink
from acd.core.views import CallView, CenterView, OperatorView, QueueView, WorkView

SILENT_FOR = 15.0
"""The server beats every few seconds: a longer silence is a lost line."""
_MAX_PAUSE_FOR = 10.0


def view_from_json(data: dict[str, Any]) -> CenterView:
    """The view in a snapshot message. CodecError or KeyError if it is none."""
    return CenterView(
        at=float(data["at"]),
        queues=tuple(from_json(QueueView, row) for row in data["queues"]),
        operators=tuple(from_json(OperatorView, row) for row in data["operators"]),
        calls=tuple(from_json(CallView, row) for row in data["calls"]),
        work=tuple(from_json(WorkView, row) for row in data.get("work", ())),
    )


class RemoteCenter:
    """`run` keeps `view()` fresh and feeds the sinks; `say` gets a sentence when the line is lost or found.

    The view holds only the first waiting calls of each queue, as the server sends them.
    """

    def __init__(self, url: str, say: Callable[[str], None] = lambda _text: None) -> None:
        self._url = url
        self.say = say
        self._sinks: list[FactSink] = []
        self._view: CenterView | None = None
        self._lost = False
        self._arrived = asyncio.Event()

    def add_sink(self, sink: FactSink) -> None:
        """From now on `sink` gets every new record, callers' numbers masked; a lost line leaves a gap."""
        self._sinks.append(sink)

    async def first_view(self) -> CenterView:
        """Wait for the server's first answer."""
        await self._arrived.wait()
        return self.view()

    def view(self) -> CenterView:
        """The newest one. LookupError before the first."""
        if self._view is None:
            raise LookupError("the server has not answered yet")
        return self._view

    async def run(self) -> None:
        """Until cancelled; connects again with growing pauses."""
        pause_for = 0.5
        while True:
            try:
                await self._listen()
                pause_for = 0.5
            except (aiohttp.ClientError, OSError, TimeoutError, CodecError, KeyError, ValueError) as error:
                self.say(f"No connection to {self._url}: {error or type(error).__name__}; trying again.")
            else:
                self.say(f"{self._url} closed the connection; trying again.")
            self._lost = True
            await asyncio.sleep(pause_for * random.uniform(0.75, 1.25))  # noqa: S311 - spreads reconnects
            pause_for = min(_MAX_PAUSE_FOR, pause_for * 2)

    async def _listen(self) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{self._url}/ws?facts=1", max_msg_size=0, heartbeat=5.0) as socket,
        ):
            while True:
                message = await socket.receive(timeout=SILENT_FOR)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return
                self._take(json.loads(message.data))

    def _take(self, data: dict[str, Any]) -> None:
        match data["type"]:
            case "snapshot":
                self._view = view_from_json(data)
                self._arrived.set()
                if self._lost:
                    self._lost = False
                    self.say("")
            case "facts":
                records = [Record(row["seq"], fact_from_json(row["fact"])) for row in data["records"]]
                for sink in self._sinks:
                    sink(records)
            case _:
                return
