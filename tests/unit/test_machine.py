"""The machine's own stalls, and what is none of them."""

import os
import signal
import subprocess
import sys
import time

from tests.machine import stood_still

STOPPED = """
import sys, time
from tests.machine import stood_still
began = time.monotonic()
print("here", flush=True)
sys.stdin.readline()
print(stood_still(began), flush=True)
"""


ASKS_AT_ONCE = """
import time
from tests.machine import stood_still
last = now = time.monotonic()
print("here", flush=True)
while now - last < 0.3:
    last, now = now, time.monotonic()
print(stood_still(last, now), flush=True)
"""


def test_a_process_that_was_stopped_knows_for_how_long() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "here\n"
        os.kill(process.pid, signal.SIGSTOP)
        began = time.monotonic()
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGCONT)
        lasted = time.monotonic() - began
        time.sleep(0.1)
        process.stdin.write("\n")
        process.stdin.flush()
        assert 0.4 < float(process.stdout.readline()) < lasted + 1.0


def test_who_asks_before_the_watch_has_woken_hears_of_the_stall_too() -> None:
    with subprocess.Popen([sys.executable, "-c", ASKS_AT_ONCE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "here\n"
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGCONT)
        assert float(process.stdout.readline()) > 0.2


def test_what_blocks_the_main_thread_is_no_stall_of_the_machine() -> None:
    assert min(stood_still_while_blocked() for _ in range(5)) < 0.1


def stood_still_while_blocked() -> float:
    """By a wait as for a slow disk, and by a computation; 0.4 s in all."""
    began = time.monotonic()
    os.system("sleep 0.2")  # noqa: S605 - a call that does not return for a while
    while time.monotonic() - began < 0.4:
        pass
    return stood_still(began)


def test_nothing_is_counted_outside_of_the_span() -> None:
    assert stood_still(time.monotonic() + 1000) == 0
    assert stood_still(0, 0) == 0
