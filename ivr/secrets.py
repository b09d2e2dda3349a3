"""Passwords made once at random and kept in files that only their owner reads."""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from ivr.errors import Plain

_PHONES = "phones.json"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike: people type these passwords into softphones."""
SHORTEST_TOKEN = 20
_LENGTH = 20
"""99 bits."""


class Secrets:
    """`folder` is made with mode 0700, its files with 0600. Plain: it cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def named(self, name: str) -> str:
        """The secret in the file `name`, made if it is not there."""
        path = self.folder / name
        known = _read(path).strip()
        if known:
            return known
        made = _made()
        self._write(path, made + "\n")
        return made

    def phones(self, names: Iterable[str]) -> dict[str, str]:
        """Account -> password; accounts that are new get one, accounts that are gone keep theirs."""
        known = self._known_phones()
        wanted = list(names)
        new = [name for name in wanted if name not in known]
        if new:
            known |= {name: _made() for name in new}
            self._write(self.folder / _PHONES, json.dumps(known, indent=2, ensure_ascii=False) + "\n")
        return {name: known[name] for name in wanted}

    def _known_phones(self) -> dict[str, str]:
        path = self.folder / _PHONES
        text = _read(path)
        if not text:
            return {}
        try:
            known = json.loads(text)
        except ValueError as error:
            raise Plain(
                f"The phones' passwords in {path} are no JSON ({error}); mend or remove it."
            ) from None
        if not isinstance(known, dict) or not all(isinstance(value, str) for value in known.values()):
            raise Plain(f"{path} must be a list of phones with their passwords; mend or remove it.")
        return known

    def _write(self, path: Path, text: str) -> None:
        part = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            raise Plain(f"The secret {path} cannot be written: {error.strerror}.") from None


def _made() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def read_secret(path: Path) -> str:
    """The secret that an administrator put into `path`. Plain: it is not there or empty."""
    secret = _read(path).strip()
    if not secret:
        raise Plain(f"There is no secret in {path}.")
    return secret


def read_api_token(path: Path | None) -> str:
    """'' where none is configured. Plain: it is not there, or so short that it could be guessed."""
    if path is None:
        return ""
    token = read_secret(path)
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable():
        raise Plain(f"The token in {path} must have {SHORTEST_TOKEN} letters and digits at least.")
    return token


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Plain(f"The secret {path} cannot be read: {error.strerror}.") from None
