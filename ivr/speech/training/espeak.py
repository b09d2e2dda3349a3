"""espeak-ng as a library: sound together with the place of every phone and word in it.

Structures and constants are those of espeak-ng's `speak_lib.h` (version 1.51).
"""

import ctypes
import ctypes.util
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SILENCE: Final = "SIL"
"""The phone of pauses."""

_RETRIEVAL, _PHONEME_EVENTS, _UTF8 = 1, 1, 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_WORD, _PHONEME = 1, 7
_NAME_LENGTH = 8


class NoEspeak(Exception):
    """The library is missing, or does not know a voice."""


class _Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * _NAME_LENGTH)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    ]


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True)
class Voice:
    name: str
    """A language with a variant, such as 'uk+f2'."""
    words_per_minute: int
    pitch: int
    """0 to 99; 50 is the voice's own."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One phone: `start` <= samples < `end` at the rate of its Spoken."""

    phone: str
    start: int
    end: int
    word: int
    """Which word of the text, from 0, by the order in which they are spoken; -1 before the first."""


@dataclass(frozen=True, slots=True)
class Spoken:
    sound: NDArray[np.float32]
    """Samples, full scale 32767."""
    rate: int
    """Samples a second."""
    segments: tuple[Segment, ...]


class Espeak:
    """The synthesizer of this process: it has one state, so make one and use it from one thread."""

    def __init__(self) -> None:
        try:
            self._library: Any = ctypes.CDLL(ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1")
        except OSError as error:
            raise NoEspeak(f"the library espeak-ng is not installed ({error})") from error
        self.rate: int = self._library.espeak_Initialize(_RETRIEVAL + 1, 0, None, _PHONEME_EVENTS)
        if self.rate <= 0:
            raise NoEspeak("espeak-ng does not find its voices (the package espeak-ng-data)")
        self._sound = bytearray()
        self._marks: list[tuple[int, str | None]] = []
        self._callback = _Callback(self._take)  # must live as long as the library may call it
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, text: str, voice: Voice) -> Spoken:
        """`text` as sound. NoEspeak for an unknown voice."""
        self._sound.clear()
        self._marks.clear()
        if self._library.espeak_SetVoiceByName(voice.name.encode()) != 0:
            raise NoEspeak(f"espeak-ng has no voice {voice.name!r}")
        for parameter, value in ((_RATE, voice.words_per_minute), (_PITCH, voice.pitch), (_RANGE, 50)):
            self._library.espeak_SetParameter(parameter, value, 0)
        data = text.encode() + b"\0"
        self._library.espeak_Synth(data, len(data), 0, 0, 0, _UTF8, None, None)
        sound = np.frombuffer(bytes(self._sound), dtype=np.int16).astype(np.float32)
        return Spoken(sound, self.rate, tuple(segments_of(self._marks, len(sound))))

    def _take(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._sound.extend(ctypes.string_at(samples, 2 * count))
        index = 0
        while (event := events[index]).type:
            if event.type == _WORD:
                self._marks.append((event.sample, None))
            elif event.type == _PHONEME:
                name = ctypes.string_at(ctypes.addressof(event.id), _NAME_LENGTH).split(b"\0")[0]
                self._marks.append((event.sample, name.decode()))
            index += 1
        return 0


def segments_of(marks: list[tuple[int, str | None]], length: int) -> Iterator[Segment]:
    """The phones between `marks`: pairs of a sample and the phone that begins there, None for a new word.

    Pauses ('_', '_:', …) are SILENCE; palatalisation (';') and length (':') told apart belong to the phone
    before; changes of language ('(en)') are passed over.
    """
    word, current, start, owner = -1, SILENCE, 0, -1
    for sample, name in marks:
        if name is None:
            word += 1
        elif not name.startswith(("(", ";", ":")):
            if sample > start:
                yield Segment(current, start, sample, owner)
            current, start, owner = (SILENCE if name.startswith("_") else name), sample, word
    if length > start:
        yield Segment(current, start, length, owner)
