"""`dzvin run` with the shipped dialplans and the real Asterisk: started, used, killed in parts, ended."""

import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.softphone.phone import Kind, Softphone
from tests import sound
from tests.eventually import eventually
from tests.real import need
from tests.run_process import RunningDzvin, dzvin, settings_for_run

TRIES = 3
"""A promised time is measured again where the disk or other programs stalled the machine meanwhile."""
WELCOME = Path(__file__).resolve().parents[2] / "prompts" / "uk" / "welcome.wav"


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[RunningDzvin]:
    running = RunningDzvin(settings_for_run(tmp_path), tmp_path)
    yield running
    await running.clean()
    shutil.rmtree(running.asterisk_folder, ignore_errors=True)


def heard_whole(phone: Softphone, prompt: Path) -> bool:
    if not phone.recordings():
        return False
    return sound.find(phone.heard(), prompt, least=0.8) is not None


async def test_a_newcomer_hears_the_menu_and_ctrl_c_ends_everything(
    run: RunningDzvin, tmp_path: Path
) -> None:
    need("baresip")
    await run.start()
    password = run.password("caller1")
    assert "100" in run.said()
    async with Softphone("caller1", password, run.settings.sip_port, tmp_path / "phone") as phone:
        await phone.register()
        await phone.dial("100")
        await eventually(lambda: heard_whole(phone, WELCOME), 15, "hears the welcome")
        asterisk = run.asterisk_pid()
        assert await run.ended(signal.SIGINT) == 0
        await phone.vanish()  # it would wait for an answer to its goodbye
    assert asterisk is not None
    assert run.asterisk_pid() is None
    assert run.taken() == []
    assert run.said().endswith("Ended.\n")
    assert "Traceback" not in run.said()


async def test_a_second_start_takes_seconds(run: RunningDzvin) -> None:
    await run.start()
    assert await run.ended(signal.SIGTERM) == 0
    took = []
    while not took or (min(took) >= 10 and len(took) < TRIES):
        took.append(await run.start())
        assert await run.ended(signal.SIGHUP) == 0  # the terminal was closed
        assert run.taken() == []
    assert min(took) < 10, took


async def test_a_killed_server_is_back_within_three_seconds(run: RunningDzvin) -> None:
    await run.start()
    asterisk, took = run.asterisk_pid(), []
    while not took or (min(took) >= 3 and len(took) < TRIES):
        await eventually(run.next_server_waits, 30, "the next server waits")
        server = run.server_pid()
        os.kill(server, signal.SIGKILL)
        began = time.monotonic()
        await run.until_said("The server ended (by SIGKILL) and is started again", times=len(took) + 1)
        await run.until_ready(within=30)
        took.append(time.monotonic() - began)
        assert run.server_pid() != server
        assert run.asterisk_pid() == asterisk
    assert min(took) < 3, took


async def test_an_asterisk_that_dies_is_started_again_and_the_server_finds_it(run: RunningDzvin) -> None:
    await run.start()
    before, server = run.asterisk_pid(), run.server_pid()
    assert before is not None
    os.kill(before, signal.SIGKILL)
    await run.until_said("Asterisk runs again")
    await run.until_ready(within=15)
    assert run.asterisk_pid() not in {None, before}
    assert run.server_pid() == server


async def test_when_run_itself_is_killed_the_next_one_takes_asterisk_over_with_its_calls(
    run: RunningDzvin, tmp_path: Path
) -> None:
    need("baresip")
    await run.start()
    asterisk = run.asterisk_pid()
    again = RunningDzvin(run.settings, tmp_path)
    try:
        async with Softphone(
            "caller1", run.password("caller1"), run.settings.sip_port, tmp_path / "phone"
        ) as phone:
            await phone.register()
            await phone.dial("100")
            await phone.wait_for(Kind.ESTABLISHED)
            assert await run.ended(signal.SIGKILL) == -signal.SIGKILL
            assert run.asterisk_pid() == asterisk
            await again.start()  # the server of the killed one ends meanwhile
            assert "found running with 1 call(s)" in again.said()
            assert again.asterisk_pid() == asterisk
            assert phone.talking
            assert await again.ended(signal.SIGINT) == 0
            await phone.vanish()
    finally:
        await again.clean()
    assert run.taken() == []


async def test_without_run_the_server_ends(run: RunningDzvin) -> None:
    await run.start()
    await run.ended(signal.SIGKILL)
    await eventually(lambda: not run.ready(), 10, "the server ends")


async def test_a_second_run_beside_the_first_is_refused(run: RunningDzvin) -> None:
    await run.start()
    server = run.server_pid()
    second = dzvin("run", settings=run.settings)
    assert second.returncode == 2
    assert second.stderr.startswith(f"dzvin: dzvin run is at work already (process {run.process.pid});")
    assert len(second.stderr.splitlines()) == 1
    await run.until_ready(within=10)
    assert run.server_pid() == server
