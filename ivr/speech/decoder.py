"""One Vosk recogniser for one utterance at a time. Only worker processes import this: it is native code."""

import json
import re
from pathlib import Path

from vosk import KaldiRecognizer, Model

from ivr.speech.voice import FRAME_BYTES, RATE
from ivr.speech.wire import Words

_BYTES_A_SECOND = 2 * RATE
_FACTOR = 3
"""Frames of sound to one of the network, for which Vosk reckons all times, whatever the model has."""
_OWN_FACTOR = re.compile(r"^--frame-subsampling-factor=(\d+)", re.MULTILINE)


def time_scale(folder: Path) -> float:
    """By which the times of words are to be multiplied with the model in this folder."""
    settings = folder / "conf" / "model.conf"
    found = _OWN_FACTOR.search(settings.read_text(encoding="utf-8")) if settings.is_file() else None
    return int(found[1]) / _FACTOR if found else 1.0


class Decoder:
    """Use it from one thread at a time; the interpreter is free while it works."""

    def __init__(self, model: Model, grammar: str | None, scale: float = 1.0) -> None:
        """`grammar`: JSON list of known phrases, never empty; None: any words of the model. `scale`: see
        `time_scale`."""
        self._vosk = (
            KaldiRecognizer(model, RATE) if grammar is None else KaldiRecognizer(model, RATE, grammar)
        )
        self._vosk.SetWords(True)
        self._fed = False
        self._clean = True
        self._scale = scale
        self._began = 0
        """Bytes that it had heard in all before this caller; likewise when Vosk began to count anew."""
        self._round = 0
        self._heard = 0

    def hear(self, sound: bytes) -> Words | None:
        """Whole samples. Words if this is the end of an utterance; more sound begins the next one."""
        self._fed, self._clean = True, False
        self._heard += len(sound)
        if not self._vosk.AcceptWaveform(sound):
            return None
        self._fed = False
        return self._words(self._vosk.Result())

    def final(self) -> Words:
        """End the utterance under way; its words, none if nothing was heard since the last end."""
        if not self._fed:
            return []
        self._fed, self._clean = False, True
        words = self._words(self._vosk.FinalResult())
        self._round = self._heard
        return words

    def clean(self) -> None:
        """Forget the caller's voice, to which the model may have adapted: only FinalResult, and only after
        sound, makes Vosk begin anew."""
        if not self._clean:
            self._vosk.AcceptWaveform(bytes(FRAME_BYTES))
            self._heard += FRAME_BYTES
            self._fed = True
            self.final()
        self._began = self._heard

    def _words(self, result: str) -> Words:
        """Vosk's times go on from one utterance to the next."""
        said = json.loads(result).get("result", [])
        before = self._round / _BYTES_A_SECOND
        shift = before - self._began / _BYTES_A_SECOND

        def at(time: float) -> float:
            return round(shift + (time - before) * self._scale, 3)

        return [(one["word"], float(one["conf"]), at(one["start"]), at(one["end"])) for one in said]
