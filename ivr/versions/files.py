"""A dialplan's files as one thing: which they are, their digest, and copies that survive a power cut."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

SCENARIOS = "scenarios"
"""Folder beside the dialplan's files."""
_YAML = {".yaml", ".yml"}
_MOST_BYTES = 32 * 2**20


def dialplan_files(folder: Path) -> list[Path]:
    """Relative to `folder`: its YAML files and those of its scenarios, in order. OSError: not readable."""
    return sorted(path.relative_to(folder) for path in _found(folder))


def _found(folder: Path) -> Iterator[Path]:
    for place in (folder, folder / SCENARIOS):
        if place == folder or place.is_dir():
            for path in place.iterdir():
                if path.suffix in _YAML and not path.name.startswith(".") and path.is_file():
                    yield path


def digest_of(folder: Path) -> str:
    """Of names and contents: the same for the same dialplan wherever it lies. OSError: not readable."""
    digest = hashlib.sha256()
    for name in dialplan_files(folder):
        data = (folder / name).read_bytes()
        digest.update(os.fsencode(name) + b"\0" + str(len(data)).encode() + b"\0" + data)
    return digest.hexdigest()


def copy_dialplan(source: Path, target: Path) -> None:
    """Into the new folder `target`, written through to the disk. OSError: not readable or not writable."""
    names = dialplan_files(source)
    if sum((source / name).stat().st_size for name in names) > _MOST_BYTES:
        raise OSError(27, f"the dialplan has more than {_MOST_BYTES // 2**20} MB", str(source))
    for place in (target, target / SCENARIOS):
        place.mkdir()
    for name in names:
        write_through(target / name, (source / name).read_bytes())
    for place in (target / SCENARIOS, target):
        sync_folder(place)


def write_through(path: Path, data: bytes) -> None:
    """A new file, on the disk when this returns. FileExistsError: there is one."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """The names in it are on the disk when this returns."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
