"""Calls go before other programs of a busy machine: niceness, for a process and for its session's group.

Linux shares the processors between sessions first (autogroup, sched(7)); niceness counts only inside of each.
Without the group's own niceness, ten busy programs leave a tenth of the machine to all calls together. Not
real time (`highpriority` in asterisk.conf): with hundreds of calls Asterisk's threads then hinder each other,
at two to three times the CPU and seconds of delay.
"""

import contextlib
import os
from pathlib import Path

SERVER = -20
"""The server before Asterisk: every offer waits for it, and it takes a fraction of what Asterisk takes."""
ASTERISK = -10


def go_first(niceness: int, pid: int | None = None) -> None:
    """For this process or that of `pid`; without the right to do so (root) nothing happens.

    The group's niceness is set where the process leads its session: no terminal's other programs gain by it.
    """
    process = os.getpid() if pid is None else pid
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process, niceness)
        if os.getsid(process) == process:
            Path(f"/proc/{process}/autogroup").write_text(f"{niceness}\n")
