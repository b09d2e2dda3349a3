"""Every recogniser passes the same checks: the fake one, and Vosk in worker processes with real models."""

import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from ivr.speech.pool import SpeechPool
from ivr.speech.port import Heard, NoModel
from ivr.speech.testing import (
    RECOGNISER_CHECKS,
    FakeRecogniser,
    FakeRecognition,
    FakeTrial,
    RecogniserCheck,
    RecogniserUnderTest,
    check_recogniser,
)
from ivr.speech.testing.trial import LIMIT
from tests.speech import speech_pool, spoken

EACH_CHECK = pytest.mark.parametrize("check", RECOGNISER_CHECKS, ids=lambda check: check.__name__)
WORDS = {
    "uk": ("так", "ні", "баланс"),
    "ru": ("да", "нет", "баланс"),
    "en": ("yes", "no", "balance"),
}


@EACH_CHECK
async def test_fake(check: RecogniserCheck) -> None:
    await check(FakeTrial())


class PoolTrial:
    """Implements `RecogniserUnderTest` with real processes."""

    def __init__(self, pool: SpeechPool, language: str) -> None:
        self.recogniser = pool
        self.language = language
        self.words = WORDS[language]

    def speak(self, words: str) -> bytes:
        return spoken(words, self.language)

    async def kill(self) -> None:
        for pid in self.recogniser.pids:
            os.kill(pid, signal.SIGKILL)


@EACH_CHECK
async def test_vosk(check: RecogniserCheck) -> None:
    async with speech_pool(streams=LIMIT, hang_after=60) as pool:
        await check(PoolTrial(pool, "uk"))


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_vosk_in_other_languages(language: str) -> None:
    async with speech_pool(streams=LIMIT, hang_after=60) as pool:
        for check in RECOGNISER_CHECKS:
            await check(PoolTrial(pool, language))


class Faulty(FakeRecognition):
    """A recognition with one fault that a check must notice."""

    fault = ""

    async def result(self, within: float) -> Heard:
        heard = await super().result(within)
        if self.fault == "confidence above 1":
            return Heard(heard.text, heard.confidence + 1)
        if self.fault == "takes other words for a phrase" and heard.text == "[unk]" and self.phrases:
            return Heard(self.phrases[0], 0.9)
        if self.fault == "forgets" and self.closed:
            return Heard("", 0.0)
        if self.fault == "words in silence" and not heard.text:
            return Heard("[unk]", 0.4)
        return heard

    @property
    def ended(self) -> bool:
        return super().ended and self.fault != "never hears an end"

    def close(self) -> None:
        if self.fault == "keeps streams":
            return
        super().close()

    def fail(self, why: str) -> None:
        if self.fault == "hides the loss":
            self._told.set()
        super().fail(why)


class FaultyRecogniser(FakeRecogniser):
    fault = ""

    def open(self, language: str, phrases: Sequence[str] | None, *, patient: bool = False) -> FakeRecognition:
        if self.fault == "takes an empty grammar" and not phrases:
            return FakeRecognition(language, phrases, Heard("", 0.0), None)
        if self.fault == "has no limit":
            self.streams = 1000
        if self.fault == "knows no word" and phrases is None:
            raise NoModel("nothing")
        given = super().open(language, phrases, patient=patient and self.fault != "is impatient")
        faulty = Faulty(given.language, given.phrases, given._heard, given._ends_after)
        faulty.fault = self.fault
        self.opened[-1] = faulty
        return faulty


def faulty(fault: str) -> Callable[[], object]:
    @asynccontextmanager
    async def make() -> AsyncIterator[RecogniserUnderTest]:
        trial = FakeTrial()
        trial.recogniser = FaultyRecogniser([trial.language], LIMIT)
        trial.recogniser.fault = fault
        yield trial

    return make


async def test_a_whole_fake_passes_as_the_faulty_ones_are_made() -> None:
    await check_recogniser(faulty(""))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fault",
    [
        "confidence above 1",
        "takes other words for a phrase",
        "forgets",
        "words in silence",
        "never hears an end",
        "keeps streams",
        "hides the loss",
        "is impatient",
        "takes an empty grammar",
        "has no limit",
        "knows no word",
    ],
)
async def test_a_fault_is_noticed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.speech.testing.contract.WITHIN", 0.2)
    with pytest.raises((AssertionError, NoModel)):
        await check_recogniser(faulty(fault))  # type: ignore[arg-type]
