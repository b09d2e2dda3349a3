"""Against a real Mosquitto that is away, killed, frozen, strict."""

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiomqtt
import psutil
import pytest

from acd.core.facts import OperatorFreed, Record
from acd.core.views import CenterView, OperatorView
from acd.core.words import OperatorId
from acd.mqtt import MqttPublisher, broker_from
from acd.mqtt.broker import BrokerSettings
from acd.mqtt.publisher import PublisherSettings
from tests.eventually import eventually
from tests.mosquitto import Mosquitto, mosquitto
from tests.real import need

QUICK = PublisherSettings(
    site="kyiv", timeout=1.0, back_off_from=0.05, back_off_to=0.3, snapshot_every=0.05, close_for=5.0
)

PATIENT = replace(QUICK, timeout=30.0)
"""Where every fact is to come once: a broker that is late would get it a second time."""


def record(seq: int) -> Record:
    return Record(seq, OperatorFreed(at=float(seq), operator=OperatorId("olha")))


def operator(name: str) -> OperatorView:
    return OperatorView(
        id=OperatorId(name),
        name=name,
        phone="sip",
        status="available",
        reason="",
        next_status="",
        activity="idle",
        since=0.0,
        until=None,
        reachable=True,
        set_aside=False,
        call=None,
        queue=None,
    )


def view_of(*operators: str) -> CenterView:
    return CenterView(at=0.0, queues=(), operators=tuple(map(operator, operators)), calls=())


def no_view() -> CenterView:
    return view_of()


class Listener:
    """A consumer with a session that the broker keeps; it connects again as long as it runs."""

    def __init__(self, port: int, topic: str) -> None:
        self.seqs: list[int] = []
        self.gaps: list[dict[str, int]] = []
        self.retained: dict[str, bytes] = {}
        self.subscribed = asyncio.Event()
        self._port = port
        self._topic = topic

    @property
    def once_each(self) -> list[int]:
        """What a consumer keeps that drops every seq not greater than the last."""
        kept: list[int] = []
        for seq in self.seqs:
            if not kept or seq > kept[-1]:
                kept.append(seq)
        return kept

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except aiomqtt.MqttError:
                await asyncio.sleep(0.05)

    async def _listen(self) -> None:
        client = aiomqtt.Client("127.0.0.1", self._port, identifier="listener", clean_session=False)
        async with client:
            await client.subscribe(self._topic, qos=1)
            self.subscribed.set()
            async for message in client.messages:
                self._take(str(message.topic), bytes(message.payload))  # type: ignore[arg-type]

    def _take(self, topic: str, payload: bytes) -> None:
        if "/facts/" not in topic:
            self.retained[topic] = payload
        elif topic.endswith("/gap"):
            self.gaps.append(json.loads(payload))
        else:
            self.seqs.append(json.loads(payload)["seq"])


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with mosquitto() as server:
        yield server


@asynccontextmanager
async def listening(broker: Mosquitto, topic: str = "dzvin/#") -> AsyncIterator[Listener]:
    listener = Listener(broker.port, topic)
    task = asyncio.create_task(listener.run())
    await asyncio.wait_for(listener.subscribed.wait(), 10)
    yield listener
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)


@asynccontextmanager
async def publishing(
    settings: BrokerSettings, quick: PublisherSettings = QUICK, view: Callable[[], CenterView] = no_view
) -> AsyncIterator[MqttPublisher]:
    publisher = MqttPublisher(settings, view, quick)
    publisher.start()
    try:
        yield publisher
    finally:
        await publisher.close()


async def test_facts_arrive_in_order_and_once_each(broker: Mosquitto) -> None:
    broker.start()
    async with listening(broker) as listener, publishing(broker_from(broker.url), PATIENT) as publisher:
        publisher([record(seq) for seq in range(1, 1001)])
        await eventually(lambda: len(listener.seqs) >= 1000)
        assert listener.seqs == list(range(1, 1001))
        assert listener.retained["dzvin/kyiv/status"] == b"online"


async def test_a_broker_that_comes_later_gets_everything(broker: Mosquitto) -> None:
    async with publishing(broker_from(broker.url)) as publisher:
        publisher([record(seq) for seq in range(1, 101)])
        assert publisher.waiting == 100
        broker.start()
        async with listening(broker) as listener:
            publisher([record(101)])
            await eventually(lambda: listener.seqs[-1:] == [101])
    assert publisher.waiting == 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_nothing_is_lost_over_restarts_of_the_broker(broker: Mosquitto, how: signal.Signals) -> None:
    broker.start()
    async with listening(broker) as listener, publishing(broker_from(broker.url)) as publisher:
        seq = 0
        for restart in range(3):
            for _ in range(300):
                publisher([record(seq := seq + 1)])
                if seq % 300 == 150:
                    await eventually(lambda restart=restart: listener.once_each[-1:] >= [restart * 300 + 20])
                    await asyncio.to_thread(broker.stop, how)
                    await asyncio.to_thread(broker.start)
                await asyncio.sleep(0)
        await eventually(lambda: listener.once_each[-1:] == [seq], within=20)
        assert listener.once_each == list(range(1, seq + 1))


async def test_a_frozen_broker_costs_the_sink_nothing_and_loses_nothing(broker: Mosquitto) -> None:
    broker.start()
    async with listening(broker) as listener, publishing(broker_from(broker.url)) as publisher:
        publisher([record(1)])
        await eventually(lambda: listener.once_each == [1] and publisher.waiting == 0)
        broker.send(signal.SIGSTOP)
        publisher([record(seq) for seq in range(2, 3001)])
        assert publisher.waiting == 2999  # the sink returned; nobody could have answered
        await eventually(lambda: not publisher.connected, what="the frozen broker is noticed")
        broker.send(signal.SIGCONT)
        await eventually(lambda: listener.once_each[-1:] == [3000], within=20)
        assert listener.once_each == list(range(1, 3001))
        await eventually(lambda: listener.retained["dzvin/kyiv/status"] == b"online")


async def test_connections_given_up_while_frozen_do_not_live_on(broker: Mosquitto) -> None:
    """Each would say `offline` in our name when it dies."""
    broker.start()
    async with publishing(broker_from(broker.url)) as publisher:
        await eventually(lambda: publisher.connected)
        broker.send(signal.SIGSTOP)
        await eventually(lambda: publisher.failures >= 3, 30, "attempts meet a broker that does not answer")
        broker.send(signal.SIGCONT)
        await eventually(lambda: publisher.connected)
        assert connections_to(broker.port) == 1


def connections_to(port: int) -> int:
    found = psutil.Process().net_connections("tcp4")
    return sum(1 for one in found if one.raddr and one.raddr.port == port and one.status == "ESTABLISHED")


async def test_what_does_not_fit_is_named_as_a_gap_at_its_place(broker: Mosquitto) -> None:
    small = replace(PATIENT, limit=50)
    async with publishing(broker_from(broker.url), small) as publisher:
        publisher([record(seq) for seq in range(1, 201)])
        assert (publisher.waiting, publisher.dropped) == (50, 150)
        broker.start()
        async with listening(broker) as listener:
            publisher([record(201)])
            await eventually(lambda: listener.once_each[-1:] == [201])
    told = sum(gap["count"] for gap in listener.gaps)
    assert listener.once_each == sorted(set(listener.seqs))
    assert told in (0, 150, 151)  # the listener may have come after the gap was told
    assert publisher.dropped in (150, 151)


async def test_snapshots_are_retained_and_vanish_with_their_operator(broker: Mosquitto) -> None:
    broker.start()
    names = ["olha", "a/b+"]
    settings = broker_from(broker.url)
    async with publishing(settings, view=lambda: view_of(*names)), listening(broker) as listener:
        await eventually(lambda: "dzvin/kyiv/operators/a%2Fb%2B" in listener.retained)
        olha = json.loads(listener.retained["dzvin/kyiv/operators/olha"])
        assert (olha["activity"], olha["reachable"]) == ("idle", True)
        names.remove("a/b+")
        await eventually(lambda: listener.retained["dzvin/kyiv/operators/a%2Fb%2B"] == b"")


async def test_a_view_that_fails_does_not_stop_the_facts_for_good(broker: Mosquitto) -> None:
    broker.start()
    calls = 0

    def view() -> CenterView:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise RuntimeError("no view yet")
        return view_of()

    async with listening(broker) as listener, publishing(broker_from(broker.url), view=view) as publisher:
        publisher([record(1)])
        await eventually(lambda: listener.once_each == [1] and calls > 1 and publisher.waiting == 0)


async def test_the_end_says_offline(broker: Mosquitto) -> None:
    broker.start()
    async with listening(broker) as listener:
        async with publishing(broker_from(broker.url), PATIENT) as publisher:
            await eventually(lambda: publisher.connected)
            publisher([record(1)])
        await eventually(lambda: listener.retained.get("dzvin/kyiv/status") == b"offline")
        assert listener.seqs == [1]


async def test_tls_user_and_password(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    passwords = make_passwords(tmp_path)
    options = [
        f"cafile {certificate}",
        f"certfile {certificate}",
        f"keyfile {key}",
        f"password_file {passwords}",
    ]
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    with mosquitto(*options, "allow_anonymous false") as broker:
        broker.start()
        url = f"mqtts://dzvin@127.0.0.1:{broker.port}"
        async with publishing(broker_from(url, secret, certificate)) as publisher:
            publisher([record(1)])
            await eventually(lambda: publisher.waiting == 0)
        async with publishing(
            broker_from(f"mqtts://dzvin:wrong@127.0.0.1:{broker.port}", None, certificate)
        ) as bad:
            bad([record(1)])
            await eventually(lambda: bad.failures >= 2)
            assert (bad.connected, bad.waiting) == (False, 1)


def make_passwords(folder: Path) -> Path:
    path = folder / "passwords"
    subprocess.run([need("mosquitto_passwd"), "-c", "-b", str(path), "dzvin", "s3cret"], check=True)
    return path


def make_certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    command = [
        need("openssl"),
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        *files,
        *subject,
    ]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key
