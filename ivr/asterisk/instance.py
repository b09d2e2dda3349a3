"""One Asterisk of our own: rendered, started, found again after our crash, reloaded, stopped.

    program = find_program(Path(".dzvin/asterisk-root"))
    conf = AsteriskConf(ami_secret=..., phones=(Phone(name="op1", password=...),), addresses=free_addresses())
    asterisk = AsteriskInstance(program, "main", conf, prompts=Path("prompts"))
    await asterisk.start()
    ...
    await asterisk.stop()

Several instances run side by side, each with a name, ports and a folder of its own. Asterisk lives in a
session of its own, so it outlives a kill of the server, and the next `start` adopts it with its calls.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import time
from enum import Enum
from pathlib import Path, PurePosixPath

from ivr.asterisk.conf import Addresses, AsteriskConf, check_name
from ivr.asterisk.conf_render import render
from ivr.asterisk.instance_files import InstanceFiles, Running, born
from ivr.asterisk.instance_ports import asterisk_listens, check_free
from ivr.asterisk.instance_program import AsteriskProgram, InstanceError
from ivr.priority import ASTERISK, go_first

_POLL_FOR = 0.02
_INSIDE = PurePosixPath("/srv/dzvin")
_RELOADED = ("module reload res_pjsip.so", "dialplan reload", "moh reload")
"""What a dialplan has a say in: phones, numbers that may be dialled, music."""


class Start(Enum):
    FRESH = "fresh"
    ADOPTED = "adopted"
    """It ran already, started by an earlier server; its calls go on."""


class AsteriskInstance:
    """`name` is its folder's name: below /srv/dzvin in a root folder, else below `parent`."""

    def __init__(
        self,
        program: AsteriskProgram,
        name: str,
        conf: AsteriskConf,
        *,
        parent: Path = Path(".dzvin/run/asterisk"),
        prompts: Path | None = None,
        music: Path | None = None,
    ) -> None:
        check_name(name, "The instance's name")
        folder = program.outside(_INSIDE) if program.root else parent.absolute()
        self.program = program
        self.conf = conf
        self.prompts = prompts
        self.music = music
        self._files = InstanceFiles(program, folder / name)
        self._running: Running | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def addresses(self) -> Addresses:
        return self.conf.addresses

    @property
    def folder(self) -> Path:
        """Configuration in etc/, logs in log/, recordings in spool/, as we see it."""
        return self._files.base

    @property
    def log(self) -> Path:
        return self.folder / "log" / "messages.log"

    @property
    def pid(self) -> int | None:
        """Process number while it runs."""
        return self._running.pid if self._running is not None and self._alive() else None

    def find_running(self) -> bool:
        """Whether an Asterisk started here earlier still lives; `cli`, `calls` and `stop` serve it then."""
        self._running = self._running or self._files.remembered()
        return self._alive()

    def outside(self, inside: PurePosixPath) -> Path:
        """A file that Asterisk calls `inside`, as we reach it."""
        return self.program.outside(inside)

    def inside(self, outside: Path) -> PurePosixPath:
        """A file of ours as Asterisk calls it; it must lie in `folder` (InstanceError)."""
        return self.program.inside(outside)

    async def start(self, within: float = 30.0) -> Start:
        """Return when Asterisk takes calls. One that still runs at the same ports is adopted and reloaded.

        InstanceError (PortTaken): one sentence why it cannot; nothing is left running then.
        """
        earlier = self._files.remembered()
        if earlier is not None:
            if earlier.addresses == self.addresses:
                return await self._adopt(earlier, within)
            self._running = earlier
            await self.stop()
        for listening in asterisk_listens(self.addresses):
            check_free(listening)
        self._prepare()
        self._launch()
        try:
            await self._wait_booted(within)
        except BaseException:
            await self.stop(within=5)
            raise
        return Start.FRESH

    async def reload(self, conf: AsteriskConf | None = None) -> bool:
        """Take over changed phones, lines and prompts without touching calls; True if files changed.

        InstanceError: `conf` has other addresses, which only a stop and a start change.
        """
        if conf is not None and conf.addresses != self.addresses:
            raise InstanceError("Other addresses need Asterisk to be started anew.")
        self.conf = conf or self.conf
        changed = self._prepare()
        if changed:
            await self.cli("core reload")
        return changed

    async def stop(self, within: float = 10.0, *, remove: bool = False) -> None:
        """End Asterisk and its calls: asked, then told, then forced. `remove` deletes its folder too."""
        if self.find_running():
            await self._end(within)
        self._files.forget()
        self._running = self._process = None
        if remove:
            shutil.rmtree(self.folder, ignore_errors=True)

    async def cli(self, command: str, within: float = 10.0) -> str:
        """What Asterisk's console answers to `command`. InstanceError: not reached in time."""
        line = self.program.command("-C", str(self._conf_file), "-rx", command)
        process = await asyncio.create_subprocess_exec(
            *line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), within)
        except BaseException as error:
            if process.returncode is None:
                process.kill()
            if isinstance(error, TimeoutError):
                raise InstanceError(f"Asterisk did not answer {command!r} within {within:.0f} s.") from error
            raise
        if process.returncode != 0:
            raise InstanceError(
                f"Asterisk's console refused {command!r}: {said.decode(errors='replace').strip()}"
            )
        return said.decode(errors="replace")

    async def calls(self) -> int:
        """Calls that Asterisk carries now (console: `core show channels count`)."""
        for line in (await self.cli("core show channels count")).splitlines():
            if "active call" in line:
                return int(line.split()[0])
        return 0

    async def renew(self, conf: AsteriskConf) -> bool:
        """Give a running Asterisk this configuration and new recordings; calls go on. Whether it runs.

        Recordings that are gone stay until the next start: calls in progress may still ask for them.
        InstanceError: the disk or Asterisk's console refuses.
        """
        self.conf = conf
        if not self.find_running():
            return False
        texts = render(conf, self._files.folders)
        changed = await asyncio.to_thread(
            self._files.prepare, texts, self.prompts, self.music, keep_sounds=True
        )
        if changed:
            for part in _RELOADED:
                await self.cli(part)
        return True

    @property
    def _conf_file(self) -> PurePosixPath:
        return self._files.folders.base / "etc" / "asterisk.conf"

    def _prepare(self) -> bool:
        return self._files.prepare(render(self.conf, self._files.folders), self.prompts, self.music)

    async def _adopt(self, earlier: Running, within: float) -> Start:
        self._running = earlier
        await self._wait_booted(within)
        if self._prepare():
            await self.cli("core reload")
        return Start.ADOPTED

    def _launch(self) -> None:
        self._files.program.outside(self._files.folders.control_socket).unlink(missing_ok=True)
        console = self.folder / "log" / "console.log"
        line = self.program.start_command(self.folder, "-C", str(self._conf_file), "-f")
        try:
            with console.open("wb") as said:
                self._process = subprocess.Popen(
                    line, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True, cwd="/"
                )
        except OSError as error:
            raise InstanceError(f"Asterisk cannot be started: {error.strerror} ({line[0]}).") from error
        go_first(ASTERISK, self._process.pid)
        self._running = self._files.remember(self._process.pid, self.addresses)

    async def _wait_booted(self, within: float) -> None:
        deadline = time.monotonic() + within
        control = self.program.outside(self._files.folders.control_socket)
        while True:
            if not self._alive():
                raise InstanceError(f"Asterisk ended at once. {self._why()}")
            if control.exists():
                break
            if time.monotonic() > deadline:
                raise InstanceError(f"Asterisk did not come up within {within:.0f} s. {self._why()}")
            await asyncio.sleep(_POLL_FOR)
        await self._ask_booted(deadline)

    async def _ask_booted(self, deadline: float) -> None:
        """The console's socket exists a moment before it answers: ask until it does."""
        while True:
            left = deadline - time.monotonic()
            if await self._says_booted(max(left, 0.1)):
                return
            if not self._alive():
                raise InstanceError(f"Asterisk ended while it came up. {self._why()}")
            if left < 0:
                raise InstanceError(f"Asterisk did not come up in time. {self._why()}")
            await asyncio.sleep(_POLL_FOR)

    async def _says_booted(self, within: float) -> bool:
        """False too if the console went away in the middle of the answer: then Asterisk has given up."""
        try:
            return "fully booted" in await self.cli("core waitfullybooted", within)
        except InstanceError:
            return False

    def _why(self) -> str:
        words = self._files.last_words()
        return f"It said: {words}" if words else f"See {self.log}."

    def _alive(self) -> bool:
        if self._process is not None:
            return self._process.poll() is None
        return self._running is not None and born(self._running.pid) == self._running.born

    async def _end(self, within: float) -> None:
        try:
            await self.cli("core stop now", within=min(within, 3.0))
        except InstanceError:
            self._signal(signal.SIGTERM)
        if await self._gone(within):
            return
        self._signal(signal.SIGTERM)
        if await self._gone(2.0):
            return
        self._signal(signal.SIGKILL)
        if not await self._gone(5.0):
            raise InstanceError("Asterisk does not end, even by force.")

    def _signal(self, which: signal.Signals) -> None:
        if self._running is not None and self._alive():
            with contextlib.suppress(ProcessLookupError):  # an adopted one may end just now
                os.kill(self._running.pid, which)

    async def _gone(self, within: float) -> bool:
        deadline = time.monotonic() + within
        while self._alive():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_POLL_FOR)
        return True
