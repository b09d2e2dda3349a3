"""A bare machine to set the project up on: a minimal Debian root with git and python3, and nothing else.

    .dzvin/venv/bin/python -m tests.benchmarks.bare_machine FOLDER 'COMMAND'     # enter one that was kept

It shares the network of the machine it is on, as Asterisk's own folder does, and has /dev, /dev/shm, /proc
and /sys as a real one. Mounts and processes live in namespaces of their own: when the program that entered
them ends, in whatever way, the kernel removes both.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

PROJECT = Path(__file__).resolve().parents[2]
CLONE = "/root/dzvin"
SOURCE = "/srv/dzvin.git"
INCLUDED = "git,python3,ca-certificates"
_PASSED_ON = (
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "PIP_CERT", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "TERM"),
)
"""How this machine reaches the network; nothing else of its environment is seen inside."""
_PIVOT = 'mount --rbind "$1" "$1"; cd "$1"; pivot_root . .; umount -l .; shift; exec "$@"'
"""No chroot: the kernel refuses user namespaces there, by which Asterisk runs for a user who is not root."""
_OWN_CERTIFICATES = Path("usr/local/share/ca-certificates")


class BareMachineError(RuntimeError):
    """A command that the bare machine is made with has failed; the text has its last words."""


def enter_namespaces(module: str, arguments: Sequence[str]) -> int:
    """Run `python -m module arguments` where mounts and processes are private; its exit status.

    The shell in between is process 1 there and reaps what its descendants leave behind.
    """
    alone = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")
    return subprocess.run(
        ["unshare", *alone, "bash", "-c", '"$@"; exit $?', "bash", sys.executable, "-m", module, *arguments],
        cwd=PROJECT,
    ).returncode


class Machine(Protocol):
    """Where the project is set up and its commands run."""

    def command(self, *words: str) -> list[str]:
        """The words to start a program in the clone, as a newcomer's shell would."""

    def said(self, *words: str) -> str:
        """What it prints; BareMachineError when it fails."""


class BareMachine:
    """The root at `root`; use it inside `enter_namespaces`. `settings`: DZVIN_… variables seen inside."""

    def __init__(self, root: Path, settings: dict[str, str] | None = None) -> None:
        self.root = root.resolve()
        self._settings = settings or {}

    def make(self, suite: str) -> None:
        """Debian's minimal `suite` with git and python3, and a bare copy of the project's committed state."""
        mirror = said("bash", "-c", ". ./dzvin; mirrors").split()
        if not mirror:
            raise BareMachineError("the package sources of this machine name no Debian mirror")
        self.root.mkdir(parents=True)
        said("debootstrap", "--variant=minbase", f"--include={INCLUDED}", suite, str(self.root), mirror[0])
        said("find", str(self.root / "var/cache/apt"), "-name", "*.deb", "-delete")
        said("git", "clone", "--bare", "--no-hardlinks", str(PROJECT), str(self.root) + SOURCE)
        self._reach_the_network()

    def mount(self) -> None:
        """What a real machine has beside its disk."""
        for folder in ("dev", "sys"):
            said("mount", "--rbind", f"/{folder}", str(self.root / folder))
        said("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(self.root / "dev/shm"))
        said("mount", "-t", "proc", "proc", str(self.root / "proc"))

    def command(self, *words: str, folder: str = CLONE) -> list[str]:
        """The words to start a program inside, in `folder`, as a newcomer's shell would."""
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        own = {"HOME": "/root", "LANG": "C.UTF-8", "USER": "root"}
        own["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        variables = [f"{name}={value}" for name, value in {**passed, **own, **self._settings}.items()]
        entering = ["unshare", "--mount", "--propagation", "private", "bash", "-ec", _PIVOT, "bash"]
        return [*entering, str(self.root), "env", "-i", f"--chdir={folder}", *variables, *words]

    def said(self, *words: str, folder: str = CLONE) -> str:
        """What a program inside prints; BareMachineError when it fails."""
        return said(*self.command(*words, folder=folder))

    def processes(self) -> list[str]:
        """Command lines of what runs inside now: each program inside has mounts of its own."""
        return [_command_line(one) for one in Path("/proc").glob("[0-9]*") if _mounts(one) != _OUR_MOUNTS]

    def _reach_the_network(self) -> None:
        """Names, own certificates and apt's ways to its server are those of this machine."""
        for name in ("resolv.conf", "hosts"):
            shutil.copyfile(f"/etc/{name}", self.root / "etc" / name)
        for certificate in (Path("/") / _OWN_CERTIFICATES).glob("*.crt"):
            shutil.copy(certificate, self.root / _OWN_CERTIFICATES)
        said("chroot", str(self.root), "update-ca-certificates")
        kept = ("Acquire::http", "Acquire::https", "Acquire::Check-", "Acquire::Retries")
        lines = [line for line in said("apt-config", "dump").splitlines() if line.startswith(kept)]
        (self.root / "etc/apt/apt.conf.d/99network").write_text("\n".join(lines) + "\n", encoding="utf-8")


def remove(folder: Path) -> None:
    """From outside of the namespaces, where nothing is mounted in it."""
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)


def _mounts(process: Path) -> str:
    """The mount namespace; of one that has ended, ours."""
    try:
        return os.readlink(process / "ns" / "mnt")
    except OSError:
        return _OUR_MOUNTS


_OUR_MOUNTS = os.readlink("/proc/self/ns/mnt")


def _command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def said(*words: str) -> str:
    """What a program prints; BareMachineError when it fails."""
    done = subprocess.run(words, cwd=PROJECT, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-5:]
        raise BareMachineError(f"{' '.join(words[:3])} …: {' / '.join(last)}")
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("command", help="for bash, in the cloned project")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if not given.inside:
        sys.exit(enter_namespaces("tests.benchmarks.bare_machine", [*sys.argv[1:], "--inside"]))
    machine = BareMachine(given.folder)
    machine.mount()
    sys.exit(subprocess.run(machine.command("bash", "-c", given.command)).returncode)


if __name__ == "__main__":
    main()
