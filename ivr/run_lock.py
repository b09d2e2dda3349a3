"""One `dzvin run` in a run folder: a lock that a kill releases, and the process number of who holds it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.errors import Plain

_LOCK = "run.lock"


def at_work(run_folder: Path) -> int | None:
    """The process number of the `dzvin run` that works in this folder; None: there is none."""
    try:
        with (run_folder / _LOCK).open(encoding="ascii") as lock:
            number = lock.read(20).strip()
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(number) if number.isdigit() else None
    except (OSError, UnicodeDecodeError):
        return None
    return None


@contextmanager
def only_one(run_folder: Path) -> Iterator[bool]:
    """Nobody else runs in this folder meanwhile; False: the one before was killed, its server may still end.

    Plain: another one runs, or the folder cannot be written.
    """
    try:
        run_folder.mkdir(parents=True, exist_ok=True)
        lock = (run_folder / _LOCK).open("a+", encoding="ascii")
    except OSError as error:
        raise _unwritable(run_folder, error) from None
    with lock:
        lock.seek(0)
        before = lock.read(20).strip()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Plain(
                f"dzvin run is at work already (process {before or 'unknown'}); end it with Ctrl-C there, "
                "or give this one its own DZVIN_RUN_FOLDER, DZVIN_ASTERISK_NAME and ports."
            ) from None
        try:
            _write(lock.fileno(), str(os.getpid()))
        except OSError as error:
            raise _unwritable(run_folder, error) from None
        try:
            yield not before
        finally:  # only a kill leaves the number there
            _write(lock.fileno(), "")


def _write(file: int, text: str) -> None:
    os.ftruncate(file, 0)
    os.write(file, text.encode())


def _unwritable(folder: Path, error: OSError) -> Plain:
    return Plain(
        f"The run folder {folder} cannot be written: {error.strerror}; mend it or set DZVIN_RUN_FOLDER."
    )
