"""The folder `versions` of the run folder: every version that was ever published, and which one is live.

    versions/
      0001/record.json, 0001/dialplan/*.yaml      version 1: a complete copy, never touched again
      0002/…
      changes/000001.json                         what became live, one file for each change
      changes/000002.json                         the newest one counts
      edited/…                                    from which version a folder on disk was edited

Nothing here is ever overwritten: a version comes about by renaming a finished folder to its number, a change
by linking a finished file to the next serial number. Both fail if the name is taken, so the file system
itself decides which of two people was first (no lock that could be left behind), a crash leaves the old state
or the new one and never half of it, and the files of `changes` are the history. That is why there is no
single file `current` that would be replaced.

What is damaged (edited by hand, a failing disk) is told by `damaged` and passed over: then the newest change
counts whose version is whole.
"""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from ivr.errors import Plain
from ivr.versions.files import copy_dialplan, digest_of, sync_folder, write_through
from ivr.versions.records import (
    Canary,
    Change,
    Version,
    What,
    change_text,
    read_change,
    read_version,
    version_text,
)

__all__ = ["Canary", "Change", "Damaged", "NoVersion", "Overtaken", "Version", "VersionStore", "What"]

FOLDER = "versions"
_INCOMING = ".incoming-"
_STALE_FOR = 86400.0
"""Seconds after which what a crashed command left half done is removed."""


class NoVersion(Plain):
    """There is no version of this number."""


class Damaged(Plain):
    """A version's files are not those that were published."""


class Overtaken(Plain):
    """Somebody else changed what is live meanwhile."""

    def __init__(self, newest: Change | None) -> None:
        super().__init__(f"{_told(newest)} Nothing of yours was published; look at the difference again.")
        self.newest = newest


def _told(newest: Change | None) -> str:
    if newest is None:
        return "What is live cannot be found any more."
    why = f" ({newest.why})" if newest.why else ""
    number = newest.canary.number if newest.canary else newest.live
    return f"Meanwhile {newest.who} was faster: version {number} {newest.what}{why}."


class VersionStore:
    """`run_folder/versions`. Every method may be used by several processes at once."""

    def __init__(self, run_folder: Path) -> None:
        self.folder = run_folder / FOLDER
        self._changes = self.folder / "changes"
        self._edited = self.folder / "edited"

    # What is there

    def numbers(self) -> list[int]:
        """Of all versions, the damaged ones too, in order."""
        return sorted(_numbers(self.folder, ""))

    def folder_of(self, number: int) -> Path:
        """The dialplan's files of this version: to be read and never written."""
        return self.folder / f"{number:04d}" / "dialplan"

    def version(self, number: int) -> Version:
        """NoVersion or Damaged."""
        place = self.folder / f"{number:04d}"
        if not place.is_dir():
            known = self.numbers()
            shown = f"there are 1 to {known[-1]}" if known else "nothing was published yet"
            raise NoVersion(f"There is no version {number}; {shown}.")
        try:
            version = read_version((place / "record.json").read_text(encoding="utf-8"))
            whole = version.number == number and digest_of(place / "dialplan") == version.digest
        except (OSError, ValueError) as error:
            raise Damaged(f"Version {number} is damaged and cannot be used: {error}.") from None
        if not whole:
            raise Damaged(f"Version {number} is damaged: its files in {place} are not those of its record.")
        return version

    def versions(self) -> list[Version]:
        """All that are whole, in order."""
        return [version for number in self.numbers() if (version := self._whole(number)) is not None]

    def damaged(self) -> Mapping[int, str]:
        """Number and what is wrong."""
        found = {}
        for number in self.numbers():
            try:
                self.version(number)
            except Plain as error:
                found[number] = str(error)
        return found

    def changes(self) -> list[Change]:
        """The history, oldest first, without what cannot be read."""
        return list(reversed(list(self._newest_first())))

    def live(self) -> Change | None:
        """What counts now; None: nothing was published yet, or nothing whole is left."""
        for change in self._newest_first():
            if self._whole(change.live) is not None:
                tried = change.canary
                if tried is not None and self._whole(tried.number) is None:
                    return replace(change, canary=None)
                return change
        return None

    def _newest_first(self) -> Iterator[Change]:
        for serial in sorted(_numbers(self._changes, ".json"), reverse=True):
            with contextlib.suppress(OSError, ValueError):
                change = read_change((self._changes / f"{serial:06d}.json").read_text(encoding="utf-8"))
                if change.serial == serial:
                    yield change

    def _whole(self, number: int) -> Version | None:
        try:
            return self.version(number)
        except Plain:
            return None

    # What comes

    def stage(self, source: Path) -> Path:
        """A copy of `source` that can become a version: what is checked is what is published. Plain."""
        staged = self.folder / f"{_INCOMING}{os.getpid()}-{time.time_ns()}"
        with _written(self.folder):
            staged.mkdir(parents=True)
            self._sweep()
            copy_dialplan(source, staged / "dialplan")
        return staged

    def drop(self, staged: Path) -> None:
        shutil.rmtree(staged, ignore_errors=True)

    def add(self, staged: Path, version: Version) -> Version:
        """`staged` as the next version, whatever `number` and `digest` say. It is not live by that. Plain."""
        with _written(self.folder):
            digest = digest_of(staged / "dialplan")
            while True:
                number = max(self.numbers(), default=0) + 1
                made = replace(version, number=number, digest=digest)
                record = staged / "record.json"
                record.unlink(missing_ok=True)
                write_through(record, version_text(made).encode())
                sync_folder(staged)
                try:
                    staged.rename(self.folder / f"{number:04d}")
                except OSError:
                    if (self.folder / f"{number:04d}").exists():  # somebody else's; take the next number
                        continue
                    raise
                sync_folder(self.folder)
                return made

    def change(self, after: Change | None, change: Change) -> Change:
        """`change` counts from now on if `after` is the newest one. Overtaken; Plain: the disk refuses."""
        newest = max(_numbers(self._changes, ".json"), default=0)
        found = self.live()
        if (found.serial if found else None) != (after.serial if after else None):
            raise Overtaken(found)
        made = replace(change, serial=newest + 1)
        part = self._changes / f".{made.serial:06d}.{os.getpid()}-{time.time_ns()}"
        with _written(self.folder):
            self._changes.mkdir(parents=True, exist_ok=True)
            write_through(part, change_text(made).encode())
            try:
                os.link(part, self._changes / f"{made.serial:06d}.json")
            except FileExistsError:
                raise Overtaken(self.live()) from None
            finally:
                part.unlink(missing_ok=True)
            sync_folder(self._changes)
        return made

    def withdraw(self, version: Version) -> None:
        """A version that was added and never became live, because somebody else was faster."""
        if not any(version.number in _named(change) for change in self.changes()):
            hidden = self.folder / f"{_INCOMING}withdrawn-{time.time_ns()}"
            with contextlib.suppress(OSError):
                (self.folder / f"{version.number:04d}").rename(hidden)
                shutil.rmtree(hidden, ignore_errors=True)

    def _sweep(self) -> None:
        """What a command that was killed left behind."""
        for place in self.folder.glob(f"{_INCOMING}*"):
            with contextlib.suppress(OSError):
                if time.time() - place.stat().st_mtime > _STALE_FOR:
                    shutil.rmtree(place, ignore_errors=True)

    # From which version a folder was edited

    def note_base(self, folder: Path, number: int) -> None:
        """`folder` on disk is the same as this version now. An unwritable disk is passed over."""
        note = self._edited / f"{sha256(os.fsencode(folder.absolute())).hexdigest()[:16]}.json"
        part = note.with_name(f".{note.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            self._edited.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps({"folder": str(folder.absolute()), "version": number}))
            part.replace(note)

    def base_of(self, folder: Path) -> int | None:
        """The version that `folder` was last the same as; None: unknown."""
        note = self._edited / f"{sha256(os.fsencode(folder.absolute())).hexdigest()[:16]}.json"
        try:
            number = json.loads(note.read_text())["version"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return number if isinstance(number, int) else None


def _named(change: Change) -> set[int]:
    return {change.live} | ({change.canary.number} if change.canary else set())


def _numbers(folder: Path, ending: str) -> Iterator[int]:
    """Of the names in `folder` that are digits and `ending`."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        if name.endswith(ending) and (digits := name.removesuffix(ending)).isascii() and digits.isdigit():
            yield int(digits)


@contextlib.contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Plain(f"{error.filename or folder}: {error.strerror}; nothing was published.") from None
