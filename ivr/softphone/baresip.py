"""What a baresip process needs: its folder with `config`, free ports, and its modules' place.

The same configuration is understood by 1.0.0 (Debian 12, Ubuntu 24.04) and 1.1.0 (Debian 13): unknown
options are ignored by both. Neither stores what it hears with `aufile` in both versions, so the filter
`sndfile` does; `aubridge` alone is a player that swallows the sound. No jitter buffer: that of 1.0.0 drops
every packet after a change of SSRC, which Asterisk sometimes makes as a call begins.
"""

import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from ivr.free_ports import PHONE_RTP, take_ports

MODULE_FOLDERS = ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules")

ULAW, ALAW = "PCMU/8000/1", "PCMA/8000/1"
"""The two codecs of module g711, named as in an account (RFC 3551)."""

CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{ports.sip}
net_interface 127.0.0.1
call_local_timeout 3600
call_max_calls {max_calls}
audio_player aubridge,void
audio_alert aubridge,alert
audio_source aufile,{sound}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_level no
rtp_stats no
rtp_ports {rtp_first}-{rtp_last}
jitter_buffer_delay 0-0
jitter_buffer_type off
statmode_default off
ringback_disabled yes
menu_bell no
ctrl_tcp_listen 127.0.0.1:{ports.control}
cons_listen 127.0.0.1:{ports.keys}
snd_path {folder}
module_path {modules}
module g711.so
module sndfile.so
module aufile.so
module aubridge.so
module cons.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
"""


class SoftphoneMissing(RuntimeError):
    """baresip or its modules are not installed."""


@dataclass(frozen=True)
class Ports:
    """Ports on loopback; baresip also opens `sip` + 1 for TLS."""

    sip: int
    control: int
    keys: int


def free_ports() -> Ports:
    """Ports that are free now; OSError when none are left."""
    first = take_ports(4)
    return Ports(sip=first, control=first + 2, keys=first + 3)


def command_line(folder: Path) -> list[str]:
    """How to start baresip with its configuration in `folder`; SoftphoneMissing when it cannot be.

    `-s` prints every SIP message: 1.0.0 has no other way to learn the headers of an INVITE.
    """
    program = shutil.which("baresip")
    if program is None:
        raise SoftphoneMissing("baresip is not installed (Debian, Ubuntu: package baresip-core)")
    return ["stdbuf", "-oL", "-eL", program, "-f", str(folder), "-s"]


def write_config(folder: Path, sound: Path, ports: Ports, max_calls: int) -> None:
    """Write `config` and an empty `accounts` into `folder`, which must exist."""
    modules = next((place for place in MODULE_FOLDERS if Path(place).is_dir()), None)
    if modules is None:
        raise SoftphoneMissing(f"baresip's modules are in none of {', '.join(MODULE_FOLDERS)}")
    text = CONFIG.format(
        ports=ports,
        rtp_first=PHONE_RTP[0],
        rtp_last=PHONE_RTP[-1],
        max_calls=max_calls,
        sound=sound,
        folder=folder,
        modules=modules,
    )
    (folder / "config").write_text(text, encoding="utf-8")
    (folder / "accounts").write_text("", encoding="utf-8")
    (folder / "contacts").write_text("", encoding="utf-8")


def type_keys(port: int, keys: bytes) -> None:
    """Type on the console of module `cons`: each byte of a UDP datagram is one pressed key."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as console:
        console.sendto(keys, ("127.0.0.1", port))
