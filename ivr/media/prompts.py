"""Prompts from their texts: renders the missing ones with a speech command and checks all of them.

`texts` is what `prompts/texts.yaml` holds: {id: {language: text}}; an entry {"spoken": language, "text":
text} is one recording in that language, which lies in the folder of every language.
"""

import math
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.media.sound import LEVEL_DB, RATE_HZ, SoundError, measure, polish

Texts = Mapping[str, Mapping[str, str]]

LONGEST_S = 40.0
LEVEL_WITHIN_DB = 3.0
EDGE_LONGEST_S = 0.4
VOWELS_A_SECOND = (2.0, 9.0)  # people speak 4 to 6 syllables a second
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_VOWEL = re.compile(r"[аеєиіїоуюяёыэaeiouy]+", re.IGNORECASE)
_VOWEL_CYRILLIC = re.compile(r"[аеєиіїоуюяёыэ]", re.IGNORECASE)


class PromptError(ValueError):
    """Texts that cannot be read aloud, or a speech command that failed; one sentence."""


@dataclass(frozen=True)
class Speaker:
    """A speech command: text on standard input, `{voice}` and `{out}` (a WAV file) in its arguments."""

    command: Sequence[str]
    voices: Mapping[str, str]


RHVOICE = Speaker(
    ("RHVoice-test", "-p", "{voice}", "-o", "{out}"),
    {"uk": "natalia", "ru": "anna", "en": "slt"},
)


@dataclass(frozen=True, order=True)
class Line:
    """One recording: who says what in which folder. `language` is the folder, `spoken` the voice's."""

    id: str
    language: str
    spoken: str
    text: str

    def path(self, folder: Path) -> Path:
        return folder / self.language / f"{self.id}.wav"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one recording."""

    path: Path
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


def lines(texts: Texts, languages: Iterable[str]) -> list[Line]:
    """All recordings that `texts` ask for; PromptError names the entry that is not complete."""
    wanted = list(languages)
    found = []
    for prompt, entry in texts.items():
        if not _ID.fullmatch(prompt) or not isinstance(entry, Mapping):
            raise PromptError(
                f"{prompt!r}: a prompt is an id of a-z, 0-9 and '-' with a text for each language"
            )
        for language in wanted:
            spoken = entry.get("spoken", language)
            text = entry.get("text" if "spoken" in entry else language, "")
            if not isinstance(text, str) or not text.strip() or spoken not in wanted:
                raise PromptError(f"{prompt}: no text in {language}")
            found.append(Line(prompt, language, str(spoken), text))
    return found


def build(wanted: Iterable[Line], folder: Path, speaker: Speaker, *, anew: bool = False) -> list[Path]:
    """Render what is missing (`anew`: everything) and return the files made. PromptError: not rendered."""
    made = []
    for line in wanted:
        path = line.path(folder)
        if anew or not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _render(line, path, speaker)
            made.append(path)
    return made


def check(wanted: Iterable[Line], folder: Path) -> list[Fault]:
    """Every fault of every recording: missing, wrong format, too quiet, too long, clipped, cut, left over."""
    expected = list(wanted)
    faults = [fault for line in expected for fault in _check(line, line.path(folder))]
    known = {line.path(folder) for line in expected}
    for language in sorted({line.language for line in expected}):
        strangers = sorted(set((folder / language).glob("*.wav")) - known)
        faults += [Fault(path, "nobody asks for it; add its text or delete it") for path in strangers]
    return faults


def _render(line: Line, path: Path, speaker: Speaker) -> None:
    voice = speaker.voices.get(line.spoken)
    if voice is None:
        raise PromptError(f"no voice is configured for {line.spoken}")
    with tempfile.TemporaryDirectory() as scratch:
        raw = Path(scratch) / "raw.wav"
        command = [part.format(voice=voice, out=raw) for part in speaker.command]
        _speak(command, line.text)
        try:
            polish(raw, path)
        except SoundError as error:
            raise PromptError(
                f"{command[0]} made nothing useful of {line.id} in {line.spoken}: {error}"
            ) from error


def _speak(command: Sequence[str], text: str, within: float = 60.0) -> None:
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=within, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PromptError(f"the speech command {command[0]} cannot be run: {error}") from error
    if done.returncode != 0:
        raise PromptError(f"{command[0]} failed: {done.stderr.decode(errors='replace').strip()[-200:]}")


def _check(line: Line, path: Path) -> Iterator[Fault]:
    if not path.exists():
        yield Fault(path, f"missing; it says: {line.text}")
        return
    try:
        found = measure(path)
    except SoundError as error:
        yield Fault(path, str(error))
        return
    if (found.rate_hz, found.channels, found.bits) != (RATE_HZ, 1, 16):
        form = f"{found.rate_hz} Hz, {found.channels} channels, {found.bits} bits"
        yield Fault(path, f"{form}; expected {RATE_HZ} Hz, mono, 16 bits")
    if found.clipped:
        yield Fault(path, "clipped: peaks are cut off")
    if math.isinf(found.level_db):
        yield Fault(path, "silent")
        return
    if abs(found.level_db - LEVEL_DB) > LEVEL_WITHIN_DB:
        way = "quiet" if found.level_db < LEVEL_DB else "loud"
        yield Fault(path, f"too {way}: {found.level_db:.1f} dBFS, expected {LEVEL_DB:.0f}")
    if found.length_s > LONGEST_S:
        yield Fault(path, f"too long: {found.length_s:.0f} s, at most {LONGEST_S:.0f} s")
    if max(found.lead_s, found.tail_s) > EDGE_LONGEST_S:
        yield Fault(path, f"silence at its ends: {found.lead_s:.2f} s and {found.tail_s:.2f} s")
    pace = syllables(line.text) / max(found.speech_s, 0.01)
    if not VOWELS_A_SECOND[0] <= pace <= VOWELS_A_SECOND[1]:
        yield Fault(
            path, f"{found.speech_s:.1f} s for {syllables(line.text)} syllables: cut, or another text?"
        )


def syllables(text: str) -> int:
    """Vowels in Cyrillic words (one each), groups of vowels in Latin ones: near enough to judge a pace."""
    cyrillic = len(_VOWEL_CYRILLIC.findall(text))
    latin = len(_VOWEL.findall(_VOWEL_CYRILLIC.sub(" ", text)))
    return max(1, cyrillic + latin)
