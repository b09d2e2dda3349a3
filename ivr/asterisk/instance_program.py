"""Where Asterisk's program is and how it is started: the machine's own, or one in a root folder."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ivr.errors import Plain

_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
UNPRIVILEGED = 65010
"""User number inside a root folder: reserved by no distribution, so no other service can read our secrets."""


class InstanceError(Plain):
    """Asterisk could not be started, reached or stopped; the text is one sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class AsteriskProgram:
    """`root` is a folder that holds a small system with Asterisk in it; None: the machine's own Asterisk."""

    root: Path | None = None

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs `asterisk` with `arguments`."""
        if self.root is None:
            return ["asterisk", *arguments]
        if os.geteuid() == 0:
            return [_system("chroot"), str(self.root), "asterisk", *arguments]
        return ["unshare", "--map-root-user", _system("chroot"), str(self.root), "asterisk", *arguments]

    def start_command(self, base: Path, *arguments: str) -> list[str]:
        """Like `command`, as the user number of `runs_as` if we are root."""
        user = self.runs_as(base)
        if user is None:
            return self.command(*arguments)
        uid, gid = user
        if self.root is None:
            rights = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
            return [*rights, "asterisk", *arguments]
        rights = [_system("chroot"), f"--userspec={uid}:{gid}", f"--groups={gid}", str(self.root)]
        return [*rights, "asterisk", *arguments]

    def runs_as(self, base: Path) -> tuple[int, int] | None:
        """Its user and group number; None: ours (we are not root, or `base` is closed to others)."""
        if os.geteuid() != 0:
            return None
        if self.root is not None:
            return UNPRIVILEGED, UNPRIVILEGED
        try:
            entry = pwd.getpwnam("asterisk")
        except KeyError:
            return None
        open_to_others = all(folder.stat().st_mode & 0o001 for folder in base.parents)
        return (entry.pw_uid, entry.pw_gid) if open_to_others else None

    def outside(self, inside: PurePosixPath) -> Path:
        """The path by which we reach what Asterisk calls `inside`."""
        return Path(inside) if self.root is None else self.root / inside.relative_to("/")

    def inside(self, outside: Path) -> PurePosixPath:
        """The path by which Asterisk reaches `outside`. InstanceError: Asterisk cannot see it."""
        if self.root is None:
            return PurePosixPath(outside)
        if not outside.is_relative_to(self.root):
            raise InstanceError(f"Asterisk cannot see {outside}: it lies outside of its folder {self.root}.")
        return PurePosixPath("/") / outside.relative_to(self.root)

    def version(self) -> str:
        """The version as the program prints it, e.g. `22.10.1`. InstanceError: it cannot be run."""
        try:
            said = subprocess.run(self.command("-V"), capture_output=True, text=True, timeout=10, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise InstanceError(f"Asterisk cannot be run ({error}); ./dzvin run installs it.") from error
        return said.stdout.removeprefix("Asterisk").strip()


def _system(program: str) -> str:
    """The full path of a program that an ordinary user's PATH may lack."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:{_SYSTEM_FOLDERS}") or program


def find_program(root: Path) -> AsteriskProgram:
    """The Asterisk in the folder `root`, else the machine's own. InstanceError: neither is there."""
    if (root / "usr/sbin/asterisk").exists():
        return AsteriskProgram(root.resolve())
    if _system("asterisk") != "asterisk":
        return AsteriskProgram()
    raise InstanceError("Asterisk is not installed; ./dzvin run installs it.")
