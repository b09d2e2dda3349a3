"""Checks of the prompts: can Asterisk play them, and has every language all of them?"""

import wave
from collections.abc import Iterator
from pathlib import Path

from ivr.asterisk.conf import is_language
from ivr.doctor.finding import Finding, fail, ok, warn

_RATE, _CHANNELS, _BYTES = 8000, 1, 2
_SHOWN = 5
_FRAGMENTS = "say/"
"""Of numbers and dates: each language has its own; `dzvin prompts check` knows which are needed."""


def check_prompts(folder: Path) -> Iterator[Finding]:
    """Format of each file, and ids that one language has and another has not."""
    languages = sorted(path for path in folder.glob("*") if path.is_dir() and is_language(path.name))
    if not languages:
        yield fail("prompts", f"none in {folder}", "Run dzvin prompts, or set DZVIN_PROMPTS to their folder.")
        return
    ids = {language: _ids(language) for language in languages}
    every = {name for known in ids.values() for name in known if not name.startswith(_FRAGMENTS)}
    for language, known in ids.items():
        wrong = [problem for name in sorted(known) if (problem := _problem(language / f"{name}.wav"))]
        yield from _about(language.name, len(known), wrong, sorted(every - known))


def _ids(language: Path) -> set[str]:
    return {path.relative_to(language).with_suffix("").as_posix() for path in language.rglob("*.wav")}


def _about(language: str, count: int, wrong: list[str], absent: list[str]) -> Iterator[Finding]:
    area = f"prompts {language}"
    if wrong:
        yield fail(area, _some(wrong), "Run dzvin prompts build: it converts them.")
    if absent:
        yield warn(area, f"missing, other languages have them: {_some(absent)}", "Record or make them.")
    if not wrong and not absent:
        yield ok(area, f"{count} files, 8 kHz mono 16 bit")


def _problem(path: Path) -> str:
    """'' if Asterisk plays this file as it is."""
    try:
        with wave.open(str(path)) as sound:
            shape = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
    except (wave.Error, EOFError, OSError) as error:
        return f"{path.name} is no WAV file ({error})"
    if shape == (_RATE, _CHANNELS, _BYTES):
        return ""
    return f"{path.name} has {shape[0]} Hz, {shape[1]} channel(s), {shape[2] * 8} bit"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
