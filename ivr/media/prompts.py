"""Prompts from their texts: renders the missing ones with a speech command and checks all of them.

`texts` is what `prompts/texts.yaml` holds: {id: {language: text}}; an entry {"spoken": language, "text":
text} is one recording in that language, which lies in the folder of every language.
"""

import math
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.media.sound import LEVEL_DB, RATE_HZ, WHOLE, Edges, SoundError, measure, polish
from ivr.media.speaker import PromptError, Speaker

Texts = Mapping[str, Mapping[str, str]]

LONGEST_S = 40.0
LEVEL_WITHIN_DB = 3.0
EDGE_SPARE_S = 0.25  # more silence at an end than this beyond what is asked for is a fault
VOWELS_A_SECOND = (2.0, 9.0)  # people speak 4 to 6 syllables a second
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_VOWEL = re.compile(r"[аеєиіїоуюяёыэaeiouy]+", re.IGNORECASE)
_VOWEL_CYRILLIC = re.compile(r"[аеєиіїоуюяёыэ]", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One recording: who says what in which folder. `language` is the folder, `spoken` the voice's."""

    id: str
    language: str
    spoken: str
    text: str
    carrier: str = ""
    """A word to be said after it and cut off again, so that it does not sound like the end of a sentence."""
    edges: Edges = WHOLE
    pace: tuple[float, float] = VOWELS_A_SECOND

    def path(self, folder: Path) -> Path:
        return folder / self.language / f"{self.id}.wav"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one recording."""

    path: Path
    what: str
    mendable: bool = False
    """Converting the file again would mend it."""

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
            render(line, path, speaker)
            made.append(path)
    return made


def check(wanted: Iterable[Line], folder: Path) -> list[Fault]:
    """Every fault of every recording: missing, wrong format, too quiet, too long, clipped, cut, left over."""
    expected = list(wanted)
    faults = [fault for line in expected for fault in faults_of(line, line.path(folder))]
    known = {line.path(folder) for line in expected}
    for language in sorted({line.language for line in expected}):
        strangers = sorted(set((folder / language).rglob("*.wav")) - known)
        faults += [Fault(path, "nobody asks for it; add its text or delete it") for path in strangers]
    return faults


def render(line: Line, path: Path, speaker: Speaker) -> None:
    """Write one recording, whole or not at all. PromptError: not rendered."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"{line.text.rstrip(',')}, {line.carrier}." if line.carrier else line.text
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".making-") as scratch:
        raw, made = Path(scratch) / "raw.wav", Path(scratch) / "made.wav"
        speaker.say(text, line.spoken, raw)
        try:
            polish(raw, made, line.edges, carrier=bool(line.carrier))
        except SoundError as error:
            program = speaker.command[0]
            raise PromptError(
                f"{program} made nothing useful of {line.id} in {line.spoken}: {error}"
            ) from error
        os.replace(made, path)


def faults_of(line: Line, path: Path) -> Iterator[Fault]:
    """What is wrong with one recording."""
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
        yield Fault(path, f"{form}; expected {RATE_HZ} Hz, mono, 16 bits", mendable=True)
    if found.clipped:
        yield Fault(path, "clipped: peaks are cut off")
    if math.isinf(found.level_db):
        yield Fault(path, "silent")
        return
    if abs(found.level_db - LEVEL_DB) > LEVEL_WITHIN_DB:
        way = "quiet" if found.level_db < LEVEL_DB else "loud"
        yield Fault(path, f"too {way}: {found.level_db:.1f} dBFS, expected {LEVEL_DB:.0f}", mendable=True)
    if found.length_s > LONGEST_S:
        yield Fault(path, f"too long: {found.length_s:.0f} s, at most {LONGEST_S:.0f} s")
    if found.lead_s - line.edges.lead_s > EDGE_SPARE_S or found.tail_s - line.edges.tail_s > EDGE_SPARE_S:
        ends = f"{found.lead_s:.2f} s and {found.tail_s:.2f} s"
        yield Fault(path, f"silence at its ends: {ends}", mendable=True)
    pace = syllables(line.text) / max(found.speech_s, 0.01)
    if not line.pace[0] <= pace <= line.pace[1]:
        yield Fault(
            path, f"{found.speech_s:.1f} s for {syllables(line.text)} syllables: cut, or another text?"
        )


def syllables(text: str) -> int:
    """Vowels in Cyrillic words (one each), groups of vowels in Latin ones: near enough to judge a pace."""
    cyrillic = len(_VOWEL_CYRILLIC.findall(text))
    latin = len(_VOWEL.findall(_VOWEL_CYRILLIC.sub(" ", text)))
    return max(1, cyrillic + latin)
