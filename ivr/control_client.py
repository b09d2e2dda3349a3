"""How a command speaks to the running server: by the socket that `ivr.control` listens on. Light to import.

The socket is addressed through /proc/self/fd, so that a run folder with a long name serves too: the name of a
socket has 107 bytes at most (unix(7)).
"""

import contextlib
import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ivr.errors import Plain

SOCKET = "control.sock"
ANSWER_WITHIN = 60.0
"""Asterisk may have to read its phones anew."""


class NoServer(Exception):
    """No server listens in this run folder."""


class OvertakenThere(Plain):
    """The server says that somebody else was faster."""


def ask(run_folder: Path, request: Mapping[str, object], within: float = ANSWER_WITHIN) -> Any:
    """What the running server answers. NoServer; Plain: it refuses, or does not answer in time."""
    with address_in(run_folder) as address, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(within)
        try:
            line.connect(address)
        except PermissionError:
            raise Plain(
                f"{run_folder / SOCKET} belongs to another user; run this as the user of the server."
            ) from None
        except OSError:
            raise NoServer from None
        try:
            line.sendall(json.dumps(request).encode() + b"\n")
            with line.makefile("rb") as reading:
                answer = json.loads(reading.readline())
        except TimeoutError:
            raise Plain(f"The server does not answer within {within:.0f} s; see its log.") from None
        except (OSError, ValueError):
            raise Plain(
                "The server ended while it answered; see `dzvin versions` for what is live."
            ) from None
    if "ok" in answer:
        return answer["ok"]
    refused = str(answer.get("refused", "The server refused."))
    raise OvertakenThere(refused) if answer.get("kind") == "overtaken" else Plain(refused)


@contextlib.contextmanager
def address_in(folder: Path) -> Iterator[str]:
    """NoServer: there is no such folder."""
    try:
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        raise NoServer from None
    try:
        yield f"/proc/self/fd/{number}/{SOCKET}"
    finally:
        os.close(number)
