"""What the checks need to know of the recogniser that is checked, and how the fake one answers."""

from typing import Protocol

from ivr.speech.port import Recogniser
from ivr.speech.testing.fake import FakeRecogniser

LIMIT = 6
"""Streams of the recogniser under test: enough for one utterance of any words."""


class RecogniserUnderTest(Protocol):
    """A recogniser with LIMIT streams and a voice that it understands."""

    @property
    def recogniser(self) -> Recogniser: ...

    @property
    def language(self) -> str: ...

    @property
    def words(self) -> tuple[str, str, str]:
        """Three that it knows."""

    def speak(self, words: str) -> bytes:
        """Sound of these words, '' for silence, at most 0.2 s of silence around; called before `open`, once
        for each utterance, in their order."""

    async def kill(self) -> None:
        """Every recogniser process is lost; they are started again."""


class FakeTrial:
    """Implements `RecogniserUnderTest`."""

    language = "uk"
    words = ("так", "ні", "баланс")

    def __init__(self) -> None:
        self.recogniser = FakeRecogniser([self.language], streams=LIMIT)

    def speak(self, words: str) -> bytes:
        self.recogniser.will_hear(words, ends_after=1.0 if words else None)
        return bytes(8000)

    async def kill(self) -> None:
        self.recogniser.die()
