"""What a caller who speaks waits for: end of speech to the next prompt, and how soon a prompt falls silent.

    .dzvin/venv/bin/python -m tests.benchmarks.spoken_answers --out tests/benchmarks/results
    ... --rounds 1 --only 0.6    # a short look at one setting

A real Asterisk, softphones that speak by espeak-ng, real Vosk with the shipped test models. Three callers at
a time, one for each language. Each round of a language is five answers and a key: a word after the prompt,
one over a prompt, again one after it, a key over it, and two numbers of eight digits whose halves are parted
by a pause. All this as shipped (trailing silence 0.6 s after words, 1.0 s after numbers), with one trailing
silence for both (`DZVIN_SPEECH_END_AFTER` and `end-after` in the dialplan) of 0.3, 0.6 and 1.0 s, and without
the voice detector's end: Vosk's own endpoint alone, with its usual 0.5 s.

Times are taken from what the softphone sent and heard, by one clock, to one packet (20 ms); a telephone's
buffers come on top. `answer`: from the last sound of the words to the first sound of the next prompt. Its
parts: `silence`, until the server takes the words as ended; `words`, until the recogniser has told them;
`prompt`, until the phone hears what follows, through a new stream. `barge-in`: from the first sound of a word
to the last one of the prompt; `key`: the same from a key's release, which is when Asterisk tells it. Only
right answers have times. `right`: the dialogue went on by what was said; of a number, all its digits were
read back.

The test models know espeak-ng's voices only: shares of right words say what a setting costs, not how well
real callers are understood.
"""

import argparse
import asyncio
import contextlib
import io
import logging
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import structlog
from rich.console import Console

from ivr.flow.model import Kind
from ivr.loop import run
from ivr.softphone.phone import KEY_DOWN_FOR, KEY_EVERY_FOR, SoftphoneError
from ivr.speech.pool import SpeechPool
from ivr.speech.port import Heard, Recognition
from ivr.speech.voice import VoiceSettings
from tests.benchmarks.answer_tables import (
    AFTER,
    KEY,
    OVER,
    Answer,
    number_with,
    save,
    share,
    share_table,
    time_table,
)
from tests.calls.earshot import RATE, Earshot, earshot
from tests.calls.house import write_plan
from tests.calls.speaking import ASK, CONFIRM, LONG, MENU, SpeakingHouse, Spoken, Talk, digits_in, write_tones
from tests.sound import read

LANGUAGES = {"uk": ("100", "caller1"), "ru": ("101", "caller2"), "en": ("102", "caller3")}
"""Line and phone: µ-law, A-law, either."""
WORDS = {
    "uk": ("баланс", "показник", "посилка", "борг", "тарифи"),
    "ru": ("баланс", "показания", "посылка", "долг", "тарифы"),
    "en": ("balance", "reading", "parcel", "bill", "rates"),
}
DIGITS = {
    "uk": ["нуль", "один", "два", "три", "чотири", "п'ять", "шість", "сім", "вісім", "дев'ять"],
    "ru": ["ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}
PAUSES = (0.25, 0.45)
"""Seconds between the halves of a number."""
PLAN = """
center: {{ languages: [uk, ru, en], operator: lost, otherwise: lost, speech: {{ longest: 10 s }} }}
lines: {{ {lines} }}
steps:
  quiet: {{ menu: menu, keys: {{ 1: loud }}, phrases: {{ loud: {words} }}, wait: 10 s }}
  loud: {{ menu: long, keys: {{ 1: quiet }}, phrases: {{ quiet: {words} }}, wait: 10 s }}
  number: {{ ask: ask, for: digits, name: number, length: 8, then: lost, wait: 10 s }}
  lost: {{ hang-up: person }}
operators: {{}}
"""


@dataclass(frozen=True)
class Setting:
    name: str
    end_after: float
    vosk_alone: bool = False
    """The voice detector hears beginnings only."""
    patient: bool = False
    """Numbers have a longer silence of their own, as a server has it."""


SETTINGS = (
    Setting("as shipped", 0.6, patient=True),
    Setting("0.3", 0.3),
    Setting("0.6", 0.6),
    Setting("1.0", 1.0),
    Setting("Vosk alone", 0.5, vosk_alone=True),
)


def furnish(folder: Path, _web: str) -> None:
    languages = [(language, number) for language, (number, _) in LANGUAGES.items()]
    lines = [
        f'{step}-{language}: {{ name: {{ uk: A }}, numbers: ["{prefix}{number}"],'
        f" start: {step}, languages: [{language}] }}"
        for step, prefix in (("quiet", ""), ("number", "9"))
        for language, number in languages
    ]
    words = ", ".join(f"{language}: [{', '.join(WORDS[language])}]" for language in WORDS)
    write_plan(folder, PLAN.format(lines=", ".join(lines), words=f"{{ {words} }}"))
    write_tones(folder)


# What the recogniser is asked, and when it tells


class Timed:
    """A recognition that notes when it is asked for its words and when they come."""

    def __init__(self, recognition: Recognition) -> None:
        self.asked_at = self.told_at = 0.0
        self._recognition = recognition
        self.feed, self.close = recognition.feed, recognition.close

    @property
    def ended(self) -> bool:
        return self._recognition.ended

    async def result(self, within: float) -> Heard:
        self.asked_at = time.monotonic()
        heard = await self._recognition.result(within)
        self.told_at = time.monotonic()
        return heard


@contextlib.contextmanager
def timed(setting: Setting) -> Iterator[dict[str, list[Timed]]]:
    """Recognitions of each language, and the setting's way to end them."""
    found: dict[str, list[Timed]] = {language: [] for language in LANGUAGES}
    usual_open = SpeechPool.open

    def open_timed(
        pool: SpeechPool, language: str, phrases: Sequence[str] | None, *, patient: bool = False
    ) -> Timed:
        one = Timed(usual_open(pool, language, phrases, patient=patient))
        found[language].append(one)
        return one

    def only_beginnings(**given: Any) -> VoiceSettings:
        return VoiceSettings(**{**given, "end_after": 30.0})

    with contextlib.ExitStack() as patched:
        patched.enter_context(patch.object(SpeechPool, "open", open_timed))
        if not setting.patient:
            patched.enter_context(patch.dict("ivr.flow.questions._END_AFTER", dict.fromkeys(Kind)))
        if setting.vosk_alone:
            patched.enter_context(patch("ivr.equipment.VoiceSettings", only_beginnings))
        yield found


# Callers


@dataclass
class Caller:
    """One language's calls, one after the other."""

    house: SpeakingHouse
    language: str
    timed: list[Timed]
    rng: random.Random
    answers: list[Answer] = field(default_factory=list)

    async def round(self) -> None:
        await self._attempt(self._menu_call)
        for pause in PAUSES:
            await self._attempt(lambda talk, sent, pause=pause: self._number_call(talk, sent, pause), "9")

    async def _attempt(self, way: Callable[[Talk, Earshot], Any], prefix: str = "") -> None:
        """One call; what does not come in time is a wrong answer, and the next call begins anew."""
        number, name = LANGUAGES[self.language]
        async with self.house.call(prefix + number, self.language, name) as talk:
            heard = talk.phone.heard()
            async with earshot(heard.with_name(heard.name.replace("-dec", "-enc"))) as sent:
                with contextlib.suppress(AssertionError, SoftphoneError):
                    await way(talk, sent)

    async def _menu_call(self, talk: Talk, sent: Earshot) -> None:
        """After the first wrong answer the rest is left out: where the call is now is not known."""
        quiet = MENU[self.language]
        for kind, here, there in ((AFTER, quiet, LONG), (OVER, LONG, quiet), (AFTER, quiet, LONG)):
            await self._let_speak(talk, here)
            word = self.rng.choice(WORDS[self.language])
            await self._say(talk, sent, kind, word, await talk.words.of(word, self.language), there)
        await self._let_speak(talk, LONG)
        await self._press(talk)

    async def _let_speak(self, talk: Talk, prompt: float) -> None:
        """Until a caller would speak: after a short prompt, in the midst of a long one."""
        await talk.hears(prompt)
        await asyncio.sleep(0.6 + self.rng.uniform(0.0, 0.3))

    async def _say(
        self, talk: Talk, sent: Earshot, kind: str, text: str, spoken: Spoken, following: float
    ) -> None:
        answer, place = Answer(self.language, kind, text), len(self.answers)
        self.answers.append(answer)
        sent.mark()
        await talk.plays(spoken)
        await self._goes(talk, place, f"/said {text}")
        await talk.hears(following, 0.06)
        talk.ear.marked = talk.spoke
        first_sound = talk.ear.began_at(following)
        answer = self._with_times(self.answers[place], sent, first_sound)
        if kind == OVER:
            silent_at = talk.ear.ended_at(LONG)
            answer = replace(answer, barge_in=silent_at - sent.at(sent.sounds()[0]))
        self.answers[place] = replace(answer, right=True)

    def _with_times(self, answer: Answer, sent: Earshot, first_sound: float) -> Answer:
        ended, recognition = sent.at(sent.sounds()[-1]), self._last_told()
        return replace(
            answer,
            took=first_sound - ended,
            silence=recognition.asked_at - ended,
            words=recognition.told_at - recognition.asked_at,
            prompt=first_sound - recognition.told_at,
        )

    def _last_told(self) -> Timed:
        return next(one for one in reversed(self.timed) if one.told_at)

    async def _press(self, talk: Talk) -> None:
        answer, place = Answer(self.language, KEY, "1"), len(self.answers)
        self.answers.append(answer)
        mark = talk.ear.mark()
        released_at = await talk.phone.press("1") - (KEY_EVERY_FOR - KEY_DOWN_FOR)
        await self._goes(talk, place, "/loud/1")
        await talk.hears(MENU[self.language])
        talk.ear.marked = mark
        took = talk.ear.began_at(MENU[self.language]) - released_at
        silent_for = talk.ear.ended_at(LONG) - released_at
        self.answers[place] = replace(self.answers[place], right=True, took=took, barge_in=silent_for)

    async def _number_call(self, talk: Talk, sent: Earshot, pause: float) -> None:
        kind = number_with(pause)
        number = "".join(self.rng.choices("0123456789", k=8))
        spoken = await self._spoken_number(talk, number, pause)
        await self._let_speak(talk, ASK)
        answer, place = Answer(self.language, kind, number), len(self.answers)
        self.answers.append(answer)
        sent.mark()
        await talk.plays(spoken)
        await self._goes(talk, place, "/number/said")
        await talk.hears(CONFIRM)
        talk.ear.marked = talk.spoke
        answer = replace(answer, got=digits_in(talk.ear.tones()))
        if answer.got == number:
            answer = replace(self._with_times(answer, sent, talk.ear.at(talk.ear.sounds()[0])), right=True)
        self.answers[place] = answer

    async def _goes(self, talk: Talk, place: int, edge: str) -> None:
        """AssertionError when the dialogue goes elsewhere; the answer at `place` tells where."""
        seen = len(talk.trace)
        try:
            await talk.goes(edge, within=20)
        finally:
            if len(talk.trace) > seen:
                self.answers[place] = replace(self.answers[place], got=talk.trace[seen])

    async def _spoken_number(self, talk: Talk, number: str, pause: float) -> Spoken:
        halves = []
        for half in (number[:4], number[4:]):
            text = " ".join(DIGITS[self.language][int(digit)] for digit in half)
            one = await talk.words.of(text, self.language)
            samples = read(one.path).samples * 32768
            halves.append(samples[round(one.begins * RATE) : round(one.ends * RATE)])
        between = np.zeros(round(pause * RATE))
        return talk.words.sound(
            f"{self.language}-{number}-{pause:g}", np.concatenate([halves[0], between, halves[1]])
        )


async def measure(setting: Setting, rounds: int, seed: int) -> list[Answer]:
    with tempfile.TemporaryDirectory(prefix="dzvin-bench-") as folder, timed(setting) as recognitions:
        async with speaking(Path(folder), setting) as house:
            callers = [
                Caller(house, language, recognitions[language], random.Random(f"{seed} {language}"))
                for language in LANGUAGES
            ]

            async def all_rounds(caller: Caller) -> None:
                for _ in range(rounds):
                    await caller.round()

            await asyncio.gather(*map(all_rounds, callers))
    return [answer for caller in callers for answer in caller.answers]


@contextlib.asynccontextmanager
async def speaking(folder: Path, setting: Setting) -> AsyncIterator[SpeakingHouse]:
    house = SpeakingHouse(folder / "house", furnish, speech_end_after=setting.end_after)
    try:
        await house.start()
        yield house
    finally:
        await house.stop()


# The command


async def measure_all(options: argparse.Namespace, console: Console) -> dict[str, list[Answer]]:
    results = {}
    for setting in SETTINGS:
        if options.only in (None, setting.name):
            results[setting.name] = await measure(setting, options.rounds, options.seed)
            console.print(f"{setting.name}: {share(results[setting.name])} right")
    return results


def quiet_log() -> None:
    """Nothing on the terminal. Not cached: each setting's house reads its log by a processor of its own."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(io.StringIO()),
        cache_logger_on_first_use=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder for spoken_answers.json")
    parser.add_argument("--rounds", type=int, default=3, help="of five answers and a key in each language")
    parser.add_argument("--only", choices=[one.name for one in SETTINGS], help="one setting")
    parser.add_argument("--seed", type=int, default=1, help="of the words and numbers chosen")
    options = parser.parse_args()
    console = Console(width=160)
    quiet_log()
    results = run(measure_all(options, console))
    console.print(time_table(results))
    console.print(share_table(results))
    if options.out:
        save(results, options.out)


if __name__ == "__main__":
    main()
