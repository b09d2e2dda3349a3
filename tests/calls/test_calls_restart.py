"""The server is killed and comes back, or does not; Asterisk itself is restarted."""

import asyncio
import json
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from acd.core.facts import CallCompleted, CallConnected, CallEntered, CallLeft
from acd.core.words import LeaveReason
from ivr.softphone.phone import Answer, Kind, Softphone
from tests.calls.house import (
    CALLERS,
    MUSIC,
    OLENA,
    OPERATORS,
    SORRY,
    TARAS,
    THANKS,
    House,
)
from tests.machine import stood_still


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Asterisk, and the server in a process of its own."""
    async with with_process(House(tmp_path)) as house:
        yield house


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[House]:
    """The same; callers go to the fallback number after 6 s without a server."""
    async with with_process(House(tmp_path, fallback_after=6)) as house:
        yield house


@asynccontextmanager
async def with_process(house: House) -> AsyncIterator[House]:
    try:
        await house.asterisk.start()
        await house.start_process()
        await house.until_up()
        yield house
    finally:
        await house.stop()


async def view(house: House) -> Any:
    """What the server in its own process shows; {} while it is not there."""

    def fetch() -> Any:
        try:
            with urllib.request.urlopen(f"{house.settings.http_url}/api/view", timeout=1) as answer:  # noqa: S310
                return json.load(answer)
        except OSError:
            return {}

    return await asyncio.to_thread(fetch)


async def until_view(house: House, condition: Any, within: float = 10.0) -> Any:
    deadline = time.monotonic() + within
    while not ((seen := await view(house)) and condition(seen)):
        assert time.monotonic() < deadline, f"not within {within} s: {seen}"
        await asyncio.sleep(0.05)
    return seen


def states(seen: Any) -> list[str]:
    return sorted(call["state"] for call in seen["calls"])


async def at_work(house: House, name: str, answer: Answer = Answer.BY_HEADER) -> Softphone:
    """Logged in by code, as operators do."""
    phone = await house.phone(name, answer)
    await phone.dial("*10")
    await phone.wait_for(Kind.CLOSED)
    return phone


async def talk_and_two_waiting(house: House) -> tuple[Softphone, list[Softphone]]:
    olena = await at_work(house, "701")
    callers = [await house.phone(name) for name in ("caller1", "caller2", "caller3")]
    for number, caller in enumerate(callers, start=1):
        await caller.dial("200")
        await until_view(house, lambda seen, n=number: len(seen["calls"]) == n)
    await until_view(house, lambda seen: states(seen) == ["talking", "waiting", "waiting"])
    await house.hears(callers[0], OPERATORS["701"])
    await house.hears(callers[1], MUSIC)
    return olena, callers


async def test_kill_talks_go_on_and_waiting_callers_come_back_in_their_order(house: House) -> None:
    olena, callers = await talk_and_two_waiting(house)
    before = await until_view(house, lambda seen: True)
    await house.kill_process()
    talked, music = house.heard_for(callers[0], OPERATORS["701"]), house.heard_for(callers[1], MUSIC)
    await house.until(
        lambda: house.heard_for(callers[0], OPERATORS["701"]) > talked + 1.5, what="talk goes on"
    )
    await house.until(lambda: house.heard_for(callers[1], MUSIC) > music + 1.0, what="music goes on")

    await house.start_server()
    began = time.monotonic()
    service = house.running.service
    await house.until(lambda: len(house.running.desk) == 2, what="both callers are back")
    await house.until(lambda: house.view_of(OLENA).activity == "talking", what="operator as before")
    back_after = time.monotonic() - began
    assert back_after - stood_still(began) < 3.0
    after = service.view()
    assert [call.id for call in after.calls if call.state == "waiting"] == [
        call["id"] for call in before["calls"] if call["state"] == "waiting"
    ]
    assert {call.since for call in after.calls} == {call["since"] for call in before["calls"]}
    assert not house.seen(CallEntered)
    print(f"as before within {back_after:.2f} s of the server's return")

    await olena.hang_up()
    await house.fact(CallCompleted)
    await house.hears(callers[0], THANKS)
    await house.fact(CallConnected)
    await house.hears(olena, CALLERS["caller2"])
    await olena.hang_up()
    await house.fact(CallConnected, count=2)
    await house.hears(olena, CALLERS["caller3"])


async def test_a_talk_that_ended_while_the_server_was_away(house: House) -> None:
    olena = await at_work(house, "701")
    caller = await house.phone("caller1")
    await caller.dial("200")
    await house.hears(caller, OPERATORS["701"])
    await house.kill_process()
    music = house.heard_for(caller, MUSIC)
    await olena.hang_up()
    await house.until(lambda: house.heard_for(caller, MUSIC) > music + 0.4, what="music")
    await house.start_server()
    await house.hears(caller, THANKS)
    await caller.wait_for(Kind.CLOSED)
    await house.fact(CallCompleted)
    await house.until(lambda: house.view_of(OLENA).activity == "idle", what="operator free")


async def test_killed_while_the_operators_phone_rings(house: House) -> None:
    olena = await at_work(house, "701")
    olena.answer = Answer.BY_HAND
    caller, seen = await house.phone("caller1"), len(olena.events)
    await caller.dial("200")
    await olena.wait_for(Kind.INCOMING, since=seen)
    await house.kill_process()
    olena.answer = Answer.BY_HEADER
    await house.start_server()
    await house.fact(CallConnected)
    await house.hears(olena, CALLERS["caller1"])
    await house.hears(caller, OPERATORS["701"])


async def test_callers_who_hung_up_while_the_server_was_away_are_lost(house: House) -> None:
    _, callers = await talk_and_two_waiting(house)
    await house.kill_process()
    await callers[0].hang_up()
    await callers[1].hang_up()
    await house.start_server()
    left = await house.fact(CallLeft)
    assert left.reason is LeaveReason.LOST
    await house.fact(CallCompleted)
    await house.fact(CallConnected)
    await house.hears(house.phones["701"], CALLERS["caller3"])


async def test_the_server_does_not_return_apology_and_fallback(impatient: House) -> None:
    house = impatient
    taras = await house.phone("702", Answer.AT_ONCE)
    olena = await at_work(house, "701")
    olena.answer = Answer.BY_HAND
    caller = await house.phone("caller1")
    await caller.dial("200")
    await house.hears(caller, MUSIC)
    await house.kill_process()
    await house.hears(caller, SORRY, within=15)
    await house.hears(taras, CALLERS["caller1"])
    await house.hears(caller, OPERATORS["702"])


async def test_asterisk_is_restarted(tmp_path: Path) -> None:
    house = House(tmp_path)
    try:
        await house.start()
        olena = await house.operator(OLENA)
        callers = [await house.phone(name) for name in ("caller1", "caller2")]
        await callers[0].dial("200")
        await house.fact(CallConnected)
        await callers[1].dial("200")
        await house.fact(CallEntered, count=2)
        await house.asterisk.stop()
        await house.until(lambda: not house.running.service.view().calls, what="no calls")
        await house.until(lambda: not len(house.running.desk), what="no dialogues")
        await house.asterisk.start()
        await house.until(lambda: house.running.ami.ready, 20, "AMI is back")
        await olena.unregister()
        await olena.register()
        await house.until(lambda: house.view_of(OLENA).activity == "idle", what="operator idle")
        await house.until(lambda: house.view_of(OLENA).reachable, 20, "phone reachable")
        house.facts.clear()
        caller = await house.phone("caller3")
        await caller.dial("200")
        assert (await house.fact(CallConnected)).operator != TARAS
        await house.hears(olena, CALLERS["caller3"])
    finally:
        await house.stop()


async def test_told_to_end_it_ends_cleanly_and_the_talk_goes_on(house: House) -> None:
    await at_work(house, "701")
    caller = await house.phone("caller1")
    await caller.dial("200")
    await house.hears(caller, OPERATORS["701"])
    assert house.process is not None
    house.process.terminate()
    assert await asyncio.wait_for(house.process.wait(), 15) == 0
    talked = house.heard_for(caller, OPERATORS["701"])
    await house.until(lambda: house.heard_for(caller, OPERATORS["701"]) > talked + 1.0, what="talk goes on")
