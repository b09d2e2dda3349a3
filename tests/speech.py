"""Speech for tests: the shipped small models, and words spoken by espeak-ng as telephone sound."""

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import ivr.speech
from ivr.speech.models import LANGUAGES, Models, find_models
from ivr.speech.pool import SpeechPool
from ivr.speech.settings import SpeechSettings
from tests.real import need, need_path

MODELS = Path(ivr.speech.__file__).parent / "test_models"
AROUND = bytes(3200)
"""0.2 s of silence."""


@cache
def shipped_models() -> Models:
    """All languages; the words they know are in `ivr/speech/training/vocabulary`."""
    found = find_models({one: need_path(MODELS / one, f"the {one} test model") for one in LANGUAGES})
    assert not found.problems
    return found


@cache
def spoken(words: str, language: str = "uk", words_a_minute: int = 130) -> bytes:
    """8 kHz, 16 bit, mono; 0.2 s of silence around it; nothing but the silence for ''."""
    if not words:
        return AROUND * 5
    voice = ["-v", language, "-s", str(words_a_minute)]
    said = subprocess.run([need("espeak-ng"), *voice, "--stdout", words], capture_output=True, check=True)
    form = ["-r", "8000", "-c", "1", "-b", "16", "-t", "raw", "-e", "signed", "-"]
    raw = subprocess.run(
        [need("sox"), "-t", "wav", "-", *form, "gain", "-6"],
        input=said.stdout,
        capture_output=True,
        check=True,
    )
    return AROUND + raw.stdout + AROUND


@asynccontextmanager
async def speech_pool(models: Models | None = None, **settings: float) -> AsyncIterator[SpeechPool]:
    """A real one with quick restarts; `settings` are those of SpeechSettings."""
    chosen = {"first_pause": 0.05, "heartbeat": 0.1, **settings}
    pool = SpeechPool(models or shipped_models(), SpeechSettings(**chosen))  # type: ignore[arg-type]
    try:
        await pool.start()
        yield pool
    finally:
        await pool.stop()
