"""All checks of the doctor, in the order in which they are read."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from acd.storage.engine import new_engine, shown
from ivr.asterisk.conf import AsteriskConf
from ivr.asterisk.instance import AsteriskInstance
from ivr.asterisk.instance_ports import asterisk_listens, check_free, server_listens, who_listens
from ivr.asterisk.instance_program import InstanceError, find_program
from ivr.config import Settings
from ivr.doctor.finding import Finding, fail, ok, warn
from ivr.doctor.machine import (
    check_clock,
    check_disk,
    check_folders,
    check_limits,
    check_python,
    check_secrets,
)
from ivr.doctor.recordings import check_recordings
from ivr.doctor.sounds import check_prompts
from ivr.doctor.speech import check_speech
from ivr.doctor.switch import answers, check_ami, check_modules, check_modules_here, check_version
from ivr.errors import Plain
from ivr.run_lock import at_work
from ivr.secrets import Secrets, read_secret


async def run_doctor(settings: Settings) -> list[Finding]:
    """Every finding; a check that cannot be made is itself a finding, never an exception."""
    return [finding async for finding in _findings(settings)]


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    for check in (
        check_python(),
        check_limits(),
        check_clock(),
        check_disk(settings),
        check_folders(settings),
        check_secrets(settings),
        check_prompts(settings.prompts),
        check_speech(settings.speech_folders),
    ):
        for finding in check:
            yield finding
    own = settings.asterisk == "own"
    async for finding in _own_asterisk(settings) if own else _existing_asterisk(settings):
        yield finding
    yield await _server(settings)
    yield await _database(settings)
    for finding in await check_recordings(settings):
        yield finding
    if settings.mqtt_url:
        yield await _broker(settings.mqtt_url)


async def _own_asterisk(settings: Settings) -> AsyncIterator[Finding]:
    try:
        program = find_program(settings.asterisk_root)
        for finding in check_version(program.version()):
            yield finding
    except InstanceError as error:
        yield fail("Asterisk", str(error), "Run ./dzvin run once.")
        return
    # Only for finding it: `start` is never called, so the secret is not used.
    unused = AsteriskConf(ami_secret="not-used", addresses=settings.addresses)  # noqa: S106
    asterisk = AsteriskInstance(
        program, settings.asterisk_name, unused, parent=settings.run_folder / "asterisk"
    )
    if not asterisk.find_running():
        yield ok("Asterisk", "does not run at the moment")
        for finding in _ports(settings):
            yield finding
        return
    try:
        calls, modules = await asterisk.calls(), await asterisk.cli("module show")
    except InstanceError as error:
        yield warn("Asterisk", f"runs (process {asterisk.pid}): {error}", "It may be starting: look again.")
        return
    yield ok("Asterisk", f"runs (process {asterisk.pid}), {calls} calls")
    for finding in check_modules(modules):
        yield finding
    secret = Secrets(settings.secrets_folder).named("ami")
    for finding in await check_ami(settings.ami_host, settings.ami_port, settings.ami_user, secret):
        yield finding


def _ports(settings: Settings) -> Iterator[Finding]:
    taken = 0
    for listening in asterisk_listens(settings.addresses):
        try:
            check_free(listening)
        except InstanceError as error:
            taken += 1
            yield fail("ports", str(error), f"Set {listening.setting}, or end that program.")
    if not taken:
        yield ok("ports", f"SIP {settings.sip_port} and AMI {settings.ami_port} are free")


async def _existing_asterisk(settings: Settings) -> AsyncIterator[Finding]:
    try:
        if settings.ami_secret_file is None:
            raise Plain("DZVIN_AMI_SECRET_FILE is not set")
        secret = read_secret(settings.ami_secret_file)
    except Plain as error:
        yield fail("AMI", str(error), "Put the AMI user's secret into a file and set DZVIN_AMI_SECRET_FILE.")
        return
    found = await check_ami(settings.ami_host, settings.ami_port, settings.ami_user, secret, ask_version=True)
    for finding in (*found, *check_modules_here()):
        yield finding


async def _server(settings: Settings) -> Finding:
    """FastAGI is the server's own port: answered when it runs, free when it does not."""
    where = f"{settings.fastagi_host}:{settings.fastagi_port}"
    taken = list(server_listens(settings.addresses, settings.http_host, settings.http_port))
    if not await answers(settings.fastagi_host, settings.fastagi_port):
        for listening in taken:
            try:
                check_free(listening)
            except InstanceError as error:
                return fail("server", str(error), f"Set {listening.setting}, or end that program.")
        if (runner := at_work(settings.run_folder)) is not None:
            said = f"dzvin run (process {runner}) has not started it yet"
            return warn("server", said, "Look again in some seconds, and at what dzvin run says.")
        return ok("server", f"does not run at the moment; its ports are free ({where})")
    holder = who_listens(settings.fastagi_port, taken[0].kind) or "a program"
    if not await answers(settings.http_host, settings.http_port):
        mend = "End that program or set DZVIN_FASTAGI_PORT."
        return warn("server", f"{holder} answers at {where}, but not at {settings.http_url}", mend)
    return ok("server", f"FastAGI answers at {where}, HTTP at {settings.http_url}")


async def _database(settings: Settings) -> Finding:
    name = shown(settings.database)
    path = Path(settings.database.partition(":///")[2]) if settings.database.startswith("sqlite") else None
    if path is not None and not path.exists():
        return ok("database", f"{name} is made at the first start")
    if path is not None and not os.access(path, os.R_OK | os.W_OK):
        return fail("database", f"{name} cannot be written", f"Give this user the right to write {path}.")
    engine = new_engine(settings.database)
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")
    except Exception as error:  # the drivers raise errors of many families for an absent database
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        return warn(
            "database", f"{name} is not reached: {why}", "Calls go on; facts wait on disk until it is."
        )
    finally:
        await engine.dispose()
    return ok("database", f"{name} answers")


async def _broker(url: str) -> Finding:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (8883 if parts.scheme == "mqtts" else 1883)
    if await answers(host, port):
        return ok("MQTT", f"{host}:{port} answers")
    return warn(
        "MQTT", f"{host}:{port} does not answer", "Calls go on; start the broker or unset DZVIN_MQTT_URL."
    )
