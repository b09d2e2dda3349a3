"""Recordings that people drop in beside the prompts: converted to telephone format, the originals kept.

`prompts/LANGUAGE/ID.mp3` (or ogg, opus, flac, m4a, wav of any rate) becomes `prompts/LANGUAGE/ID.wav`, and
the file itself goes to `prompts/originals/LANGUAGE/`. What has an original there is never rendered over.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ivr.media.prompts import Fault, Line, faults_of
from ivr.media.sound import RATE_HZ, SoundError, measure, open_wav, polish_sound

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydub misses ffmpeg, which is asked for where it is needed
    from pydub import AudioSegment
    from pydub.exceptions import PydubException

ORIGINALS = "originals"
FORMATS = {
    ".wav": "wav",
    ".mp3": "mp3",
    ".ogg": "ogg",
    ".oga": "ogg",
    ".opus": "ogg",
    ".flac": "flac",
    ".m4a": "mp4",
}
"""Suffix -> what ffmpeg calls it. It is told, so that no file makes it take it for a list of addresses."""
NO_FFMPEG = (
    "needs the program ffmpeg to be read; install it (Debian: apt install ffmpeg), or drop a WAV file in"
)


@dataclass(frozen=True)
class TakenIn:
    """What became of recordings that were dropped in."""

    made: tuple[Path, ...]
    faults: tuple[Fault, ...]
    """Files that stay where they are, because they cannot be used."""


def take_in(wanted: Iterable[Line], folder: Path) -> TakenIn:
    """Convert what was dropped in, and WAV files whose format or loudness is not a telephone's."""
    made, faults = [], []
    for line in wanted:
        found = list(_dropped_in(line, folder))
        if len(found) > 1:
            names = " and ".join(path.name for path in found)
            faults.append(Fault(found[0], f"{names}: which one? keep one of them"))
        elif found and (fault := _try_to_convert(found[0], line, folder)):
            faults.append(fault)
        elif found:
            made.append(line.path(folder))
    return TakenIn(tuple(made), tuple(faults))


def _try_to_convert(source: Path, line: Line, folder: Path) -> Fault | None:
    """What is wrong with it, if it cannot be."""
    try:
        _convert(source, line, folder)
    except SoundError as error:
        return Fault(source, str(error))
    except OSError as error:
        return Fault(source, f"cannot be converted: {error.strerror or error}")
    return None


def original_of(line: Line, folder: Path) -> Path | None:
    """The newest recording of a person that this prompt was made from; None: it was rendered."""
    target = line.path(folder)
    kept = [
        path
        for path in _originals(line, folder).glob(f"{target.stem}.*")
        if path.suffix.lower() in FORMATS and path.name.partition(".")[0] == target.stem
    ]
    return max(kept, key=lambda path: path.stat().st_mtime_ns, default=None)


def make_again(line: Line, folder: Path) -> bool:
    """From its original, where the prompt is missing and has one. SoundError, OSError: it cannot be read."""
    original = original_of(line, folder)
    if original is None:
        return False
    _polish(_read(original), line, folder)
    return True


def unasked(wanted: Iterable[Line], folder: Path) -> list[Fault]:
    """Files of other sound formats that no prompt asks for. (`check` tells of WAV files.)"""
    lines = list(wanted)
    stems = {line.path(folder).with_suffix("") for line in lines}
    languages = sorted({line.language for line in lines})
    files = sorted(path for language in languages for path in (folder / language).rglob("*"))
    return [
        Fault(path, "nobody asks for it; add its text or delete it")
        for path in files
        if path.suffix.lower() in FORMATS.keys() - {".wav"} and path.with_suffix("") not in stems
    ]


def _dropped_in(line: Line, folder: Path) -> Iterator[Path]:
    target = line.path(folder)
    for path in sorted(target.parent.glob(f"{target.stem}.*")):
        suffix = path.suffix.lower()
        if path.stem != target.stem or suffix not in FORMATS or not path.is_file():
            continue
        if path != target or _wants_conversion(line, path, folder):
            yield path


def _wants_conversion(line: Line, path: Path, folder: Path) -> bool:
    """A WAV file in the prompt's own place: whether converting it would mend what is wrong."""
    try:
        found = measure(path)
    except SoundError:
        return path.stat().st_size > 0  # perhaps a kind of WAV that ffmpeg reads
    if (found.rate_hz, found.channels, found.bits) != (RATE_HZ, 1, 16):
        return True
    original = original_of(line, folder)
    came_later = original is None or path.stat().st_ctime_ns > original.stat().st_ctime_ns
    return came_later and any(fault.mendable for fault in faults_of(line, path))


def _convert(source: Path, line: Line, folder: Path) -> None:
    """At each moment the original is somewhere whole, and the prompt is the old one or the new one."""
    sound = _read(source)
    kept = _keep(source, line, folder)
    try:
        _polish(sound, line, folder)
    except SoundError:
        kept.unlink()
        raise
    os.utime(kept)  # later than what was made of it
    if source != line.path(folder):
        source.unlink()


def _polish(sound: AudioSegment, line: Line, folder: Path) -> None:
    target = line.path(folder)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as scratch:
        made = Path(scratch) / "made.wav"
        polish_sound(sound, made, line.edges)
        os.replace(made, target)


def _read(source: Path) -> AudioSegment:
    """SoundError: what is wrong with it, or that ffmpeg is missing."""
    suffix = source.suffix.lower()
    if suffix == ".wav":
        try:
            return open_wav(source)
        except SoundError:
            if shutil.which("ffmpeg") is None:
                raise
    if shutil.which("ffmpeg") is None:
        raise SoundError(NO_FFMPEG)
    try:
        return AudioSegment.from_file(source, format=FORMATS[suffix])
    except (PydubException, ValueError, KeyError, IndexError) as error:
        raise SoundError(f"is no {suffix[1:]} file that can be read") from error


def _keep(source: Path, line: Line, folder: Path) -> Path:
    """Copy the original beside those that are kept already; none is written over."""
    place = _originals(line, folder)
    place.mkdir(parents=True, exist_ok=True)
    suffix = source.suffix.lower()
    target = place / f"{source.stem}{suffix}"
    number = 1
    while target.exists():
        number += 1
        target = place / f"{source.stem}.{number}{suffix}"
    shutil.copy2(source, target)
    return target


def _originals(line: Line, folder: Path) -> Path:
    return folder / ORIGINALS / line.path(folder).relative_to(folder).parent
