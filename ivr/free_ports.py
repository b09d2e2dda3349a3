"""Free ports on loopback, below Linux's ephemeral range: for tests, the demo, and their softphones.

An ephemeral port that was free a moment ago may be the end of somebody's connection by the time at which a
program begins to listen there. Sound has ranges apart from all else: a call's last packets come to a port
that is closed by then, and whoever began to listen just there would take them for their own.
"""

import random
import socket

ASTERISK_RTP = range(10000, 16000)
PHONE_RTP = range(16000, 20000)
BLOCK = 7
"""Ports that can be taken in a row."""
_FIRST_PORTS = range(20000, 32000, BLOCK + 1)
_GUARD = BLOCK
"""The port behind each block stays bound while the block is taken: other processes that ask here see it.
Without, two could get one block before its programs listen, and baresip's console would share its port."""
_taken: dict[int, socket.socket] = {}


def take_ports(count: int) -> int:
    """The first of `count` (at most `BLOCK`) free ports for UDP and TCP, given to nobody else who asks here.

    OSError when there is none.
    """
    if not 1 <= count <= BLOCK:
        raise ValueError(f"{count} ports in a row: expected 1 to {BLOCK}")
    for first in random.sample(_FIRST_PORTS, len(_FIRST_PORTS)):
        guard = _bound(first + _GUARD, socket.SOCK_STREAM)
        if guard is None:
            continue
        if all(_free(first + offset) for offset in range(count)):
            _taken[first] = guard
            return first
        guard.close()
    raise OSError(f"no {count} free ports in a row from {_FIRST_PORTS.start} to {_FIRST_PORTS.stop}")


def give_back(first: int) -> None:
    """Allow ports taken with `take_ports` to be taken again."""
    guard = _taken.pop(first, None)
    if guard is not None:
        guard.close()


def _free(port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        probe = _bound(port, kind)
        if probe is None:
            return False
        probe.close()
    return True


def _bound(port: int, kind: socket.SocketKind) -> socket.socket | None:
    """None: somebody has it."""
    probe = socket.socket(socket.AF_INET, kind)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        probe.close()
        return None
    return probe
