"""Real programs that tests need: missing ones skip a test at home and fail it where CI=true."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.free_ports import BLOCK, take_ports


def need(program: str, *also_in: str) -> str:
    """The path of `program`, looked for on PATH and then in the folders `also_in`."""
    for found in (shutil.which(program), *(shutil.which(program, path=folder) for folder in also_in)):
        if found:
            return found
    return _missing(f"the program {program} is not installed")


def need_path(path: Path, what: str) -> Path:
    """`path` if it exists; `what` names it for the reader of the test report."""
    if not path.exists():
        _missing(f"{what} is not at {path}")
    return path


def _missing(why: str) -> str:
    if os.environ.get("CI") == "true":
        pytest.fail(why + ", and CI=true forbids leaving this out")
    pytest.skip(why)


def free_port() -> int:
    """A port on loopback that is free, and given to nobody else until this process ends."""
    return next(_ports)


def _one_by_one() -> Iterator[int]:
    while True:
        first = take_ports(BLOCK)
        yield from range(first, first + BLOCK)


_ports = _one_by_one()
