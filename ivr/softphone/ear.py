"""How long a tone sounds in a recording: enough to say who was heard. Tests judge more closely."""

import wave
from pathlib import Path

import numpy as np

WINDOW_S = 0.05
LOUD_ENOUGH = 0.005
"""RMS, of full scale: quieter windows are silence."""
OWN_SHARE = 0.5
"""So much of a window's energy must lie at the tone."""


def tone_for(path: Path, hz: float) -> float:
    """Seconds in which `hz` is most of what is heard; 0.0 where the file holds no sound yet.

    Each window of 50 ms goes through a Hann window and an FFT; three bins (60 Hz) count as the tone.
    """
    with wave.open(str(path), "rb") as file:
        rate, data = file.getframerate(), file.readframes(file.getnframes())
    size = round(rate * WINDOW_S)
    samples = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2").astype(np.float64) / 32768
    windows = samples[: len(samples) // size * size].reshape(-1, size)
    if not len(windows):
        return 0.0
    energy = np.abs(np.fft.rfft(windows * np.hanning(size), axis=1)) ** 2
    middle = round(hz * size / rate)
    share = energy[:, middle - 1 : middle + 2].sum(axis=1) / np.maximum(energy.sum(axis=1), 1e-12)
    loud = np.sqrt((windows**2).mean(axis=1)) > LOUD_ENOUGH
    return float(np.count_nonzero(loud & (share > OWN_SHARE)) * WINDOW_S)


def sound_until(path: Path) -> float:
    """Seconds from the file's beginning to the end of its last sound; 0.0 where all is silent."""
    with wave.open(str(path), "rb") as file:
        rate, data = file.getframerate(), file.readframes(file.getnframes())
    loud = np.flatnonzero(
        np.abs(np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2")) > 32768 * LOUD_ENOUGH
    )
    return float((loud[-1] + 1) / rate) if len(loud) else 0.0
