"""The unchanged Vosk, asked directly: one whole recording at a time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import vosk

RATE = 8000
PORTION = 3200
MODELS = Path(__file__).resolve().parents[1] / "ivr/speech/test_models"


@dataclass(frozen=True)
class Answer:
    text: str
    confidences: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """The mean of the words'; 0 for none."""
        return sum(self.confidences) / len(self.confidences) if self.confidences else 0.0


@cache
def model(folder: Path) -> vosk.Model:
    vosk.SetLogLevel(-1)
    return vosk.Model(str(folder))


def listen(folder: Path, sound: bytes, phrases: Sequence[str] | None) -> Answer:
    """All words of `sound`, also over several utterances."""
    grammar = () if phrases is None else (json.dumps(list(phrases), ensure_ascii=False),)
    recogniser = vosk.KaldiRecognizer(model(folder), RATE, *grammar)
    recogniser.SetWords(True)
    words = []
    for start in range(0, len(sound), PORTION):
        if recogniser.AcceptWaveform(sound[start : start + PORTION]):
            words += json.loads(recogniser.Result()).get("result", [])
    words += json.loads(recogniser.FinalResult()).get("result", [])
    return Answer(" ".join(word["word"] for word in words), tuple(word["conf"] for word in words))
