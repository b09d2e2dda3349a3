"""Words for softphones to say, spoken by the synthesizer espeak-ng: 8 kHz mono 16-bit WAV files."""

import shutil
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.softphone.tone import RATE_HZ

LOUDNESS = 0.5
"""Of what espeak-ng gives: as a caller speaks, far from clipping."""


class VoiceMissing(RuntimeError):
    """espeak-ng is not installed, or has not this voice."""


@dataclass(frozen=True)
class Voice:
    """`variant`: one of espeak-ng's, such as '+m3' or '+f2'. `pitch`: 0 to 99."""

    language: str
    variant: str = ""
    words_a_minute: int = 130
    pitch: int = 50

    def say(self, words: str, path: Path, silence_s: float = 0.0) -> Path:
        """Write `words`, with silence before and after, to `path`. Takes some 50 ms, and blocks for them.

        VoiceMissing.
        """
        program = shutil.which("espeak-ng")
        if program is None:
            raise VoiceMissing("espeak-ng is not installed (Debian, Ubuntu: package espeak-ng)")
        name = self.language + self.variant
        options = ["-v", name, "-s", str(self.words_a_minute), "-p", str(self.pitch)]
        with tempfile.NamedTemporaryFile(suffix=".wav") as said:
            command = [program, *options, "-w", said.name, "--", words]
            ended = subprocess.run(command, capture_output=True, check=False)
            if ended.returncode:
                raise VoiceMissing(f"espeak-ng -v {name}: {ended.stderr.decode(errors='replace').strip()}")
            samples = _telephone(Path(said.name)) * LOUDNESS
        around = np.zeros(round(silence_s * RATE_HZ))
        _write(path, np.concatenate([around, samples, around]))
        return path


def _telephone(source: Path) -> NDArray[np.float64]:
    """At 8 kHz, through its spectrum."""
    with wave.open(str(source), "rb") as file:
        rate, data = file.getframerate(), file.readframes(file.getnframes())
    samples = np.frombuffer(data, "<i2").astype(np.float64)
    if not len(samples):
        return samples
    length = round(len(samples) * RATE_HZ / rate)
    spectrum = np.fft.rfft(samples)[: length // 2 + 1]
    return np.asarray(np.fft.irfft(spectrum, length) * (length / len(samples)))


def _write(path: Path, samples: NDArray[np.float64]) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(np.clip(np.round(samples), -32768, 32767).astype("<i2").tobytes())
