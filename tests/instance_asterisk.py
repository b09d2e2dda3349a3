"""A real Asterisk for a test: its own ports, its own folder, gone afterwards."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from ivr.asterisk.conf import AsteriskConf, Phone
from ivr.asterisk.instance import AsteriskInstance
from ivr.asterisk.instance_ports import free_addresses
from ivr.asterisk.instance_program import AsteriskProgram, InstanceError, find_program
from tests.real import need

PROJECT = Path(__file__).resolve().parent.parent
AMI_SECRET = "only-for-tests"
PASSWORD = "only-for-tests"
_numbers = count(1)


def asterisk_program() -> AsteriskProgram:
    """The Asterisk that ./dzvin installed; without one the test is skipped, or fails where CI=true."""
    try:
        return find_program(PROJECT / ".dzvin/asterisk-root")
    except InstanceError:
        need("asterisk")
        raise


def phone(name: str, **more: Any) -> Phone:
    return Phone(name=name, password=PASSWORD, **more)


def instance_for_test(phones: Sequence[Phone] = (), **more: Any) -> AsteriskInstance:
    """Not started yet. `more` goes to AsteriskConf; prompts and music: the keywords of AsteriskInstance."""
    kept = {key: more.pop(key) for key in ("prompts", "music", "parent") if key in more}
    more.setdefault("addresses", free_addresses())
    conf = AsteriskConf(ami_secret=AMI_SECRET, phones=tuple(phones), **more)
    kept.setdefault("parent", PROJECT / ".dzvin/run/tests")
    return AsteriskInstance(asterisk_program(), f"test-{os.getpid()}-{next(_numbers)}", conf, **kept)


@asynccontextmanager
async def running_asterisk(phones: Sequence[Phone] = (), **more: Any) -> AsyncIterator[AsteriskInstance]:
    """A started instance; stopped and its folder removed at the end."""
    asterisk = instance_for_test(phones, **more)
    try:
        await asterisk.start()
        yield asterisk
    finally:
        await asterisk.stop(remove=True)
