"""What a phone hears in one call, and when: its growing recording, watched by the clock.

A recording leaves out the spans in which no sound arrived, so its own time is not that of the call: each
sample counts as heard at the moment at which the file held it.
"""

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from tests.machine import ran_for
from tests.sound import Samples, Sound, rms_db, share

RATE = 8000
LOOK_EVERY = 0.01
WINDOW = 160
"""Samples, 20 ms: tones have to be 100 Hz apart."""
_HEADER = 44
_LOUD_DB = -45.0
_SILENT = 0.01
"""Of full scale, -40 dB: no sample of a silence is louder."""


class Earshot:
    """All that is asked is since the mark: the place, in samples, that `mark` moves to now."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")  # stays readable when the recording is renamed
        self._sizes: list[int] = []
        self._times: list[float] = []
        self.marked = 0

    def look(self) -> int:
        """How many samples are there now."""
        size = max(0, self._file.seek(0, 2) - _HEADER) // 2
        if not self._sizes or size > self._sizes[-1]:
            self._sizes.append(size)
            self._times.append(time.monotonic())
        return size

    def mark(self) -> int:
        """The new mark; an older one can be put back."""
        self.marked = self.look()
        return self.marked

    def mark_at(self, moment: float) -> None:
        """What was there at the last look before `moment`, in monotonic seconds, does not count."""
        looks = bisect_right(self._times, moment)
        self.marked = self._sizes[looks - 1] if looks else 0

    def close(self) -> None:
        self._file.close()

    def at(self, sample: int) -> float:
        """When this sample was there, in monotonic seconds."""
        self.look()
        return self._times[min(bisect_left(self._sizes, sample + 1), len(self._times) - 1)]

    def windows_with(self, hz: float) -> list[int]:
        """Since the mark: the first samples of windows in which the tone is most of what is heard."""
        samples = self._samples()
        starts = range(0, len(samples) - WINDOW + 1, WINDOW)
        return [
            self.marked + start
            for start in starts
            if _is_tone(Sound(samples[start : start + WINDOW], RATE), hz)
        ]

    def heard_for(self, hz: float) -> float:
        """Seconds since the mark."""
        return len(self.windows_with(hz)) * WINDOW / RATE

    async def hears(self, hz: float, for_s: float = 0.1, within: float = 8.0) -> None:
        """The tone sounds for so long since the mark; AssertionError after `within` seconds."""
        began = time.monotonic()
        while self.heard_for(hz) < for_s:
            lasted = ran_for(began)
            assert lasted < within, f"{hz} Hz not heard within {within} s, but {self.tones()}"
            await asyncio.sleep(0.05)

    def sounds(self) -> list[int]:
        """Since the mark: the samples that are no silence, of whatever kind."""
        loud = np.flatnonzero(np.abs(self._samples()) > _SILENT)
        return [self.marked + int(one) for one in loud]

    def began_at(self, hz: float) -> float:
        """Of the tone's first sound since the mark."""
        return self.at(self.windows_with(hz)[0])

    def ended_at(self, hz: float) -> float:
        """Of its last."""
        return self.at(self.windows_with(hz)[-1] + WINDOW)

    def tones(self) -> list[tuple[int, float]]:
        """(hertz, seconds) in their order since the mark, silence left out; for tones of whole tens."""
        found: list[tuple[int, float]] = []
        samples = self._samples()
        for start in range(0, len(samples) - WINDOW + 1, WINDOW):
            part = samples[start : start + WINDOW]
            if rms_db(Sound(part, RATE)) < _LOUD_DB:
                continue
            spectrum = np.abs(np.fft.rfft(part * np.hanning(WINDOW), RATE))
            hz = round(int(np.argmax(spectrum)), -1)
            before = found.pop() if found and abs(found[-1][0] - hz) <= 20 else (hz, 0.0)
            found.append((before[0], round(before[1] + WINDOW / RATE, 2)))
        return found

    def _samples(self) -> Samples:
        count = self.look() - self.marked
        self._file.seek(_HEADER + 2 * self.marked)
        return np.frombuffer(self._file.read(2 * count), "<i2").astype(np.float64) / 32768


def _is_tone(sound: Sound, hz: float) -> bool:
    return rms_db(sound) > _LOUD_DB and share(sound, hz) > 0.5


@asynccontextmanager
async def earshot(path: Path) -> AsyncIterator[Earshot]:
    """Watching until the end."""
    ear = Earshot(path)

    async def watch() -> None:
        while True:
            ear.look()
            await asyncio.sleep(LOOK_EVERY)

    watching = asyncio.create_task(watch())
    try:
        yield ear
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        ear.close()
