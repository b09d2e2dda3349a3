"""Versions go live and back while calls run: each call keeps its own, nobody loses a call or a state."""

import asyncio
import os
import re
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.core.events import OperatorLoggedIn
from acd.core.facts import CallCompleted, CallConnected, CallLeft, SettingsApplied, StatusChanged
from acd.core.words import CallId, OperatorId
from ivr.arrangement import store_of
from ivr.flow.inputs import Input
from ivr.flow.session import Step
from ivr.publishing import propose, publish
from ivr.secrets import Secrets
from ivr.softphone.crowd import CallersCrowd, OperatorsCrowd
from ivr.turning import Done, roll_back
from ivr.versions import Canary, What
from tests.calls.house import CALLERS, MUSIC, OLENA, PROJECT, THANKS, House, environment_of, write_files
from tests.real import need

PER_SECOND, LOAD_FOR = 10, 20
PLAN = """
center:
  languages: [uk]
  operator: ask-VERSION
  otherwise: bye-VERSION
  allowed-numbers: [70X]
lines:
  main: { name: { uk: Main }, numbers: [100], start: first-VERSION }
  direct: { name: { uk: Direct }, numbers: [200], start: ask-VERSION }
  quick: { name: { uk: Quick }, numbers: [300], start: quick-VERSION }
steps:
  first-VERSION: { play: [menu, thanks], then: second-VERSION }
  second-VERSION: { play: [menu, thanks], then: part-VERSION }
  part-VERSION: { choose: [{ share: 10, then: ask-VERSION }], otherwise: bye-VERSION }
  ask-VERSION: { queue: QUEUE, after-talk: last-VERSION, if-nobody-logged-in: bye-VERSION }
  last-VERSION: { hang-up: [thanks] }
  quick-VERSION: { play: [menu], then: bye-VERSION }
  bye-VERSION: { hang-up: [goodbye] }
queues:
  QUEUE: { name: { uk: Queue }, wrap-up: 0 s, leave-if-nobody-logged-in: false }
skills: {}
break-reasons: {}
operators:
  olena: { name: { uk: Olena }, phone: { number: 701, kind: baresip }, queues: [QUEUE] }
  taras: { name: { uk: Taras }, phone: { number: 702, kind: generic }, queues: [QUEUE] }
"""
PETRO = "  petro: { name: { uk: Petro }, phone: { number: 703, kind: generic }, queues: [QUEUE] }\n"
_OF_VERSION = re.compile(r"(?:first|second|part|ask|last|quick|bye)-(v[0-9]+)")


def plan_of(version: str, queue: str, more: str = "") -> str:
    text = PLAN.replace("skills: {}\nbreak-reasons: {}\n", "") + more
    return text.replace("VERSION", version).replace("QUEUE", queue)


def write_plan(house: House, version: str, queue: str, more: str = "") -> None:
    path = house.settings.dialplans / "all.yaml"
    path.write_text(plan_of(version, queue, more), encoding="utf-8")


def furnish(folder: Path) -> None:
    write_files(folder)
    (folder / "plan" / "all.yaml").write_text(plan_of("v1", "plain"), encoding="utf-8")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path, furnish, trunk_hosts="127.0.0.1")
    try:
        await house.start()
        yield house
    finally:
        await house.stop()


async def publish_now(house: House, why: str) -> Done:
    def work() -> Done:
        proposal = propose(house.settings, house.settings.dialplans)
        assert proposal is not None
        return publish(house.settings, proposal, who="tester", why=why)

    return await asyncio.to_thread(work)


async def back_now(house: House, number: int | None = None) -> Done:
    return await asyncio.to_thread(roll_back, house.settings, number, who="tester", why="")


class Traces:
    """What every call walked."""

    def __init__(self, house: House) -> None:
        self.of: dict[CallId, list[str]] = defaultdict(list)
        self.ended: dict[CallId, int] = {}
        house.running.desk.watchers.append(self._step)
        house.running.desk.ends.append(lambda end: self.ended.update({end.call: end.version}))

    def _step(self, call: CallId, _given: Input, step: Step) -> None:
        self.of[call] += step.trace

    def versions_of(self, call: CallId) -> set[str]:
        return set(_OF_VERSION.findall(" ".join(self.of[call])))


async def log_in(house: House, folder: Path) -> OperatorsCrowd:
    passwords = Secrets(house.settings.secrets_folder).phones(["701", "702"])
    phones = OperatorsCrowd(
        sorted(passwords.items()), house.settings.sip_port, folder / "operators", talk_for=0.4
    )
    await phones.start()
    service = house.running.service
    for operator in (OLENA, OperatorId("taras")):
        await house.until(lambda who=operator: house.view_of(who).reachable, 20, "phone reachable")
        await service.ask(OperatorLoggedIn(at=service.now(), operator=operator))
    return phones


async def test_publish_and_roll_back_under_load(house: House, tmp_path: Path) -> None:
    """Ten calls a second; a version with other steps and another queue, one with another phone, and back."""
    need("sipp")
    traces, phones = Traces(house), await log_in(house, tmp_path)
    callers = CallersCrowd("100", house.settings.sip_port, tmp_path / "callers")
    house.facts.clear()
    rollbacks: list[Done] = []
    try:
        await callers.start(PER_SECOND * LOAD_FOR, PER_SECOND)
        await house.until(lambda: len(traces.ended) > 20, 20, "calls flow")
        write_plan(house, "v2", "other")
        await asyncio.sleep(1.0)  # calls begin while the file is changed and not published
        assert set(house.running.desk.versions()) == {1}
        assert (await publish_now(house, "steps and queue have other names")).server
        await house.until(lambda: 2 in traces.ended.values(), 20, "calls by version 2")
        rollbacks.append(await back_now(house))
        write_plan(house, "v3", "plain", PETRO)
        await asyncio.sleep(1.5)
        await publish_now(house, "a phone more")
        assert "703" in await house.asterisk.cli("pjsip show endpoints")
        await house.until(lambda: 3 in traces.ended.values(), 20, "calls by version 3")
        rollbacks.append(await back_now(house))
        failed = await callers.wait(within=60)
    finally:
        await callers.stop()
        await phones.stop()
    assert failed == 0
    assert len(traces.of) == PER_SECOND * LOAD_FOR
    for call, version in traces.ended.items():
        assert traces.versions_of(call) == {f"v{version}"}, traces.of[call]
    assert set(traces.ended.values()) == {1, 2, 3}
    assert min(done.took_for for done in rollbacks) < 1.0  # a slow disk may hold one of them up
    assert len(house.seen(CallConnected)) > 5
    assert len(house.seen(CallConnected)) == len(house.seen(CallCompleted))
    assert not house.seen(CallLeft)
    assert not house.seen(StatusChanged, operator=OLENA)
    await house.until(lambda: not house.running.versions.now.ending, 10, "old versions are let go")
    assert house.seen(SettingsApplied)


async def test_a_call_that_waits_keeps_its_queue_and_its_version_also_over_a_restart(house: House) -> None:
    caller = await house.phone("caller1")
    await caller.dial("200")
    await house.hears(caller, MUSIC)
    write_plan(house, "v2", "other")
    await publish_now(house, "the queue has another name")
    assert set(house.running.service.center.settings.queues) == {"plain", "other"}
    (waiting,) = house.running.service.view().calls
    assert waiting.queue == "plain"
    await house.stop_server()
    await house.start_server()
    traces = Traces(house)
    desk = house.running.desk
    await house.until(lambda: desk.versions() == {1: 1}, 10, "the call comes back to its version")
    olena = await house.phone("701")
    await house.until(lambda: house.view_of(OLENA).reachable, what="phone reachable")
    service = house.running.service
    await service.ask(OperatorLoggedIn(at=service.now(), operator=OLENA))
    await house.hears(olena, CALLERS["caller1"])
    await olena.hang_up()
    await house.hears(caller, THANKS)
    await house.until(lambda: traces.ended, 10, "the call ends")
    assert list(traces.ended.values()) == [1]
    assert traces.versions_of(next(iter(traces.ended))) == {"v1"}
    await house.until(lambda: house.view_of(OLENA).activity == "idle", 10, "olena is free again")


async def test_a_version_on_trial_that_is_worse_is_taken_back_by_itself(house: House, tmp_path: Path) -> None:
    """Its callers are asked for a key that they do not press; the live version asks nothing."""
    need("sipp")
    traces = Traces(house)
    write_plan(house, "v2", "plain")
    path = house.settings.dialplans / "all.yaml"
    menu = "quick-v2: { menu: menu, keys: { 1: bye-v2 }, wait: 1 s, tries: 1, if-silent: bye-v2 }"
    asking = re.sub(r"quick-v2: \{.*\}", menu, path.read_text(encoding="utf-8"))
    path.write_text(asking, encoding="utf-8")
    await asyncio.to_thread(try_on_half, house)
    callers = CallersCrowd("300", house.settings.sip_port, tmp_path / "callers")
    try:
        await callers.start(80, PER_SECOND)
        await house.until(lambda: house.running.versions.now.change.what is What.WORSE, 40, "taken back")
        assert await callers.wait(within=60) == 0
    finally:
        await callers.stop()
    change = store_of(house.settings).live()
    assert change is not None
    assert (change.live, change.canary, change.who) == (1, None, "dzvin")
    assert change.why.startswith("calls with an answer that led nowhere: ")
    for call, version in traces.ended.items():
        assert traces.versions_of(call) == {f"v{version}"}
    assert list(traces.ended.values()).count(2) >= 10


def try_on_half(house: House) -> None:
    proposal = propose(house.settings, house.settings.dialplans)
    assert proposal is not None
    canary = Canary(number=0, share=0.5, since=0.0)
    done = publish(house.settings, proposal, who="tester", why="a menu", canary=canary)
    assert done.change.what is What.TRY


async def test_the_command_itself_takes_less_than_a_second_of_work(house: House) -> None:
    """`dzvin rollback` as a person starts it; the time until the server has gone over is what counts."""
    write_plan(house, "v2", "other")
    await publish_now(house, "another one")
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr.cli", "rollback", "--why", "a trial"),
        cwd=PROJECT,
        env={**environment_of(house.settings), "PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE,
    )
    await house.until(lambda: house.running.versions.now.live.number == 1, 20, "version 1 is live")
    took = time.monotonic() - began
    said, _ = await process.communicate()
    assert process.returncode == 0
    text = said.decode()
    assert "Version 1 is live (rolled back)." in text
    server = re.search(r"went over in ([0-9.]+) s", text)
    assert server is not None
    assert float(server[1]) < 1.0
    assert took < 10.0  # the interpreter's start on a busy machine is in it
