"""The speech synthesizer: any command that reads a text on its standard input and writes a WAV file."""

import shlex
import string
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DEFAULT_COMMAND = "RHVoice-test -p {voice} -o {out}"
DEFAULT_VOICES = "uk=natalia,ru=anna,en=slt"
_PLACES = {"voice", "out"}


class PromptError(ValueError):
    """Texts that cannot be read aloud, or a speech command that failed; one sentence."""


@dataclass(frozen=True)
class Speaker:
    """A speech command; `{voice}` and `{out}` (the WAV file) stand in its arguments."""

    command: Sequence[str]
    voices: Mapping[str, str]
    """Language -> voice."""

    def say(self, text: str, language: str, out: Path, within: float = 60.0) -> None:
        """Write `text` as sound of any rate to `out`. PromptError: no voice, or the command failed."""
        voice = self.voices.get(language)
        if voice is None:
            raise PromptError(f"no voice is configured for {language}")
        places = {"voice": voice, "out": str(out)}
        command = [part.format_map(places) for part in self.command]
        try:
            done = subprocess.run(
                command, input=text.encode(), capture_output=True, timeout=within, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PromptError(f"the speech command {command[0]} cannot be run: {error}") from error
        if done.returncode != 0:
            why = done.stderr.decode(errors="replace").strip()[-200:]
            raise PromptError(f"{command[0]} failed: {why or f'its exit status is {done.returncode}'}")


def parse_command(text: str) -> tuple[str, ...]:
    """A command line as its arguments. ValueError: no program, or no `{out}`, or another `{…}`."""
    try:
        parts = tuple(shlex.split(text))
        named = {
            name for part in parts for _, name, _, _ in string.Formatter().parse(part) if name is not None
        }
    except ValueError as error:
        raise ValueError(f"{str(error).lower()}; write it as {DEFAULT_COMMAND}") from None
    if not parts or "out" not in named or not named <= _PLACES:
        raise ValueError(f"write it with {{out}}, and {{voice}} if it has voices, as {DEFAULT_COMMAND}")
    return parts


def parse_voices(text: str) -> dict[str, str]:
    """'uk=natalia,ru=anna' as a mapping. ValueError: a part that is no such pair."""
    pairs = [part.partition("=") for part in text.split(",")]
    voices = {language.strip(): voice.strip() for language, _, voice in pairs}
    if not all(language and voice for language, voice in voices.items()) or len(voices) < len(pairs):
        raise ValueError(f"write each language once with its voice, as {DEFAULT_VOICES}")
    return voices
