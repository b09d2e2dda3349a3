"""The prompts' sound by id and language, held in memory: what is played into a caller's stream.

Only telephone format is read (WAV, 8 kHz, mono, 16 bits); `dzvin prompts build` makes it of anything else.
"""

import asyncio
import re
import wave
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import structlog

from ivr.flow.said import Recording, Said
from ivr.media.spoken import fragments_of

log = structlog.get_logger(__name__)

BYTES_A_SECOND = 16000
CACHE_BYTES = 96 * 2**20
"""Three times what is shipped."""
_SHAPE = (8000, 1, 2)
_ID = re.compile(r"(say/)?[a-z0-9][a-z0-9-]{0,60}")


class Catalogue:
    """Files of `folder`/LANGUAGE/ID.wav. One thread uses it; nothing here raises.

    What was read stays in memory until `cache_bytes` are full; then the sound that was asked for longest ago
    goes. `load` or `preload` read in another thread, so that `pcm` need not read on the event loop.
    """

    def __init__(self, folder: Path, languages: Sequence[str], *, cache_bytes: int = CACHE_BYTES) -> None:
        """`languages`: the order in which they stand in for one that lacks a prompt."""
        self._folder = folder
        self._languages = tuple(languages)
        self._limit = cache_bytes
        self._held: OrderedDict[Path, bytes] = OrderedDict()
        self._size = 0
        self._told: set[Path] = set()

    @property
    def held_bytes(self) -> int:
        """Sound in memory now."""
        return self._size

    def pcm(self, prompt: str, language: str) -> bytes | None:
        """Samples, 16-bit little-endian at 8 kHz, in `language` or the first other that has them.

        None: no language has them whole. What is not in memory is read here and now (about 0.1 ms).
        """
        for path in self._paths(prompt, language):
            sound = self._held.get(path)
            if sound is not None:
                self._held.move_to_end(path)
                return sound
            sound = self._read(path)
            if sound is not None:
                self._hold({path: sound})
                return sound
        return None

    def seconds(self, prompt: str, language: str) -> float | None:
        """How long it is; None as for `pcm`."""
        sound = self.pcm(prompt, language)
        return None if sound is None else len(sound) / BYTES_A_SECOND

    async def load(self, prompts: Iterable[str], language: str) -> None:
        """Read these, if they are not in memory yet, in another thread."""
        wanted = [list(self._paths(prompt, language)) for prompt in prompts]
        missing = [paths for paths in wanted if not any(path in self._held for path in paths)]
        if missing:
            self._hold(await asyncio.to_thread(self._first_of_each, missing))

    async def preload(self) -> int:
        """Read all prompts anew, as far as they fit, and say how many bytes are held."""
        self._told.clear()
        read = await asyncio.to_thread(self._everything)
        self._held.clear()
        self._size = 0
        self._hold(read)
        return self._size

    def forget(self) -> None:
        """Read all files again when they are asked for: recordings have changed."""
        self._held.clear()
        self._size = 0
        self._told.clear()

    def _paths(self, prompt: str, language: str) -> Iterator[Path]:
        """Where it may lie. An id that could name a file elsewhere has no path: web hooks give ids too."""
        if not _ID.fullmatch(prompt):
            return
        for name in dict.fromkeys((language, *self._languages)):
            if name in self._languages:
                yield self._folder / name / f"{prompt}.wav"

    def _first_of_each(self, wanted: Iterable[Sequence[Path]]) -> dict[Path, bytes]:
        found = {}
        for paths in wanted:
            for path in paths:
                sound = self._read(path)
                if sound is not None:
                    found[path] = sound
                    break
        return found

    def _everything(self) -> dict[Path, bytes]:
        found: dict[Path, bytes] = {}
        size = 0
        for path in self._files():
            sound = self._read(path)
            if sound is not None and size + len(sound) <= self._limit:
                found[path] = sound
                size += len(sound)
        return found

    def _files(self) -> list[Path]:
        """Of whole languages, the first ones first, the fragments of numbers before the rest."""
        patterns = ("say/*.wav", "*.wav")
        folders = [self._folder / language for language in self._languages]
        return [path for folder in folders for pattern in patterns for path in sorted(folder.glob(pattern))]

    def _read(self, path: Path) -> bytes | None:
        try:
            return _samples(path)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, wave.Error, ValueError) as error:
            if path not in self._told:
                self._told.add(path)
                log.warning("prompt_cannot_be_played", file=str(path), why=str(error) or "it ends too early")
            return None

    def _hold(self, sounds: Mapping[Path, bytes]) -> None:
        for path, sound in sounds.items():
            self._size += len(sound) - len(self._held.pop(path, b""))
            self._held[path] = sound
        while self._size > self._limit and self._held:
            _, dropped = self._held.popitem(last=False)
            self._size -= len(dropped)


def expand(said: Iterable[Said], language: str) -> tuple[str, ...]:
    """Ids of prompts: as they are, and pieces as their fragments; what callers said has none.

    SpokenError: a piece cannot be said.
    """
    ids: list[str] = []
    for part in said:
        if not isinstance(part, Recording):
            ids += [part] if isinstance(part, str) else fragments_of(part, language)
    return tuple(ids)


def _samples(path: Path) -> bytes:
    """OSError, EOFError, wave.Error or ValueError: no sound in telephone format."""
    with wave.open(str(path), "rb") as source:
        form = source.getparams()
        if (form.framerate, form.nchannels, form.sampwidth) != _SHAPE:
            raise ValueError(
                f"it has {form.framerate} Hz, {form.nchannels} channel(s), {form.sampwidth * 8} bits; "
                "dzvin prompts build makes it 8000 Hz, mono, 16 bits"
            )
        data = source.readframes(form.nframes)
    if not data or len(data) != 2 * form.nframes:
        raise ValueError(f"it holds {len(data) // 2} of {form.nframes} samples")
    return data
