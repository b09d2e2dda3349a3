"""The folder of one Asterisk instance: its configuration, sounds and state."""

import hashlib
import json
import os
import shutil
import socket
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ivr.asterisk.conf import Addresses, Folders, is_language
from ivr.asterisk.instance_program import AsteriskProgram, InstanceError

_FOLDERS = (
    "etc",
    "lib",
    "lib/keys",
    "spool",
    "run",
    "log",
    "data",
    "data/sounds",
    "data/moh",
    "data/agi-bin",
)
_SHARED_DATA = ("documentation", "keys", "rest-api", "static-http")
_LANGUAGE_FOLDERS = {"ru": "ru_RU_f_IvrvoiceRU"}
"""Where Debian's package of a language has no link of the short name."""


@dataclass(frozen=True, slots=True)
class Running:
    """What is remembered about a started Asterisk, so that a later start of the server finds it again."""

    pid: int
    born: int
    """Start time of the process in clock ticks since boot: a number given anew to another process differs."""
    addresses: Addresses

    def alive(self) -> bool:
        return born(self.pid) == self.born


def born(pid: int) -> int | None:
    """Start time of a living process (field 22 of /proc/PID/stat, proc(5)); None: gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


class InstanceFiles:
    """`base` is the folder as we see it; `folders` names the same as Asterisk sees it."""

    def __init__(self, program: AsteriskProgram, base: Path) -> None:
        self.program = program
        self.base = base
        self.folders = Folders(base=program.inside(base))
        self._state = base / "instance.json"
        if len(str(self.folders.control_socket)) > 100:
            raise InstanceError(f"The folder {base} has too long a name for Asterisk; move the project.")

    def prepare(
        self, texts: Mapping[str, str], prompts: Path | None, music: Path | None, *, keep_sounds: bool = False
    ) -> bool:
        """Write everything; True if a configuration file changed. InstanceError: the disk refuses.

        `keep_sounds`: those that are there no longer stay with Asterisk.
        """
        try:
            for folder in _FOLDERS:
                (self.base / folder).mkdir(parents=True, exist_ok=True)
            changed = self._write_conf(texts)
            self._link_core_data()
            self.install_prompts(prompts, keep_sounds=keep_sounds)
            self._install_music(music, keep_sounds)
            self._name_the_machine()
            self._hand_over()
        except OSError as error:
            raise InstanceError(
                f"Asterisk's folder {self.base} cannot be written: {error.strerror}."
            ) from error
        return changed

    def _write_conf(self, texts: Mapping[str, str]) -> bool:
        etc = self.base / "etc"
        changed = [name for name, text in texts.items() if _write_secret(etc / name, text)]
        stale = [path for path in etc.iterdir() if path.name not in texts]
        for path in stale:
            path.unlink()
        return bool(changed or stale)

    def _link_core_data(self) -> None:
        core = self.program.outside(self.folders.core_data)
        data = self.base / "data"
        for name in _SHARED_DATA:
            if (core / name).exists():
                _link(data / name, str(self.folders.core_data / name))
        for language in _languages(core / "sounds"):
            self._link_language(language)

    def _link_language(self, language: str) -> None:
        core = self.folders.core_data / "sounds" / _LANGUAGE_FOLDERS.get(language, language)
        mine = self.base / "data/sounds" / language
        mine.mkdir(exist_ok=True)
        for entry in self.program.outside(core).iterdir():
            _link(mine / entry.name, str(core / entry.name))

    def install_prompts(self, prompts: Path | None, *, keep_sounds: bool = False) -> None:
        """Copy prompts/<language>/**.wav to sounds/<language>/dzvin/, and remove what is there no longer."""
        if prompts is None or not prompts.is_dir():
            return
        for language in sorted(path for path in prompts.iterdir() if is_language(path.name)):
            _mirror(language, self.base / "data/sounds" / language.name / "dzvin", keep_sounds)

    def _install_music(self, music: Path | None, keep_sounds: bool) -> None:
        if music is not None and music.is_dir():
            _mirror(music, self.base / "data/moh", keep_sounds)

    def _name_the_machine(self) -> None:
        """PJSIP looks the machine's own name up for every call; without a line in hosts each one blocks."""
        if self.program.root is None:
            return
        etc = self.program.root / "etc"
        hosts, name = _text_of(Path("/etc/hosts")), socket.gethostname()
        if name not in {word for line in hosts.splitlines() for word in line.partition("#")[0].split()[1:]}:
            hosts = f"{hosts.rstrip()}\n127.0.1.1 {name}\n".lstrip()
        if "localhost" not in hosts:
            hosts = f"127.0.0.1 localhost\n{hosts}"
        _write_shared(etc / "hosts", hosts)
        if resolver := _text_of(Path("/etc/resolv.conf")):
            _write_shared(etc / "resolv.conf", resolver)

    def _hand_over(self) -> None:
        owner = self.program.runs_as(self.base)
        if owner is None:
            return
        for folder, _, names in os.walk(self.base):
            for path in (folder, *(os.path.join(folder, name) for name in names)):
                if os.lstat(path).st_uid != owner[0]:
                    os.chown(path, *owner, follow_symlinks=False)

    def remember(self, pid: int, addresses: Addresses) -> Running:
        running = Running(pid, born(pid) or 0, addresses)
        _write_secret(
            self._state, json.dumps({"pid": pid, "born": running.born, "addresses": asdict(addresses)})
        )
        return running

    def remembered(self) -> Running | None:
        """The Asterisk started here earlier, if it still lives."""
        try:
            known = json.loads(self._state.read_text())
            running = Running(known["pid"], known["born"], _addresses(known["addresses"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return running if running.alive() else None

    def forget(self) -> None:
        self._state.unlink(missing_ok=True)

    def last_words(self, lines: int = 3) -> str:
        """The end of what Asterisk printed and logged, for an error's text."""
        said = [_text_of(self.base / "log" / name) for name in ("console.log", "messages.log")]
        errors = [line for text in said for line in text.splitlines() if "ERROR" in line or "Unable" in line]
        return " | ".join(errors[-lines:] or said[0].splitlines()[-1:])


def _addresses(known: Mapping[str, Any]) -> Addresses:
    """JSON has no tuples: its lists become what the data class holds."""
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in known.items()}
    return Addresses(**values)


def _languages(sounds: Path) -> Iterable[str]:
    names = {path.name for path in sounds.iterdir() if path.is_dir() and len(path.name) == 2}
    return sorted(names | {short for short, long in _LANGUAGE_FOLDERS.items() if (sounds / long).is_dir()})


def _link(link: Path, target: str) -> None:
    if not link.is_symlink() or os.readlink(link) != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def _mirror(source: Path, target: Path, keep: bool) -> None:
    """Copy new and changed files, and without `keep` remove those that are gone from `source`."""
    wanted = {path.relative_to(source) for path in _sounds(source)}
    for name in wanted:
        old, new = target / name, source / name
        if not old.exists() or _stamp(old) != _stamp(new):
            old.parent.mkdir(parents=True, exist_ok=True)
            part = old.with_name(f".{old.name}.part")
            shutil.copy2(new, part)
            part.replace(old)
    gone = [] if keep else [path for path in _sounds(target) if path.relative_to(target) not in wanted]
    for path in gone:
        path.unlink()


def _sounds(folder: Path) -> list[Path]:
    """Also music that is in the calls' codecs already, which saves converting it for each waiting caller."""
    return [path for path in folder.rglob("*") if path.suffix in {".wav", ".ulaw", ".alaw"}]


def _stamp(path: Path) -> tuple[int, int]:
    known = path.stat()
    return known.st_size, known.st_mtime_ns


def _text_of(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write_secret(path: Path, text: str) -> bool:
    """Write `text` readable by its owner only, in one step; True if it was another text before."""
    if path.exists() and _digest(_text_of(path)) == _digest(text):
        return False
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
    return True


def _write_shared(path: Path, text: str) -> None:
    """Write `text` readable by all, in one step; several instances may do so at once."""
    if _text_of(path) == text or not os.access(path.parent, os.W_OK):
        return
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text)
    part.chmod(0o644)
    part.replace(path)
