"""Free ports on loopback, below Linux's ephemeral range, several in a row."""

import random
import socket

_STEP = 8
_FIRST_PORTS = range(20000, 32000, _STEP)
_taken: set[int] = set()


def take_ports(count: int) -> int:
    """The first of `count` (at most 8) free ports for UDP and TCP, given to nobody else by this process.

    OSError when there is none.
    """
    if not 1 <= count <= _STEP:
        raise ValueError(f"{count} ports in a row: expected 1 to {_STEP}")
    for first in random.sample(_FIRST_PORTS, len(_FIRST_PORTS)):
        if first not in _taken and all(_free(first + offset) for offset in range(count)):
            _taken.add(first)
            return first
    raise OSError(f"no {count} free ports in a row from {_FIRST_PORTS.start} to {_FIRST_PORTS.stop}")


def give_back(first: int) -> None:
    """Allow ports taken with `take_ports` to be taken again."""
    _taken.discard(first)


def _free(port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
