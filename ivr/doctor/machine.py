"""Checks of the machine: Python, packages, disk, files, limits, clock."""

import ctypes
import importlib.metadata as metadata
import os
import resource
import shutil
import sys
import time
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

from ivr.config import Settings
from ivr.doctor.finding import Finding, fail, ok, warn

_PYTHON = (3, 11)
_LITTLE_DISK = 1_000_000_000
_NO_DISK = 100_000_000
_FEW_FILES = 4096
"""A call takes up to 6 file descriptors (RTP and RTCP both ways, FastAGI, a sound file)."""
_TIME_ERROR = 5
_LOOK_FOR = 0.1
_CLOCK_STEP = 0.005


def check_python() -> Iterator[Finding]:
    """Version of Python, and of the packages that the project names."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _PYTHON:
        yield fail("Python", f"{version} is too old", "Install Python 3.11 or later and run ./dzvin again.")
    else:
        yield ok("Python", version)
    absent = [name for name in _required_packages() if _version(name) is None]
    if absent:
        yield fail("packages", f"missing: {', '.join(absent)}", "Run ./dzvin again; it installs them.")
    else:
        yield ok("packages", f"{len(_required_packages())} of {len(_required_packages())} there")


def _required_packages() -> list[str]:
    """Names from the project's metadata, without extras, versions, and those for another Python."""
    needed = metadata.requires("dzvin") or []
    names = [line for line in needed if "extra ==" not in line]
    here = [line for line in names if "3.13" not in line or sys.version_info >= (3, 13)]
    return [
        line.split(";")[0].split("[")[0].split("<")[0].split(">")[0].split("=")[0].strip() for line in here
    ]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Space where the journal, the logs and recordings are written."""
    place = _existing(settings.run_folder)
    free = shutil.disk_usage(place).free
    shown = f"{free / 1e9:.1f} GB free at {place}"
    if free < _NO_DISK:
        yield fail("disk", shown, "Make room: the journal cannot be written soon.")
    elif free < _LITTLE_DISK:
        yield warn("disk", shown, "Make room: under 1 GB is little for logs and recordings.")
    else:
        yield ok("disk", shown)


def check_folders(settings: Settings) -> Iterator[Finding]:
    """May we write the run folder and read dialplans and prompts?"""
    if os.access(_existing(settings.run_folder), os.W_OK | os.X_OK):
        yield ok("folders", f"{settings.run_folder} can be written")
    else:
        yield fail(
            "folders", f"{settings.run_folder} cannot be written", "Give this user the right to write it."
        )
    for name, folder in (("dialplans", settings.dialplans), ("prompts", settings.prompts)):
        if not os.access(folder, os.R_OK | os.X_OK):
            setting = f"DZVIN_{name.upper()}"
            yield fail(
                "folders", f"{folder} cannot be read", f"Make it readable, or set {setting} to another."
            )


def check_secrets(settings: Settings) -> Iterator[Finding]:
    """Only their owner may read secrets."""
    folder = settings.secrets_folder
    files = [path for path in folder.glob("*") if path.is_file()] if folder.is_dir() else []
    if settings.ami_secret_file is not None:
        files.append(settings.ami_secret_file)
    open_ones = [path for path in files if path.exists() and path.stat().st_mode & 0o077]
    for path in open_ones:
        yield fail("secrets", f"{path} can be read by others", f"chmod 600 {path}")
    if not open_ones:
        yield ok("secrets", f"{len(files)} files, read by their owner only")


def check_limits() -> Iterator[Finding]:
    """Open files: each call takes several."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < _FEW_FILES:
        mend = f"Raise it (ulimit -Hn {_FEW_FILES * 4}); a call takes about six."
        yield warn("open files", f"at most {hard}", mend)
    else:
        yield ok(
            "open files", f"{soft} now, {'no limit' if hard == resource.RLIM_INFINITY else hard} at most"
        )


def check_clock() -> Iterator[Finding]:
    """Is the clock kept by NTP, does it run evenly, and are time zones known?"""
    try:
        zoneinfo.ZoneInfo("Europe/Kyiv")
        yield ok("time zones", f"{len(zoneinfo.available_timezones())} known")
    except zoneinfo.ZoneInfoNotFoundError:
        yield fail("time zones", "no data", "Run ./dzvin again; it installs the package tzdata.")
    if _clock_is_kept():
        yield ok("clock", "kept by time synchronisation")
    else:
        mend = "Install chrony or switch systemd-timesyncd on: opening hours and reports follow this clock."
        yield warn("clock", "nobody keeps it in time", mend)
    jump = _clock_jump()
    if abs(jump) > _CLOCK_STEP:
        yield warn(
            "clock", f"jumped by {jump * 1000:.0f} ms while looked at", "Let it be slewed, not stepped."
        )


def _clock_is_kept() -> bool:
    """adjtimex(2) with modes 0 only reads; TIME_ERROR means that the kernel clock is not synchronised."""
    read_only = ctypes.create_string_buffer(512)
    try:
        return int(ctypes.CDLL(None).adjtimex(read_only)) not in {_TIME_ERROR, -1}
    except (OSError, AttributeError):
        return False


def _clock_jump() -> float:
    """Seconds by which wall clock and monotonic clock disagree over a moment."""
    wall, steady = time.time(), time.monotonic()
    time.sleep(_LOOK_FOR)
    return (time.time() - wall) - (time.monotonic() - steady)


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())
