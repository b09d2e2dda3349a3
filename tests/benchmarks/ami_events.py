"""How fast AMI events reach a callback: our client beside panoramisk's own Manager, in one run.

    python -m tests.benchmarks.ami_events [events]

Each client gets the same bytes from the same scripted peer on loopback. `wanted`: every event is wanted, and
the callback reads two of its headers. `one in fifty`: the callback wants one event of fifty. `stall`: the
longest time in which no other task of the event loop got its turn.
"""

import asyncio
import sys
import time
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from panoramisk import Manager

from ivr.asterisk.ami import Ami, AmiMessage
from ivr.asterisk.testing import FakeAsteriskAmi, ami_event
from tests.eventually import eventually

SNAPSHOT = {
    "Privilege": "call,all", "Channel": "PJSIP/trunk-0000001a", "ChannelState": "6", "ChannelStateDesc": "Up",
    "CallerIDNum": "0501234567", "CallerIDName": "Іван Іваненко", "ConnectedLineNum": "<unknown>",
    "ConnectedLineName": "<unknown>", "Language": "uk", "AccountCode": "", "Context": "dzvin-lines",
    "Exten": "100", "Priority": "1", "Uniqueid": "1795308163.1", "Linkedid": "1795308163.1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Speed:
    per_second: float
    stall: float
    """Seconds."""


def flood(events: int, wanted_every: int) -> bytes:
    """The bytes of `events` events, the last of them wanted."""
    other, wanted = ami_event("VarSet", SNAPSHOT), ami_event("Newstate", SNAPSHOT)
    group = other * (wanted_every - 1) + wanted
    return group * (events // wanted_every)


async def longest_stall(over: asyncio.Event) -> float:
    longest = 0.0
    while not over.is_set():
        before = time.perf_counter()
        await asyncio.sleep(0)
        longest = max(longest, time.perf_counter() - before)
    return longest


async def measure(fake: FakeAsteriskAmi, data: bytes, events: int, over: asyncio.Event) -> Speed:
    watch = asyncio.create_task(longest_stall(over))
    began = time.perf_counter()
    await fake.send(data)
    await asyncio.wait_for(over.wait(), 120)
    return Speed(events / (time.perf_counter() - began), await watch)


async def ours(events: int, wanted_every: int) -> Speed:
    left, over = events // wanted_every, asyncio.Event()

    def take(message: AmiMessage) -> None:
        nonlocal left
        left -= bool(message["Uniqueid"] and message["ChannelStateDesc"])
        if left == 0:
            over.set()

    async with FakeAsteriskAmi() as fake:
        ami = Ami("127.0.0.1", fake.port, "dzvin", fake.secret, take, events={"Newstate"})
        ami.start()
        await ami.until_ready(5)
        speed = await measure(fake, flood(events, wanted_every), events, over)
        await ami.close()
    return speed


async def panoramisks(events: int, wanted_every: int) -> Speed:
    left, over = events // wanted_every, asyncio.Event()

    def take(manager: Manager, message: object) -> None:
        nonlocal left
        left -= bool(message.uniqueid and message.channelstatedesc)  # type: ignore[attr-defined]
        if left == 0:
            over.set()

    async with FakeAsteriskAmi() as fake:
        manager = Manager(
            host="127.0.0.1", port=fake.port, username="dzvin", secret=fake.secret,
            loop=asyncio.get_running_loop(), ping_delay=600,
        )  # fmt: skip
        manager.register_event("Newstate", take)
        await manager.connect()
        await eventually(lambda: manager.authenticated, within=5)
        speed = await measure(fake, flood(events, wanted_every), events, over)
        manager.close()
    return speed


def table(events: int) -> list[str]:
    """The results as Markdown rows."""
    rows = ["| load | client | events/s | µs per event | longest stall |", "|---|---|---|---|---|"]
    clients: list[tuple[str, Callable[[int, int], Awaitable[Speed]]]] = [
        ("Dzvin", ours),
        ("panoramisk 1.4 Manager", panoramisks),
    ]
    for load, every in (("wanted", 1), ("one in fifty", 50)):
        for name, client in clients:
            speed = asyncio.run(client(events, every))  # type: ignore[arg-type]
            figures = f"{speed.per_second:,.0f} | {1e6 / speed.per_second:.1f} | {speed.stall * 1000:.0f} ms"
            rows.append(f"| {load} | {name} | {figures} |")
    return rows


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    print("\n".join(table(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)))
