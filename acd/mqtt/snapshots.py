"""Retained views of queues and operators: what changed, once a second; everything after each connection."""

import asyncio
from collections.abc import Callable

import aiomqtt

from acd.core.views import CenterView
from acd.mqtt.topics import topic_part, view_payload


class Snapshots:
    """For one connection."""

    def __init__(
        self, client: aiomqtt.Client, base: str, view: Callable[[], CenterView], every: float
    ) -> None:
        self._client = client
        self._base = base
        self._view = view
        self._every = every
        self._published: dict[str, bytes] = {}

    async def run(self) -> None:
        while True:
            for topic, payload in self._changes().items():
                await self._client.publish(topic, payload, qos=1, retain=True)
            await asyncio.sleep(self._every)

    def _changes(self) -> dict[str, bytes]:
        """Topics with a new payload; empty for those that are gone."""
        view = self._view()
        now = {f"{self._base}/queues/{topic_part(queue.id)}": view_payload(queue) for queue in view.queues}
        now |= {
            f"{self._base}/operators/{topic_part(operator.id)}": view_payload(operator)
            for operator in view.operators
        }
        gone = {topic: b"" for topic in self._published if topic not in now}
        changed = {topic: text for topic, text in now.items() if self._published.get(topic) != text}
        self._published = now
        return gone | changed
