"""Messages on a real Asterisk with sound: left, transcribed, heard, called back, closed; never lost."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.core.work import WorkEnd, WorkId
from acd.core.work_events import WorkHandedBack
from acd.core.work_facts import (
    CustomerTried,
    WorkClosed,
    WorkForwarded,
    WorkMade,
    WorkNoted,
    WorkTranscribed,
)
from ivr.recordings.sealing import is_sealed, make_key
from ivr.softphone.phone import Kind, Softphone
from tests.calls.earshot import Earshot, earshot
from tests.calls.house import hang_up
from tests.calls.promising import (
    BEEP,
    CLOSED,
    CONFIRM,
    CUSTOMERS,
    FORWARDED,
    KEPT,
    MENU,
    NONE,
    NOTE,
    NOTED,
    OLENA,
    OVER,
    REVIEW,
    TARAS,
    TITLE,
    VOICES,
    WELCOME,
    PromisingHouse,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAID = "посилка оператор борг"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PromisingHouse]:
    folder: Path = tmp_path_factory.mktemp("voicemail")
    house = PromisingHouse(folder)
    try:
        await house.start()
        yield house
    finally:
        await house.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def house(built: PromisingHouse) -> AsyncIterator[PromisingHouse]:
    yield built
    await built.settle_everything()


async def call(house: PromisingHouse, name: str, number: str = "100") -> Softphone:
    phone = await house.speaking(name)
    seen, heard = len(phone.events), len(phone.recordings())
    await phone.dial(number)
    await phone.wait_for(Kind.ESTABLISHED, since=seen)
    await house.until(lambda: len(phone.recordings()) > heard, what=f"{name} hears something")
    return phone


async def leave(house: PromisingHouse, name: str) -> WorkMade:
    """A message from the first prompt to its end."""
    made = len(house.seen(WorkMade))
    phone = await call(house, name)
    seen = len(phone.events)
    async with earshot(phone.heard()) as ear:
        await ear.hears(WELCOME)
        await ear.hears(BEEP)
        saying = await phone.say((await house.words.of(SAID, "uk")).path)
        await saying.over()
        await phone.press("#")
        await ear.hears(REVIEW)
        await phone.press("1")
        await ear.hears(KEPT)
    await phone.wait_for(Kind.CLOSED, since=seen)
    return await house.fact(WorkMade, count=made + 1)


def voice_for(ear: Earshot) -> float:
    """Seconds of sound since the mark that is none of the house's tones."""
    tones = (
        WELCOME,
        REVIEW,
        KEPT,
        CONFIRM,
        TITLE,
        MENU,
        OVER,
        CLOSED,
        FORWARDED,
        NONE,
        NOTE,
        *VOICES.values(),
    )
    loud = len({at // 160 for at in ear.sounds()}) * 0.02
    return loud - sum(ear.heard_for(hz) for hz in tones)


async def picks_up(house: PromisingHouse, phone: Softphone) -> None:
    """The phone is called and answers by itself."""
    await house.until(lambda: phone.talking, 8, f"{phone.name} has picked up")


async def test_a_message_from_the_tone_to_its_topic(house: PromisingHouse) -> None:
    customer = "711"
    made = await leave(house, customer)
    assert (made.queue, made.caller, made.language) == ("claims", customer, "uk")
    assert 1.0 < made.seconds < 4.0
    text = (await house.fact(WorkTranscribed, within=60, work=made.work)).text
    assert len({"посилка", "оператор", "борг"} & set(text.split())) >= 2, text

    olena = await house.at_work(OLENA)
    seen = len(olena.events)
    await picks_up(house, olena)
    phone = await house.person(customer)
    async with earshot(olena.heard()) as ear:
        await ear.hears(TITLE)
        await ear.hears(OVER, within=10)
        assert voice_for(ear) > made.seconds / 2, ear.tones()
        await olena.press("5")
        await house.until(lambda: phone.talking, 8, "the customer's phone was called")
        async with earshot(phone.heard()) as theirs:
            await theirs.hears(CONFIRM)
            assert theirs.heard_for(VOICES["701"]) == 0, "nobody is joined before they want it"
            await phone.press("1")
            await theirs.hears(VOICES["701"], 0.5)
            await ear.hears(VOICES[customer], 0.5)
        await hang_up(phone)
        ear.mark()
        await ear.hears(MENU)
        await olena.press("71")
        await ear.hears(FORWARDED)
        await ear.hears(BEEP)
        saying = await olena.say((await house.words.of(SAID, "uk")).path)
        await saying.over()
        await olena.press("#")
        await ear.hears(NOTED)
    await olena.wait_for(Kind.CLOSED, since=seen)
    passed = await house.fact(WorkForwarded, work=made.work)
    assert (passed.department, passed.operator) == ("network", OLENA)
    note = await house.fact(WorkNoted, work=made.work)
    assert 1.0 < note.seconds < 4.0
    text = (await house.fact(WorkTranscribed, within=60, work=made.work, recording=note.recording)).text
    assert len({"посилка", "оператор", "борг"} & set(text.split())) >= 2, text

    service = house.running.service
    back = WorkHandedBack(at=service.now(), work=made.work, reason="wires are up")
    assert (await service.ask(back)).refusal is None
    await picks_up(house, olena)
    async with earshot(olena.heard()) as ear:
        await ear.hears(TITLE)
        await olena.press("4")
        await ear.hears(NOTE)
        ear.mark()
        await ear.hears(OVER, within=10)
        assert voice_for(ear) > note.seconds / 2, ear.tones()
        await olena.press("62")
        await ear.hears(CLOSED)
    closed = await house.fact(WorkClosed, work=made.work)
    assert (closed.end, closed.topic, closed.operator, closed.kept) == (
        WorkEnd.CALLED_BACK,
        "bill",
        OLENA,
        True,
    )
    tried = house.seen(CustomerTried, work=made.work)
    assert [fact.reach for fact in tried] == ["talked"]


async def test_star_17_asks_for_the_next_message(house: PromisingHouse) -> None:
    """The share lets one operator have messages: the second one asks for more."""
    made = [await leave(house, name) for name in ("712", "713")]
    taras = await house.at_work(TARAS)
    await picks_up(house, taras)
    olena = await house.at_work(OLENA)
    seen = len(olena.events)
    await olena.dial("*17")
    await olena.wait_for(Kind.INCOMING, since=seen)
    await house.until(lambda: len(house.running.works.legs) == 2, what="two items are handled")
    await picks_up(house, olena)
    async with earshot(olena.heard()) as ear:
        await ear.hears(TITLE)
        await olena.press("60")
        await ear.hears(CLOSED)
    assert (await house.fact(WorkClosed, operator=OLENA)).work in {one.work for one in made}
    await house.until(lambda: not olena.talking, what="the phone is on the hook")
    seen, heard = len(olena.events), len(olena.recordings())
    await olena.dial("*17")
    await house.until(lambda: len(olena.recordings()) > heard, what="something is heard")
    async with earshot(olena.heard()) as ear:
        await ear.hears(NONE)
    await olena.wait_for(Kind.CLOSED, since=seen)
    await taras.press("60")
    await house.fact(WorkClosed, operator=TARAS)
    assert {fact.work for fact in house.seen(WorkClosed)} == {one.work for one in made}


async def test_a_hang_up_at_each_second_keeps_what_was_said(house: PromisingHouse) -> None:
    """Before the tone nothing can have been said; from then on nothing is lost."""
    words = await house.words.of("посилка оператор борг посилка оператор борг посилка", "uk")

    async def hangs_up(name: str, after: float) -> tuple[float, float]:
        """Seconds that were said until then: at least, at most. Asked is asked; done is a moment later."""
        phone = await call(house, name)
        async with earshot(phone.heard()) as ear:
            await ear.hears(BEEP)
            asked = time.monotonic()
            saying = await phone.say(words.path)
            left = saying.began_at + words.begins + after - time.monotonic()
            await asyncio.sleep(max(0.0, left))
            leaves = time.monotonic()
            await hang_up(phone)
            gone = time.monotonic()
        least, most = leaves - saying.began_at - words.begins, gone - asked - words.begins
        return min(least, words.ends - words.begins), min(most, words.ends - words.begins)

    async def leaves_in_the_prompt(name: str) -> None:
        phone = await call(house, name)
        async with earshot(phone.heard()) as ear:
            await ear.hears(WELCOME, 0.04)
            await hang_up(phone)

    async def leaves_in_the_menu(name: str) -> None:
        phone = await call(house, name)
        async with earshot(phone.heard()) as ear:
            await ear.hears(BEEP)
            await phone.say(words.path)
            await ear.hears(REVIEW, within=12)
            await hang_up(phone)

    seconds = {name: float(after) for after, name in enumerate(CUSTOMERS[:4], start=1)}
    results = await asyncio.gather(
        *(hangs_up(name, after) for name, after in seconds.items()),
        leaves_in_the_prompt(CUSTOMERS[4]),
        leaves_in_the_menu(CUSTOMERS[5]),
    )
    await house.until(lambda: not len(house.running.desk), 10, "all dialogues are over")
    made = {fact.caller: fact for fact in house.seen(WorkMade)}
    assert set(made) == {*seconds, CUSTOMERS[5]}
    for name, said in zip(seconds, results, strict=False):
        assert said is not None
        least, most = said
        assert least - 0.7 < made[name].seconds < most + 0.7, (name, made[name])
    assert len(house.seen(WorkMade)) == len(made)
    store = house.equipment.recordings
    assert store is not None
    for fact in made.values():
        assert len(await store.pcm(fact.recording, by="test")) > 8000


def nothing_can_be_read(house: PromisingHouse) -> bool:
    """Of a message under way: whose it is, and what they have said so far."""
    files = list((house.settings.run_folder / "messages").iterdir())
    notes, sounds = ([file for file in files if file.suffix == suffix] for suffix in (".json", ".sealed"))
    return len(files) == 2 and is_sealed(notes[0].read_bytes()) and is_sealed(sounds[0].read_bytes()[4:])


async def test_killed_while_recording_what_was_said_becomes_a_message_once(tmp_path: Path) -> None:
    """Also where recordings are sealed; then nothing of it ever lies open on the disk."""
    make_key(tmp_path / "keys")
    house = PromisingHouse(tmp_path, recordings_key_file=tmp_path / "keys")
    try:
        await house.asterisk.start()
        await house.start_process()
        await house.until_up()
        phone = await call(house, "711")
        async with earshot(phone.heard()) as ear:
            await ear.hears(BEEP)
            words = await house.words.of(f"{SAID} {SAID} {SAID}", "uk")
            saying = await phone.say(words.path)
            await house.until(lambda: time.monotonic() > saying.began_at + words.begins + 2.5, what="words")
            await house.kill_process()
            said_for = time.monotonic() - saying.began_at - words.begins
            assert nothing_can_be_read(house)
            ear.mark()
            await house.start_process()
            await ear.hears(WELCOME, within=40)  # the caller is still there, and is asked again
        await hang_up(phone)
        await house.until_journalled(WorkMade, 1)
        await house.kill_process()
        (made,) = await house.journalled(WorkMade)
        assert (made.caller, made.queue, made.work) == ("711", "claims", WorkId(1))
        assert 1.5 < made.seconds < said_for + 1.0
        await house.start_process()
        await house.until_up()
        assert len(await house.journalled(WorkMade)) == 1
        await heard_by_an_operator_over_a_kill(house)
    finally:
        await house.stop()


async def heard_by_an_operator_over_a_kill(house: PromisingHouse) -> None:
    """The phone is not hung up: the next server goes on with the same message."""
    olena = await house.person("701")
    await olena.dial("*10")
    await olena.wait_for(Kind.CLOSED)
    await picks_up(house, olena)
    async with earshot(olena.heard()) as ear:
        await ear.hears(TITLE)
        await house.kill_process()
        ear.mark()
        await house.start_process()
        await ear.hears(TITLE, within=40)
        await olena.press("60")
        await ear.hears(CLOSED)
    (closed,) = await house.until_journalled(WorkClosed, 1)
    assert (closed.end, closed.operator) == (WorkEnd.HANDLED, OLENA)
