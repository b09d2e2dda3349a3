"""Telephone sound: conversion to 8 kHz mono 16-bit, even loudness, trimmed silence, figures of a file.

Levels are dBFS of the loudness of speech itself: pauses are left out, else a prompt with long pauses would
be made too loud. The gate follows ITU-R BS.1770 (blocks more than 10 dB below the mean do not count),
without its frequency weighting, which means little between 300 and 3400 Hz.
"""

import math
import warnings
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydub misses ffmpeg, which WAV files do not need
    from pydub import AudioSegment
    from pydub.effects import speedup

Samples = NDArray[np.float64]

RATE_HZ = 8000
LEVEL_DB = -20.0
PEAK_DB = -2.0
MOST_GAIN_DB = 30.0  # of a caller: beyond it mostly noise gets loud
EDGE_DB = -45.0  # quieter than this is silence at the ends
EDGE_CLEAN_DB = -60.0  # the same where a recording has no noise
FADE_S = 0.004  # against a click where sound was cut
CARRIER_PAUSE_S, CARRIER_WORD_S = 0.03, 0.08  # at least
BLOCK_S = 0.02
_PIECE_MS, _CROSSFADE_MS = 150, 25


class SoundError(ValueError):
    """A file that is no sound that can be used; the text says why."""


@dataclass(frozen=True)
class Edges:
    """What is left around speech: `kept_s` of what was there, where soft consonants begin, then silence."""

    lead_s: float = 0.1
    tail_s: float = 0.15
    kept_s: float = 0.03


WHOLE = Edges()
"""Of a prompt that stands alone."""


@dataclass(frozen=True)
class Figures:
    """What can be said of a sound file without hearing it; `lead_s`, `tail_s`: silence at its ends."""

    rate_hz: int
    channels: int
    bits: int
    length_s: float
    level_db: float
    peak_db: float
    lead_s: float
    tail_s: float
    clipped: bool

    @property
    def speech_s(self) -> float:
        return max(0.0, self.length_s - self.lead_s - self.tail_s)


def polish(source: Path, target: Path, edges: Edges = WHOLE, carrier: bool = False) -> Figures:
    """Make any PCM WAV a prompt: 8 kHz mono 16-bit, trimmed, -20 dBFS, peaks below -2 dBFS.

    `carrier`: the sound ends with a pause and a word that are not wanted. SoundError when `source` is no WAV
    file or holds silence only.
    """
    return polish_sound(open_wav(source), target, edges, carrier)


def polish_sound(sound: AudioSegment, target: Path, edges: Edges = WHOLE, carrier: bool = False) -> Figures:
    """`polish` for sound that is in memory."""
    one = sound.set_sample_width(2).set_channels(1)
    samples = _resampled(_samples(one), one.frame_rate)
    speech = _loud(_without_carrier(samples) if carrier else samples, edges)
    if not len(speech):
        raise SoundError("it holds silence only")
    write(target, speech)
    return measure(target)


def evened(pcm: bytes) -> bytes:
    """What a person said on a telephone as loud as any other message, silence cut at its ends.

    8 kHz mono 16-bit in and out, -20 dBFS, peaks below -2 dBFS. Silence stays as it is. Takes some 20 ms a
    minute: use it in a thread.
    """
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float64) / 32768
    return _pcm(_loud(samples, WHOLE, MOST_GAIN_DB)) or pcm


def faster(pcm: bytes, speed: float) -> bytes:
    """8 kHz 16-bit mono sound in less time at the same pitch; `speed` above 1."""
    sound = AudioSegment(pcm[: len(pcm) // 2 * 2], frame_rate=RATE_HZ, sample_width=2, channels=1)
    if len(sound) <= 2 * _PIECE_MS:  # too short to leave pieces out
        return pcm
    return bytes(speedup(sound, speed, _PIECE_MS, _CROSSFADE_MS).raw_data)


def measure(path: Path) -> Figures:
    """The figures of a WAV file; SoundError when it is none."""
    sound = open_wav(path)
    samples = _samples(sound.set_sample_width(2).set_channels(1))
    lead, tail = _silent_ends(samples, sound.frame_rate)
    return Figures(
        rate_hz=sound.frame_rate,
        channels=sound.channels,
        bits=8 * sound.sample_width,
        length_s=sound.duration_seconds,
        level_db=level_db(samples, sound.frame_rate),
        peak_db=_db(float(np.max(np.abs(samples), initial=0.0))),
        lead_s=lead / sound.frame_rate,
        tail_s=tail / sound.frame_rate,
        clipped=_clipped(samples),
    )


def level_db(samples: Samples, rate_hz: int = RATE_HZ) -> float:
    """Gated loudness in dBFS; -inf for silence."""
    size = round(BLOCK_S * rate_hz)
    whole = len(samples) // size
    if not whole:
        return _db(math.sqrt(float(np.mean(samples**2)))) if len(samples) else -math.inf
    power = np.mean(samples[: whole * size].reshape(whole, size) ** 2, axis=1)
    audible = power[power > 1e-7]  # -70 dBFS
    if not len(audible):
        return -math.inf
    return 10 * math.log10(float(np.mean(audible[audible >= np.mean(audible) / 10])))


def write(path: Path, samples: Samples) -> None:
    """Store samples in -1…1 as 8 kHz mono 16-bit WAV."""
    data = _pcm(samples)
    AudioSegment(data, frame_rate=RATE_HZ, sample_width=2, channels=1).export(path, format="wav").close()


def _pcm(samples: Samples) -> bytes:
    return np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def open_wav(path: Path) -> AudioSegment:
    """Read by the standard library: pydub would hand a file that is no WAV to ffmpeg. SoundError: no WAV."""
    try:
        with wave.open(str(path), "rb") as source:
            data = source.readframes(source.getnframes())
            form = source.getparams()
    except (wave.Error, EOFError, OSError) as error:
        raise SoundError(f"{path} is no WAV file: {error}") from error
    if form.sampwidth == 1:  # the only width whose samples have no sign
        data = (np.frombuffer(data, np.uint8) ^ 0x80).tobytes()
    whole = len(data) - len(data) % (form.sampwidth * form.nchannels)
    return AudioSegment(
        data[:whole], frame_rate=form.framerate, sample_width=form.sampwidth, channels=form.nchannels
    )


def _loud(samples: Samples, edges: Edges, most_gain_db: float = math.inf) -> Samples:
    """Trimmed and at the level of all prompts; empty for silence only."""
    speech = _trimmed(samples, edges)
    if not len(speech):
        return speech
    gain_db = min(LEVEL_DB - level_db(speech), most_gain_db)
    loud = _faded(_limited(speech * _ratio(gain_db)))
    lead, tail = (np.zeros(round(for_s * RATE_HZ)) for for_s in (edges.lead_s, edges.tail_s))
    return np.concatenate([lead, loud, tail])


def _samples(sound: AudioSegment) -> Samples:
    return np.asarray(sound.get_array_of_samples(), dtype=np.float64) / 32768


def _resampled(samples: Samples, rate_hz: int) -> Samples:
    """To 8 kHz in the frequency domain: an ideal low-pass below 4 kHz, so nothing is folded back."""
    if rate_hz == RATE_HZ or not len(samples):
        return samples
    padded = np.concatenate([samples, np.zeros(rate_hz - len(samples) % rate_hz)])  # whole seconds
    count = len(padded) * RATE_HZ // rate_hz
    spectrum = np.fft.rfft(padded)[: count // 2 + 1]
    spectrum = np.pad(spectrum, (0, count // 2 + 1 - len(spectrum)))
    spectrum[-1] = 0
    resampled = np.fft.irfft(spectrum, count) * (RATE_HZ / rate_hz)
    return np.asarray(resampled[: round(len(samples) * RATE_HZ / rate_hz)], dtype=np.float64)


def _silent_ends(samples: Samples, rate_hz: int, below_db: float = EDGE_DB) -> tuple[int, int]:
    size, loud = _loud_blocks(samples, rate_hz, below_db)
    if not len(loud):
        return len(samples), 0
    return int(loud[0]) * size, len(samples) - (int(loud[-1]) + 1) * size


def _loud_blocks(samples: Samples, rate_hz: int, below_db: float) -> tuple[int, NDArray[np.intp]]:
    """Length of a block in samples, and the numbers of those that are no silence."""
    size, power = _powers(samples, rate_hz)
    return size, np.flatnonzero(power > _ratio(below_db) ** 2)


def _powers(samples: Samples, rate_hz: int) -> tuple[int, Samples]:
    size = max(1, round(BLOCK_S / 2 * rate_hz))
    whole = len(samples) // size
    return size, np.mean(samples[: whole * size].reshape(whole, size) ** 2, axis=1) if whole else np.zeros(0)


def _threshold_db(samples: Samples) -> float:
    """15 dB above the noise in pauses: in a clean recording even the soft end of a word counts as speech."""
    _, power = _powers(samples, RATE_HZ)
    noise = float(np.percentile(power, 5)) if len(power) else 0.0
    return min(EDGE_DB, max(EDGE_CLEAN_DB, _db(math.sqrt(noise)) + 15))


def _trimmed(samples: Samples, edges: Edges) -> Samples:
    lead, tail = _silent_ends(samples, RATE_HZ, _threshold_db(samples))
    kept = round(edges.kept_s * RATE_HZ)
    if lead >= len(samples):
        return np.zeros(0)
    return samples[max(0, lead - kept) : len(samples) - max(0, tail - kept)]


def _without_carrier(samples: Samples) -> Samples:
    """Up to the last pause that a word follows; all of it where there is none."""
    size, loud = _loud_blocks(samples, RATE_HZ, EDGE_DB)
    onsets = loud[np.flatnonzero(np.diff(loud) > CARRIER_PAUSE_S / (BLOCK_S / 2)) + 1]
    words = onsets[(loud[-1] - onsets) * size >= CARRIER_WORD_S * RATE_HZ] if len(loud) else onsets
    return samples[: (int(words[-1]) - 2) * size] if len(words) else samples


def _faded(samples: Samples) -> Samples:
    distance = np.minimum(np.arange(len(samples)), np.arange(len(samples))[::-1])
    return np.asarray(samples * np.minimum(1, distance / (FADE_S * RATE_HZ)), dtype=np.float64)


def _limited(samples: Samples) -> Samples:
    """Peaks above the limit are bent, not cut: linear up to half of it, then a tangent hyperbolic."""
    limit = _ratio(PEAK_DB)
    knee = limit / 2
    bent = knee + (limit - knee) * np.tanh((np.abs(samples) - knee) / (limit - knee))
    return np.where(np.abs(samples) <= knee, samples, np.sign(samples) * bent)


def _clipped(samples: Samples) -> bool:
    """Three samples in a row at full scale: a cut peak, not a chance."""
    full = np.abs(samples) >= 0.999
    return bool(np.any(full[:-2] & full[1:-1] & full[2:])) if len(full) > 2 else False


def _db(amplitude: float) -> float:
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def _ratio(db: float) -> float:
    return float(10 ** (db / 20))
