"""What takes long says so on the standard error, to the person before the terminal and to no program."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 1.0
"""Seconds after which a person wonders."""


@contextmanager
def told_if_slow(text: str, after: float = PATIENCE) -> Iterator[None]:
    """Says `text` once if what is done within takes longer than `after` seconds."""
    if not sys.stderr.isatty():
        yield
        return
    timer = threading.Timer(after, print, (text,), {"file": sys.stderr, "flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
