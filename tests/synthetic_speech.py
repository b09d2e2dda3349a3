"""Speech for tests of recognition: espeak-ng's voices as a telephone brings them (8 kHz, s16le, mono)."""

import subprocess
from dataclasses import dataclass
from functools import cache

import numpy as np

from tests.real import need

RATE = 8000
BYTES_A_SECOND = 2 * RATE


@dataclass(frozen=True)
class Speaker:
    language: str
    variant: str = "+m3"
    words_per_minute: int = 148
    pitch: int = 50


@cache
def said(text: str, speaker: Speaker, law: str = "", part: float = 1.0) -> bytes:
    """`text` with a pause before and after. `law`: 'mu-law' or 'a-law' there and back; `part`: broken off."""
    voice = ("-v", speaker.language + speaker.variant, "-p", str(speaker.pitch))
    pace = ("-s", str(speaker.words_per_minute))
    wav = _run(b"", need("espeak-ng"), *voice, *pace, "--stdout", text)
    sound = _at_eight_kilohertz(wav, law)
    if part < 1.0:
        voiced = np.flatnonzero(np.abs(np.frombuffer(sound, dtype="<i2")) > 300)
        sound = sound[: 2 * int(voiced[0] + part * (voiced[-1] - voiced[0]))]
    return silence(0.3) + sound + silence(0.9)


def silence(seconds: float) -> bytes:
    """As a quiet line has it: the last bit flickers."""
    rng = np.random.default_rng(1)
    return rng.integers(-2, 3, int(RATE * seconds)).astype("<i2").tobytes()


def noise(seconds: float, level: float, seed: int = 1) -> bytes:
    """White noise of so much RMS (full scale is 32767)."""
    samples = np.random.default_rng(seed).standard_normal(int(RATE * seconds)) * level
    return np.clip(samples, -32768, 32767).astype("<i2").tobytes()


def tone(seconds: float, *frequencies: float, level: float = 4000.0) -> bytes:
    time = np.arange(int(RATE * seconds)) / RATE
    mixed = sum(np.sin(2 * np.pi * frequency * time) for frequency in frequencies)
    return (mixed * level).astype("<i2").tobytes()


def _at_eight_kilohertz(wav: bytes, law: str) -> bytes:
    """Through `law` and back if there is one."""
    sox, raw = need("sox"), ("-t", "raw", "-e", "signed", "-b", "16", "-")
    common = (sox, "-t", "wav", "-", "-r", str(RATE), "-c", "1")
    if not law:
        return _run(wav, *common, *raw, "gain", "-6")
    coded = _run(wav, *common, "-e", law, "-b", "8", "-t", "wav", "-", "gain", "-6")
    return _run(coded, sox, "-t", "wav", "-", *raw)


def _run(data: bytes, *command: str) -> bytes:
    return subprocess.run(command, input=data, check=True, capture_output=True).stdout
