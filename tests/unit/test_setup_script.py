"""The script ./dzvin: its functions one by one, with sample files and stand-ins for apt and debootstrap."""

import os
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.real import need

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "dzvin"

DEB822 = """\
Types: deb deb-src
# http://commented.example/debian
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Types: deb
URIs: http://first.example/debian
 http://second.example/debian/
Suites: bookworm bookworm-updates
Components: main contrib

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no
"""
ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb [arch=amd64] https://other.example/apt stable main
deb-src http://source.example/debian bookworm main
deb [arch=amd64 signed-by=/x.gpg] http://third.example/mirror/debian trixie main # with a remark
deb cdrom:[Debian]/ trixie main
deb http://backports.example/debian trixie-backports main
"""


def sh(text: str, *, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    line = f". {shlex.quote(str(SCRIPT))}; {text}"
    whole = os.environ | (environment or {})
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, env=whole, timeout=60, check=False
    )


def apt_that_reads(folder: Path, lists: str = "", sources: str = "") -> dict[str, str]:
    """Environment in which apt knows only these source files."""
    need("apt-get")
    parts = folder / "parts"
    parts.mkdir()
    (parts / "debian.sources").write_text(sources)
    (folder / "sources.list").write_text(lists)
    conf = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": parts,
        "Dir::State::lists": folder / "none",
        "APT::Architecture": "amd64",
    }
    (folder / "apt.conf").write_text("".join(f'{key} "{value}";\n' for key, value in conf.items()))
    return {"APT_CONFIG": str(folder / "apt.conf")}


def test_mirror_from_deb822_sources(tmp_path: Path) -> None:
    said = sh("mirrors", environment=apt_that_reads(tmp_path, sources=DEB822))
    assert said.stdout.split() == ["http://first.example/debian/", "http://second.example/debian/"]


def test_mirror_from_one_line_sources(tmp_path: Path) -> None:
    """Debian's archive goes before another vendor's; security, sources, backports and discs do not count."""
    said = sh("mirrors", environment=apt_that_reads(tmp_path, lists=ONE_LINE))
    assert said.stdout.split() == ["http://third.example/mirror/debian/", "https://other.example/apt/"]


def test_no_mirror_is_one_sentence(tmp_path: Path) -> None:
    said = sh("make_asterisk_root", environment=apt_that_reads(tmp_path))
    assert said.returncode == 1
    assert said.stderr.startswith("dzvin: The package sources of this machine name no Debian mirror")


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("1:20.6.0~dfsg+~cs6.13-1", True),
        ("22.10.1+dfsg", True),
        ("1:18.10.0~dfsg", False),
        ("16.28.0", False),
        ("", False),
        ("(none)", False),
        ("1:100.1", True),
    ],
)
def test_which_asterisk_is_new_enough(version: str, enough: bool) -> None:
    assert (sh(f"new_enough {shlex.quote(version)}").returncode == 0) is enough


def test_packages_by_group_each_with_a_reason() -> None:
    lines = [line for line in (PROJECT / "asterisk-conf/packages.txt").read_text().splitlines() if line]
    entries = [line.split(maxsplit=2) for line in lines if not line.startswith("#")]
    assert {entry[0] for entry in entries} == {"all", "asterisk", "debootstrap", "demo", "graph", "test"}
    assert all(len(entry) == 3 and len(entry[2]) > 10 for entry in entries)
    listed = sh("listed debootstrap").stdout.split()
    assert listed == ["debootstrap", "debian-archive-keyring"]


def test_missing_packages_are_those_that_dpkg_does_not_have() -> None:
    need("dpkg-query")
    said = sh("missing bash dzvin-no-such-package 'dzvin-no-such-choice?' coreutils")
    assert said.stdout.split() == ["dzvin-no-such-package"]


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("E: Could not get lock /var/lib/dpkg/lock-frontend.", "another package program"),
        ("Temporary failure resolving 'mirror.example'", "network"),
        ("error: Failed to fetch: `https://x`\n  Caused by: dns error", "network"),
        (
            "error: Failed to fetch: `https://x`\n  cause: invalid peer certificate: UnknownIssuer",
            "certificate",
        ),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("mknod: Operation not permitted", "a right is missing"),
        ("E: Unable to locate package baresip-core", "Unable to locate package baresip-core"),
        ("something\nelse went wrong\n\n", "else went wrong."),
    ],
)
def test_a_failed_step_is_one_sentence_with_its_cause(output: str, reason: str, tmp_path: Path) -> None:
    log = tmp_path / "set-up.log"
    fails = f"fails() {{ printf %s {shlex.quote(output)}; return 3; }}"
    said = sh(f"log={log}; {fails}; step Doing 'It cannot be done' fails")
    assert said.returncode == 1
    last = said.stderr.splitlines()[-1]
    assert last.startswith("dzvin: It cannot be done: ")
    assert reason in last
    assert str(log) in last
    assert output.splitlines()[0] in log.read_text()


def test_a_step_that_works_tells_its_time(tmp_path: Path) -> None:
    began = time.monotonic()
    said = sh(f"log={tmp_path}/log; step 'Doing it' 'It cannot be done' true")
    assert said.returncode == 0
    told = re.fullmatch(r"Doing it: done in (\d+) s\.", said.stderr.splitlines()[-1])
    assert told is not None
    assert int(told[1]) <= time.monotonic() - began + 1


def test_without_root_and_sudo_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    bin_folder = tools(tmp_path, id="echo 1000")
    said = sh("need_root 'Installing things'", environment={"PATH": str(bin_folder)})
    assert said.returncode == 1
    assert said.stderr == (
        "dzvin: Installing things needs root, and there is no sudo here: run ./dzvin as root once.\n"
    )


def test_an_old_python_is_one_sentence(tmp_path: Path) -> None:
    bin_folder = tools(tmp_path, python3="exit 1")
    said = sh("ensure_python run", environment={"PATH": str(bin_folder)})
    assert said.returncode == 1
    assert said.stderr.startswith("dzvin: Python 3.11 or later is needed")


def test_a_full_disk_is_said_before_the_work_begins(tmp_path: Path) -> None:
    said = sh(f"state={tmp_path}; enough_disk 999999999 'a system with Asterisk'")
    assert said.returncode == 1
    assert said.stderr.startswith("dzvin: The disk is nearly full: a system with Asterisk needs 999999999 MB")


def test_an_aborted_folder_is_made_anew_and_gets_its_name_only_when_complete(tmp_path: Path) -> None:
    """The first debootstrap stops half-way; the second start removes what it left and finishes."""
    part = tmp_path / "asterisk-root.part"
    half = 'make() { mkdir -p "$2/half"; return 1; }'
    whole = 'make() { [ ! -e "$2" ] && mkdir -p "$2/usr/sbin" && touch "$2/usr/sbin/asterisk"; }'
    common = (
        f"state={tmp_path}; asterisk_root={tmp_path}/asterisk-root; log={tmp_path}/log; "
        "need_root() { :; }; "
        'mirrors() { echo http://mirror.example/debian; }; bootstrap() { make "$@"; }; '
        'as_root() { "$@"; }; '
    )
    first = sh(f"{common} {half}; make_asterisk_root")
    assert first.returncode == 1
    assert (part / "half").is_dir()
    assert not (tmp_path / "asterisk-root").exists()
    second = sh(f"{common} {whole}; make_asterisk_root")
    assert second.returncode == 0, second.stderr
    assert "Removing what an aborted run left behind." in second.stderr
    assert (tmp_path / "asterisk-root/usr/sbin/asterisk").exists()
    assert not part.exists()


def test_an_environment_is_made_anew_when_the_lock_file_changes(tmp_path: Path) -> None:
    for name in ("uv.lock", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path)
    before = sh(f"here={tmp_path}; fingerprint python3").stdout
    assert sh(f"here={tmp_path}; fingerprint python3").stdout == before
    with (tmp_path / "uv.lock").open("a") as lock:
        lock.write("# changed\n")
    assert sh(f"here={tmp_path}; fingerprint python3").stdout != before


def test_help_of_a_bare_clone_is_fast_and_installs_nothing(tmp_path: Path) -> None:
    shutil.copy(SCRIPT, tmp_path)
    said = subprocess.run(
        [tmp_path / "dzvin", "--help"], capture_output=True, text=True, timeout=20, check=True
    )
    assert "./dzvin run" in said.stdout
    assert not (tmp_path / ".dzvin").exists()


def test_shellcheck_finds_nothing() -> None:
    said = subprocess.run(
        [need("shellcheck"), SCRIPT, PROJECT / ".ci/run"], capture_output=True, text=True, check=False
    )
    assert said.stdout == ""


def tools(folder: Path, **commands: str) -> Path:
    """A folder for PATH with these stand-ins and the plain tools that the script uses."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    for name in ("bash", "dirname", "readlink", "cat", "mkdir", "env", "awk", "sha256sum", "cut"):
        (bin_folder / name).symlink_to(need(name))
    for name, body in commands.items():
        (bin_folder / name).write_text(f"#!/bin/bash\n{body}\n")
        (bin_folder / name).chmod(0o755)
    return bin_folder


@pytest.mark.parametrize(
    ("installed", "offered", "way"),
    [
        ("20.6.0", "", ""),
        ("", "1:20.6.0~dfsg-1", "packages asterisk"),
        ("18.9.0", "1:22.1.0", "packages asterisk"),
        ("", "", "packages debootstrap|folder"),
        ("16.2.1", "1:16.2.1", "packages debootstrap|folder"),
    ],
)
def test_which_way_to_an_asterisk(tmp_path: Path, installed: str, offered: str, way: str) -> None:
    said = sh(
        f"asterisk_root={tmp_path}/none; installed_asterisk() {{ echo '{installed}'; }}; "
        f"candidate() {{ echo '{offered}'; }}; have_lists() {{ :; }}; "
        'ensure_packages() { echo "packages $*"; }; make_asterisk_root() { echo folder; }; ensure_asterisk'
    )
    assert said.returncode == 0, said.stderr
    assert "|".join(said.stdout.split("\n")).strip("|") == way


def test_what_each_command_needs(tmp_path: Path) -> None:
    def needs(command: str) -> list[str]:
        said = sh(
            f"state={tmp_path}/state; ensure_packages() {{ echo packages $*; }}; "
            f"ensure_python() {{ echo python $1; }}; ensure_asterisk() {{ echo asterisk; }}; set_up {command}"
        )
        assert said.returncode == 0, said.stderr
        return said.stdout.splitlines()

    assert needs("run") == ["packages all", "python run", "asterisk"]
    assert needs("demo") == ["packages all demo", "python run", "asterisk"]
    assert needs("test") == ["packages all demo graph test", "python test", "asterisk"]
    assert needs("graph") == ["packages all graph", "python run"]
    assert needs("check") == ["packages all", "python run"]
    assert needs("doctor") == ["packages all", "python run"]
