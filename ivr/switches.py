"""Switches of the dialplan, turned by `dzvin switch` while calls run: for an announcement of an outage, say.

They lie in one small file of the run folder, replaced as a whole, so that a reader never sees half of it. A
running server looks at the file's time when a dialogue asks, and reads it only when that has changed.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from ivr.errors import Plain

log = structlog.get_logger(__name__)

FILE = "switches.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A switch that is on."""

    since: float
    """Seconds since the epoch, as `until`."""
    until: float | None
    """None: until it is switched off."""
    who: str

    def is_on(self, now: float) -> bool:
        return self.until is None or now < self.until


class Switches:
    def __init__(self, run_folder: Path) -> None:
        self._path = run_folder / FILE
        self._seen: tuple[int, int] | None = None
        self._turned: Mapping[str, Turned] = {}

    def on(self, now: float) -> frozenset[str]:
        """Names of those that are on. A file that cannot be read leaves them as they were."""
        return frozenset(name for name, turned in self.turned().items() if turned.is_on(now))

    def turned(self) -> Mapping[str, Turned]:
        """All that were switched on and not off again, those that have expired too."""
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_ino)
            if stamp != self._seen:
                self._turned, self._seen = _read(self._path), stamp
        except FileNotFoundError:
            self._turned, self._seen = {}, None
        except (OSError, ValueError) as error:
            log.warning("the switches cannot be read", file=str(self._path), why=str(error))
        return self._turned

    def turn_on(self, name: str, now: float, until: float | None, who: str) -> None:
        """Plain: the file cannot be written."""
        self._write({**self.turned(), name: Turned(since=now, until=until, who=who)})

    def turn_off(self, name: str) -> None:
        """Plain: the file cannot be written."""
        self._write({other: turned for other, turned in self.turned().items() if other != name})

    def _write(self, turned: Mapping[str, Turned]) -> None:
        part = self._path.with_name(f".{FILE}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(
                {name: asdict(one) for name, one in turned.items()}, ensure_ascii=False, indent=1
            )
            part.write_text(text, encoding="utf-8")
            part.replace(self._path)
        except OSError as error:
            raise Plain(f"The switches in {self._path} cannot be written: {error.strerror}.") from None


def _read(path: Path) -> dict[str, Turned]:
    """ValueError: not ours."""
    known = json.loads(path.read_text(encoding="utf-8"))
    try:
        return {
            str(name): Turned(
                since=float(one["since"]),
                until=None if one["until"] is None else float(one["until"]),
                who=str(one["who"]),
            )
            for name, one in known.items()
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"this is no list of switches: {error}") from None
