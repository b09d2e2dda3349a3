"""An operator handles work items by keys: the real centre, a real stream, a scripted phone."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from acd.clock import Clock
from acd.core import commands as c
from acd.core import events as e
from acd.core import work_facts as w
from acd.core.center import Center
from acd.core.facts import Fact
from acd.core.settings import CenterSettings, OperatorSettings, QueueSettings
from acd.core.testing import MemoryJournal, RecordingSink
from acd.core.words import OperatorId, QueueId
from acd.core.work import CallBackRules, Reach, WorkEnd, WorkId, WorkKind
from acd.core.work_events import NoteSpoken, WorkPromised
from acd.service import AcdService
from ivr.asterisk.agi_server import FastAgiServer
from ivr.asterisk.audiosocket import AudioSocketServer
from ivr.asterisk.legs import Leg
from ivr.asterisk.testing import FakeAgiPeer, FakeAudioPeer, tone
from ivr.drafts import Drafts
from ivr.listening import Listener
from ivr.media.catalogue import Catalogue
from ivr.recorder import Recorder
from ivr.recordings.testing import MemoryRecordings
from ivr.softphone.tone import write_tone
from ivr.sounds import Sounds
from ivr.speech.voice import VoiceSettings
from ivr.work import console
from ivr.work.calling import DIALLING, REACH
from ivr.work.desk import WorkDesk
from ivr.work.house import House
from tests.eventually import eventually
from tests.sound import Sound, share, voice

OLENA, CLAIMS = OperatorId("olena"), QueueId("claims")
CHANNEL = "dzvin-r1-1"
TOPICS, DEPARTMENTS = ("outage", "bill"), ("network", "billing")
SETTINGS = CenterSettings(
    queues={
        CLAIMS: QueueSettings(
            id=CLAIMS, name="Claims", call_back=CallBackRules(preview_for=0.3, ring_for=7.0)
        )
    },
    operators={OLENA: OperatorSettings(id=OLENA, name="Olena", phone="701", queues=frozenset({CLAIMS}))},
)
FIRST, SECOND = 600.0, 900.0
"""Tones of the two messages, hertz."""
BEEP = 1400.0
PROMPTS = {
    "work-closed": 1500.0,
    "work-menu": 1700.0,
    "work-not-reached-busy": 1900.0,
    "work-note-kept": 2100.0,
    "work-note": 2300.0,
}


class Switch:
    """Answers each offer at once and begins its session. Implements `acd.core.ports.Switch`, `LegControl`."""

    def __init__(self, service: AcdService) -> None:
        self.service = service
        self.desk: WorkDesk | None = None
        self.leg: Leg | None = None
        self.connected = False

    def perform(self, command: c.Command) -> None:
        loop = asyncio.get_running_loop()
        match command:
            case c.Offer(work=int()):
                self.leg = Leg(
                    offer=command.offer,
                    call=command.call,
                    channel=CHANNEL,
                    operator=command.operator,
                    queue=command.queue,
                    work=command.work,
                )
                answered = e.OperatorAnswered(at=self.service.now(), offer=command.offer)
                loop.call_soon(self.service.post, answered)
            case c.Connect():
                self.connected = True
                self._begin()
            case _:
                pass

    def work_ready(self, channel: str) -> None:
        self._begin()

    def _begin(self) -> None:
        if self.desk and self.leg and self.connected and self.desk.begin(self.leg):
            started = e.TalkStarted(at=self.service.now(), offer=self.leg.offer)
            asyncio.get_running_loop().call_soon(self.service.post, started)


@dataclass
class Room:
    peer: FakeAgiPeer
    service: AcdService
    sink: RecordingSink
    allowed: set[str]
    transcribed: list[tuple[str, str]]

    @property
    def facts(self) -> list[Fact]:
        return [record.fact for record in self.sink.records]

    def seen(self, kind: type[Fact]) -> list[Fact]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    async def audio(self, count: int = 1) -> FakeAudioPeer:
        """The `count`-th stream."""
        await eventually(lambda: len(self.peer.audio) >= count, 20)
        return self.peer.audio[count - 1]

    async def hears(self, hz: float, count: int = 1, for_: float = 0.2, since: int = 0) -> None:
        audio = await self.audio(count)
        await eventually(lambda: heard_for(audio, hz, since) >= for_, 30)

    async def presses(self, keys: str, count: int = 1) -> None:
        audio = await self.audio(count)
        for key in keys:
            audio.press(key)

    async def over(self) -> None:
        await asyncio.wait_for(self.peer.closed.wait(), 40)


def heard_for(audio: FakeAudioPeer, hz: float, since: int = 0) -> float:
    frames = [np.frombuffer(frame, "<i2") / 32768 for _, frame in audio.heard[since:]]
    return 0.02 * sum(bool(np.any(frame)) and share(Sound(frame, 8000), hz) > 0.5 for frame in frames)


@asynccontextmanager
async def room(
    folder: Path,
    promise: WorkKind = WorkKind.VOICEMAIL,
    messages: int = 1,
    caller: str = "0501234567",
    variables: Mapping[str, str] | None = None,
    *,
    note: bool = False,
) -> AsyncIterator[Room]:
    (folder / "uk").mkdir(parents=True, exist_ok=True)
    for prompt, hz in PROMPTS.items():
        write_tone(folder / "uk" / f"{prompt}.wav", hz, 0.3)
    streams, store = AudioSocketServer(), MemoryRecordings()
    await streams.start()
    sounds = Sounds(
        streams=streams,
        listener=Listener(streams, None),
        recorder=Recorder(streams),
        catalogue=Catalogue(folder, ["uk"]),
        store=store,
        drafts=Drafts(folder / "drafts"),
        voice=VoiceSettings(),
    )
    clock = Clock()
    service = AcdService(Center(SETTINGS, clock.now()), MemoryJournal(), clock)
    sink, switch, allowed = RecordingSink(), Switch(service), {"0501234567"}
    transcribed: list[tuple[str, str]] = []
    service.add_sink(sink)
    service.attach(switch)
    house = House(
        service=service,
        sounds=sounds,
        language=lambda: "uk",
        dialable=lambda number: number if number in allowed else "",
        line_number=lambda line: "100",
        topics=lambda queue: TOPICS,
        departments=lambda queue: DEPARTMENTS,
        transcribe=lambda recording, language: transcribed.append((recording, language)),
    )
    desk = switch.desk = WorkDesk(house)
    desk.control = switch
    running = asyncio.create_task(service.run())
    server = FastAgiServer("127.0.0.1", 0, {"work": desk.take})
    await server.start()
    try:
        await asyncio.sleep(0)
        for number in range(max(1, messages)):
            sound = tone((FIRST, SECOND)[number], 6.0)
            id_ = "" if promise is WorkKind.CALL_BACK else await saved(store, sound)
            service.post(promised(service, promise, number, id_, caller))
        if note:
            spoken, work = await saved(store, tone(SECOND, 2.0)), WorkId(1)
            service.post(
                NoteSpoken(at=service.now(), operator=OLENA, work=work, recording=spoken, seconds=2.0)
            )
        service.post(e.PhoneReachable(at=service.now(), operator=OLENA, reachable=True))
        service.post(e.OperatorLoggedIn(at=service.now(), operator=OLENA))
        peer = FakeAgiPeer(server.port, "work", uniqueid=CHANNEL, channel="PJSIP/701-00000001")
        peer.variables |= {"VERSION()": "22.10.0", **(variables or {})}
        async with peer:
            yield Room(peer, service, sink, allowed, transcribed)
    finally:
        await server.close(2)
        await streams.close()
        await sounds.drafts.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def saved(store: MemoryRecordings, sound: bytes) -> str:
    return await store.save(
        "c1", "message", sound, transcript="", confidence=0.0, language="uk", at=datetime.now(UTC)
    )


def promised(service: AcdService, kind: WorkKind, number: int, id_: str, caller: str) -> WorkPromised:
    return WorkPromised(
        at=service.now(),
        token=f"c{number}/1",
        promise=kind,
        queue=CLAIMS,
        caller=caller,
        language="uk",
        recording=id_,
        seconds=6.0 if id_ else 0.0,
    )


def dial_ends(peer: FakeAgiPeer, status: str, reach: str = "") -> None:
    """What becomes of the next EXEC Dial."""

    def dialled(words: list[str]) -> str:
        peer.variables |= {"DIALSTATUS": status, "ANSWEREDTIME": "0", REACH: reach}
        return "200 result=0"

    peer.answers["EXEC Dial"] = dialled


async def test_a_message_is_heard_and_closed_with_a_topic(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.hears(FIRST)
        await here.presses("6")
        await here.presses("2")
        await here.hears(1500.0)
        await here.over()
        (closed,) = here.seen(w.WorkClosed)
        assert isinstance(closed, w.WorkClosed)
        assert (closed.end, closed.topic, closed.operator) == (WorkEnd.HANDLED, "bill", OLENA)
        assert here.peer.variables["DZVIN_DONE"] == "1"


async def test_pause_back_faster_and_the_next_message(tmp_path: Path) -> None:
    async with room(tmp_path, messages=2) as here:
        audio = await here.audio()
        await here.hears(FIRST, for_=1.0)
        await here.presses("1")
        at = len(audio.heard)
        await eventually(lambda: len(audio.heard) > at + 30, 20)
        assert heard_for(audio, FIRST, at) < 0.2, "paused"
        await here.presses("1")
        await here.hears(FIRST, since=len(audio.heard))
        before = heard_for(audio, FIRST)
        await here.presses("2")
        await here.presses("3")
        await here.hears(1700.0)  # the menu: the whole message from its beginning, in two thirds of its time
        assert 3.5 < heard_for(audio, FIRST) - before < 5.2
        await here.presses("4")
        await here.hears(SECOND)
        here.peer.hang_up()


async def test_a_message_is_forwarded_to_a_department(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.hears(FIRST)
        await here.presses("71")
        await here.over()
        (passed,) = here.seen(w.WorkForwarded)
        assert isinstance(passed, w.WorkForwarded)
        assert passed.department == "network"
        assert not here.seen(w.WorkNoted), "nothing was said"


async def forwards_and_speaks(here: Room, seconds: float) -> None:
    """Until 1.5 s of a note for the department are said."""
    await here.hears(FIRST)
    await here.presses("71")
    await here.hears(BEEP, for_=0.1)
    audio = await here.audio()
    at = len(audio.heard)
    await eventually(lambda: any(not any(frame) for _, frame in audio.heard[at:]), what="the beep is over")
    audio.say(voice(seconds))
    await eventually(lambda: len(audio.said_at) >= 75, 20)


async def test_a_note_for_the_department_is_kept_by_its_key(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await forwards_and_speaks(here, 1.5)
        await here.presses("#")
        await here.hears(2100.0)
        await here.over()
        (note,) = here.seen(w.WorkNoted)
        assert isinstance(note, w.WorkNoted)
        assert note.operator == OLENA
        assert 1.0 < note.seconds < 2.5
        assert here.transcribed == [(note.recording, "uk")]
        item = here.service.center.state.work[note.work]
        assert [message.by for message in item.messages] == [None, OLENA]


async def test_whoever_hangs_up_in_a_note_has_said_enough(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await forwards_and_speaks(here, 3.0)
        here.peer.hang_up()
        await eventually(lambda: bool(here.seen(w.WorkNoted)), 20)
        assert len(here.seen(w.WorkForwarded)) == 1


async def test_a_colleagues_note_is_heard_after_the_message(tmp_path: Path) -> None:
    async with room(tmp_path, note=True) as here:
        await here.hears(FIRST)
        await here.presses("4")
        await here.hears(2300.0, for_=0.1)
        await here.hears(SECOND)
        here.peer.hang_up()


async def test_a_note_on_a_call_back_is_heard_before_it_is_dialled(tmp_path: Path) -> None:
    async with room(tmp_path, WorkKind.CALL_BACK, note=True) as here:
        dial_ends(here.peer, "ANSWER", Reach.TALKED)
        await here.hears(2300.0, for_=0.1)
        await here.hears(SECOND, for_=1.5)
        await here.over()
        assert any(words[:2] == ["EXEC", "Dial"] for words in here.peer.commands)


async def test_a_choice_that_is_none_changes_nothing(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.hears(FIRST)
        await here.presses("79")
        await here.hears(FIRST, for_=1.0)
        await here.presses("60")
        await here.over()
        (closed,) = here.seen(w.WorkClosed)
        assert isinstance(closed, w.WorkClosed)
        assert closed.topic == ""


async def test_handed_back_it_waits_again(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.hears(FIRST)
        await here.presses("8")
        await here.over()
        assert len(here.seen(w.WorkReturned)) == 1
        assert not here.seen(w.WorkClosed)


async def test_an_operator_who_presses_nothing_is_hung_up_and_it_comes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "KEY_WITHIN", 0.1)
    async with room(tmp_path) as here:
        await here.over()
        assert not here.seen(w.WorkClosed)
        assert here.peer.commands[-1] == ["HANGUP"]


async def test_calling_from_the_leg_says_why_not_reached_and_goes_on(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        dial_ends(here.peer, "BUSY")
        await here.hears(FIRST)
        await here.presses("5")
        await here.hears(1900.0, count=2)
        (dialled,) = [words for words in here.peer.commands if words[:2] == ["EXEC", "Dial"]]
        assert dialled[2] == "Local/0501234567@dzvin-transfer/n,7,rgU(dzvin-asked)"
        assert [fact.reach for fact in here.seen(w.CustomerTried) if isinstance(fact, w.CustomerTried)] == [
            Reach.BUSY
        ]
        await here.presses("61", count=2)
        await here.over()
        assert len(here.seen(w.WorkClosed)) == 1


@pytest.mark.parametrize("caller", ["0509999999", ""])
async def test_a_number_that_may_not_be_called_is_never_dialled(tmp_path: Path, caller: str) -> None:
    async with room(tmp_path, caller=caller) as here:
        await here.hears(FIRST)
        await here.presses("5")
        await here.audio(2)
        await here.presses("60", count=2)
        await here.over()
        assert not [words for words in here.peer.commands if words[:2] == ["EXEC", "Dial"]]


async def test_a_call_back_is_dialled_by_itself_after_the_preview(tmp_path: Path) -> None:
    async with room(tmp_path, WorkKind.CALL_BACK) as here:
        dial_ends(here.peer, "NOANSWER")
        await here.over()
        reaches = [fact.reach for fact in here.seen(w.CustomerTried) if isinstance(fact, w.CustomerTried)]
        assert reaches == [Reach.NO_ANSWER]


async def test_a_call_that_another_server_began_is_told_of_and_not_made_again(tmp_path: Path) -> None:
    began = {DIALLING: "work-1-1", "DIALSTATUS": "BUSY"}
    async with room(tmp_path, WorkKind.CALL_BACK, variables=began) as here:
        await here.over()
        reaches = [fact.reach for fact in here.seen(w.CustomerTried) if isinstance(fact, w.CustomerTried)]
        assert reaches == [Reach.BUSY]
        assert not [words for words in here.peer.commands if words[:2] == ["EXEC", "Dial"]]
