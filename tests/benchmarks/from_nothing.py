"""Set-up from nothing, as a newcomer meets it: clone, `./dzvin run`, two softphones, the first talk.

    .dzvin/venv/bin/python -m tests.benchmarks.from_nothing --suite bookworm --out tests/benchmarks/results

As root. In a minimal Debian made with debootstrap (git, python3 and certificates added; not measured) the
project's committed state is cloned and `./dzvin run` started, on free ports. A softphone outside registers
with an account that `dzvin info` names and logs in by *10, another one dials 100, hears the menu and
presses 1 and 0; the operator's phone answers by itself, and it counts as a talk when each hears the other's
tone. Then Ctrl-C, and a second start. The packages come from this machine's mirror and package index:
elsewhere the network's share differs.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ivr.asterisk.instance_ports import free_addresses
from ivr.softphone.phone import Kind, Softphone
from tests import sound
from tests.benchmarks.bare_machine import (
    CLONE,
    PROJECT,
    SOURCE,
    BareMachine,
    Machine,
    enter_namespaces,
    remove,
)
from tests.eventually import eventually
from tests.real import free_port

LINE, KEYS, QUEUE = "100", "10", "general"
"""The shipped post office: its main line; 1 is Ukrainian, 0 the operator; the queue that this leads to."""
SET_UP_WITHIN, SECOND_START_WITHIN, END_WITHIN = 1500.0, 60.0, 30.0
MENU_FOR, HEARD_FOR = 1.0, 0.5
TONES = {"operator": 1000.0, "caller": 440.0}
TAKES_CALLS = "The server takes calls"


class NotShown(RuntimeError):
    """Something on the way from nothing to a talk did not happen; the text says what."""


@dataclass(frozen=True)
class Step:
    what: str
    took: float
    """Seconds."""


@dataclass
class Result:
    suite: str
    made_at: str
    machine: str
    steps: list[Step] = field(default_factory=list)
    until_it_takes_calls: float = 0.0
    """Seconds from the beginning of the clone, like the next one."""
    until_first_talk: float = 0.0
    ended_in: float = 0.0
    second_start: float = 0.0
    load: float = 0.0
    """Programs that wanted a core in the last minute (load average), ours among them, as calls are taken."""
    disk_mb: int = 0
    """Below the clone's .dzvin."""


class Running:
    """`./dzvin run` inside; its output is read line by line."""

    def __init__(self, process: asyncio.subprocess.Process, console: Console) -> None:
        self._process, self._console = process, console
        self.steps: list[Step] = []
        self.began = self._from = time.monotonic()
        self._open_step: str | None = None

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    async def until_it_takes_calls(self, within: float) -> float:
        """Seconds since its start; NotShown when it ends before, with what it said."""
        said: list[str] = []
        assert self._process.stdout is not None
        async with asyncio.timeout(within):
            async for raw in self._process.stdout:
                line = raw.decode(errors="replace").rstrip()
                said.append(line)
                self._console.print(f"[dim]  | {line}", markup=True, highlight=False, soft_wrap=True)
                self._note(line)
                if line.startswith(TAKES_CALLS):
                    return time.monotonic() - self.began
        raise NotShown("./dzvin run ended: " + " / ".join(said[-5:]))

    def _note(self, line: str) -> None:
        """Each step announces itself with `…` at the end of its line and ends with a line of its own."""
        now = time.monotonic()
        if line.endswith(" …"):
            self._from = now
        elif ": done in " in line:
            self._keep(line.partition(": done in ")[0], now)
        elif line.startswith("Asterisk ") and " started " in line:
            self._keep("Python and Asterisk start", now)
        elif line.startswith(TAKES_CALLS):
            self._keep("the server takes calls", now)

    def _keep(self, what: str, now: float) -> None:
        self.steps.append(Step(what, now - self._from))
        self._from = now

    async def end(self) -> float:
        """Ctrl-C in its terminal, then seconds until it has ended; NotShown when it does not end well."""
        began = time.monotonic()
        os.killpg(self._process.pid, signal.SIGINT)
        assert self._process.stdout is not None
        async with asyncio.timeout(END_WITHIN):
            rest = (await self._process.stdout.read()).decode(errors="replace")
            status = await self._process.wait()
        if status != 0:
            raise NotShown(f"after Ctrl-C ./dzvin run ended with status {status}: {rest[-500:]}")
        return time.monotonic() - began

    def kill(self) -> None:
        if not self.ended:
            os.killpg(self._process.pid, signal.SIGKILL)


@contextlib.asynccontextmanager
async def dzvin_run(machine: Machine, console: Console) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        *machine.command("./dzvin", "run"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=2**20,
    )
    running = Running(process, console)
    try:
        yield running
    finally:
        running.kill()


async def first_talk(info: dict[str, Any], folder: Path) -> list[Step]:
    """Both phones register, the call goes through the menu, and both hear each other; NotShown if not."""
    operator = next(one for one in info["operators"] if QUEUE in one["queues"])
    accounts = {"operator": operator, "caller": info["callers"][0]}
    phones = {
        who: Softphone(
            account["phone"], account["password"], info["sip"]["port"], folder / who, tone_hz=TONES[who]
        )
        for who, account in accounts.items()
    }
    watch = Watch()
    async with phones["operator"] as answering, phones["caller"] as calling:
        await answering.register()
        await calling.register()
        watch.step("both softphones start and register")
        await answering.dial("*10")
        await answering.wait_for(Kind.CLOSED, within=20)
        watch.step("the operator logs in by *10 and hears the confirmation")
        await _reach_the_menu(calling)
        watch.step(f"the caller dials {LINE} and hears the menu for {MENU_FOR:.0f} s")
        await _reach_the_operator(answering, calling)
        watch.step(f"keys {', '.join(KEYS)}, the operator's phone answers by itself")
        await _hear_each_other(answering, calling)
        watch.step(f"both hear each other for {HEARD_FOR} s")
        await calling.hang_up()
        await answering.wait_for(Kind.CLOSED, since=len(answering.events) - 1)
    return watch.steps


class Watch:
    """Seconds of each step, from the end of the one before."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._from = time.monotonic()

    def step(self, what: str) -> None:
        now = time.monotonic()
        self.steps.append(Step(what, now - self._from))
        self._from = now


async def _reach_the_menu(calling: Softphone) -> None:
    seen = len(calling.events)
    await calling.dial(LINE)
    await calling.wait_for(Kind.ESTABLISHED, since=seen)
    await eventually(
        lambda: calling.recordings() and sound.sounding_for(calling.heard()) >= MENU_FOR, 15, "menu heard"
    )


async def _reach_the_operator(answering: Softphone, calling: Softphone) -> None:
    seen = len(answering.events)
    await calling.press(KEYS[0])
    await asyncio.sleep(1.0)  # a person listens before the next key
    await calling.press(KEYS[1])
    await answering.wait_for(Kind.ESTABLISHED, since=seen)


async def _hear_each_other(answering: Softphone, calling: Softphone) -> None:
    def they_do() -> bool:
        return (
            sound.heard_for(answering.heard(), TONES["caller"]) >= HEARD_FOR
            and sound.heard_for(calling.heard(), TONES["operator"]) >= HEARD_FOR
        )

    await eventually(they_do, 15, "both hear each other")


async def measure(machine: BareMachine, suite: str, folder: Path, console: Console) -> Result:
    """From the clone to the second start; BareMachineError, NotShown, SoftphoneError, TimeoutError."""
    result = Result(suite, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), this_machine())
    began = time.monotonic()
    machine.said("git", "clone", "--quiet", f"file://{SOURCE}", CLONE, folder="/")
    result.steps.append(Step("git clone (from the same disk)", time.monotonic() - began))
    async with dzvin_run(machine, console) as running:
        await running.until_it_takes_calls(SET_UP_WITHIN)
        result.until_it_takes_calls = time.monotonic() - began
        result.load = os.getloadavg()[0]
        info = json.loads(machine.said("./dzvin", "info", "--json"))
        talked = await first_talk(info, folder)
        result.steps += [*running.steps, *talked]
        result.until_first_talk = result.until_it_takes_calls + sum(step.took for step in talked)
        result.ended_in = await running.end()
    _nothing_left(machine)
    async with dzvin_run(machine, console) as running:
        result.second_start = await running.until_it_takes_calls(SECOND_START_WITHIN)
        await running.end()
    _nothing_left(machine)
    result.disk_mb = int(machine.said("du", "-sm", ".dzvin").split()[0])
    return result


def _nothing_left(machine: BareMachine) -> None:
    if left := machine.processes():
        raise NotShown(f"after Ctrl-C there still run: {'; '.join(left)}")


def this_machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.machine()}, shared with other work"


def show(result: Result, console: Console) -> None:
    table = Table(title=f"From nothing on Debian {result.suite} ({result.machine})", title_justify="left")
    table.add_column("step")
    table.add_column("seconds", justify="right")
    for step in result.steps:
        table.add_row(step.what, f"{step.took:.1f}")
    table.add_section()
    for name, seconds in (
        ("from clone until calls are taken", result.until_it_takes_calls),
        ("from clone to the first talk", result.until_first_talk),
        ("Ctrl-C until all has ended", result.ended_in),
        ("second start until calls are taken", result.second_start),
    ):
        table.add_row(f"[bold]{name}", f"[bold]{seconds:.1f}")
    console.print(table)
    console.print(f"{result.disk_mb} MB in the project's .dzvin folder; load average {result.load:.1f}")


def write(result: Result, folder: Path) -> None:
    """Into from_nothing.json, which keeps the results of other suites."""
    file = folder / "from_nothing.json"
    folder.mkdir(parents=True, exist_ok=True)
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    rounded = json.loads(json.dumps(asdict(result)), parse_float=lambda text: round(float(text), 2))
    file.write_text(json.dumps(kept | {result.suite: rounded}, indent=1) + "\n", encoding="utf-8")


def free_ports() -> dict[str, str]:
    """Settings by which another Dzvin on this machine is not in the way."""
    addresses = free_addresses()
    names = ("sip_port", "ami_port", "fastagi_port", "rtp_first", "rtp_last")
    ports = {f"DZVIN_{name.upper()}": str(getattr(addresses, name)) for name in names}
    return ports | {"DZVIN_HTTP_PORT": str(free_port())}


async def inside(suite: str, folder: Path, out: Path | None) -> None:
    console = Console(highlight=False)
    machine = BareMachine(folder / "root", free_ports())
    began = time.monotonic()
    machine.make(suite)
    machine.mount()
    console.print(f"A bare Debian {suite} was made in {time.monotonic() - began:.0f} s.")
    result = await measure(machine, suite, folder, console)
    show(result, console)
    if out is not None:
        write(result, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--suite", choices=("bookworm", "trixie"), default="bookworm")
    parser.add_argument("--folder", type=Path, default=PROJECT / ".dzvin", help="where the machine is made")
    parser.add_argument("--out", type=Path, help="write from_nothing.json into this folder")
    parser.add_argument("--keep", action="store_true", help="leave the machine's folder, to look into it")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside is not None:
        asyncio.run(inside(given.suite, given.inside, given.out))
        return
    if os.geteuid() != 0:
        sys.exit("A root folder is made and mounted: run this as root.")
    given.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"from-nothing-{given.suite}-", dir=given.folder.resolve()))
    try:
        sys.exit(enter_namespaces("tests.benchmarks.from_nothing", [*sys.argv[1:], "--inside", str(folder)]))
    finally:
        if given.keep:
            print(f"Kept: {folder / 'root'}")
        else:
            remove(folder)


if __name__ == "__main__":
    main()
