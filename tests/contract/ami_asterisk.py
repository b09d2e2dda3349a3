"""A small Asterisk of one's own for adapter checks: own folder and ports, loopback only."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr.free_ports import ASTERISK_RTP
from tests.real import free_port, need_path

ROOT = Path(__file__).resolve().parents[2] / ".dzvin" / "asterisk-root"
SECRET = "only-on-loopback"

MODULES = """
res_speech res_agi res_musiconhold res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject
res_pjsip res_pjsip_session res_pjsip_pubsub res_pjsip_registrar res_pjsip_endpoint_identifier_user
res_pjsip_endpoint_identifier_ip res_pjsip_authenticator_digest res_pjsip_caller_id res_pjsip_sdp_rtp
res_pjsip_header_funcs res_rtp_asterisk res_timing_timerfd
res_manager_devicestate chan_pjsip pbx_config bridge_simple bridge_holding bridge_builtin_features
app_bridgewait app_dial app_playback app_userevent app_sendtext app_senddtmf app_verbose app_echo
app_controlplayback app_stack func_uri func_channel
func_callerid func_strings func_logic func_base64 codec_ulaw codec_alaw format_wav format_pcm format_sln
"""

WANTED = """
FullyBooted Shutdown Newchannel Newstate Rename Hangup BridgeEnter BridgeLeave OriginateResponse ContactStatus
DeviceStateChange DTMFEnd UserEvent
"""

EXTENSIONS = """
[dzvin-test]
exten => _X.,1,AGI(agi://127.0.0.1:{agi}/line/${{EXTEN}},first,second)
 same => n,UserEvent(AgiOver,Status: ${{AGISTATUS}})
 same => n,Hangup()
exten => park,1,Answer()
 same => n,UserEvent(Parked,Name: ${{CHANNEL}})
 same => n,Wait(60)
exten => keys,1,Answer()
 same => n,SendDTMF(5)
 same => n,Wait(60)
exten => gone,1,Hangup(17)
"""

FILES = {
    "asterisk.conf": """
[directories]
astetcdir => {inside}
astmoddir => {moddir}
astvarlibdir => /usr/share/asterisk
astdatadir => /usr/share/asterisk
astdbdir => {inside}/db
astkeydir => {inside}
astspooldir => {inside}/spool
astrundir => {inside}/run
astlogdir => {inside}/log
[options]
hideconnect = yes
""",
    "manager.conf": """
[general]
enabled = yes
bindaddr = 127.0.0.1
port = {ami}
disabledevents = Newexten,VarSet
[dzvin]
secret = {secret}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = {read}
write = {write}
writetimeout = 5000
{filters}
[nosystem]
secret = {secret}
read = call
write = call,originate
""",
    "pjsip.conf": """
[transport]
type = transport
protocol = udp
bind = 127.0.0.1:{sip}
[op1]
type = endpoint
context = dzvin-test
disallow = all
allow = ulaw
aors = op1
[op1]
type = aor
contact = sip:op1@127.0.0.1:9
[op2]
type = endpoint
context = dzvin-test
disallow = all
allow = ulaw
aors = op2
[op2]
type = aor
max_contacts = 1
""",
    "extensions.conf": EXTENSIONS,
    "modules.conf": "[modules]\nautoload = no\n{modules}\n",
    "logger.conf": "[general]\n[logfiles]\nfull = notice,warning,error,verbose\n",
    "rtp.conf": "[general]\nrtpstart = {rtp_first}\nrtpend = {rtp_last}\n",
    "musiconhold.conf": "[default]\nmode = files\ndirectory = moh\n",
    "cdr.conf": "[general]\nenable = no\n",
    "cel.conf": "[general]\nenable = no\n",
}


@dataclass(slots=True)
class SmallAsterisk:
    """Where it is, and its console."""

    folder: Path
    inside: str
    ami: int
    agi: int
    sip: int
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            "chroot", str(ROOT), "asterisk", "-C", f"{self.inside}/asterisk.conf", "-f",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await asyncio.wait_for(self._booted(), 30)

    async def _booted(self) -> None:
        assert self.process is not None
        while "fully booted" not in await self.console("core waitfullybooted"):
            await asyncio.wait([asyncio.ensure_future(self.process.wait())], timeout=0.1)
            assert self.process.returncode is None, (self.folder / "log/full").read_text()[-2000:]

    async def console(self, command: str) -> str:
        asked = await asyncio.create_subprocess_exec(
            "chroot", str(ROOT), "asterisk", "-C", f"{self.inside}/asterisk.conf", "-rx", command,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await asked.communicate()
        return said.decode(errors="replace")

    async def kill(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


def _write(asterisk: SmallAsterisk, read: str, write: str) -> None:
    moddir = next((ROOT / "usr/lib").glob("*/asterisk/modules"))
    values = {
        "inside": asterisk.inside, "moddir": "/" + str(moddir.relative_to(ROOT)), "ami": asterisk.ami,
        "agi": asterisk.agi, "sip": asterisk.sip, "rtp_first": ASTERISK_RTP[0], "rtp_last": ASTERISK_RTP[-1],
        "secret": SECRET, "read": read, "write": write,
        "filters": "\n".join(f"eventfilter(action(include),name({name})) =" for name in WANTED.split()),
        "modules": "\n".join(f"load = {name}.so" for name in MODULES.split()),
    }  # fmt: skip
    for name, text in FILES.items():
        (asterisk.folder / name).write_text(text.format(**values))
    for part in ("db", "spool", "run", "log"):
        (asterisk.folder / part).mkdir()


@asynccontextmanager
async def small_asterisk(
    read: str = "system,call,dtmf,user", write: str = "call,originate,reporting"
) -> AsyncIterator[SmallAsterisk]:
    """A running Asterisk with two phones: op1 reachable (static contact), op2 never registered."""
    need_path(ROOT / "usr/sbin/asterisk", "Asterisk")
    if os.geteuid() != 0:
        need_path(Path("/nonexistent"), "the right to chroot (root)")
    (ROOT / "srv").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="adapters-", dir=ROOT / "srv"))
    asterisk = SmallAsterisk(
        folder, "/" + str(folder.relative_to(ROOT)), free_port(), free_port(), free_port()
    )
    _write(asterisk, read, write)
    try:
        await asterisk.start()
        yield asterisk
    finally:
        await asterisk.kill()
        shutil.rmtree(folder, ignore_errors=True)
