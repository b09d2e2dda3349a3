"""`dzvin demo`: the shipped post office at work, with real calls and real sound, without owning a phone.

A real Asterisk, the whole server, and baresip softphones as operators and callers. Each phone sends a tone
of its own; at the end the recordings say who heard whom.
"""

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table

from acd.core.facts import CallCompleted, CallLeft, Record
from acd.core.line_report import line_report
from ivr.about import read_dialplan
from ivr.app import Server, build
from ivr.asterisk.instance_ports import free_addresses
from ivr.config import Settings
from ivr.dialplan.loader import Loaded
from ivr.errors import Plain
from ivr.logs import set_up_logs
from ivr.own_asterisk import CALLER_PHONES, own_asterisk, phones
from ivr.reports import breaches, spreads
from ivr.secrets import Secrets
from ivr.softphone.ear import tone_for
from ivr.softphone.phone import Kind, PhoneEvent, Softphone, SoftphoneError
from ivr.softphone.ports import take_ports
from ivr.terminal import reports as terminal
from ivr.terminal.screen import CenterScreen

OPERATORS = 3
TALK_FOR = (3.0, 6.0)
WRAP_UP_FOR = (2.0, 4.0)
"""Then the operator's phone dials *12, before the queue's own wrap-up is over."""
DRAIN_FOR = 15.0
"""After the last call was placed, calls may end for so long."""
HEARD_FOR = 0.5
"""A tone that was heard for so long counts as a voice."""
KEYS = ("10", "20", "30", "112")
"""Language, then the operator; the last one asks for a parcel first."""


class Stage:
    """Phones on one server, and what they do until `until` (monotonic seconds)."""

    def __init__(self, server: Server, folder: Path, until: float) -> None:
        secrets = Secrets(server.settings.secrets_folder)
        self._passwords = {phone.name: phone.password for phone in phones(server.loaded, secrets)}
        self._server, self._folder, self._until = server, folder, until
        self._dice = random.Random(20)  # noqa: S311 - the demo looks the same each time
        self._busy: set[asyncio.Task[None]] = set()
        self.tones: dict[str, float] = {}
        self.phones: dict[str, Softphone] = {}

    async def phone(self, stack: AsyncExitStack, name: str) -> Softphone:
        """Started and registered, with the next tone."""
        self.tones[name] = 500.0 + 230.0 * len(self.tones)
        phone = Softphone(
            name,
            self._passwords[name],
            self._server.settings.sip_port,
            self._folder / name,
            self.tones[name],
            server=self._server.settings.sip_host,
        )
        self.phones[name] = phone
        await stack.enter_async_context(phone)
        await phone.register()
        return phone

    async def work(self, phone: Softphone) -> None:
        """Log in by *10, then answer by header, hang up after a while, and be ready again by *12."""
        await phone.dial("*10")
        await phone.wait_for(Kind.CLOSED, within=20)
        phone.on_event = lambda event: self._end_talk_later(phone, event)

    def _end_talk_later(self, phone: Softphone, event: PhoneEvent) -> None:
        if event.kind is Kind.ESTABLISHED and "*" not in event.peer:
            task = asyncio.create_task(self._end_talk(phone))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def _end_talk(self, phone: Softphone) -> None:
        await asyncio.sleep(self._dice.uniform(*TALK_FOR))
        await phone.hang_up()
        await asyncio.sleep(self._dice.uniform(*WRAP_UP_FOR))
        await phone.dial("*12")

    async def call_again_and_again(self, phone: Softphone, first_after: float) -> None:
        """Dial, press keys, wait and talk, until the time is over."""
        await asyncio.sleep(first_after)
        while time.monotonic() < self._until:
            with suppress(SoftphoneError):
                await self._call(phone)
            await asyncio.sleep(self._dice.uniform(0.5, 2.0))

    async def _call(self, phone: Softphone) -> None:
        seen = len(phone.events)
        await phone.dial("100")
        await phone.wait_for(Kind.ESTABLISHED, since=seen, within=10)
        for key in self._dice.choice(KEYS):
            await asyncio.sleep(self._dice.uniform(0.8, 1.6))
            await phone.press(key)
        left = self._until + DRAIN_FOR - time.monotonic()
        try:
            await phone.wait_for(Kind.CLOSED, since=seen, within=max(1.0, left))
        except SoftphoneError:
            await phone.hang_up()


async def show(settings: Settings, seconds: int) -> int:
    """Run the demo and print its summary; 0 if every talk was heard on both sides."""
    if shutil.which("baresip") is None:
        raise Plain("the demo needs the softphone baresip; start it as ./dzvin demo, which installs it.")
    console = Console(highlight=False)
    demo = _own_settings(settings)
    facts: list[Record] = []
    with (demo.run_folder / "demo.log").open("w", encoding="utf-8") as log:
        set_up_logs(demo, log)
        async with _server(demo, console) as server:
            server.add_sink(lambda records: facts.extend(records))
            stage = Stage(server, demo.run_folder / "phones", time.monotonic() + seconds)
            await _play(stage, server, console)
    _sum_up(facts, server.loaded, console)
    return _hearing(stage, facts, console)


def _own_settings(settings: Settings) -> Settings:
    """Ports and folders of its own, so that it runs beside a live system."""
    folder = settings.run_folder.parent / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise Plain(f"the folder {folder} cannot be written: {error.strerror}.") from None
    addresses = free_addresses()
    ports = {name: getattr(addresses, name) for name in ("sip_port", "ami_port", "fastagi_port")}
    rtp = {"rtp_first": addresses.rtp_first, "rtp_last": addresses.rtp_last}
    own = {
        "run_folder": folder,
        "asterisk_name": "demo",
        "asterisk": "own",
        "database_url": "",
        "mqtt_url": "",
    }
    hosts = {"sip_host": "127.0.0.1", "ami_secret_file": None, "http_port": take_ports(1)}
    return settings.model_copy(update={**ports, **rtp, **own, **hosts})


@asynccontextmanager
async def _server(settings: Settings, console: Console) -> AsyncIterator[Server]:
    console.print("Starting Asterisk and the server ...")
    asterisk = own_asterisk(settings, read_dialplan(settings))
    await asterisk.start()
    try:
        server = await build(settings)
        try:
            await server.start()
            await server.ami.until_ready(10)
            yield server
        finally:
            await server.stop()
    finally:
        await asterisk.stop(remove=True)


async def _play(stage: Stage, server: Server, console: Console) -> None:
    screen = CenterScreen(server.view, title="Dzvin demo", console=console)
    server.add_sink(screen)
    async with AsyncExitStack() as stack:
        watching = asyncio.create_task(screen.run())
        try:
            await _act(stage, server.loaded, stack, screen)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def _act(stage: Stage, loaded: Loaded, stack: AsyncExitStack, screen: CenterScreen) -> None:
    screen.note("Operators' softphones register and log in by dialling *10.")
    people = [await stage.phone(stack, phone.name) for phone in loaded.phones[:OPERATORS]]
    for person in people:
        await stage.work(person)
    screen.note("Callers dial 100, press keys, wait, and talk: every voice is a tone of its own.")
    callers = [await stage.phone(stack, name) for name in CALLER_PHONES]
    async with asyncio.TaskGroup() as group:
        for number, caller in enumerate(callers):
            group.create_task(stage.call_again_and_again(caller, first_after=1.5 * number))


def _sum_up(facts: Sequence[Record], loaded: Loaded, console: Console) -> None:
    report = line_report(facts)
    completed = sum(isinstance(record.fact, CallCompleted) for record in facts)
    left = sum(isinstance(record.fact, CallLeft) for record in facts)
    console.print()
    promise = loaded.settings.talk_within
    terminal.show(terminal.line_report(spreads(report), breaches(report), promise), console)
    console.print(f"\n{completed} talks, {left} callers who left without one.")


def _hearing(stage: Stage, facts: Sequence[Record], console: Console) -> int:
    """A table of who heard whom, from the recordings; 0 if every operator who talked was heard and heard."""
    table = Table(
        "operator's phone", "heard callers", "callers who heard it", title="Sound, from the recordings"
    )
    deaf = 0
    for name in [name for name in stage.phones if name not in CALLER_PHONES]:
        heard = [caller for caller in CALLER_PHONES if _heard(stage, name, caller)]
        heard_by = [caller for caller in CALLER_PHONES if _heard(stage, caller, name)]
        deaf += heard != heard_by
        table.add_row(name, ", ".join(heard) or "-", ", ".join(heard_by) or "-")
    console.print(table)
    talked = any(isinstance(record.fact, CallCompleted) for record in facts)
    return 0 if talked and not deaf else 1


def _heard(stage: Stage, listener: str, speaker: str) -> bool:
    recordings = stage.phones[listener].recordings()
    return any(tone_for(path, stage.tones[speaker]) >= HEARD_FOR for path in recordings)
