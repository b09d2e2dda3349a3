"""The one place where errors leave the program: as a sentence, never as a traceback."""

import os
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ivr.errors import Plain

MISTAKE, UNEXPECTED, INTERRUPTED = 2, 70, 130
"""Exit statuses: a Plain; a fault of ours (EX_SOFTWARE of sysexits.h); Ctrl-C, as shells count it."""


def guarded(work: Callable[[], object]) -> int:
    """Do the work and answer the exit status; SystemExit passes.

    With DZVIN_LOG_LEVEL=debug unexpected exceptions pass too, so that their traceback shows.
    """
    try:
        work()
        sys.stdout.flush()
    except Plain as mistake:
        _say(str(mistake))
        return MISTAKE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return 1
    except Exception as error:
        if os.environ.get("DZVIN_LOG_LEVEL", "").lower() == "debug":
            raise
        _say(_unexpected(error))
        return UNEXPECTED
    return 0


def _say(text: str) -> None:
    try:
        print(f"dzvin: {text}", file=sys.stderr, flush=True)
    except OSError:  # nobody reads it any more
        return


def _forget_stdout() -> None:
    """Nobody reads on (`| head`): the interpreter's last flush must not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception) -> str:
    what = f"{type(error).__name__}: {error}".splitlines()[0].strip().rstrip(".:")
    kept = _keep_traceback(error)
    where = f"the traceback is in {kept}" if kept else "DZVIN_LOG_LEVEL=debug shows the traceback"
    return f"this should not have happened ({what}); {where}. Please report it with that."


def _keep_traceback(error: Exception) -> Path | None:
    """Appended to errors.log in the run folder; None: that cannot be written."""
    try:
        path = _run_folder() / "errors.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as log:
            log.write(f"{datetime.now().astimezone():%F %T%z} {' '.join(sys.argv)}\n")
            log.writelines(traceback.format_exception(error))
    except OSError:
        return None
    return path


def _run_folder() -> Path:
    """The configured one, even if the settings are what is broken."""
    try:
        from ivr.config import load_settings

        return load_settings().run_folder
    except Exception:  # the error to be told must not be hidden by another one
        return Path(__file__).resolve().parents[1] / ".dzvin" / "run"
