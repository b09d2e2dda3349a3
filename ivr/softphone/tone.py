"""Sound files that softphones play: 16-bit mono WAV at the telephone's 8 kHz."""

import math
import wave
from array import array
from pathlib import Path

RATE_HZ = 8000
AMPLITUDE = 0.2  # of full scale: about -17 dBFS RMS, far from clipping in µ-law


def write_tone(path: Path, hz: float, for_s: float = 10.0) -> Path:
    """Write a sine of `hz` hertz for `for_s` seconds or up to one more; it ends at the end of a period.

    ValueError when `hz` is not below half the sampling rate.
    """
    if not 0 < hz < RATE_HZ / 2:
        raise ValueError(f"a tone of {hz} Hz does not fit in {RATE_HZ} samples a second")
    periods = max(1, round(hz))  # a block of about a second, without a click where it repeats
    count = round(periods * RATE_HZ / hz)
    step = 2 * math.pi * periods / count
    block = [AMPLITUDE * math.sin(step * index) for index in range(count)]
    return _write(path, _data(block), for_s)


def write_short_tone(path: Path, hz: float, for_s: float) -> Path:
    """Write a sine of `hz` hertz for `for_s` seconds, to the nearest end of a period. ValueError as above."""
    whole = write_tone(path, hz, for_s)
    periods = max(1, round(hz * for_s))
    return _write(path, _read(whole)[: 2 * round(periods * RATE_HZ / hz)])


def write_silence(path: Path, for_s: float = 10.0) -> Path:
    """Write `for_s` seconds of digital silence."""
    return _write(path, bytes(2 * RATE_HZ), for_s)


def write_repeated(path: Path, source: Path, for_s: float) -> Path:
    """Write the sound of `source` again and again, for at least `for_s` seconds.

    ValueError when `source` is not 8 kHz, mono, 16 bits, or is empty.
    """
    return _write(path, _read(source), for_s)


def write_once(path: Path, source: Path, silence_s: float) -> Path:
    """Write the sound of `source`, and `silence_s` seconds of silence after it. ValueError as above."""
    return _write(path, _read(source) + bytes(2 * round(RATE_HZ * silence_s)))


def length_of(source: Path) -> float:
    """In seconds. ValueError as above."""
    return len(_read(source)) / (2 * RATE_HZ)


def _read(source: Path) -> bytes:
    with wave.open(str(source), "rb") as given:
        form = (given.getframerate(), given.getnchannels(), given.getsampwidth())
        data = given.readframes(given.getnframes())
    if form != (RATE_HZ, 1, 2) or not data:
        raise ValueError(f"{source}: a softphone plays {RATE_HZ} Hz mono 16-bit WAV files only")
    return data


def _data(samples: list[float]) -> bytes:
    return array("h", [round(32767 * sample) for sample in samples]).tobytes()


def _write(path: Path, block: bytes, for_s: float = 0.0) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(block * max(1, math.ceil(2 * RATE_HZ * for_s / len(block))))
    return path
