"""Voice activity on a telephone line: when a caller begins to speak and when they have ended.

Time is counted in frames, so the same sound gives the same answers. A frame counts as voiced when WebRTC's
detector says so and it is louder than both a fixed floor and what the line sounds like without speech:
the detector alone takes a click and the 0.1 s after it for speech.
"""

import math
from collections import deque
from dataclasses import dataclass
from operator import mul

import webrtcvad

RATE = 8000
FRAME_BYTES = 320
"""20 ms of 8 kHz, 16 bit, little-endian, mono: what an AudioSocket frame carries."""
FRAME_FOR = 0.02

_ABOVE_NOISE_DB = 4.0
_LOUDEST_NOISE_DB = -25.0
"""The line's noise is never believed to be louder: loud speech is always heard."""
_NOISE_WEIGHT = 0.1
_NOISE_RISES_DB = 0.04
"""A frame, while the detector hears speech: 2 dB a second, for noise that it takes for speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSettings:
    """Durations in seconds."""

    aggressiveness: int = 2
    """WebRTC's mode, 0 to 3: the higher, the more it leaves out what is not clearly speech."""
    start_frames: int = 3
    """So many voiced frames among the last `start_window` are the beginning of speech."""
    start_window: int = 6
    settle_for: float = 0.12
    """At the beginning the detector takes any noise for speech until it knows the line."""
    end_after: float = 0.6
    """So much silence ends the speech."""
    longest_for: float = 8.0
    """Speech that goes on for so long is ended."""
    before_for: float = 0.3
    """Sound before the beginning was certain that belongs to it: quiet consonants come first."""
    floor_db: float = -45.0
    """Loudness of a frame (RMS, dB of full scale) below which it is never speech."""

    def __post_init__(self) -> None:
        if not 0 <= self.aggressiveness <= 3:
            raise ValueError(f"aggressiveness {self.aggressiveness} must be 0 to 3")
        if not 1 <= self.start_frames <= self.start_window:
            raise ValueError(f"start_frames {self.start_frames} must be 1 to {self.start_window}")


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Speech has begun. Times are seconds of sound since the detector's first frame."""

    at: float
    """When the first voiced frame began."""
    sound: bytes
    """All that a recogniser must hear of it so far, this frame included; then come the next frames."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """Speech has ended, or has been ended because it is too long."""

    at: float
    """When its last voiced frame ended."""
    began_at: float
    too_long: bool = False


VoiceEvent = SpeechStarted | SpeechEnded


class VoiceDetector:
    """One caller's line. Give it every frame of a call, also those between two questions."""

    def __init__(self, settings: VoiceSettings | None = None) -> None:
        self._settings = settings = settings or VoiceSettings()
        self._vad = webrtcvad.Vad(settings.aggressiveness)
        self._frames = 0
        self._window: deque[bool] = deque(maxlen=settings.start_window)
        self._before: deque[bytes] = deque(maxlen=_frames(settings.before_for) + settings.start_window)
        self._noise_db = settings.floor_db - _ABOVE_NOISE_DB
        self._began: int | None = None
        self._last_voiced = 0

    @property
    def speaking(self) -> bool:
        """Between SpeechStarted and SpeechEnded."""
        return self._began is not None

    @property
    def heard_for(self) -> float:
        """Seconds of sound so far."""
        return self._frames * FRAME_FOR

    @property
    def voiced_until(self) -> float:
        """When the last voiced frame of the speech under way, or of the last one, ended: seconds of sound."""
        return self._last_voiced * FRAME_FOR

    def feed(self, frame: bytes) -> VoiceEvent | None:
        """The next 20 ms. ValueError for a frame of another length."""
        if len(frame) != FRAME_BYTES:
            raise ValueError(f"a frame of {len(frame)} bytes; {FRAME_BYTES} are 20 ms at 8 kHz, 16 bit")
        voiced = self._is_voiced(frame)
        self._frames += 1
        self._window.append(voiced)
        self._before.append(frame)
        certain = sum(self._window) >= self._settings.start_frames
        return self._begin(certain) if self._began is None else self._go_on(self._began, certain)

    def forget(self) -> None:
        """Speech under way is no longer waited for; what is known of the line stays."""
        self._began = None
        self._window.clear()
        self._before.clear()

    def _begin(self, certain: bool) -> SpeechStarted | None:
        if not certain:
            return None
        first = self._frames - len(self._window) + self._window.index(True)
        self._began = first
        self._last_voiced = self._newest_voiced()
        kept = self._frames - first + _frames(self._settings.before_for)
        return SpeechStarted(first * FRAME_FOR, b"".join(list(self._before)[-kept:]))

    def _go_on(self, began: int, certain: bool) -> SpeechEnded | None:
        """A lone voiced frame, such as a click, does not make the silence begin again."""
        if certain:
            self._last_voiced = self._newest_voiced()
        silent = self._frames - self._last_voiced >= _frames(self._settings.end_after)
        too_long = self._frames - began >= _frames(self._settings.longest_for)
        if not silent and not too_long:
            return None
        self.forget()
        return SpeechEnded(self._last_voiced * FRAME_FOR, began * FRAME_FOR, too_long=not silent)

    def _newest_voiced(self) -> int:
        """Number of frames up to and including the newest voiced one of the window."""
        return self._frames - list(reversed(self._window)).index(True)

    def _is_voiced(self, frame: bytes) -> bool:
        loud_db = loudness_db(frame)
        speech = bool(self._vad.is_speech(frame, RATE))
        enough_db = max(self._settings.floor_db, self._noise_db + _ABOVE_NOISE_DB)
        self._learn_noise(loud_db, speech)
        return speech and loud_db >= enough_db and self._frames >= _frames(self._settings.settle_for)

    def _learn_noise(self, loud_db: float, speech: bool) -> None:
        if speech:
            noise_db = min(max(loud_db, self._noise_db), self._noise_db + _NOISE_RISES_DB)
        else:
            noise_db = self._noise_db + _NOISE_WEIGHT * (loud_db - self._noise_db)
        self._noise_db = min(noise_db, _LOUDEST_NOISE_DB)


def loudness_db(frame: bytes) -> float:
    """Root mean square in dB of full scale (a square wave at full scale is 0); -100 for digital silence."""
    samples = memoryview(frame).cast("h")  # Vosk and WebRTC know little-endian machines only, too
    power = sum(map(mul, samples, samples)) / max(1, len(samples)) / 32768**2
    return 10 * math.log10(max(power, 1e-10))


def _frames(seconds: float) -> int:
    return round(seconds / FRAME_FOR)
