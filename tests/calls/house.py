"""A whole centre for tests: a real Asterisk, the server, and softphones that send tones of their own.

Every prompt is a tone, so that a recording tells what was played to whom.
"""

import asyncio
import itertools
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from acd.core.events import OperatorLoggedIn, OperatorLoggedOut, OperatorReady
from acd.core.facts import Fact, Record
from acd.core.words import OperatorId
from ivr.app import Server, build
from ivr.asterisk.instance import AsteriskInstance
from ivr.asterisk.instance_ports import free_addresses
from ivr.config import Settings, load_settings
from ivr.dialplan.loader import load
from ivr.dialplan.recordings import spoken_by_itself
from ivr.free_ports import take_ports
from ivr.own_asterisk import own_asterisk, phones
from ivr.secrets import Secrets
from ivr.softphone.phone import Answer, Kind, Softphone
from ivr.softphone.tone import write_tone
from tests import sound
from tests.instance_asterisk import asterisk_program
from tests.machine import ran_for, stood_still
from tests.real import need

PROJECT = Path(__file__).resolve().parents[2]
MUSIC, MENU, NEWS, WHISPER, CODE, BYE, THANKS, SORRY = (
    350.0,
    620.0,
    740.0,
    1500.0,
    880.0,
    930.0,
    1130.0,
    530.0,
)
PROMPTS = (MUSIC, MENU, NEWS, WHISPER, CODE, BYE, THANKS, SORRY)
CALLERS = {"caller1": 440.0, "caller2": 2000.0, "caller3": 2500.0}
OPERATORS = {"701": 1000.0, "702": 1250.0}
OLENA, TARAS = OperatorId("olena"), OperatorId("taras")
PHONE_OF = {OLENA: "701", TARAS: "702"}
WRAP_UP_FOR, WHISPER_FOR = 1.0, 4.0
AT_ONCE = 2.5
"""Seconds; less than a ring, a whisper, or any time after which something would end by itself."""
BY_HAND = "280"
"""The line of a queue whose operators have time: to answer by hand, and after the talk."""

PLAN = """
center:
  languages: [uk]
  operator: ask
  otherwise: ask
  fallback-number: 702
  allowed-numbers: [70X]
lines:
  main: { name: { uk: Main }, numbers: [100], start: menu }
  direct: { name: { uk: Direct }, numbers: [200], start: ask }
  whispered: { name: { uk: Whispered }, numbers: [210], start: ask-whispered }
  announced: { name: { uk: Announced }, numbers: [220], start: ask-announced }
  small: { name: { uk: Small }, numbers: [230], start: ask-small }
  impatient: { name: { uk: Impatient }, numbers: [240], start: ask-impatient }
  transferred: { name: { uk: Transferred }, numbers: [250], start: call-taras }
  remembered: { name: { uk: Remembered }, numbers: [260], start: ask-remembered }
  skilled: { name: { uk: Skilled }, numbers: [270], start: ask-skilled }
  by-hand: { name: { uk: By hand }, numbers: [280], start: ask-by-hand }
steps:
  menu: { menu: menu, keys: { 1: ask, 2: ask-whispered, 3: call-taras, 4: news }, wait: 4 s }
  news: { play: news, then: menu }
  ask: { queue: plain, after-talk: thanks, leave-keys: { "*": menu }, if-nobody-logged-in: nobody }
  ask-whispered: { queue: plain, whisper: whisper, after-talk: thanks, if-nobody-logged-in: nobody }
  ask-announced: { queue: by-hand, announce: { every: 20 s, say: [news], position: true } }
  ask-small: { queue: small, if-full: nobody }
  ask-impatient: { queue: impatient, if-waited-too-long: nobody }
  ask-remembered: { queue: remembered }
  ask-skilled: { queue: skilled }
  ask-by-hand: { queue: by-hand, leave-keys: { "*": menu } }
  call-taras: { transfer: 702, ring: 5 s, if-not-answered: nobody, after-talk: thanks }
  thanks: { hang-up: [thanks] }
  nobody: { hang-up: [sorry] }
queues:
  plain:
    name: { uk: Plain }
    ring: 3 s
    wrap-up: 1 s
    nobody-grace: 2 s
    after-miss:
      no-answer: { set-aside: 1 s }
      busy: { set-aside: 1 s }
      rejected: { set-aside: 1 s }
      unreachable: { set-aside: 1 s }
      leg-lost: { set-aside: 1 s }
  by-hand: { name: { uk: By hand }, ring: 15 s, wrap-up: 8 s }
  small: { name: { uk: Small }, ring: 3 s, wrap-up: 0 s, max-waiting: 1, leave-if-nobody-logged-in: false }
  impatient: { name: { uk: Impatient }, max-wait: 5 s, leave-if-nobody-logged-in: false }
  remembered: { name: { uk: Remembered }, wrap-up: 0 s, last-operator: 1 h, leave-if-nobody-logged-in: false }
  skilled:
    name: { uk: Skilled }
    skills: { parcels: { level: 5, relax: [{ after: 5 s, level: 1 }] } }
    wrap-up: 0 s
skills:
  parcels: { uk: Parcels }
break-reasons:
  lunch: { uk: Lunch }
  pause: { uk: Pause }
operators:
  olena:
    name: { uk: Olena }
    phone: { number: 701, kind: baresip }
    skills: { parcels: 9 }
    queues: [plain, by-hand, small, impatient, remembered, skilled]
  taras:
    name: { uk: Taras }
    phone: { number: 702, kind: generic }
    skills: { parcels: 2 }
    queues: [plain, by-hand, small, impatient, remembered, skilled]
"""

_SHORT = 0.4
_TONES: dict[str, tuple[float, float]] = {
    "menu": (MENU, _SHORT),
    "news": (NEWS, 8.0),
    "whisper": (WHISPER, WHISPER_FOR),
    "thanks": (THANKS, 1.0),
    "sorry": (BYE, 1.0),
    "goodbye": (BYE, 0.6),
    "line-unknown": (BYE, 0.6),
    "apology": (SORRY, 1.5),
    "system-away": (SORRY, 1.5),
    "system-away-no-fallback": (SORRY, 1.5),
}
_CODES = (
    "logged-in logged-out ready break break-lunch break-pause wrap-up-prolonged wrap-up-ended next-lunch "
    "next-pause next-break next-log-out unknown-code not-allowed unknown-phone failed test-call"
)
_names = itertools.count(1)
F = TypeVar("F", bound=Fact)


def write_files(folder: Path) -> None:
    """Dialplan, prompts and music."""
    tones = dict.fromkeys(spoken_by_itself(), (MENU, _SHORT)) | _TONES
    tones |= {f"op-{code}": (CODE, 0.6) for code in _CODES.split()}
    tones |= {f"position-{place}": (NEWS, _SHORT) for place in (*range(1, 11), "many")}
    write_plan(folder, PLAN)
    write_prompts(folder / "prompts" / "uk", tones)
    (folder / "music" / "default").mkdir(parents=True)
    write_tone(folder / "music" / "default" / "tone.wav", MUSIC, 20.0)


def write_plan(folder: Path, plan: str) -> None:
    (folder / "plan").mkdir(parents=True)
    (folder / "plan" / "all.yaml").write_text(plan, encoding="utf-8")


def write_prompts(
    spoken: Path,
    tones: Mapping[str, tuple[float, float]],
    write: Callable[[Path, float, float], Path] = write_tone,
) -> None:
    """`tones`: hertz and seconds of each prompt."""
    written: dict[tuple[float, float], Path] = {}
    for prompt, tone in tones.items():
        path = spoken / f"{prompt}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        if tone in written:
            path.hardlink_to(written[tone])
        else:
            written[tone] = write(path, *tone)


def settings_in(folder: Path, **more: Any) -> Settings:
    addresses = free_addresses()
    return load_settings(
        dialplans=folder / "plan",
        prompts=folder / "prompts",
        music=folder / "music",
        run_folder=folder / "run",
        sip_port=addresses.sip_port,
        ami_port=addresses.ami_port,
        fastagi_port=addresses.fastagi_port,
        rtp_first=addresses.rtp_first,
        rtp_last=addresses.rtp_last,
        http_port=take_ports(1),  # not among those of free_addresses
        asterisk_name=f"calls-{os.getpid()}-{next(_names)}",
        log_level="debug",
        **({"fallback_after": 60} | more),  # a server that is killed is awaited
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """For a server in a process of its own."""
    return {**os.environ, **{f"DZVIN_{name.upper()}": str(value) for name, value in fixed(settings).items()}}


def fixed(settings: Settings) -> dict[str, object]:
    """What differs from the defaults."""
    return {name: getattr(settings, name) for name in settings.model_fields_set}


class House:
    """Asterisk, server and phones; `facts` has every fact since the server of this process began."""

    def __init__(self, folder: Path, furnish: Callable[[Path], None] = write_files, **settings: Any) -> None:
        need("baresip")
        asterisk_program()
        furnish(folder)
        self.folder = folder
        self.settings = settings_in(folder, **settings)
        self.loaded = load(self.settings.dialplans, self.settings.prompts)
        self.asterisk: AsteriskInstance = own_asterisk(self.settings, self.loaded)
        self.asterisk.conf = replace(self.asterisk.conf, own_music=True)
        self.server: Server | None = None
        self.process: asyncio.subprocess.Process | None = None
        self.facts: list[Fact] = []
        self.phones: dict[str, Softphone] = {}
        self._old: set[Path] = set()
        """Recordings of earlier tests."""
        accounts = phones(self.loaded, Secrets(self.settings.secrets_folder))
        self._passwords = {account.name: account.password for account in accounts}

    async def start(self) -> None:
        await self.asterisk.start()
        await self.start_server()

    async def start_server(self) -> None:
        """In this process."""
        await self.start_without_link()
        await self.running.ami.until_ready(10)

    async def start_without_link(self) -> Server:
        """The same, and do not wait for AMI."""
        self.server = await build(self.settings)
        self.server.add_sink(self._keep)
        await self.server.start()
        return self.server

    async def start_process(self) -> None:
        """In a process of its own, which can be killed."""
        log = (self.folder / "server.log").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ivr.cli", "serve"),
            cwd=PROJECT,
            env=environment_of(self.settings),
            stdout=log,
            stderr=log,
        )

    async def until_up(self, within: float = 40.0) -> None:
        """The server in its own process takes calls: FastAGI is what it opens last."""
        deadline = time.monotonic() + within
        while not await self._takes_calls():
            assert time.monotonic() < deadline, "the server does not come up"
            await asyncio.sleep(0.05)

    async def _takes_calls(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.settings.fastagi_port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    async def kill_process(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def stop_server(self) -> None:
        if self.server is not None:
            await self.server.stop()
            self.server = None

    async def stop(self) -> None:
        for phone in self.phones.values():
            await phone.stop()
        await self.stop_server()
        if self.process is not None and self.process.returncode is None:
            await self.kill_process()
        await self.asterisk.stop(remove=True)

    def _keep(self, records: Sequence[Record]) -> None:
        self.facts.extend(record.fact for record in records)

    @property
    def running(self) -> Server:
        assert self.server is not None
        return self.server

    # Phones

    async def phone(self, name: str, answer: Answer = Answer.BY_HEADER) -> Softphone:
        """Registered, with nothing to do."""
        found = self.phones.get(name)
        if found is None or found.pid is None:
            found = self.phones[name] = self.new_phone(name, {**CALLERS, **OPERATORS}[name])
            await found.start()
            await found.register()
        found.answer = answer
        return found

    def new_phone(self, name: str, tone: float | None, **more: Any) -> Softphone:
        """Not started; the house does not look after it."""
        folder = self.folder / "phones" / f"{name}-{next(_names)}"
        return Softphone(name, self._passwords[name], self.settings.sip_port, folder, tone, **more)

    async def operator(self, operator: OperatorId, answer: Answer = Answer.BY_HEADER) -> Softphone:
        """At work: phone reachable, logged in, idle."""
        phone = await self.phone(PHONE_OF[operator], answer)
        await self.until(lambda: self.view_of(operator).reachable, what="phone reachable")
        if self.view_of(operator).status != "available":
            service = self.running.service
            outcome = await service.ask(OperatorLoggedIn(at=service.now(), operator=operator))
            assert outcome.refusal is None
        await self.until(lambda: self.view_of(operator).activity == "idle", what="operator idle")
        return phone

    async def clear(self) -> None:
        """Everybody hangs up and logs out, so that the next test finds an empty house."""
        for phone in self.phones.values():
            await hang_up(phone)
        service = self.running.service
        await self.until(lambda: not service.view().calls and not len(self.running.desk), 15, "calls end")
        for operator in PHONE_OF:
            for event in (OperatorReady, OperatorLoggedOut):
                await service.ask(event(at=service.now(), operator=operator))
        self.facts.clear()
        self._old = {path for phone in self.phones.values() for path in phone.recordings()}

    # What happens

    def view_of(self, operator: OperatorId) -> Any:
        return next(view for view in self.running.view().operators if view.id == operator)

    async def until(self, condition: Callable[[], Any], within: float = 10.0, what: str = "") -> Any:
        """The condition's value as soon as it is true, within so many seconds of a running machine."""
        began = time.monotonic()
        while not (value := condition()):
            if ran_for(began) > within:
                raise AssertionError(f"not within {within} s: {what or condition}\n{self.story()}")
            await asyncio.sleep(0.01)
        return value

    def seen(self, kind: type[F], **fields: Any) -> list[F]:
        """Facts of this kind with these fields."""
        return [
            fact
            for fact in self.facts
            if isinstance(fact, kind) and all(getattr(fact, k) == v for k, v in fields.items())
        ]

    async def fact(self, kind: type[F], within: float = 10.0, count: int = 1, **fields: Any) -> F:
        """The `count`-th fact of this kind, when it comes."""
        await self.until(lambda: len(self.seen(kind, **fields)) >= count, within, f"{kind.__name__} {fields}")
        return self.seen(kind, **fields)[count - 1]

    def stood_still(self, since: float, until: float) -> float:
        """Seconds in which the machine stood still between two times of facts."""
        ahead = self.running.service.now() - time.monotonic()
        return stood_still(since - ahead, until - ahead)

    def story(self) -> str:
        return "\n".join(str(fact) for fact in self.facts[-40:])

    async def hears(self, phone: Softphone, hz: float, for_s: float = 0.4, within: float = 8.0) -> None:
        """The tone arrives at this phone, in this test."""
        try:
            await self.until(
                lambda: self.heard_for(phone, hz) >= for_s, within, f"{phone.name} hears {hz} Hz"
            )
        except AssertionError as silent:
            raise AssertionError(f"{silent}\n{self._sounds(phone)}") from None

    def heard_for(self, phone: Softphone, hz: float) -> float:
        """Seconds of the tone in all recordings of this test."""
        return sum(sound.heard_for(path, hz) for path in self._new(phone))

    def _new(self, phone: Softphone) -> list[Path]:
        """A phone renames a recording when its call ends: it may be gone in the next moment."""
        return [path for path in phone.recordings() if path not in self._old and path.exists()]

    def _sounds(self, phone: Softphone) -> str:
        tones = [*CALLERS.values(), *OPERATORS.values(), *PROMPTS]
        return "\n".join(f"{path.name}: {sound.timeline(path, tones)}" for path in self._new(phone))


async def hang_up(phone: Softphone) -> None:
    """If there is a call."""
    if phone.pid is None:
        return
    open_calls = {event.call_id for event in phone.events if event.call_id}
    open_calls -= {event.call_id for event in phone.events if event.kind is Kind.CLOSED}
    for _ in open_calls:
        await phone.hang_up()
