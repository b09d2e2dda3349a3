"""A recogniser in memory. What it hears is said beforehand; sound is only kept."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ivr.flow.wording import normal
from ivr.speech.port import UNKNOWN_WORD, Heard, NoModel, RecogniserBusy, RecogniserDead

_BYTES_A_SECOND = 16000


@dataclass(frozen=True, slots=True)
class _Script:
    heard: Heard
    ends_after: float | None


class FakeRecogniser:
    """Implements `Recogniser`. Utterances hear what was scripted, in the order in which they are opened:

    recogniser = FakeRecogniser()
    recogniser.will_hear("баланс")
    recogniser.will_hear("так", confidence=0.3)
    recogniser.busy = True
    """

    def __init__(self, languages: Iterable[str] = ("uk", "ru", "en"), streams: int = 40) -> None:
        self.languages = frozenset(languages)
        self.streams = streams
        self.busy = False
        """Every `open` is refused."""
        self.dead = False
        """No process: every `open` fails."""
        self.opened: list[FakeRecognition] = []
        """All utterances so far, the newest last."""
        self._scripts: deque[_Script] = deque()

    def will_hear(self, words: str, confidence: float = 0.95, ends_after: float | None = None) -> None:
        """The next utterance; '' is silence. `ends_after`: seconds of sound after which the recogniser hears
        the end by itself. Words that are none of the phrases become UNKNOWN_WORD."""
        self._scripts.append(_Script(Heard(normal(words), confidence if words else 0.0), ends_after))

    def open(
        self, language: str, phrases: Sequence[str] | None, *, patient: bool = False
    ) -> "FakeRecognition":
        if language not in self.languages:
            raise NoModel(f"{language}: no model")
        if phrases is not None and not any(map(normal, phrases)):
            raise NoModel(f"{language}: no phrases")
        if self.dead:
            raise RecogniserDead("no recogniser process is ready")
        if self.busy or len(self.open_now) >= self.streams:
            raise RecogniserBusy(f"{self.streams} streams are taken")
        script = self._scripts.popleft() if self._scripts else _Script(Heard("", 0.0), None)
        ends_after = None if patient else script.ends_after
        self.opened.append(FakeRecognition(language, phrases, script.heard, ends_after))
        return self.opened[-1]

    @property
    def open_now(self) -> list["FakeRecognition"]:
        """Utterances under way."""
        return [one for one in self.opened if not one.over]

    def die(self) -> None:
        """All utterances under way fail; `dead` says whether new ones can be opened."""
        for one in self.open_now:
            one.fail("the recogniser's process is lost")


class FakeRecognition:
    """Implements `Recognition`."""

    def __init__(
        self, language: str, phrases: Sequence[str] | None, heard: Heard, ends_after: float | None
    ) -> None:
        self.language = language
        self.phrases = None if phrases is None else tuple(phrases)
        self.sound = b""
        """All that was fed."""
        self.closed = False
        self._heard = heard if self._is_known(heard.text) else Heard(UNKNOWN_WORD, heard.confidence)
        self._ends_after = ends_after
        self._failure = ""
        self._told = asyncio.Event()

    @property
    def over(self) -> bool:
        return self._told.is_set()

    @property
    def heard_for(self) -> float:
        """Seconds of sound so far."""
        return len(self.sound) / _BYTES_A_SECOND

    def feed(self, sound: bytes) -> None:
        if self.over:
            return
        self.sound += sound
        if self._ends_after is not None and self.heard_for >= self._ends_after:
            self._told.set()

    @property
    def ended(self) -> bool:
        return self.over

    async def result(self, within: float) -> Heard:
        if not self._failure:
            self._told.set()
            await asyncio.sleep(0)
        if self._failure:
            raise RecogniserDead(self._failure)
        return self._heard

    def close(self) -> None:
        self.closed = True
        self.fail("the utterance was given up")

    def fail(self, why: str) -> None:
        """From now on; a result that was heard stays."""
        if not self.over:
            self._failure = why
            self._told.set()

    def _is_known(self, text: str) -> bool:
        if not text or self.phrases is None:
            return True
        known = {word for phrase in self.phrases for word in normal(phrase).split()}
        return known.issuperset(text.split())
