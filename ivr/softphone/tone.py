"""Sound files that softphones play: 16-bit mono WAV at the telephone's 8 kHz."""

import math
import wave
from array import array
from pathlib import Path

RATE_HZ = 8000
AMPLITUDE = 0.2  # of full scale: about -17 dBFS RMS, far from clipping in µ-law


def write_tone(path: Path, hz: float, for_s: float = 10.0) -> Path:
    """Write a sine of `hz` hertz; whole periods, so that a player may repeat it without a click.

    ValueError when `hz` is not below half the sampling rate.
    """
    if not 0 < hz < RATE_HZ / 2:
        raise ValueError(f"a tone of {hz} Hz does not fit in {RATE_HZ} samples a second")
    periods = max(1, round(for_s * hz))
    count = round(periods * RATE_HZ / hz)
    step = 2 * math.pi * periods / count
    return write_samples(path, [AMPLITUDE * math.sin(step * index) for index in range(count)])


def write_silence(path: Path, for_s: float = 10.0) -> Path:
    """Write `for_s` seconds of digital silence."""
    return write_samples(path, [0.0] * round(for_s * RATE_HZ))


def write_samples(path: Path, samples: list[float]) -> Path:
    """Write samples in -1…1 as a WAV file and return its path."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(array("h", [round(32767 * sample) for sample in samples]).tobytes())
    return path
