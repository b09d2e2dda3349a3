"""An Asterisk that somebody runs already: the rendered files are included in its own configuration."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.core.facts import CallCompleted, CallConnected
from ivr.asterisk.conf_render import render_for_existing
from ivr.asterisk.instance import AsteriskInstance
from ivr.doctor import Mark
from ivr.doctor.switch import check_ami, check_modules, check_version
from ivr.own_asterisk import asterisk_conf, own_asterisk
from tests.calls.house import CALLERS, MENU, OLENA, OPERATORS, House

pytestmark = pytest.mark.asyncio(loop_scope="module")

THEIR_OWN = {
    "modules.conf": "[modules]\nautoload = yes\nnoload = app_queue.so\n",
    "extensions.conf": """
[general]
static = yes
[internal]
exten => 900,1,Answer()
 same => n,Echo()
#include "dzvin-extensions.conf"
""",
    "pjsip.conf": """
[their-transport]
type = transport
protocol = udp
bind = 127.0.0.1:{sip}
[900]
type = endpoint
context = internal
disallow = all
allow = ulaw
#include "dzvin-pjsip.conf"
""",
    "manager.conf": """
[general]
enabled = yes
bindaddr = 127.0.0.1
port = {ami}
disabledevents = Newexten,VarSet,AGIExecStart,AGIExecEnd
#include "dzvin-manager.conf"
""",
}


class TheirAsterisk(AsteriskInstance):
    """Configured by its owner, who includes the three rendered files as asterisk-conf/README.md says."""

    def _prepare(self) -> bool:
        super()._prepare()
        etc = self.folder / "etc"
        ports = {"sip": self.addresses.sip_port, "ami": self.addresses.ami_port}
        for name, text in THEIR_OWN.items():
            (etc / name).write_text(text.format(**ports) if "{" in text else text)
        owner = (etc / "asterisk.conf").stat()
        for path in render_for_existing(self.conf, etc):
            os.chown(path, owner.st_uid, owner.st_gid)
        return True


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("their-house")
    house = House(folder)
    ours = own_asterisk(house.settings, house.loaded)
    house.asterisk = TheirAsterisk(
        ours.program,
        house.settings.asterisk_name,
        asterisk_conf(house.settings, house.loaded),
        prompts=house.settings.prompts,
        music=house.settings.music,
    )
    try:
        await house.start()
        yield house
    finally:
        await house.stop()


async def test_a_caller_reaches_an_operator_beside_their_own_dialplan(house: House) -> None:
    olena, caller = await house.operator(OLENA), await house.phone("caller1")
    await caller.dial("100")
    await house.hears(caller, MENU, 0.2)
    await caller.press("1")
    await house.fact(CallConnected)
    await house.hears(olena, CALLERS["caller1"])
    await house.hears(caller, OPERATORS["701"])
    await caller.hang_up()
    await house.fact(CallCompleted)


async def test_the_doctor_finds_their_asterisk_well(house: House) -> None:
    addresses = house.asterisk.addresses
    found = [
        *check_version(house.asterisk.program.version()),
        *check_modules(await house.asterisk.cli("module show")),
        *await check_ami("127.0.0.1", addresses.ami_port, "dzvin", house.asterisk.conf.ami_secret),
    ]
    assert found
    assert [one for one in found if one.mark is not Mark.OK] == []
