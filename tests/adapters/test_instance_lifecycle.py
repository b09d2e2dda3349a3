"""A real Asterisk of our own: start, second start, crash of the server, changed phones, taken ports, stop."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from ivr.asterisk.conf import AsteriskConf
from ivr.asterisk.instance import AsteriskInstance, Start
from ivr.asterisk.instance_files import born
from ivr.asterisk.instance_ports import PortTaken, free_addresses, who_listens
from ivr.asterisk.instance_program import InstanceError
from tests.instance_asterisk import (
    AMI_SECRET,
    PROJECT,
    asterisk_program,
    instance_for_test,
    phone,
    running_asterisk,
)
from tests.real import free_port

NASTY_PASSWORD = '>a;b[c]"d\\;--x;y #exec'


async def test_start_stop_and_what_it_leaves() -> None:
    asterisk = instance_for_test([phone("op1")])
    assert await asterisk.start() is Start.FRESH
    pid = asterisk.pid
    assert pid is not None
    assert await asterisk.calls() == 0
    endpoints = await asterisk.cli("pjsip show endpoints")
    assert "op1" in endpoints
    await asterisk.stop()
    assert asterisk.pid is None
    assert born(pid) is None
    assert asterisk.folder.is_dir()
    await asterisk.stop(remove=True)
    assert not asterisk.folder.exists()


async def test_nothing_is_complained_about_at_the_start() -> None:
    async with running_asterisk([phone("op1"), phone("caller1", lines_only=True)]) as asterisk:
        complaints = [
            line
            for line in asterisk.log.read_text().splitlines()
            if "ERROR" in line or "WARNING" in line or "No application" in line
        ]
        assert complaints == []


async def test_every_application_and_function_of_the_dialplan_is_loaded() -> None:
    async with running_asterisk([phone("op1")]) as asterisk:
        shown = await asterisk.cli("dialplan show")
        used = {word.split("(")[0] for line in shown.splitlines() if (word := _step(line))}
        known = {
            line.strip().split(":")[0] for line in (await asterisk.cli("core show applications")).splitlines()
        }
        assert used >= {"AGI", "UserEvent", "Playback"}
        assert used - known == set()


def _step(line: str) -> str:
    _, dot, step = line.partition(". ")
    return step.strip() if dot and "[" in step else ""


async def test_several_run_side_by_side() -> None:
    async with running_asterisk([phone("op1")]) as one, running_asterisk([phone("op2")]) as two:
        assert "op1" in await one.cli("pjsip show endpoints")
        assert "op1" not in await two.cli("pjsip show endpoints")


async def test_the_password_arrives_as_it_was_given_whatever_is_in_it() -> None:
    nasty = replace(phone("op1"), password=NASTY_PASSWORD)
    async with running_asterisk([nasty]) as asterisk:
        shown = await asterisk.cli("pjsip show auth op1")
        assert f": {NASTY_PASSWORD}\n" in shown


async def test_secrets_are_read_by_asterisk_only() -> None:
    async with running_asterisk([phone("op1")]) as asterisk:
        files = list((asterisk.folder / "etc").iterdir())
        assert len(files) > 10
        assert [path.name for path in files if path.stat().st_mode & 0o077] == []
        if os.geteuid() == 0 and asterisk.program.root is not None:
            assert psutil.Process(asterisk.pid).uids().real != 0


async def test_a_killed_server_leaves_asterisk_running_and_the_next_one_adopts_it() -> None:
    ours = instance_for_test([phone("op1")])
    try:
        # A server of its own, killed the hard way while its Asterisk runs.
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SERVER, *_as_arguments(ours), cwd=PROJECT, stdout=subprocess.PIPE
        )
        assert server.stdout is not None
        pid = int(await asyncio.wait_for(server.stdout.readline(), 30))
        server.send_signal(signal.SIGKILL)
        await server.wait()
        assert await ours.start() is Start.ADOPTED
        assert ours.pid == pid
        await ours.reload(replace(ours.conf, phones=(phone("op1"), phone("op2"))))
        assert "op2" in await ours.cli("pjsip show endpoints")
        assert ours.pid == pid
    finally:
        await ours.stop(remove=True)
    assert born(pid) is None


_SERVER = """
import asyncio, sys, time
from tests.instance_asterisk import AMI_SECRET, asterisk_program, phone
from ivr.asterisk.conf import Addresses, AsteriskConf
from ivr.asterisk.instance import AsteriskInstance
name, parent, *ports = sys.argv[1:]
keys = ("sip_port", "ami_port", "fastagi_port", "rtp_first", "rtp_last")
addresses = Addresses(**dict(zip(keys, map(int, ports), strict=True)))
conf = AsteriskConf(ami_secret=AMI_SECRET, phones=(phone("op1"),), addresses=addresses)
asterisk = AsteriskInstance(asterisk_program(), name, conf, parent=__import__("pathlib").Path(parent))
asyncio.run(asterisk.start())
print(asterisk.pid, flush=True)
time.sleep(60)
"""


def _as_arguments(asterisk: AsteriskInstance) -> list[str]:
    a = asterisk.addresses
    ports = (a.sip_port, a.ami_port, a.fastagi_port, a.rtp_first, a.rtp_last)
    return [asterisk.folder.name, str(asterisk.folder.parent), *map(str, ports)]


async def test_other_ports_mean_a_fresh_start() -> None:
    first = instance_for_test([phone("op1")])
    try:
        await first.start()
        pid = first.pid
        other = AsteriskInstance(
            first.program,
            first.folder.name,
            replace(first.conf, addresses=free_addresses()),
            parent=first.folder.parent,
        )
        assert await other.start() is Start.FRESH
        assert born(pid or 0) is None
        assert other.pid != pid
        with pytest.raises(InstanceError, match="started anew"):
            await other.reload(first.conf)
    finally:
        await other.stop(remove=True)


async def test_a_frozen_asterisk_is_ended_by_force() -> None:
    asterisk = instance_for_test()
    await asterisk.start()
    pid = asterisk.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await asterisk.stop(within=1.0, remove=True)
    assert born(pid) is None


@pytest.mark.parametrize(
    ("kind", "setting", "which"),
    [
        (socket.SOCK_DGRAM, "DZVIN_SIP_PORT", "sip_port"),
        (socket.SOCK_STREAM, "DZVIN_SIP_PORT", "sip_port"),
        (socket.SOCK_STREAM, "DZVIN_AMI_PORT", "ami_port"),
    ],
)
async def test_a_taken_port_is_one_sentence(kind: socket.SocketKind, setting: str, which: str) -> None:
    with socket.socket(socket.AF_INET, kind) as holder:
        port = free_port()
        holder.bind(("127.0.0.1", port))
        if kind is socket.SOCK_STREAM:
            holder.listen()
        asterisk = instance_for_test(addresses=replace(free_addresses(), **{which: port}))
        with pytest.raises(PortTaken) as refused:
            await asterisk.start()
        said = str(refused.value)
        assert str(port) in said
        assert setting in said
        assert f"process {os.getpid()}" in said
        assert asterisk.pid is None


async def test_an_address_of_another_machine_is_one_sentence() -> None:
    asterisk = instance_for_test(addresses=replace(free_addresses(), sip_host="192.0.2.1"))
    with pytest.raises(
        InstanceError, match=r"192\.0\.2\.1 is not an address of this machine.*DZVIN_SIP_HOST"
    ):
        await asterisk.start()


async def test_asterisk_that_cannot_load_what_it_needs_says_why_and_does_not_stay() -> None:
    asterisk = instance_for_test(extra={"modules.conf": "require = res_no_such_thing.so\n"})
    with pytest.raises(InstanceError, match="res_no_such_thing"):
        await asterisk.start()
    assert asterisk.pid is None
    await asterisk.stop(remove=True)


async def test_a_number_given_anew_to_another_process_is_not_taken_for_asterisk() -> None:
    asterisk = instance_for_test()
    try:
        await asterisk.start()
        state = asterisk.folder / "instance.json"
        text = state.read_text().replace(str(asterisk.pid), str(os.getpid()))
        await asterisk.stop()
        state.write_text(text)
        again = AsteriskInstance(asterisk.program, asterisk.folder.name, asterisk.conf)
        assert not again.find_running()
    finally:
        await asterisk.stop(remove=True)


async def test_prompts_follow_their_folder(tmp_path: Path) -> None:
    (tmp_path / "uk").mkdir()
    (tmp_path / "uk" / "welcome.wav").write_bytes(b"RIFF")
    (tmp_path / "uk" / "old.wav").write_bytes(b"RIFF")
    asterisk = instance_for_test(prompts=tmp_path)
    try:
        await asterisk.start()
        there = asterisk.folder / "data/sounds/uk/dzvin"
        assert sorted(path.name for path in there.iterdir()) == ["old.wav", "welcome.wav"]
        (tmp_path / "uk" / "old.wav").unlink()
        (tmp_path / "uk" / "welcome.wav").write_bytes(b"RIFF-new")
        await asterisk.reload()
        assert [path.name for path in there.iterdir()] == ["welcome.wav"]
        assert (there / "welcome.wav").read_bytes() == b"RIFF-new"
        assert (asterisk.folder / "data/sounds/ru/digits").exists() or asterisk.program.root is not None
    finally:
        await asterisk.stop(remove=True)


def test_who_listens_names_the_program() -> None:
    assert who_listens(free_port(), socket.SOCK_STREAM) == ""
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert f"process {os.getpid()}" in who_listens(server.getsockname()[1], socket.SOCK_STREAM)


def test_a_folder_with_too_long_a_name_is_refused(tmp_path: Path) -> None:
    program = asterisk_program()
    if program.root is not None:
        return
    with pytest.raises(InstanceError, match="too long"):
        AsteriskInstance(program, "x", AsteriskConf(ami_secret=AMI_SECRET), parent=tmp_path / ("y" * 100))
