"""Recordings at rest are sealed: AES-256-GCM, by a key in a file that only the server's user reads.

A sealed file begins with `DZS1`, the first four bytes of the key's SHA-256, and a nonce of twelve bytes. The
file's name is sealed with it, so that no recording can be passed off as another one. A file that does not
begin so was stored before there was a key, and is read as it is.
"""

import asyncio
import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ivr.recordings.port import Unreadable
from ivr.recordings.shelf import Shelf
from ivr.recordings.sidecar import SEALED

_MARK, _NONCE, _KEY = 4, 12, 32
_HEAD = len(SEALED) + _MARK + _NONCE


class KeyFileError(ValueError):
    """The file with the keys cannot be used; one sentence."""


class Seal:
    """The first key seals; all of them open."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {_mark(key): AESGCM(key) for key in keys}
        self._first = _mark(keys[0])

    def close_(self, name: str, data: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return SEALED + self._first + nonce + self._keys[self._first].encrypt(nonce, data, name.encode())

    def open_(self, name: str, data: bytes) -> bytes:
        """Unreadable: by a key that is not there, or not as it was sealed."""
        if not is_sealed(data):
            return data
        mark, nonce = data[len(SEALED) : _HEAD - _NONCE], data[_HEAD - _NONCE : _HEAD]
        key = self._keys.get(mark)
        if key is None:
            raise Unreadable(
                f"it is sealed by another key ({mark.hex()}): add that one to the file of keys, as its last"
            )
        try:
            return key.decrypt(nonce, data[_HEAD:], name.encode())
        except InvalidTag:
            raise Unreadable("it is not as it was sealed: damaged, or changed by somebody") from None


class SealedShelf:
    """Implements `Shelf` around another one."""

    def __init__(self, shelf: Shelf, seal: Seal) -> None:
        self._shelf, self._seal = shelf, seal

    async def put(self, files: Mapping[str, bytes]) -> None:
        sealed = await asyncio.to_thread(
            lambda: {name: self._seal.close_(name, data) for name, data in files.items()}
        )
        await self._shelf.put(sealed)

    async def get(self, name: str) -> bytes:
        data = await self._shelf.get(name)
        return await asyncio.to_thread(self._seal.open_, name, data)

    async def stored(self, name: str) -> bytes:
        return await self._shelf.stored(name)

    async def remove(self, name: str) -> None:
        await self._shelf.remove(name)

    async def names(self, since: date | None = None) -> list[str]:
        return await self._shelf.names(since)

    async def tidy(self, before: date) -> None:
        await self._shelf.tidy(before)

    async def upkeep(self) -> None:
        await self._shelf.upkeep()

    async def close(self) -> None:
        await self._shelf.close()


def is_sealed(data: bytes) -> bool:
    return data.startswith(SEALED) and len(data) > _HEAD


def read_keys(path: Path) -> Seal:
    """One key a line, the one that seals first. KeyFileError."""
    try:
        lines = path.read_text(encoding="ascii").split()
    except OSError as error:
        raise KeyFileError(f"the keys in {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KeyFileError(f"{path} holds no keys: make it with `dzvin recordings new-key`") from None
    if not lines:
        raise KeyFileError(f"{path} is empty: make it with `dzvin recordings new-key`")
    return Seal([_key(line, number, path) for number, line in enumerate(lines, 1)])


def make_key(path: Path) -> str:
    """Put a new key before those in the file, which is for its owner alone; the key's mark. KeyFileError.

    The old ones stay, for what they have sealed.
    """
    try:
        before = path.read_text(encoding="ascii") if path.exists() else ""
        if before:
            read_keys(path)
        key = secrets.token_bytes(_KEY)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(base64.b64encode(key).decode() + "\n" + before)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"a key cannot be written to {path}: {error}") from None
    return _mark(key).hex()


def _key(line: str, number: int, path: Path) -> bytes:
    try:
        key = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY:
        raise KeyFileError(f"line {number} of {path} is no key: 32 bytes in base64 are one")
    return key


def _mark(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:_MARK]
