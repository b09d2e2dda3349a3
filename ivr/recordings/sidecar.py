"""The two files of a recording: a WAV, and its facts as JSON that is readable without a tool."""

import hashlib
import io
import json
import math
import wave
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from statistics import fmean
from typing import Any

from ivr.recordings.port import RATE_HZ, Facts, Unreadable, Word

SEALED = b"DZS1"
"""So a sealed file begins."""
NO_KEY = "sealed, and there is no key: set DZVIN_RECORDINGS_KEY_FILE"


def wav(pcm: bytes) -> bytes:
    """8 kHz, 16 bit, mono; half a sample at the end is dropped."""
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(pcm[: len(pcm) // 2 * 2])
    return whole.getvalue()


def samples(data: bytes) -> bytes:
    """What `wav` was made of. Unreadable: it is no such file."""
    if data.startswith(SEALED):
        raise Unreadable(f"the stored sound is {NO_KEY}")
    try:
        with wave.open(io.BytesIO(data)) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE_HZ, 1, 2):
                return bytes(file.readframes(file.getnframes()))
    except (wave.Error, EOFError):
        pass
    raise Unreadable("the stored sound is damaged: it is no telephone sound")


def digest(pcm: bytes) -> str:
    return hashlib.sha256(pcm).hexdigest()


def dumped(facts: Facts) -> bytes:
    fields: dict[str, object] = {
        "id": facts.id,
        "call": facts.call,
        "name": facts.name,
        "at": facts.at.isoformat(timespec="seconds"),
        "queue": facts.queue,
        "language": facts.language,
        "transcript": facts.transcript,
        "confidence": _share(facts.confidence),
        "seconds": round(facts.seconds, 2),
        "sha256": facts.sha256,
    }
    if facts.words is not None:
        fields["words"] = [[word, *(round(number, 3) for number in rest)] for word, *rest in facts.words]
    text = json.dumps(fields, ensure_ascii=False, indent=1) + "\n"
    return text.encode("utf-8", "backslashreplace")


def loaded(data: bytes) -> Facts:
    """Unreadable: these are no facts."""
    if data.startswith(SEALED):
        raise Unreadable(f"the facts beside the stored sound are {NO_KEY}")
    try:
        fields = json.loads(data)
        words = fields.get("words")
        return Facts(
            **{name: str(fields[name]) for name in ("id", "call", "name", "language", "transcript")},
            at=datetime.fromisoformat(fields["at"]),
            queue=str(fields.get("queue", "")),
            confidence=float(fields["confidence"]),
            seconds=float(fields["seconds"]),
            sha256=str(fields.get("sha256", "")),
            words=None if words is None else tuple(_word(word) for word in words),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unreadable("the facts beside the stored sound are damaged") from None


def noted(facts: Facts, transcript: str, words: Sequence[Word], confidence: float | None) -> Facts:
    """With this transcript."""
    if confidence is None:
        confidence = fmean(word[1] for word in words) if words else 0.0
    return replace(facts, transcript=transcript, confidence=_share(confidence), words=tuple(words))


def _word(fields: list[Any]) -> Word:
    word, confidence, start, end = fields
    return str(word), float(confidence), float(start), float(end)


def _share(confidence: float) -> float:
    return round(confidence, 3) if math.isfinite(confidence) else 0.0
