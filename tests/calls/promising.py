"""A centre that promises, for tests: messages, call-backs, and customers whose phones can be called.

Customers have phones of the house (711 to 716), for those may be dialled. Every prompt is a tone.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from acd.core.events import OperatorLoggedIn, OperatorLoggedOut, OperatorReady, SettingsChanged
from acd.core.facts import Fact
from acd.core.words import OperatorId
from acd.core.work import Reach
from acd.core.work_events import WorkCalledOff
from acd.storage import open_reader
from ivr.dialplan.recordings import spoken_by_itself
from ivr.flow.work_prompts import CallBackPrompt, CallTimePrompt, VoicemailPrompt
from ivr.media.spoken import all_fragments
from ivr.softphone.phone import Answer, Softphone
from ivr.softphone.tone import write_short_tone
from tests.calls.house import hang_up, write_plan, write_prompts
from tests.calls.speaking import SpeakingHouse

WELCOME, REVIEW, KEPT, CONFIRM, TITLE, MENU, OVER, CLOSED, FORWARDED, NONE, BUSY, PROMISED, NUMBER = (
    500.0 + 100.0 * step for step in range(13)
)
BEEP = 1400.0
NOTE, NOTED = 1900.0, 2100.0
OTHER, SHORT = 2300.0, 0.3
OLENA, TARAS = OperatorId("olena"), OperatorId("taras")
CUSTOMERS = ("711", "712", "713", "714", "715", "716")
VOICES = {"701": 2500.0, "702": 2700.0, **{name: 2900.0 + 100 * at for at, name in enumerate(CUSTOMERS)}}
"""What each phone says when it says nothing else, hertz: operators and customers hear each other."""
T = TypeVar("T", bound=Fact)

PLAN = """
center: { languages: [uk], operator: lost, otherwise: lost, allowed-numbers: [7XX], limits: { silences: 9 } }
lines:
  leave: { name: { uk: Leave }, numbers: [100], start: message }
  ask: { name: { uk: Ask }, numbers: [110], start: call-me }
  first: { name: { uk: First }, numbers: [120], start: call-me-first }
  wait: { name: { uk: Wait }, numbers: [130], start: wait }
  wait-first: { name: { uk: Wait first }, numbers: [140], start: wait-first }
  patient: { name: { uk: Patient }, numbers: [150], start: call-me-later }
  early: { name: { uk: Early }, numbers: [160], start: call-me-early }
steps:
  call-me-later: { call-back: patient }
  call-me-early: { call-back: early }
  message: { voicemail: claims, longest: 30 s, end-after: 2 s, wait: 3 s, shortest: 0.5 s, tries: 1 }
  call-me: { call-back: claims, if-failed: lost, if-refused: lost }
  call-me-first: { call-back: ahead, if-failed: lost, if-refused: lost }
  wait: { queue: claims, leave-keys: { 1: call-me } }
  wait-first: { queue: ahead, leave-keys: { 1: call-me-first } }
  lost: { hang-up: lost }
queues:
  claims:
    name: { uk: Claims }
    ring: 4 s
    wrap-up: 0 s
    leave-if-nobody-logged-in: false
    after-miss: { unreachable: { set-aside: 30 s }, no-answer: { set-aside: 30 s } }
    call-back: { quiet-hours: none, ring: 5 s, preview: 1 s, attempts: 3,
        retry-after: { busy: 10 s, no-answer: 10 s, machine: 10 s, failed: 10 s } }
    work: { again: 1 s, share: 1 }
  ahead:
    name: { uk: Ahead }
    ring: 4 s
    wrap-up: 0 s
    leave-if-nobody-logged-in: false
    call-back: { mode: customer-first, quiet-hours: none, ring: 5 s, attempts: 3, hold: 8 s,
        retry-after: { busy: 10 s, no-answer: 10 s, machine: 10 s, failed: 10 s, gave-up: 10 s } }
  patient:
    name: { uk: Patient }
    wrap-up: 0 s
    call-back: { quiet-hours: none, ring: 60 s, preview: 1 s }
  early:
    name: { uk: Early }
    wrap-up: 0 s
    call-back: { mode: customer-first, quiet-hours: none, ring: 60 s, hold: 60 s }
  nobodys: { name: { uk: Nobody's } }
topics: { outage: { uk: Outage }, bill: { uk: Bill } }
departments: { network: { uk: Network }, billing: { uk: Billing } }
operators:
  olena:
    { name: { uk: Olena }, phone: { number: 701, kind: baresip }, queues: [claims, ahead, patient, early] }
  taras:
    { name: { uk: Taras }, phone: { number: 702, kind: baresip }, queues: [claims, ahead, patient, early] }
""" + "".join(
    f"  c{name}: {{ name: {{ uk: C }}, phone: {{ number: {name}, kind: generic }}, queues: [nobodys] }}\n"
    for name in CUSTOMERS
)

_SPOKEN = {
    "voicemail-welcome": WELCOME,
    "voicemail-review": REVIEW,
    "voicemail-review-keys": REVIEW,
    "voicemail-kept": KEPT,
    "call-back-confirm": CONFIRM,
    "work-voicemail-from": TITLE,
    "work-call-back-for": TITLE,
    "work-by-hand": TITLE,
    "work-menu": MENU,
    "work-menu-call-back": MENU,
    "work-message-over": OVER,
    "work-closed": CLOSED,
    "work-forwarded": FORWARDED,
    "work-note": NOTE,
    "work-note-kept": NOTED,
    "work-none": NONE,
    "work-not-reached-busy": BUSY,
    "call-back-promised": PROMISED,
    "call-back-already": PROMISED,
    "call-back-number": NUMBER,
}
_ALSO = (
    "lost work-waited work-topics work-departments work-returned work-failed work-message-number "
    "work-say-note work-not-reached-no-answer work-not-reached-machine work-not-reached-wrong-person "
    "call-back-sorry call-back-welcome apology system-away system-away-no-fallback op-logged-in op-ready"
)


def furnish(folder: Path, _web: str) -> None:
    write_plan(folder, PLAN)
    own = (*VoicemailPrompt, *CallBackPrompt, *CallTimePrompt)
    tones = dict.fromkeys((*spoken_by_itself(), *own, *_ALSO.split()), (OTHER, SHORT))
    tones |= {prompt: (hz, 0.4) for prompt, hz in _SPOKEN.items()}
    tones["call-back-confirm"] = CONFIRM, 1.5  # a key must fall into it, not behind it
    tones |= dict.fromkeys(all_fragments("uk"), (OTHER, 0.06))
    write_prompts(folder / "prompts" / "uk", tones, write_short_tone)
    (folder / "music" / "default").mkdir(parents=True)
    write_short_tone(folder / "music" / "default" / "tone.wav", 350.0, 20.0)


class PromisingHouse(SpeakingHouse):
    """Operators and customers send tones of their own; the server in this process, or in one of its own."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, furnish, **settings)
        self._speaking: list[Softphone] = []

    async def speaking(self, name: str) -> Softphone:
        """Registered, silent until it speaks words."""
        phone = self.phones.get(name)
        if phone is not None and phone not in self._speaking:
            await phone.stop()
            del self.phones[name]
        phone = await self.silent_phone(name)
        self._speaking.append(phone)
        return phone

    async def hurry(self) -> None:
        """From now on attempts follow each other as fast as no dialplan allows."""
        settings = self.running.service.center.settings
        soon = dict.fromkeys(Reach, (0.5,))
        queues = {
            id_: replace(queue, call_back=replace(queue.call_back, retry_after=soon))
            for id_, queue in settings.queues.items()
        }
        changed = SettingsChanged(at=self.running.service.now(), settings=replace(settings, queues=queues))
        await self.running.service.ask(changed)

    async def person(self, name: str, answer: Answer = Answer.AT_ONCE) -> Softphone:
        """Registered, with nothing to do; not the phone that has spoken words before."""
        phone = self.phones.get(name)
        if phone is None or phone in self._speaking:
            if phone is not None:
                await phone.stop()
            phone = self.phones[name] = self.new_phone(name, VOICES[name], longest_call_for=120.0)
            await phone.start()
            await phone.register()
        phone.answer = answer
        return phone

    async def at_work(self, operator: OperatorId, answer: Answer = Answer.AT_ONCE) -> Softphone:
        """Logged in, with the phone registered."""
        phone = await self.person({OLENA: "701", TARAS: "702"}[operator], answer)
        await self.until(lambda: self.view_of(operator).reachable, what="phone reachable")
        service = self.running.service
        await service.ask(OperatorLoggedIn(at=service.now(), operator=operator))
        return phone

    async def nobody_at_work(self) -> None:
        service = self.running.service
        for operator in (OLENA, TARAS):
            for event in (OperatorReady, OperatorLoggedOut):
                await service.ask(event(at=service.now(), operator=operator))

    async def journal(self) -> list[Fact]:
        """Every fact since the house was built, also of servers that were killed."""
        reader = open_reader(self.settings.database, self.settings.run_folder / "journal")
        try:
            return [record.fact async for record in reader.facts_between(0.0, 4e9)]
        finally:
            await reader.close()

    async def journalled(self, kind: type[T]) -> Sequence[T]:
        return [fact for fact in await self.journal() if isinstance(fact, kind)]

    async def settle_everything(self) -> None:
        """Nobody talks, nobody is at work, and no promise is open."""
        for phone in self.phones.values():
            await hang_up(phone)
        await self.nobody_at_work()
        await self.until(lambda: not len(self.running.desk), 15, "calls end")
        service = self.running.service
        for work in list(service.center.state.work):
            await service.ask(WorkCalledOff(at=service.now(), work=work, by="test"))
        await self.until(lambda: not service.center.state.calls, 15, "nobody waits")
        self.facts.clear()

    async def until_journalled(self, kind: type[T], count: int, within: float = 15.0) -> Sequence[T]:
        """So many facts of this kind are on disk."""
        deadline = time.monotonic() + within
        while len(found := await self.journalled(kind)) < count:
            assert time.monotonic() < deadline, f"{len(found)} {kind.__name__} after {within} s"
            await asyncio.sleep(0.1)
        return found
