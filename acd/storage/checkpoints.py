"""The local checkpoint: one file beside the spool, so that a start needs no database."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog

from acd.core.ports import Checkpoint

log = structlog.get_logger(__name__)

NAME = "checkpoint.json"


def state_text(state: dict[str, Any]) -> str:
    """JSON, made in small pieces: in a thread, a big state must not keep the event loop from running."""
    return "".join(_pieces(state, depth=2))


def _pieces(value: Any, depth: int) -> Iterator[str]:
    if depth and isinstance(value, dict) and value:
        opener = "{"
        for name, inner in value.items():
            yield f"{opener}{json.dumps(str(name))}:"
            yield from _pieces(inner, depth - 1)
            opener = ","
        yield "}"
    elif depth and isinstance(value, list | tuple) and value:
        opener = "["
        for inner in value:
            yield opener
            yield from _pieces(inner, depth - 1)
            opener = ","
        yield "]"
    else:
        yield json.dumps(value, separators=(",", ":"))
        time.sleep(0)  # lets go of the interpreter lock


def write_checkpoint(folder: Path, seq: int, state: str) -> None:
    """Atomic: after a crash there is the old one or the new one. OSError where the disk refuses."""
    path = folder / (NAME + ".new")
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(f'{{"seq":{seq},"state":{state}}}')
        file.flush()
        os.fsync(file.fileno())
    path.replace(folder / NAME)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """None where there is none; one that cannot be read counts as none, loudly."""
    path = folder / NAME
    try:
        data = json.loads(path.read_text())
        return Checkpoint(int(data["seq"]), data["state"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.error("checkpoint cannot be read", path=str(path), why=str(error))
        return None
