"""Other processes as tests see and end them: each may end by itself between two looks at it."""

import contextlib
import os
import signal

import psutil


def gone(pid: int) -> bool:
    """It has ended, whether or not its parent knows already."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def send(pid: int, what: signal.Signals) -> None:
    """What has ended meanwhile is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)
