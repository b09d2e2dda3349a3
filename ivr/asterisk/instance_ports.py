"""Ports that an Asterisk needs: which are taken and by whom, and free ones for tests."""

import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace

import psutil  # type: ignore[import-untyped]

from ivr.asterisk.conf import Addresses
from ivr.asterisk.instance_program import InstanceError
from ivr.free_ports import ASTERISK_RTP, take_ports


class PortTaken(InstanceError):
    """Another program listens where Asterisk should; the text names the port and the setting."""


@dataclass(frozen=True, slots=True)
class Listening:
    """One socket that a part of Dzvin listens on."""

    host: str
    port: int
    kind: socket.SocketKind
    use: str
    setting: str

    @property
    def protocol(self) -> str:
        return "udp" if self.kind is socket.SOCK_DGRAM else "tcp"


def asterisk_listens(addresses: Addresses) -> Iterator[Listening]:
    """What Asterisk itself opens at its start."""
    sip, ami = addresses.sip_port, addresses.ami_port
    yield Listening(addresses.sip_host, sip, socket.SOCK_DGRAM, "SIP", "DZVIN_SIP_PORT")
    yield Listening(addresses.sip_host, sip, socket.SOCK_STREAM, "SIP", "DZVIN_SIP_PORT")
    yield Listening(addresses.ami_host, ami, socket.SOCK_STREAM, "AMI", "DZVIN_AMI_PORT")


def server_listens(addresses: Addresses, http_host: str, http_port: int) -> Iterator[Listening]:
    """What the server opens at its start."""
    host, port = addresses.fastagi_host, addresses.fastagi_port
    yield Listening(host, port, socket.SOCK_STREAM, "FastAGI", "DZVIN_FASTAGI_PORT")
    yield Listening(http_host, http_port, socket.SOCK_STREAM, "HTTP", "DZVIN_HTTP_PORT")


def check_free(listening: Listening) -> None:
    """PortTaken: somebody else has it. InstanceError: the address is not one of this machine's."""
    try:
        with socket.socket(socket.AF_INET, listening.kind) as probe:
            if listening.kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((listening.host, listening.port))
    except PermissionError as error:
        raise InstanceError(
            f"Port {listening.port}/{listening.protocol} for {listening.use} needs root; "
            f"set {listening.setting} to a number above 1023."
        ) from error
    except OSError as error:
        raise _refusal(listening, error) from error


def _refusal(listening: Listening, error: OSError) -> InstanceError:
    where = f"{listening.port}/{listening.protocol}"
    if error.errno is None or not _is_local(listening.host):
        host_setting = listening.setting.replace("_PORT", "_HOST")
        return InstanceError(
            f"{listening.host} is not an address of this machine ({error.strerror}); set {host_setting}."
        )
    holder = who_listens(listening.port, listening.kind)
    by = f" by {holder}" if holder else ""
    return PortTaken(
        f"Port {where} for {listening.use} is already taken{by}; "
        f"end that program or set {listening.setting} to another port."
    )


def _is_local(host: str) -> bool:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


def who_listens(port: int, kind: socket.SocketKind) -> str:
    """Name and number of the process on `port`, or '' if it cannot be seen."""
    try:
        connections = psutil.net_connections("inet")
    except (psutil.Error, OSError):
        return ""
    for one in connections:
        listens = kind is socket.SOCK_DGRAM or one.status == psutil.CONN_LISTEN
        if one.type == kind and one.laddr and one.laddr.port == port and listens and one.pid:
            return f"{_name_of(one.pid)} (process {one.pid})"
    return ""


def _name_of(pid: int) -> str:
    try:
        return str(psutil.Process(pid).name())
    except psutil.Error:
        return "a program"


def free_addresses(addresses: Addresses | None = None, rtp_ports: int = 400) -> Addresses:
    """`addresses` with all ports replaced by free ones, which nobody else who asks so is given meanwhile; RTP
    gets a block of its own. OSError: there are none."""
    sip, ami, fastagi = range(first := take_ports(3), first + 3)
    rtp = random.randrange(ASTERISK_RTP.start, ASTERISK_RTP.stop - rtp_ports, 2)  # noqa: S311 - no secret
    return replace(
        addresses or Addresses(),
        sip_port=sip,
        ami_port=ami,
        fastagi_port=fastagi,
        rtp_first=rtp,
        rtp_last=rtp + rtp_ports - 1,
    )
