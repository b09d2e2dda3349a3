"""One utterance in a worker process, as the server holds it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict
from statistics import fmean
from typing import cast

from ivr.flow.wording import normal
from ivr.speech.link import Link
from ivr.speech.port import Heard, RecogniserDead
from ivr.speech.wire import Asked, Kind, Message, Words, pack, pack_json, pack_sound, stamp_of

_PORTION = 1 << 15
"""Bytes, 2 s: more at once is sent in parts."""


class WorkerRecognition:
    """Implements `Recognition`. `on_over` is called once, when the worker has no more work with it."""

    def __init__(
        self, number: int, cost: int, link: Link, on_over: Callable[["WorkerRecognition"], None]
    ) -> None:
        self.number = number
        self.cost = cost
        self.latencies: list[float] = []
        """Seconds from `feed` until the sound was worked through; empty unless the workers measure."""
        self.words: Words = []
        """Of the result, in the model's own spelling."""
        self._link = link
        self._on_over = on_over
        self._odd = b""
        self._heard: Heard | None = None
        self._failure = ""
        self._finishing = False
        self._over = False
        self._told = asyncio.Event()
        self._unworked = 0
        self._progress = asyncio.Event()

    def open(self, asked: Asked) -> None:
        self._link.send(pack_json(Kind.OPEN, self.number, asdict(asked)))

    def feed(self, sound: bytes) -> None:
        if self._over or self._finishing:
            return
        sound, now = self._odd + sound, time.monotonic()
        whole = len(sound) & ~1
        self._odd = sound[whole:]
        for at in range(0, whole, _PORTION):
            self._link.send(pack_sound(self.number, now, sound[at : min(whole, at + _PORTION)]))
            self._unworked += 1

    @property
    def ended(self) -> bool:
        return self._told.is_set()

    @property
    def failed(self) -> bool:
        return bool(self._failure)

    async def result(self, within: float) -> Heard:
        if not self._finishing and not self._over:
            self._finishing = True
            self._link.send(pack(Kind.FINISH, self.number))
        try:
            async with asyncio.timeout(within):  # wait_for swallows a cancellation until Python 3.12
                await self._told.wait()
        except TimeoutError:
            self._link.send(pack(Kind.CLOSE, self.number))
            self.fail(f"no result within {within:g} s")
        if self._heard is None:
            raise RecogniserDead(self._failure)
        return self._heard

    async def caught_up(self, within: float) -> None:
        """Wait until all sound so far is worked through; only where the workers measure. RecogniserDead."""
        try:
            async with asyncio.timeout(within):
                while self._unworked and not self.failed:
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            self.fail(f"its sound was not worked through within {within:g} s")
        if self.failed:
            raise RecogniserDead(self._failure)

    def close(self) -> None:
        if not self._over:
            self._link.send(pack(Kind.CLOSE, self.number))
        if not self._told.is_set():
            self._failure = "the utterance was given up"
        self._end()

    def take(self, message: Message) -> None:
        """What the worker says of this utterance."""
        match message.kind:
            case Kind.ENDED | Kind.RESULT if not self._told.is_set():
                self.words = cast(Words, message.json())
                self._heard = heard(self.words)
                self._link.send(pack(Kind.CLOSE, self.number))
                self._end()
            case Kind.FAILED:
                self._link.send(pack(Kind.CLOSE, self.number))
                self.fail(message.text())
            case Kind.HEARD:
                self.latencies.append(time.monotonic() - stamp_of(message))
                self._unworked -= 1
                self._progress.set()
            case _:
                pass

    def fail(self, why: str) -> None:
        """Whoever waits for the result is told at once."""
        if not self._told.is_set():
            self._failure = why
        self._end()

    def _end(self) -> None:
        self._told.set()
        self._progress.set()
        if not self._over:
            self._over = True
            self._on_over(self)


def heard(words: Words) -> Heard:
    """Words in their normal form, by which they are compared with phrases."""
    text = " ".join(form for word, *_ in words if (form := normal(word)))
    return Heard(text, min(1.0, fmean(confidence for _, confidence, *_ in words)) if words else 0.0)
