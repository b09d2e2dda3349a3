"""`MqttPublisher`: an acd.core.ports.FactSink that tells an MQTT 3.1.1 broker, over all its absences.

The sink only puts facts into a bounded buffer in memory. A task of its own connects, with a back-off that
grows and is spread at random, and sends the facts in order with QoS 1, `window` of them at a time. A fact
leaves the buffer when the broker acknowledged it and all before it. Facts in the buffer when the process
ends are not sent later: the journal has them.
"""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import aiomqtt
import structlog

from acd.core.facts import Record
from acd.core.views import CenterView
from acd.mqtt.broker import BrokerSettings
from acd.mqtt.buffer import Buffer, Gap
from acd.mqtt.snapshots import Snapshots
from acd.mqtt.topics import fact_payload, gap_payload, topic_part

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherSettings:
    site: str = "main"
    limit: int = 100_000
    """Facts in the buffer (about 50 MB); beyond it the oldest are given up and a gap is published."""
    window: int = 20
    """Messages on their way at once."""
    again: int = 200
    """Acknowledged facts that are sent once more after a lost connection."""
    snapshot_every: float = 1.0
    timeout: float = 10.0
    """Seconds for the broker to accept the connection or to acknowledge; then the connection is made anew."""
    back_off_from: float = 0.2
    back_off_to: float = 15.0
    close_for: float = 2.0
    full_numbers: bool = False
    """Callers' numbers unmasked, and what was said in messages and notes."""


class MqttPublisher:
    def __init__(
        self,
        broker: BrokerSettings,
        view: Callable[[], CenterView],
        settings: PublisherSettings | None = None,
    ) -> None:
        self.settings = settings or PublisherSettings()
        self.connected = False
        self.failures = 0
        """Connections that were refused or lost since the start."""
        self._broker = broker
        self._view = view
        self._base = f"dzvin/{topic_part(self.settings.site)}"
        self._buffer = Buffer(self.settings.limit, self.settings.again)
        self._told = False
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Facts that the broker has not acknowledged."""
        return len(self._buffer)

    @property
    def dropped(self) -> int:
        """Facts given up since the start."""
        return self._buffer.dropped

    def __call__(self, records: Sequence[Record]) -> None:
        self._buffer.put(records)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="mqtt")

    async def close(self) -> None:
        """Send what waits, for `close_for` seconds at most, say `offline` and go."""
        try:
            async with asyncio.timeout(self.settings.close_for):
                if self.connected:
                    await self._buffer.emptied.wait()
        except TimeoutError:
            log.warning("MQTT closed before everything was sent", waiting=self.waiting)
        if self._task is not None:
            await _end(self._task)

    async def _run(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            try:
                await self._one_connection()
            except* Exception as errors:  # whatever it is, the next connection may do
                self._say_lost(errors)
            lasted_for = time.monotonic() - began
            failures = 0 if lasted_for > self.settings.back_off_to else min(failures + 1, 16)
            await asyncio.sleep(self._pause(failures))

    def _pause(self, failures: int) -> float:
        """A connection that lasted makes the next attempt quick; one that breaks soon does not."""
        longest = min(self.settings.back_off_from * 2.0**failures, self.settings.back_off_to)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads reconnects, hides nothing

    async def _one_connection(self) -> None:
        """Returns only by an error or by being cancelled."""
        client = await self._new_client()
        try:
            await self._serve(client)
        finally:
            self.connected = False
            _abandon(client)

    async def _serve(self, client: aiomqtt.Client) -> None:
        async with client:
            self._say_connected()
            await client.publish(f"{self._base}/status", "online", qos=1, retain=True)
            try:
                await self._work(client)
            except asyncio.CancelledError:
                await asyncio.shield(self._say_offline(client))
                raise

    async def _work(self, client: aiomqtt.Client) -> None:
        snapshots = Snapshots(client, self._base, self._view, self.settings.snapshot_every)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_until_disconnected(client))
            tasks.create_task(self._send_facts(client))
            tasks.create_task(snapshots.run())

    async def _new_client(self) -> aiomqtt.Client:
        """A client serves one connection only: after a failure its state is not to be relied upon."""
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.user,
            password=self._broker.password,
            tls_context=await asyncio.to_thread(self._broker.tls_context),
            timeout=self.settings.timeout,
            keepalive=max(int(2 * self.settings.timeout), 2),
            max_inflight_messages=self.settings.window * 2,
            will=aiomqtt.Will(f"{self._base}/status", "offline", qos=1, retain=True),
        )
        client.pending_calls_threshold = self.settings.window * 4
        return client

    async def _send_facts(self, client: aiomqtt.Client) -> None:
        self._buffer.send_again()
        while True:
            await self._buffer.some()
            await self._send_batch(client, self._buffer.batch(self.settings.window))

    async def _send_batch(self, client: aiomqtt.Client, batch: Sequence[Gap | Record]) -> None:
        """Tasks begin in the order they are made, and hand over to the library before they wait."""
        sending = [asyncio.create_task(self._publish(client, item)) for item in batch]
        sent = 0
        try:
            for task in sending:
                await task
                sent += 1
        finally:
            self._buffer.acknowledge(batch[:sent])
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)

    def _publish(self, client: aiomqtt.Client, item: Gap | Record) -> Coroutine[Any, Any, None]:
        site = self.settings.site
        match item:
            case Gap(first, last, count):
                topic, payload = "gap", gap_payload(first, last, count, site)
            case Record():
                topic = type(item.fact).__name__
                payload = fact_payload(item, site, self.settings.full_numbers)
        return client.publish(f"{self._base}/facts/{topic}", payload, qos=1)

    async def _say_offline(self, client: aiomqtt.Client) -> None:
        try:
            await client.publish(f"{self._base}/status", "offline", qos=1, retain=True, timeout=1.0)
        except aiomqtt.MqttError:
            log.debug("the broker will say offline itself")

    def _say_connected(self) -> None:
        log.info("MQTT connected", broker=self._broker.shown, waiting=self.waiting)
        self.connected = True
        self._told = False

    def _say_lost(self, errors: BaseExceptionGroup[Exception]) -> None:
        self.failures += 1
        if not self._told:
            why = str(errors.exceptions[0])
            log.error("MQTT not connected: facts wait in memory", broker=self._broker.shown, why=why)
            self._told = True


async def _end(task: asyncio.Task[None]) -> None:
    """Python 3.11's wait_for, in the library, may swallow a cancellation: asked again until it is heard."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)


async def _until_disconnected(client: aiomqtt.Client) -> None:
    """The stream ends at once, by MqttError, where publish would wait for its whole timeout."""
    async for _ in client.messages:
        pass


def _abandon(client: aiomqtt.Client) -> None:
    """aiomqtt 2.5 leaves the socket open when the broker did not answer CONNECT in time. Such a connection
    would come alive with the broker, and its last will would say `offline` in our name one day."""
    client._client.disconnect()
