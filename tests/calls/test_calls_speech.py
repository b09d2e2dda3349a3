"""Callers speak: words through a real Asterisk, real Vosk, and the branch that the call then takes."""

import asyncio
import signal
import statistics
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from tests.calls.earshot import RATE
from tests.calls.speaking import (
    ASK,
    CONFIRM,
    DEBT,
    LONG,
    LONG_FOR,
    MENU,
    MISSED,
    PARCEL,
    PERSON,
    SpeakingHouse,
    Talk,
    digits_in,
)
from tests.machine import stood_still

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINE = {"uk": "100", "ru": "101", "en": "102"}
PARCEL_WORD = {"uk": "посилка", "ru": "посылка", "en": "parcel"}
DEBT_WORD = {"uk": "борг", "ru": "долг", "en": "balance"}
OPERATOR_WORD = {"uk": "оператор", "ru": "оператор", "en": "operator"}
TOO_LONG = "оператор був дуже ввічливий, посилка прийшла вчасно"


@dataclass
class Figures:
    """Seconds, of all calls so far."""

    barge_in: list[float] = field(default_factory=list)
    """From the word's beginning until the prompt is no longer heard."""
    answer: list[float] = field(default_factory=list)
    """From the word's end until the next prompt is heard."""

    def __str__(self) -> str:
        rows = {"barge-in": self.barge_in, "end of speech to next prompt": self.answer}
        return "; ".join(
            f"{name}: median {statistics.median(of):.2f} s, worst {max(of):.2f} s of {len(of)}"
            for name, of in rows.items()
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SpeakingHouse]:
    folder: Path = tmp_path_factory.mktemp("speaking")
    house = SpeakingHouse(folder)
    try:
        await house.start()
        yield house
    finally:
        await house.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def house(built: SpeakingHouse) -> AsyncIterator[SpeakingHouse]:
    yield built
    await built.clear()


@pytest.fixture(scope="module")
def figures() -> Figures:
    return Figures()


# Words and their branches


async def speak_twice(house: SpeakingHouse, name: str, language: str, figures: Figures) -> None:
    """After the prompt to the parcels, then over a long prompt to the debts."""
    async with house.call(LINE[language], language, name) as talk:
        await talk.hears(MENU[language])
        await talk.answers(PARCEL_WORD[language], f"/menu/said {PARCEL_WORD[language]}")
        await talk.hears(PARCEL)
        figures.answer.append(talk.ear.began_at(PARCEL) - talk.ended)
        await talk.hears(LONG, 0.6)
        await talk.answers(DEBT_WORD[language], f"/long-menu/said {DEBT_WORD[language]}")
        await talk.hears(DEBT)
        talk.ear.marked = talk.spoke
        ended = talk.ear.ended_at(LONG)
        late = ended - talk.began - stood_still(talk.began, ended)
        assert talk.ear.heard_for(LONG) < LONG_FOR - 2
        assert late < 0.5
        figures.barge_in.append(late)


async def test_a_word_takes_its_branch_alone_and_over_the_prompt_by_both_codecs(
    house: SpeakingHouse, figures: Figures
) -> None:
    async def all_languages(name: str, order: str) -> None:
        for language in order.split():
            await speak_twice(house, name, language, figures)

    await asyncio.gather(all_languages("caller1", "uk ru en"), all_languages("caller2", "en uk ru"))
    assert len(figures.barge_in) == 6
    assert (house.codec_of("caller1"), house.codec_of("caller2")) == ("PCMU", "PCMA")
    print(f"\n{figures}")


async def test_the_operator_is_reached_by_word_and_by_key_everywhere(house: SpeakingHouse) -> None:
    async def ask_for_a_person(name: str, language: str) -> None:
        async with house.call(LINE[language], language, name) as talk:
            await talk.hears(MENU[language])
            await talk.answers(OPERATOR_WORD[language], f"/menu/said {OPERATOR_WORD[language]}")
            await talk.hears(PERSON)
            await talk.presses("0")
            await talk.goes("/menu/0")
            await talk.hears(PERSON)

    callers = ("caller1", "caller2", "caller3")
    await asyncio.gather(*(ask_for_a_person(*one) for one in zip(callers, LINE, strict=True)))


async def test_a_language_chosen_by_word_is_spoken_at_once_and_in_the_next_call(house: SpeakingHouse) -> None:
    async with house.call("110", "uk", "caller3") as talk:
        await talk.hears(MENU["uk"])
        await talk.answers("англійською", "/menu/language en")
        await talk.hears(MENU["en"])
        talk.language = "en"
        await talk.answers("balance", "/menu/said balance")
    async with house.call("110", "en", "caller3") as talk:
        await talk.hears(MENU["en"])
        assert talk.ear.heard_for(MENU["uk"]) == 0
        await talk.answers("parcel", "/menu/said parcel")
    async with house.call("110", "uk", "caller1") as talk:
        await talk.hears(MENU["uk"])  # another number is another caller


# What leads nowhere


async def test_strange_words_silence_noise_and_endless_talk_take_their_edges(house: SpeakingHouse) -> None:
    noise = house.words.sound("noise", np.random.default_rng(5).normal(0, 2500, RATE))
    times = np.arange(RATE) / RATE
    tone = house.words.sound("tone", 6000 * np.sin(2 * np.pi * 700 * times))
    for text in ("холодильник", TOO_LONG, "посилка"):
        await house.words.of(text, "uk")  # the menu waits for no synthesizer
    async with house.call("120") as talk:
        await talk.goes("/strict/if-silent")
        await talk.hears(MISSED)
        await talk.answers("холодильник", "/strict/if-not-understood", "/strict/if-unsure")
        await talk.hears(MISSED)
        for sound in (noise, tone):
            await talk.hears(MENU["uk"])
            await talk.plays(sound)
            await talk.goes("/strict/if-silent", "/strict/if-not-understood", "/strict/if-unsure")
            await talk.hears(MISSED)
        await talk.hears(MENU["uk"])
        await talk.answers(TOO_LONG, "/strict/if-too-long")
        await talk.hears(MISSED)
        await talk.hears(MENU["uk"])
        await talk.answers("посилка", "/strict/said посилка")


async def test_words_cut_short_take_no_branch(house: SpeakingHouse) -> None:
    misses = ("/strict/if-not-understood", "/strict/if-unsure", "/strict/if-silent")
    async with house.call("120", name="caller2") as talk:
        for text, part in (("посилка", 0.3), ("борг", 0.4), ("оператор", 0.3), ("де моя посилка", 0.35)):
            await talk.hears(MENU["uk"])
            await talk.says(text, part)
            await talk.goes(*misses)
            await talk.hears(MISSED)


# Trouble with the recogniser


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["dead", "hanging"])
async def test_workers_lost_in_mid_word_take_the_edge_for_it(
    house: SpeakingHouse, how: signal.Signals
) -> None:
    async with house.call("130") as talk:
        await talk.hears(MENU["uk"])
        replaced = await lost_in_mid_word(house, talk, how)
        await talk.goes("/fragile/if-speech-dead")
        await talk.hears(MISSED)
    await house.until(replaced, 30, "the workers are back")


async def test_workers_killed_in_mid_word_leave_the_keys_and_the_next_question_understands(
    house: SpeakingHouse,
) -> None:
    async with house.call("131") as talk:
        await talk.hears(MENU["uk"])
        replaced = await lost_in_mid_word(house, talk, signal.SIGKILL)
        await talk.goes("/sturdy/speech-dead")
        await house.until(replaced, 30, "the workers are back")
        await talk.presses("1")
        await talk.goes("/sturdy/1")
        await talk.hears(LONG)
        await talk.answers("борг", "/long-menu/said борг")


async def lost_in_mid_word(house: SpeakingHouse, talk: Talk, how: signal.Signals) -> Callable[[], bool]:
    """All workers, by this signal. The answer tells whether all are replaced."""
    saying = await talk.says("де моя посилка")
    await asyncio.sleep((talk.began + talk.ended) / 2 - saying.began_at)
    return house.lose_workers(how)


async def test_without_a_free_stream_the_menu_goes_by_keys(house: SpeakingHouse) -> None:
    limit = house.pool.health().limit
    taken = [house.pool.open("uk", ["так"]) for _ in range(limit)]
    try:
        async with house.call("100") as talk:
            await talk.goes("/menu/speech-busy")
            await talk.hears(MENU["uk"])
            await talk.presses("1")
            await talk.goes("/menu/1")
            await talk.hears(PARCEL)
            await talk.goes("/long-menu/speech-busy")
            for one in taken:
                one.close()
            await talk.presses("2")
            await talk.goes("/long-menu/2")
            await talk.hears(MENU["uk"])
            await talk.answers("посилка", "/menu/said посилка")
    finally:
        for one in taken:
            one.close()


async def test_a_caller_who_hangs_up_in_mid_word_leaves_nothing_behind(house: SpeakingHouse) -> None:
    async with house.call("100") as talk:
        await talk.hears(MENU["uk"])
        await talk.says("де моя посилка")
        await house.until(lambda: house.pool.health().streams == 1, what="the word is listened to")
        await asyncio.sleep(0.3)
        await talk.phone.hang_up()
    await house.is_quiet()
    assert not len(house.running.desk)


async def test_a_language_without_a_model_goes_by_keys(house: SpeakingHouse) -> None:
    async with house.call("103", "uk") as talk:
        await talk.hears(MENU["pl"])
        saying = await talk.says("посилка")
        await saying.over()
        await talk.presses("2")
        await talk.goes("/menu/2")
        assert house.pool.health().streams == 0


# Values


async def test_a_meter_reading_by_voice_arrives_once(house: SpeakingHouse) -> None:
    """The account in groups, refused once; the reading as a number, confirmed by key."""
    before = len(house.service.taken)
    async with house.call("140") as talk:
        await talk.hears(ASK)
        await say_account(talk, "1000 0003")
        await talk.answers("ні", "/account/not-confirmed")
        await talk.hears(ASK)
        await say_account(talk, "1000 0001")
        await talk.answers("так", "/account/given")
        await talk.goes("/find-account/found")
        await talk.hears(ASK)
        await talk.answers("чотири тисячі шістсот", "/reading/said")
        await talk.hears(CONFIRM)
        assert digits_in(talk.ear.tones()) == "4600"
        await talk.presses("1")
        await talk.goes("/reading/given")
        await talk.hears(ASK)
        await talk.answers("ні", "/more/no")
    taken = house.service.taken[before:]
    assert [(one.what, one.values) for one in taken] == [
        ("reading", {"account": "10000001", "reading": "4600"})
    ]


NAMES = {"0": "нуль", "1": "один", "3": "три"}


async def say_account(talk: Talk, groups: str) -> None:
    """Digit by digit with a short pause between the groups; it is read back."""
    spoken = ", ".join(" ".join(NAMES[digit] for digit in group) for group in groups.split())
    await talk.answers(spoken, "/account/said")
    await talk.hears(CONFIRM)
    assert digits_in(talk.ear.tones()) == groups.replace(" ", "")


async def test_a_meter_reading_by_keys_arrives_once(house: SpeakingHouse) -> None:
    """Confirmed by word, refused by key."""
    before = len(house.service.taken)
    async with house.call("140", name="caller2") as talk:
        await talk.hears(ASK)
        await talk.presses("10000002")
        await talk.goes("/account/typed")
        await talk.hears(CONFIRM)
        assert digits_in(talk.ear.tones()) == "10000002"
        await talk.answers("так", "/account/given")
        await talk.goes("/find-account/found")
        await talk.hears(ASK)
        await talk.presses("1999#")
        await talk.goes("/reading/typed")
        await talk.hears(CONFIRM)
        await talk.presses("2")
        await talk.goes("/reading/not-confirmed")
        await talk.hears(ASK)
        await talk.presses("1234#")
        await talk.goes("/reading/typed")
        await talk.hears(CONFIRM)
        await talk.answers("так", "/reading/given")
        await talk.hears(ASK)
    taken = house.service.taken[before:]
    assert [(one.what, one.values) for one in taken] == [
        ("reading", {"account": "10000002", "reading": "1234"})
    ]


async def test_keys_typed_ahead_are_not_lost(house: SpeakingHouse) -> None:
    """Account, confirmation, reading, confirmation: as fast as the phone types, over all prompts."""
    before = len(house.service.taken)
    async with house.call("140", name="caller2") as talk:
        await talk.hears(ASK)
        await talk.presses("10000003" + "1" + "30000#" + "1")
        await talk.goes("/account/typed")
        await talk.goes("/account/given")
        await talk.goes("/find-account/found")
        await talk.goes("/reading/typed")
        await talk.goes("/reading/given")
        await house.until(lambda: len(house.service.taken) > before, what="the reading arrives")
    values = [one.values for one in house.service.taken[before:]]
    assert values == [{"account": "10000003", "reading": "30000"}]


async def test_a_day_by_voice_in_english(house: SpeakingHouse) -> None:
    before = len(house.service.taken)
    async with house.call("150", "en", "caller3") as talk:
        await talk.hears(ASK)
        await talk.presses("2045900000028")
        await talk.goes("/parcel-number/given")
        await talk.hears(ASK)
        await talk.answers("tomorrow", "/day/said")
        await talk.hears(CONFIRM)
        await talk.answers("yes", "/day/given")
        await talk.hears(PARCEL)
    taken = house.service.taken[before:]
    assert [one.what for one in taken] == ["redelivery"]
    assert taken[0].values["parcel"] == "2045900000028"


async def test_free_words_are_recorded_and_transcribed(house: SpeakingHouse) -> None:
    before = len(house.service.taken)
    async with house.call("160") as talk:
        await talk.hears(ASK)
        await talk.hears(1400.0, 0.15)  # the recorder's tone
        await talk.answers("оператор був дуже ввічливий", "/comment/given")
        await talk.goes("/take-comment/taken", within=10)
    taken = house.service.taken[before:]
    assert [one.what for one in taken] == ["comment"]
    words = taken[0].values["comment"].split()
    assert len({"оператор", "був", "дуже", "ввічливий"} & set(words)) >= 2
    ears = house.equipment.ears
    assert ears is not None
    recording = ears.recordings.path(taken[0].values["comment-recording"])
    assert 16000 < recording.stat().st_size < 16000 * 6


async def test_a_web_hook_that_is_down_takes_its_edge(house: SpeakingHouse) -> None:
    async with house.call("170") as talk:
        await talk.goes("/ask-nobody/if-failed")
        await talk.hears(MISSED)
        await talk.hears(MENU["uk"])
        await talk.answers("борг", "/menu/said борг")
