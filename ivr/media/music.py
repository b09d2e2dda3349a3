"""Music on hold of our own: a calm chord progression, made from sines, that repeats without a seam.

Asterisk plays the format that fits the call's codec, so beside the WAV lie µ-law and A-law files (ITU-T
G.711, headerless): hundreds of waiting callers then cost no transcoding.
"""

import math
import sys
import warnings
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.media.sound import RATE_HZ, level_db, write

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # from 3.13 on it comes from the package audioop-lts
    import audioop

Samples = NDArray[np.float64]

BEAT_S = 0.75
BEATS_A_CHORD = 4
LEVEL_DB = -24.0  # below the prompts, which speak over it
# MIDI notes: Cmaj7, Am7, Fmaj7, G6; Em7, Am7, Dm7, Gsus4; the telephone loses what is below 300 Hz
CHORDS = (
    (48, 64, 67, 71),
    (45, 64, 67, 72),
    (53, 65, 69, 76),
    (43, 62, 67, 74),
    (52, 64, 67, 74),
    (45, 64, 69, 72),
    (50, 65, 69, 72),
    (43, 65, 67, 72),
)
ARPEGGIO = (1, 2, 3, 2)  # which note of the chord on each beat, an octave higher
ROUNDS = 2
LENGTH_S = ROUNDS * len(CHORDS) * BEATS_A_CHORD * BEAT_S


def compose() -> Samples:
    """The whole loop in -1…1. What rings beyond its end is laid over its beginning: no seam."""
    loop = np.zeros(round(LENGTH_S * RATE_HZ))
    for part, (place, chord) in product(range(ROUNDS), enumerate(CHORDS)):
        at = (part * len(CHORDS) + place) * BEATS_A_CHORD * BEAT_S
        for note in chord:
            _lay(loop, at, _pad(_hertz(note), BEATS_A_CHORD * BEAT_S + 1.2))
        for beat, voice in enumerate(ARPEGGIO):
            if part == 0 or beat != 2:  # the second round breathes
                _lay(loop, at + beat * BEAT_S, _bell(_hertz(chord[voice] + 12)))
    return loop * 10 ** ((LEVEL_DB - level_db(loop)) / 20)


def write_music(folder: Path, name: str = "default") -> list[Path]:
    """Write NAME.wav, NAME.ulaw and NAME.alaw into `folder` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    loop = compose()
    files = [folder / f"{name}.{suffix}" for suffix in ("wav", "ulaw", "alaw")]
    write(files[0], loop)
    linear = np.round(loop * 32767).astype("<i2").tobytes()
    files[1].write_bytes(audioop.lin2ulaw(linear, 2))
    files[2].write_bytes(audioop.lin2alaw(linear, 2))
    return files


def _hertz(note: int) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _pad(hz: float, for_s: float) -> Samples:
    """A soft chord tone: swells for 0.6 s, fades for 1.2 s, two voices a few cents apart."""
    time = np.arange(round(for_s * RATE_HZ)) / RATE_HZ
    envelope = np.minimum(1.0, time / 0.6) * np.minimum(1.0, (for_s - time) / 1.2)
    voices = sum(np.sin(2 * math.pi * hz * detune * time) for detune in (0.9985, 1.0015))
    overtones = 0.35 * np.sin(2 * math.pi * 2 * hz * time) + 0.12 * np.sin(2 * math.pi * 3 * hz * time)
    return np.asarray(0.12 * np.sin(envelope * math.pi / 2) ** 2 * (voices + overtones), dtype=np.float64)


def _bell(hz: float, for_s: float = 2.0) -> Samples:
    """A plucked tone: 8 ms of attack, then its overtones fade faster than itself."""
    time = np.arange(round(for_s * RATE_HZ)) / RATE_HZ
    sound = np.zeros(len(time))
    for number, strength in ((1, 1.0), (2, 0.4), (3, 0.15)):
        if number * hz < 3400:
            sound += (
                strength * np.exp(-time * (1.6 + 1.4 * number)) * np.sin(2 * math.pi * number * hz * time)
            )
    edges = np.minimum(1.0, time / 0.008) * np.minimum(1.0, (for_s - time) / 0.2)
    return np.asarray(0.22 * sound * edges, dtype=np.float64)


def _lay(loop: Samples, at_s: float, sound: Samples) -> None:
    """Add `sound` at a time, around the end of the loop if it is longer than what is left."""
    places = (round(at_s * RATE_HZ) + np.arange(len(sound))) % len(loop)
    np.add.at(loop, places, sound)


if __name__ == "__main__":
    for path in write_music(Path(sys.argv[1])):
        print(path)
