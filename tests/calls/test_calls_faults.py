"""The whole server beside a database, a broker, an AMI or an Asterisk that fails, while calls run."""

import asyncio
import contextlib
import itertools
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiomqtt
import pytest
import structlog

from acd.core.facts import CallCompleted, CallConnected, CallEntered, CallLeft, OfferMissed
from acd.core.words import Cause, LeaveReason
from ivr.own_asterisk import phones
from ivr.secrets import Secrets
from ivr.softphone.phone import Kind
from tests.calls.house import CALLERS, MUSIC, OLENA, OPERATORS, House
from tests.mosquitto import mosquitto
from tests.real import free_port


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Asterisk runs; the test starts the server as it needs it."""
    async with with_asterisk(House(tmp_path)) as house:
        yield house


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[House]:
    """The same; a leg without sound is ended after 4 s."""
    house = House(tmp_path)
    house.asterisk.conf = replace(house.asterisk.conf, rtp_timeout_for=4)
    async with with_asterisk(house):
        yield house


@asynccontextmanager
async def with_asterisk(house: House) -> AsyncIterator[House]:
    try:
        await house.asterisk.start()
        yield house
    finally:
        await house.stop()


class FrozenLink:
    """A way to a server that can stop passing anything on, without closing: half-open on both sides."""

    def __init__(self, to_port: int) -> None:
        self.port = free_port()
        self.flows = asyncio.Event()
        self.flows.set()
        self._to_port = to_port
        self._tasks: set[asyncio.Task[None]] = set()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.flows.wait()
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        for source, target in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._pass_on(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self.flows.wait()
                target.write(data)
        target.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["FrozenLink"]:
        server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        try:
            yield self
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()


def took_for(house: House, talk: CallConnected) -> float:
    """The seconds of the promise, without those in which the machine stood still."""
    return talk.took_for - house.stood_still(talk.at - talk.took_for, talk.at)


async def test_ami_falls_silent_without_closing(house: House) -> None:
    """Noticed within 3 s; the caller hears music meanwhile, and is put through as soon as it is back."""
    async with FrozenLink(house.settings.ami_port).listening() as link:
        house.settings = house.settings.model_copy(update={"ami_port": link.port})
        await house.start_server()
        olena, caller = await house.operator(OLENA), await house.phone("caller1")
        link.flows.clear()
        began = asyncio.get_running_loop().time()
        await house.until(lambda: not house.running.ami.ready, 3.2, "noticed")
        print(f"noticed after {asyncio.get_running_loop().time() - began:.2f} s")
        assert house.running.health().reasons_not_ready() == ["switch link down"]
        await caller.dial("200")
        missed = await house.fact(OfferMissed)
        assert missed.cause is Cause.SWITCH_ERROR
        await house.hears(caller, MUSIC)
        link.flows.set()
        await house.fact(CallConnected)
        await house.hears(olena, CALLERS["caller1"])
        assert not house.running.health().reasons_not_ready()


async def test_a_wrong_ami_secret_is_told_and_tried_ever_more_slowly(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Callers get in and hear music; when the secret is mended in Asterisk, the server is there by itself."""
    monkeypatch.setattr("ivr.app.ami_secret", lambda settings: "quite-another-secret")
    with structlog.testing.capture_logs() as logs:
        server = await house.start_without_link()
        refused: list[float] = []

        def four_times() -> bool:
            told = [line for line in logs if line["event"] == "ami.login_refused"]
            if len(told) > len(refused):
                refused.append(asyncio.get_running_loop().time())
                assert told[-1]["alarm"] is True
            return len(refused) >= 4

        watching = asyncio.create_task(house.until(four_times, 30, "refused four times"))
        caller = await house.phone("caller1")
        await caller.dial("230")
        await house.hears(caller, MUSIC)
        await watching
        pauses = [later - earlier for earlier, later in itertools.pairwise(refused)]
        assert pauses[0] > 0.2
        assert pauses[2] > 1.0, "0.5, 1, 2 s, each shortened by at most a half by chance"
        assert server.health().reasons_not_ready() == ["switch link down"]
        assert "quite-another-secret" not in str(logs)
    manager = house.asterisk.folder / "etc" / "manager.conf"
    text = manager.read_text()
    mended = "\n".join(
        "secret = quite-another-secret" if line.startswith("secret") else line for line in text.splitlines()
    )
    manager.write_text(mended + "\n")
    await house.asterisk.cli("manager reload")
    await house.until(lambda: server.ami.ready, 10, "in with the right secret")
    olena = await house.phone("701")
    await olena.dial("*10")
    await house.fact(CallConnected)
    await house.hears(caller, OPERATORS["701"])


async def test_sqlite_is_locked_for_seconds_while_calls_go_through(house: House) -> None:
    await house.start_server()
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    database = house.settings.run_folder / "dzvin.sqlite"
    await house.until(lambda: house.running.journal.backlog == 0, what="written so far")
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        locked_at = asyncio.get_running_loop().time()
        await caller.dial("200")
        assert took_for(house, await house.fact(CallConnected)) < 1.0
        await house.hears(olena, CALLERS["caller1"])
        await caller.hang_up()
        await house.fact(CallCompleted)
        await caller.dial("200")
        await house.fact(CallConnected, count=2)
        await house.hears(caller, OPERATORS["701"])
        assert house.running.journal.backlog > 0
        assert not house.running.health().reasons_not_ready()
        await house.until(lambda: asyncio.get_running_loop().time() - locked_at > 5, what="5 s")
        other.execute("ROLLBACK")
    await house.until(lambda: house.running.journal.backlog == 0, what="all written")
    with contextlib.closing(sqlite3.connect(database)) as reader:
        rows = reader.execute("SELECT seq FROM facts ORDER BY seq").fetchall()
    assert [seq for (seq,) in rows] == list(range(1, len(house.facts) + 1))


async def test_a_broker_that_comes_late_gets_every_fact_of_the_calls(house: House) -> None:
    """The server gets through to it as soon as somebody listens to what it says."""
    with mosquitto() as broker:
        link = FrozenLink(broker.port)
        house.settings = house.settings.model_copy(update={"mqtt_url": f"mqtt://127.0.0.1:{link.port}"})
        await house.start_server()
        await house.operator(OLENA)
        caller = await house.phone("caller1")
        await caller.dial("200")
        assert took_for(house, await house.fact(CallConnected)) < 1.0
        await caller.hang_up()
        await house.fact(CallCompleted)
        health = house.running.health()
        assert (health.mqtt, health.reasons_not_ready()) == ("down", [])
        broker.start()
        async with aiomqtt.Client("127.0.0.1", broker.port) as client:
            await client.subscribe("dzvin/#", qos=1)
            wanted = list(range(1, len(house.facts) + 1))
            seqs: list[int] = []
            async with link.listening(), asyncio.timeout(40):
                async for message in client.messages:
                    if "/facts/" in str(message.topic):
                        seqs.append(json.loads(bytes(message.payload))["seq"])  # type: ignore[arg-type]
                    if seqs and seqs[-1] >= wanted[-1]:
                        break
        assert [seq for seq in dict.fromkeys(seqs) if seq <= wanted[-1]] == wanted


async def test_core_restart_now_in_the_middle_of_calls(house: House) -> None:
    """All calls are gone: callers counted, the operator free; the next call goes through by itself."""
    await house.start_server()
    olena = await house.operator(OLENA)
    first, second, third = [await house.phone(name) for name in ("caller1", "caller2", "caller3")]
    await first.dial("200")
    await house.fact(CallConnected)
    await second.dial("200")
    await house.fact(CallEntered, count=2)
    await house.asterisk.cli("core restart now")
    await house.fact(CallCompleted)
    left = await house.fact(CallLeft)
    assert left.reason in (LeaveReason.HUNG_UP, LeaveReason.LOST)
    await house.until(lambda: not house.running.service.view().calls, what="no calls")
    await house.until(lambda: not len(house.running.desk), what="no dialogues")
    await house.until(lambda: house.running.ami.ready, 20, "AMI is back")
    await olena.unregister()
    await olena.register()
    await house.until(
        lambda: house.view_of(OLENA).reachable and house.view_of(OLENA).activity == "idle",
        15,
        "olena is free",
    )
    house.facts.clear()
    await third.dial("200")
    assert (await house.fact(CallConnected)).operator == OLENA
    await house.hears(olena, CALLERS["caller3"])


async def test_a_phone_that_sends_no_sound_any_more_does_not_hold_the_caller_for_ever(
    impatient: House,
) -> None:
    """Answered, then frozen: Asterisk ends the silent leg, and the operator is not busy for ever."""
    house = impatient
    await house.start_server()
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    await caller.dial("200")
    await house.hears(olena, CALLERS["caller1"])
    seen = len(caller.events)
    olena.freeze()
    try:
        await house.fact(CallCompleted, within=15)
        await caller.wait_for(Kind.CLOSED, since=seen)
    finally:
        olena.thaw()
    await house.until(lambda: house.view_of(OLENA).activity == "idle", 5, "the operator is free")


async def test_logs_hold_no_password_no_number_and_no_key(house: House) -> None:
    """A whole run at the most talkative level: the server's own log and all of Asterisk's."""
    await house.start_process()
    await house.until_up()
    olena = await house.phone("701")
    await olena.dial("*10")
    await olena.wait_for(Kind.CLOSED)
    caller = await house.phone("caller1")
    await caller.dial("100")
    await house.until(lambda: caller.talking, what="in the menu")
    await caller.press("975")
    await house.hears(caller, OPERATORS["701"], within=40)
    await olena.press("8642")
    await caller.hang_up()
    await house.until(lambda: "call over" in log_of(house), what="the end is logged")
    asterisk = "".join(path.read_text(errors="replace") for path in log_files(house))
    secrets = Secrets(house.settings.secrets_folder)
    accounts = phones(house.loaded, secrets)
    for secret in (secrets.named("ami"), *(account.password for account in accounts)):
        assert secret not in log_of(house) + asterisk
    assert "caller=***r1" in log_of(house), "numbers are masked"
    assert "caller1" not in log_of(house)
    for typed in ("9", "7", "5", "8", "6", "4", "2"):
        assert not re.search(rf"(key|digit)\S*[= ]'?{typed}", log_of(house) + asterisk, re.IGNORECASE)
        assert f"menu/{typed}" not in log_of(house)


def log_files(house: House) -> list[Path]:
    return [path for path in (house.asterisk.folder / "log").iterdir() if path.is_file()]


def log_of(house: House) -> str:
    return (house.folder / "server.log").read_text(errors="replace")
