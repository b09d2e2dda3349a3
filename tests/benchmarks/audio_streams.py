"""Prompts paced over AudioSocket, and how soon a caller's voice stops one.

    python -m tests.benchmarks.audio_streams [streams …]

Paced streams: so many callers, in a process of their own, send 20 ms of sound and hear a prompt, frame by
frame. CPU is that of the server's process, streams per core what it could carry at that rate. Late: a frame
against its place in the even row of 20 ms that its stream's frames make. Barge-in: from the first voiced
frame sent to the last frame of the prompt that came back; the real voice detector, 20 callers at once. What
had been sent ahead (40 ms) the phone still plays.
"""

import asyncio
import multiprocessing as processes
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import cast
from uuid import UUID

from ivr.asterisk.audiosocket import AudioSocketServer, StreamEvent
from ivr.asterisk.audiosocket_codec import FRAME_BYTES, SILENCE_FRAME, Kind, encode
from ivr.asterisk.testing import FakeAgiPeer, tone
from ivr.listening import Listener
from ivr.loop import calm_collector, run
from ivr.question import Question
from tests.adapters.agi_calls import Sessions, serving
from tests.adapters.test_listening import ScriptedRecogniser, voice
from tests.eventually import eventually

RUN_FOR = 5.0
FRAME = FRAME_BYTES + 3
SAMPLED = 20
CALLERS, ROUNDS = 20, 4
Times = list[float]


@dataclass(frozen=True, slots=True)
class Paced:
    streams: int
    cpu: float
    """Share of one core."""
    late: Times
    """Seconds, of each frame of some streams."""
    missing: int
    """Frames of 20 ms that did not come in time, in all those streams."""


class Caller(asyncio.Protocol):
    """Counts frames as they come; `times` has the arrival of each."""

    def __init__(self, id_: str) -> None:
        self.times: Times = []
        self._id, self._bytes = id_, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(encode(Kind.UUID, UUID(self._id).bytes))

    def data_received(self, data: bytes) -> None:
        before = self._bytes // FRAME
        self._bytes += len(data)
        self.times += [time.monotonic()] * (self._bytes // FRAME - before)


async def callers(pipe: Connection, port: int, ids: Sequence[str]) -> None:
    loop = asyncio.get_running_loop()
    calls = [(await loop.create_connection(lambda i=i: Caller(i), "127.0.0.1", port))[1] for i in ids]  # type: ignore[misc]
    due = loop.time()
    while not pipe.poll():
        for call in calls:
            call.transport.write(SILENCE_FRAME)
        due += 0.02
        await asyncio.sleep(max(0.0, due - loop.time()))
        due = max(due, loop.time() - 0.5)
    pipe.send([call.times for call in calls[:SAMPLED]])


def callers_process(pipe: Connection, port: int, ids: Sequence[str]) -> None:
    run(callers(pipe, port, ids))


async def paced(streams: int) -> Paced:
    server = AudioSocketServer(limit=streams)
    await server.start()
    expected = [server.expect() for _ in range(streams)]
    ours, theirs = processes.Pipe()
    arguments = (theirs, server.port, [str(one.id) for one in expected])
    child = processes.get_context("spawn").Process(target=callers_process, args=arguments)
    child.start()
    events = 0

    def count(_: StreamEvent) -> None:
        nonlocal events
        events += 1

    for one in expected:
        stream = await one.stream(60)
        stream.take(count)
        stream.play(tone(440, 1.0) * round(RUN_FOR + 60))
    await asyncio.sleep(1.0)
    began, cpu = time.monotonic(), time.process_time()
    await asyncio.sleep(RUN_FOR)
    cpu, ended = time.process_time() - cpu, time.monotonic()
    ours.send("stop")
    times = await asyncio.to_thread(ours.recv)
    await server.close()
    child.join(10)
    assert events > streams * RUN_FOR * 25, "the callers' sound did not come"
    late, missing = _lateness([[at for at in row if began < at < ended] for row in times])
    return Paced(streams, cpu / (ended - began), late, missing)


def _lateness(rows: list[Times]) -> tuple[Times, int]:
    """How much later than the earliest possible row of 20 ms each frame came; frames that are not there."""
    late, missing = [], 0
    for row in rows:
        against = [at - 0.02 * n for n, at in enumerate(row)]
        late += [offset - min(against) for offset in against]
        missing += max(0, round(RUN_FOR / 0.02) - len(row) - 2)
    return late, missing


async def barge_in() -> Times:
    """Seconds from voice to silence, of each caller."""
    server, sessions = AudioSocketServer(), Sessions()
    await server.start()
    listener = Listener(server, ScriptedRecogniser())
    question = Question(sounds=(tone(440, 20.0),), phrases=("так",))
    spoken, one_at_a_time = voice(0.6), asyncio.Lock()
    delays: Times = []

    async def one_caller(fastagi_port: int, n: int) -> None:
        async with AsyncExitStack() as open_calls:
            async with one_at_a_time:
                peer = await open_calls.enter_async_context(FakeAgiPeer(fastagi_port, "line"))
                session = await sessions.next()
            for _ in range(ROUNDS):
                before = len(peer.audio)
                asking = asyncio.create_task(listener.ask(session, question))
                await eventually(lambda before=before: len(peer.audio) > before)  # type: ignore[misc]
                await asyncio.sleep(0.5 + 0.0137 * n)
                peer.audio[-1].say(spoken)
                await asking
                delays.append(peer.audio[-1].last_sound_at - peer.audio[-1].said_at[0])

    async with serving(sessions) as fastagi:
        await asyncio.gather(*(one_caller(fastagi.port, n) for n in range(CALLERS)))
    await server.close()
    return delays


def _ms(times: Times, percent: int) -> str:
    return f"{statistics.quantiles(times, n=100)[percent - 1] * 1000:.0f} ms"


async def tables(streams: Sequence[int]) -> list[str]:
    """The results as Markdown rows."""
    calm_collector()
    rows = ["| streams | CPU of one core | streams per core | late p50 | late p99 | frames missing |"]
    rows.append("|---|---|---|---|---|---|")
    for count in streams:
        one = await paced(count)
        per_core = f"{one.streams / one.cpu:,.0f}"
        late = f"{_ms(one.late, 50)} | {_ms(one.late, 99)}"
        rows.append(f"| {count} | {one.cpu:.0%} | {per_core} | {late} | {one.missing} |")
    delays = await barge_in()
    rows += ["", "| barge-in, voice to silence | p50 | p95 | longest |", "|---|---|---|---|"]
    longest = f"{max(delays) * 1000:.0f} ms"
    rows.append(f"| {len(delays)} questions | {_ms(delays, 50)} | {_ms(delays, 95)} | {longest} |")
    return rows


if __name__ == "__main__":
    print("\n".join(run(tables([int(word) for word in sys.argv[1:]] or [50, 100, 200, 300]))))
