"""What a telephone line does to a voice: band, level, companding, noise. Full scale is 32767 throughout."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

RATE = 8000
Sound = NDArray[np.float32]
_KEY_ROWS, _KEY_COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)
"""Hertz, of the keys of a telephone (ITU-T Q.23)."""


def resampled(sound: Sound, rate: int) -> Sound:
    """`sound` at 8 kHz, through its spectrum."""
    length = round(len(sound) * RATE / rate)
    spectrum = np.fft.rfft(sound)[: length // 2 + 1]
    return _single(np.fft.irfft(spectrum, length) * (length / max(len(sound), 1)))


def telephone_band(sound: Sound, low: float, high: float) -> Sound:
    """Only what lies between `low` and `high` hertz."""
    spectrum = np.fft.rfft(sound)
    frequencies = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(frequencies < low) | (frequencies > high)] *= 0.03
    return _single(np.fft.irfft(spectrum, len(sound)))


def mu_law(sound: Sound) -> Sound:
    """There and back through the curve of G.711 µ-law (µ = 255, 8 bits)."""
    x = np.clip(sound / 32768, -1, 1)
    code = np.round(np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256) * 127) / 127
    return _single(np.sign(code) * (256 ** np.abs(code) - 1) / 255 * 32768)


def a_law(sound: Sound) -> Sound:
    """There and back through the curve of G.711 A-law (A = 87.6, 8 bits)."""
    a, scale = 87.6, 1 + np.log(87.6)
    x = np.clip(sound / 32768, -1, 1)
    size = np.abs(x)
    code = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(a * size, 1))) / scale
    code = np.round(code * 127) / 127
    back = np.where(code < 1 / scale, code * scale / a, np.exp(code * scale - 1) / a)
    return _single(np.sign(x) * back * 32768)


def noise(length: int, rng: Generator) -> Sound:
    """Steady noise of unit RMS, its spectrum falling by 0 (white) to 6 dB (brown) an octave."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    spectrum /= np.maximum(np.arange(len(spectrum)), 8) ** rng.uniform(0, 1)
    return _unit(np.fft.irfft(spectrum, length))


def tones(length: int, rng: Generator) -> Sound:
    """One or two sine tones of unit RMS, steady, once or again and again: dial tones, keys, hum."""
    time = np.arange(length) / RATE
    if rng.random() < 0.5:
        frequencies = [rng.choice(_KEY_ROWS), rng.choice(_KEY_COLUMNS)]
    else:
        frequencies = list(rng.uniform(50, 2500, size=rng.integers(1, 3)))
    sound = sum(np.sin(2 * np.pi * frequency * time + rng.uniform(0, 6)) for frequency in frequencies)
    period = rng.choice((rng.uniform(0.1, 1.5), length / RATE))
    begins = rng.uniform(0, 0.5) * period
    sounding = (time % period >= begins) & (time % period < begins + period * rng.uniform(0.1, 0.5))
    return _unit(sound * (sounding if rng.random() < 0.7 else 1.0))


def clicks(length: int, rng: Generator) -> Sound:
    """Short bursts that die away, at random moments."""
    sound = np.zeros(length, dtype=np.float32)
    for at in rng.integers(0, max(length - 400, 1), size=rng.integers(1, 8)):
        burst = rng.standard_normal(400) * np.exp(-np.arange(400) / rng.uniform(5, 120))
        sound[at : at + 400] += burst[: length - at].astype(np.float32)
    return _single(sound / (np.abs(sound).max() + 1e-6) * 4)


def background(length: int, rng: Generator) -> Sound:
    """Any of the sounds that are not speech; unit RMS or near it."""
    kind = rng.random()
    if kind < 0.5:
        return noise(length, rng)
    return tones(length, rng) if kind < 0.85 else clicks(length, rng)


def echoing(sound: Sound, rng: Generator) -> Sound:
    """`sound` with echoes of itself, the second of them weaker: small rooms, speaker phones, bad lines."""
    delay, strength = int(RATE * rng.uniform(0.01, 0.18)), rng.uniform(0.05, 0.4)
    heard = sound.copy()
    heard[delay:] += strength * sound[:-delay]
    heard[2 * delay :] += strength**2 * sound[: -2 * delay]
    return heard


def on_the_line(sound: Sound, rng: Generator) -> Sound:
    """`sound` as another telephone would bring it: level, echo, band, noise and companding at random."""
    level = np.sqrt(np.mean(sound**2)) + 1.0
    loudness = 10 ** rng.uniform(2.3, 3.6)
    heard = sound / level * loudness
    if rng.random() < 0.25:
        heard = echoing(heard, rng)
    if rng.random() < 0.4:
        heard = telephone_band(heard, rng.uniform(80, 320), rng.uniform(3300, 3900))
    kind = rng.random()
    if kind < 0.85:
        hiss = loudness * 10 ** (-rng.uniform(10, 50) / 20) if kind < 0.7 else rng.uniform(0, 3)
        heard = heard + noise(len(heard), rng) * hiss
    heard = np.clip(heard, -32768, 32767).astype(np.float32)
    if (law := rng.random()) < 0.4:
        heard = mu_law(heard) if law < 0.2 else a_law(heard)
    return _single(np.round(heard))


def _unit(sound: NDArray[np.floating]) -> Sound:
    return _single(sound / (np.sqrt(np.mean(sound**2)) + 1e-6))


def _single(sound: NDArray[np.floating]) -> Sound:
    return sound.astype(np.float32)
