"""A centre that listens, for tests: dialogues in three languages, real models, callers who speak.

Every prompt is a tone, and no two that matter sound alike, so that a recording tells what was asked when.
What became of an answer is read from the dialogue's trace in the log.
"""

import asyncio
import math
import os
import re
import signal
import time
import wave
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from acd.core.masking import mask_number
from ivr.dialplan.recordings import spoken_by_itself
from ivr.equipment import Equipment
from ivr.free_ports import take_ports
from ivr.hooks.example import ExampleService
from ivr.media.spoken import all_fragments
from ivr.softphone.baresip import ALAW, ULAW
from ivr.softphone.mouth import Saying
from ivr.softphone.phone import Kind, Softphone
from ivr.softphone.tone import write_short_tone
from ivr.softphone.voice import Voice
from ivr.speech.pool import SpeechPool
from tests.calls.earshot import Earshot, earshot
from tests.calls.house import House, hang_up, write_plan, write_prompts
from tests.machine import ran_for
from tests.real import need
from tests.speech import MODELS, shipped_models

RATE = 8000
MENU = {"uk": 600.0, "ru": 700.0, "en": 800.0, "pl": 900.0}
LONG, LONG_FOR = 1000.0, 6.0
"""A prompt that is spoken over."""
PARCEL, DEBT, PERSON, MISSED, ASK, CONFIRM, OTHER = 1100.0, 1200.0, 1300.0, 1400.0, 1500.0, 1600.0, 400.0
DIGIT = 2000.0
"""Of 0; each further digit is 100 Hz higher."""
SHORT = 0.16
WAIT = 3.0
"""Seconds that a strict menu waits for an answer."""
STREAMS = 12
_OF_THEMSELVES = ("/open", "/done", "/answered")
"""Edges that nobody's answer leads to."""

WORDS = """{
    parcel: { uk: [посилка, де моя посилка], ru: посылка, en: parcel, pl: paczka },
    debt: { uk: борг, ru: долг, en: balance, pl: saldo } }"""
PLAN = """
center:
  languages: [uk, ru, en, pl]
  operator: person
  otherwise: lost
  language-key: "#"
  web-address: {web}
  limits: {{ silences: 10, wrong-keys: 10, misheard: 10, steps: 200 }}
  speech: {{ faults: 10, longest: 3 s }}
lines:
  in-uk: {{ name: {{ uk: Uk }}, numbers: [100], start: menu, languages: [uk] }}
  in-ru: {{ name: {{ uk: Ru }}, numbers: [101], start: menu, languages: [ru] }}
  in-en: {{ name: {{ uk: En }}, numbers: [102], start: menu, languages: [en] }}
  in-pl: {{ name: {{ uk: Pl }}, numbers: [103], start: menu, languages: [pl] }}
  in-any: {{ name: {{ uk: Any }}, numbers: [110], start: menu, languages: [uk, ru, en] }}
  strict: {{ name: {{ uk: Strict }}, numbers: [120], start: strict, languages: [uk] }}
  fragile: {{ name: {{ uk: Fragile }}, numbers: [130], start: fragile, languages: [uk] }}
  sturdy: {{ name: {{ uk: Sturdy }}, numbers: [131], start: sturdy, languages: [uk] }}
  meter: {{ name: {{ uk: Meter }}, numbers: [140], start: account, languages: [uk] }}
  redelivery: {{ name: {{ uk: Redelivery }}, numbers: [150], start: parcel-number, languages: [en] }}
  comment: {{ name: {{ uk: Comment }}, numbers: [160], start: comment, languages: [uk] }}
  down: {{ name: {{ uk: Down }}, numbers: [170], start: ask-nobody, languages: [uk] }}
steps:
  menu: {{ menu: menu, keys: {{ 1: parcel, 2: debt }}, phrases: {words}, wait: 8 s }}
  long-menu: {{ menu: long, keys: {{ 1: parcel, 2: debt }}, phrases: {words}, wait: 8 s }}
  parcel: {{ play: parcel, then: long-menu }}
  debt: {{ play: debt, then: menu }}
  person: {{ play: person, then: menu }}
  lost: {{ hang-up: person }}
  strict: {{ menu: strict, keys: {{ 1: parcel, 2: debt }}, phrases: {words}, wait: {wait} s, tries: 1,
      if-silent: missed, if-not-understood: missed, if-unsure: missed, if-too-long: missed }}
  missed: {{ play: missed, then: strict }}
  fragile: {{ menu: menu, keys: {{ 1: parcel, 2: debt }}, phrases: {words}, wait: 8 s, if-speech-dead: dead }}
  dead: {{ play: missed, then: lost }}
  sturdy: {{ menu: menu, keys: {{ 1: parcel, 2: debt }}, phrases: {words}, wait: 40 s }}
  account: {{ ask: ask, for: digits, name: account, length: 8, then: find-account,
      longest: 10 s }}
  find-account: {{ web: /meter/account, send: [account], answers: {{ found: reading, unknown: account }},
      if-failed: no-service }}
  reading: {{ ask: ask, for: number, name: reading, length: 1-6, then: take-reading, wait: 10 s }}
  take-reading: {{ web: /meter/reading, send: [account, reading], if-failed: no-service,
      answers: {{ taken: more, too-low: reading }} }}
  more: {{ ask: ask, for: yes-no, if-yes: reading, if-no: lost }}
  parcel-number: {{ ask: ask, for: digits, name: parcel, length: 13, confirm: false, then: day }}
  day: {{ ask: ask, for: date, name: day, then: take-day }}
  take-day: {{ web: /parcel/redelivery, send: [parcel, day], answers: {{ taken: lost, too-early: day }},
      if-failed: no-service }}
  comment: {{ ask: ask, for: utterance, name: comment, longest: 10 s, then: take-comment }}
  take-comment: {{ web: /parcel/comment, answers: {{ taken: lost }}, if-failed: no-service }}
  ask-nobody: {{ web: "http://127.0.0.1:{nobody}/none", if-failed: no-service, deadline: 1 s, tries: 2 }}
  no-service: {{ play: missed, then: menu }}
operators: {{}}
"""


def furnish(folder: Path, web: str) -> None:
    """The plan, and a tone for every prompt and every piece of a number."""
    write_plan(folder, PLAN.format(web=web, wait=WAIT, nobody=take_ports(1), words=WORDS))
    write_tones(folder)


def write_tones(folder: Path) -> None:
    """The prompts of any plan of this house."""
    tones = dict.fromkeys(spoken_by_itself(), (OTHER, SHORT))
    tones |= {"long": (LONG, LONG_FOR), "parcel": (PARCEL, SHORT), "debt": (DEBT, SHORT)}
    tones |= {"person": (PERSON, SHORT), "missed": (MISSED, SHORT), "ask": (ASK, SHORT)}
    tones |= dict.fromkeys(("confirm-question", "confirm-question-keys"), (CONFIRM, SHORT))
    tones |= dict.fromkeys(("meter-taken", "meter-used", "parcel-redelivery"), (PARCEL, SHORT))
    tones |= dict.fromkeys(("apology", "system-away", "system-away-no-fallback"), (OTHER, 1.0))
    for language, menu in MENU.items():
        spoken = all_fragments(language) if language != "pl" else ()
        pieces = {piece: (_piece_hz(piece), SHORT) for piece in spoken}
        own = {"menu": (menu, SHORT), "strict": (menu, SHORT)}
        write_prompts(folder / "prompts" / language, {**tones, **own, **pieces}, write_short_tone)


def _piece_hz(piece: str) -> float:
    """Of a part of a number: digits can be told from each other."""
    digit = piece.removeprefix("say/n-").removesuffix("-pause")
    return DIGIT + 100 * int(digit) if digit.isdecimal() and len(digit) == 1 else OTHER


def digits_in(tones: list[tuple[int, float]]) -> str:
    """Digits that were read back, each by its tone; the same ones in a row are one longer tone."""
    low, high = int(DIGIT), int(DIGIT) + 900
    heard = [(hz, for_s) for hz, for_s in tones if low <= hz <= high and for_s >= SHORT / 2]
    return "".join(str((hz - low) // 100) * round(for_s / SHORT) for hz, for_s in heard)


@dataclass(frozen=True)
class Spoken:
    """A sound file; its voice begins and ends so many seconds after the file's beginning."""

    path: Path
    begins: float
    ends: float


class Words:
    """What callers say, as files, each made once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[tuple[object, ...], Spoken] = {}
        folder.mkdir()

    async def of(self, text: str, language: str, part: float = 1.0) -> Spoken:
        """`part`: the sound breaks off there."""
        key = (text, language, part)
        if key not in self._made:
            self._made[key] = await asyncio.to_thread(self._make, text, language, part)
        return self._made[key]

    def sound(self, name: str, samples: Any) -> Spoken:
        """Anything else that is heard on a line."""
        path = self._folder / f"{name}.wav"
        _write(path, samples)
        return Spoken(path, 0.0, len(samples) / RATE)

    def _make(self, text: str, language: str, part: float) -> Spoken:
        path = self._folder / f"{len(self._made)}-{language}.wav"
        need("espeak-ng")
        Voice(language, "+m3").say(text, path)
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        voiced = np.flatnonzero(np.abs(samples.astype(int)) > 300)
        first, last = int(voiced[0]), int(voiced[-1])
        end = first + math.ceil(part * (last - first))
        _write(path, samples[:end] if part < 1.0 else samples)
        return Spoken(path, first / RATE, end / RATE)


def _write(path: Path, samples: Any) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.asarray(samples).astype("<i2").tobytes())


@dataclass(frozen=True)
class Entry:
    """Of a trace: the edge, and when it was taken, in monotonic seconds."""

    edge: str
    at: float


@dataclass
class Talk:
    """One call to the dialogue. `seen`: so many entries of the trace are behind us."""

    phone: Softphone
    ear: Earshot
    id: str
    words: Words
    language: str
    entries: Callable[[str], list[Entry]]
    seen: int = 0
    began: float = field(default=0.0)
    """When the last words began to sound, and `ended`, in monotonic seconds."""
    ended: float = 0.0
    spoke: int = 0
    """The mark at which they began."""

    @property
    def trace(self) -> list[str]:
        """Edges taken so far, such as 'in-uk/menu/said посилка'."""
        return [entry.edge for entry in self.entries(self.id)]

    async def says(self, text: str, part: float = 1.0, language: str = "") -> Saying:
        """Begin to say it."""
        return await self.plays(await self.words.of(text, language or self.language, part))

    async def plays(self, spoken: Spoken) -> Saying:
        self.spoke = self.ear.mark()
        saying = await self.phone.say(spoken.path)
        self.began, self.ended = saying.began_at + spoken.begins, saying.began_at + spoken.ends
        return saying

    async def goes(self, *edges: str, within: float = 8.0) -> str:
        """The next entry of the trace; it must end with one of `edges`. What is heard counts from here."""
        began = time.monotonic()
        while len(self.trace) <= self.seen:
            lasted = ran_for(began)
            assert lasted < within, f"nothing came of it within {within} s: {self.trace}"
            await asyncio.sleep(0.01)
        entry = self.entries(self.id)[self.seen]
        self.seen += 1
        self.ear.mark_at(entry.at)
        assert entry.edge.endswith(edges), f"{entry.edge}, not {' or '.join(edges)}: {self.trace}"
        return entry.edge

    async def hears(self, hz: float, for_s: float = SHORT / 2, within: float = 8.0) -> None:
        """Since the last edge of the trace, words or keys."""
        await self.ear.hears(hz, for_s, within)

    async def answers(self, text: str, *edges: str) -> str:
        """Say it, and the trace goes on by one of `edges`."""
        await self.says(text)
        return await self.goes(*edges)

    async def presses(self, keys: str) -> None:
        self.ear.mark()
        await self.phone.press(keys)


class SpeakingHouse(House):
    """Phones are silent until they speak."""

    def __init__(self, folder: Path, furnish: Callable[[Path, str], None] = furnish, **settings: Any) -> None:
        """`furnish`: writes plan and prompts to a folder; it is given the web service's address."""
        shipped_models()
        port = take_ports(1)
        self.service = ExampleService(port)
        web = f"http://127.0.0.1:{port}"
        usual = {"speech_models": str(MODELS), "speech_streams": STREAMS}
        super().__init__(folder, lambda to: furnish(to, web), **usual, **settings)
        self.words = Words(folder / "words")
        self._log: list[MutableMapping[str, Any]] = []
        self._ears: set[Earshot] = set()
        self._usual = structlog.get_config()["processors"]

    async def start(self) -> None:
        structlog.configure(processors=[self._keep_log, *self._usual])
        await self.service.start()
        await super().start()
        await self.until(lambda: self.pool.health().workers_alive == 2, 60, "the models are loaded")

    async def stop(self) -> None:
        try:
            await super().stop()
        finally:
            await self.service.stop()
            structlog.configure(processors=self._usual)

    def _keep_log(
        self, _logger: Any, _name: str, entry: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        for ear in self._ears:
            ear.look()  # what was heard before, however busy the machine is
        self._log.append(dict(entry) | {"at": time.monotonic()})
        return entry

    def codec_of(self, name: str) -> str:
        """PCMU or PCMA, of the phone's last call."""
        logs = sorted((self.folder / "phones").glob(f"{name}-*/baresip.log"))
        return re.findall(r"audio tx pipeline: .*---> (\w+)", logs[-1].read_text(errors="replace"))[-1]

    @property
    def equipment(self) -> Equipment:
        return self.running.equipment

    @property
    def pool(self) -> SpeechPool:
        assert self.equipment.pool is not None
        return self.equipment.pool

    async def silent_phone(self, name: str) -> Softphone:
        """Registered. Caller 1 knows µ-law only, caller 2 A-law only."""
        if name not in self.phones:
            codecs = {"caller1": ULAW, "caller2": ALAW}.get(name, f"{ULAW},{ALAW}")
            phone = self.phones[name] = self.new_phone(name, None, longest_call_for=60.0, codecs=codecs)
            await phone.start()
            await phone.register()
        return self.phones[name]

    async def clear(self) -> None:
        """All calls are over, and nothing is left of them."""
        for phone in self.phones.values():
            await hang_up(phone)
        await self.until(lambda: not len(self.running.desk), 15, "calls end")
        await self.is_quiet()

    @asynccontextmanager
    async def call(self, number: str, language: str = "uk", name: str = "caller1") -> AsyncIterator[Talk]:
        """A call that is hung up at the end, unless it is over."""
        phone = await self.silent_phone(name)
        heard, logged, seen = len(phone.recordings()), len(self._log), len(phone.events)
        await phone.dial(number)
        await phone.wait_for(Kind.ESTABLISHED, since=seen)
        await self.until(lambda: len(phone.recordings()) > heard, what=f"{name} hears something")
        async with earshot(phone.heard()) as ear:
            self._ears.add(ear)
            try:
                id_ = await self.until(lambda: self._call_of(name, logged), what=f"a call of {name}")
                yield Talk(phone, ear, id_, self.words, language, self._trace)
            finally:
                self._ears.remove(ear)
                await hang_up(phone)
        await self.until(lambda: not self._is_on(id_), what="the call is over")

    def _call_of(self, name: str, since: int) -> str | None:
        calls = [one for one in self._log[since:] if one["event"] == "call"]
        return next((str(one["call"]) for one in calls if one["caller"] == mask_number(name)), None)

    def _is_on(self, call: str) -> bool:
        return self.running.desk.is_live(call)

    def _trace(self, call: str) -> list[Entry]:
        steps = [one for one in self._log if one["event"] == "step" and one["call"] == call]
        edges = ((edge, step["at"]) for step in steps for edge in step["trace"])
        return [Entry(edge, at) for edge, at in edges if not edge.endswith(_OF_THEMSELVES)]

    async def is_quiet(self) -> None:
        """No stream and no utterance is left of any call."""
        await self.until(lambda: self.pool.health().streams == 0, what="no utterance is left")
        streams = self.equipment.streams
        assert streams is not None
        await self.until(lambda: streams.streams == 0, what="no stream is left")

    def lose_workers(self, how: signal.Signals) -> Callable[[], bool]:
        """Send it to all of them. The answer tells whether all are replaced."""
        killed = self.pool.pids
        for pid in killed:
            os.kill(pid, how)
        return lambda: self.pool.health().workers_alive == 2 and not set(killed) & set(self.pool.pids)
