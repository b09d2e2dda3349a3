"""Judges recorded telephone sound: which tone is heard when, silence, level, clipping, cut ends.

Levels are dBFS: 0 dB is a full-scale square wave, so a full-scale sine is -3 dB. Times are seconds from
the beginning of the recording; a softphone's recording begins with the first RTP packet of the call and
leaves out spans in which none arrived.
"""

import math
import struct
from array import array
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

WINDOW_S = 0.05
SILENT_DB = -50.0
SILENCE = "silence"
OTHER = "other"


@dataclass(frozen=True)
class Sound:
    """Samples in -1…1 and their rate."""

    samples: Samples
    rate_hz: int

    @property
    def length_s(self) -> float:
        return len(self.samples) / self.rate_hz

    def part(self, from_s: float = 0.0, to_s: float | None = None) -> "Sound":
        """The span `from_s` … `to_s`; negative times count from the end, as in slices."""
        to = None if to_s is None else round(to_s * self.rate_hz)
        return Sound(self.samples[round(from_s * self.rate_hz) : to], self.rate_hz)


@dataclass(frozen=True)
class Span:
    """`heard`: frequency of a tone in hertz, or SILENCE, or OTHER (music, speech, noise)."""

    from_s: float
    to_s: float
    heard: float | str

    @property
    def length_s(self) -> float:
        return self.to_s - self.from_s


def read(path: Path) -> Sound:
    """Read a 16-bit PCM WAV, the first channel; also one that is still being written (length field 0).

    ValueError when it is no such file.
    """
    blob = path.read_bytes()
    if blob[:4] != b"RIFF" or blob[8:12] != b"WAVE":
        raise ValueError(f"{path} is no WAV file")
    at, channels, rate, bits = 12, 0, 0, 0
    while at + 8 <= len(blob):
        name, length = blob[at : at + 4], struct.unpack_from("<I", blob, at + 4)[0]
        if name == b"fmt ":
            _, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", blob, at + 8)
        if name == b"data":
            break
        at += 8 + length + length % 2
    if bits != 16 or not channels:
        raise ValueError(f"{path}: {bits} bits, {channels} channels; expected 16-bit PCM")
    data = blob[at + 8 :] if length == 0 else blob[at + 8 : at + 8 + length]
    whole = len(data) // (2 * channels) * 2 * channels
    samples = np.frombuffer(data[:whole], "<i2").reshape(-1, channels)[:, 0]
    return Sound(samples.astype(np.float64) / 32768, rate)


def rms_db(sound: Sound) -> float:
    """Root mean square in dBFS, -inf for digital silence or nothing at all."""
    power = float(np.mean(sound.samples**2)) if len(sound.samples) else 0.0
    return 10 * math.log10(power) if power else -math.inf


def peak_db(sound: Sound) -> float:
    """The loudest sample in dBFS."""
    peak = float(np.max(np.abs(sound.samples), initial=0.0))
    return 20 * math.log10(peak) if peak else -math.inf


def share(sound: Sound, hz: float) -> float:
    """How much of the sound's power is the tone `hz`: 0 … 1 (Goertzel's sum as a dot product)."""
    count = len(sound.samples)
    total = float(np.sum(sound.samples**2))
    if not count or not total:
        return 0.0
    turns = np.exp(-2j * np.pi * hz / sound.rate_hz * np.arange(count))
    return min(1.0, 2 * abs(complex(np.dot(sound.samples, turns))) ** 2 / (count * total))


def windows(sound: Sound, window_s: float = WINDOW_S) -> list[Sound]:
    """Consecutive windows; a shorter rest at the end is left out."""
    size = round(window_s * sound.rate_hz)
    whole = len(sound.samples) // size
    return [Sound(sound.samples[n * size : (n + 1) * size], sound.rate_hz) for n in range(whole)]


def timeline(source: Path | Sound, tones_hz: list[float], window_s: float = WINDOW_S) -> list[Span]:
    """What is heard when: spans of the one tone that carries most power, of silence, of other sound.

    Tones closer than 1 / `window_s` hertz (20 Hz) cannot be told apart.
    """
    names = [_name(window, tones_hz) for window in windows(_sound(source), window_s)]
    spans, at = [], 0.0
    for heard, group in groupby(names):
        to = at + window_s * len(list(group))
        spans.append(Span(round(at, 6), round(to, 6), heard))
        at = to
    return spans


def hears(source: Path | Sound, hz: float, from_s: float = 0.0, to_s: float | None = None) -> bool:
    """Whether the tone is there in at least 8 of 10 windows of the span, also beneath other sound.

    A window counts when the tone carries a fifth of its power and is louder than -45 dBFS.
    """
    parts = windows(_sound(source).part(from_s, to_s))
    there = [share(part, hz) > 0.2 and rms_db(part) + _db(share(part, hz)) > -45 for part in parts]
    return bool(there) and sum(there) >= 0.8 * len(there)


def heard_for(source: Path | Sound, hz: float) -> float:
    """For how many seconds in all the tone was heard, as in `hears`."""
    return sum(WINDOW_S for part in windows(_sound(source)) if hears(part, hz))


def is_silent(source: Path | Sound, from_s: float = 0.0, to_s: float | None = None) -> bool:
    """Whether no window of the span is louder than -50 dBFS; true for nothing at all."""
    parts = windows(_sound(source).part(from_s, to_s))
    return all(rms_db(part) < SILENT_DB for part in parts)


def sounding_for(source: Path | Sound) -> float:
    """For how many seconds in all something louder than silence was heard."""
    return sum(WINDOW_S for part in windows(_sound(source)) if rms_db(part) >= SILENT_DB)


def find(source: Path | Sound, wanted: Path | Sound, least: float = 0.6) -> float | None:
    """When `wanted` (a prompt, a piece of music) begins in `source`, None if it is not there whole.

    Normalised cross-correlation by FFT, 1 = the same sound at any loudness; a prompt that is cut in its
    middle reaches only the share of power that was played. The rates must be equal.
    """
    long, short = _sound(source), _sound(wanted)
    if long.rate_hz != short.rate_hz:
        raise ValueError(f"{long.rate_hz} Hz and {short.rate_hz} Hz cannot be compared")
    match = _correlation(long.samples, short.samples)
    if not len(match) or float(np.max(match)) < least:
        return None
    return int(np.argmax(match)) / long.rate_hz


def _correlation(long: Samples, short: Samples) -> Samples:
    count = len(long) - len(short) + 1
    if count < 1 or not len(short):
        return np.zeros(0)
    size = 1 << (len(long) + len(short)).bit_length()
    product = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size)), size)[:count]
    energy = np.concatenate([[0.0], np.cumsum(long**2)])
    local = np.maximum(energy[len(short) :][:count] - energy[:count], 1e-9)
    return np.asarray(product / np.sqrt(local * max(float(np.sum(short**2)), 1e-9)), dtype=np.float64)


def _name(window: Sound, tones_hz: list[float]) -> float | str:
    if rms_db(window) < SILENT_DB:
        return SILENCE
    best = max(tones_hz, key=lambda hz: share(window, hz), default=0.0)
    return best if tones_hz and share(window, best) > 0.5 else OTHER


def _db(power: float) -> float:
    return 10 * math.log10(power) if power > 0 else -math.inf


def _sound(source: Path | Sound) -> Sound:
    return source if isinstance(source, Sound) else read(source)


@cache
def voice(seconds: float, hz: float = 120.0, *, amplitude: float = 4000.0) -> bytes:
    """8 kHz, 16 bit: harmonics that fade with their number. A voice detector takes it for speech."""
    parts = range(1, 20)
    samples = (
        amplitude * sum(math.sin(2 * math.pi * hz * part * n / 8000) / part for part in parts)
        for n in range(round(8000 * seconds))
    )
    return array("h", [round(sample) for sample in samples]).tobytes()
