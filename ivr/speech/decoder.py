"""One Vosk recogniser for one utterance at a time. Only worker processes import this: it is native code."""

import json

from vosk import KaldiRecognizer, Model

from ivr.speech.voice import FRAME_BYTES, RATE
from ivr.speech.wire import Words


class Decoder:
    """Use it from one thread at a time; the interpreter is free while it works."""

    def __init__(self, model: Model, grammar: str | None) -> None:
        """`grammar`: JSON list of known phrases, never empty; None: any words of the model."""
        self._vosk = (
            KaldiRecognizer(model, RATE) if grammar is None else KaldiRecognizer(model, RATE, grammar)
        )
        self._vosk.SetWords(True)
        self._fed = False
        self._clean = True

    def hear(self, sound: bytes) -> Words | None:
        """Whole samples. Words if this is the end of an utterance; more sound begins the next one."""
        self._fed, self._clean = True, False
        if not self._vosk.AcceptWaveform(sound):
            return None
        self._fed = False
        return _words(self._vosk.Result())

    def final(self) -> Words:
        """End the utterance under way; its words, none if nothing was heard since the last end."""
        if not self._fed:
            return []
        self._fed, self._clean = False, True
        return _words(self._vosk.FinalResult())

    def clean(self) -> None:
        """Forget the caller's voice, to which the model may have adapted: only FinalResult, and only after
        sound, makes Vosk begin anew."""
        if not self._clean:
            self._vosk.AcceptWaveform(bytes(FRAME_BYTES))
            self._fed = True
            self.final()


def _words(result: str) -> Words:
    return [(one["word"], float(one["conf"])) for one in json.loads(result).get("result", [])]
