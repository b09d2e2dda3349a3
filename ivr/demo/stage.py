"""Phones on one server: operators who answer, callers who press keys and speak, until the time is over."""

import asyncio
import random
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from acd.core.facts import CallConnected, Record
from acd.core.words import CallId
from ivr.app import Server
from ivr.demo.caller import Caller, Spoken
from ivr.demo.roles import Role
from ivr.flow.actions import Ask
from ivr.flow.inputs import Input
from ivr.flow.session import Step
from ivr.media.catalogue import expand
from ivr.own_asterisk import phones
from ivr.secrets import Secrets
from ivr.softphone.control import ControlError
from ivr.softphone.phone import Kind, PhoneEvent, Softphone, SoftphoneError
from ivr.softphone.tone import write_tone
from ivr.softphone.voice import Voice
from ivr.terminal.screen import CenterScreen

TALK_FOR = (3.0, 6.0)
WRAP_UP_FOR = (2.0, 4.0)
"""Then the operator's phone dials *12, before the queue's own wrap-up is over."""
DRAIN_FOR = 30.0
"""After the last call was placed, calls may end for so long."""
_VARIANTS = ("+m3", "+f2")
"""Voices of espeak-ng that the test models were not trained on."""
_WORDS_A_MINUTE = 122


class Stage:
    """Phones on one server, and what they do until `until` (monotonic seconds)."""

    def __init__(self, server: Server, folder: Path, seconds: float, speaks: Sequence[str]) -> None:
        """`speaks`: languages in which callers use words; in the others they press keys."""
        secrets = Secrets(server.settings.secrets_folder)
        self._passwords = {phone.name: phone.password for phone in phones(server.loaded, secrets)}
        self._server, self._folder, self._speaks = server, folder, speaks
        self._seconds, self._until = seconds, 0.0
        self._dice = random.Random(20)  # noqa: S311 - the demo looks the same each time
        self._busy: set[asyncio.Task[None]] = set()
        self._callers: dict[str, Caller] = {}
        self.spoken: list[Spoken] = []
        """All that was said in words, in order."""
        self.tones: dict[str, float] = {}
        self.phones: dict[str, Softphone] = {}
        server.desk.watchers.append(self._step)
        server.add_sink(self._facts)

    @property
    def callers(self) -> tuple[str, ...]:
        return tuple(self._callers)

    async def operator(self, stack: AsyncExitStack, name: str) -> None:
        """A phone that logs in by *10, answers by header, hangs up after a while, is ready again by *12."""
        phone = await self._phone(stack, name, sends_tone=True)
        await phone.dial("*10")
        await phone.wait_for(Kind.CLOSED, within=20)
        phone.on_event = lambda event: self._end_talk_later(phone, event)

    async def caller(self, stack: AsyncExitStack, name: str, screen: CenterScreen) -> None:
        """A phone that is silent until it speaks or talks: its tone would be taken for a voice."""
        phone = await self._phone(stack, name, sends_tone=False)
        self._callers[name] = Caller(
            plan=self._server.desk.shelf.live.plan,
            phone=phone,
            folder=self._folder / name,
            voices=self._voices(len(self._callers)),
            spoken=self.spoken,
            prompt_for=self._prompt_for,
            note=screen.note,
            dice=self._dice,
        )

    async def run(self, roles: Sequence[Sequence[Role]]) -> None:
        """Every caller calls in its roles, in turn, until the time is over and the last calls have ended."""
        self._until = time.monotonic() + self._seconds
        async with asyncio.TaskGroup() as group:
            for number, (caller, its) in enumerate(zip(self._callers.values(), roles, strict=False)):
                group.create_task(self._call_again_and_again(caller, its, first_after=1.5 * number))

    async def _phone(self, stack: AsyncExitStack, name: str, sends_tone: bool) -> Softphone:
        """Started and registered, with the next tone."""
        self.tones[name] = 500.0 + 230.0 * len(self.tones)
        phone = Softphone(
            name,
            self._passwords[name],
            self._server.settings.sip_port,
            self._folder / name,
            self.tones[name] if sends_tone else None,
            server=self._server.settings.sip_host,
        )
        self.phones[name] = phone
        await stack.enter_async_context(phone)
        await phone.register()
        return phone

    def _voices(self, number: int) -> Mapping[str, Voice]:
        variant = _VARIANTS[number % len(_VARIANTS)]
        return {language: Voice(language, variant, _WORDS_A_MINUTE) for language in self._speaks}

    def _prompt_for(self, step: Step) -> float:
        """How long the question is, in seconds."""
        ears, language = self._server.equipment.ears, step.session.language
        if ears is None:
            return 0.0
        said = [part for action in step.actions if isinstance(action, Ask) for part in action.said]
        return sum(ears.catalogue.seconds(prompt, language) or 0.0 for prompt in expand(said, language))

    def _start(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    # What happens

    def _step(self, call: CallId, given: Input, step: Step) -> None:
        caller = self._callers.get(step.session.caller)
        if caller is not None:
            caller.told(call, given, step)

    def _facts(self, records: Sequence[Record]) -> None:
        for record in records:
            if isinstance(record.fact, CallConnected):
                for caller in self._callers.values():
                    if caller.call == record.fact.call:
                        self._start(self._send_tone(caller.phone))

    async def _send_tone(self, phone: Softphone) -> None:
        path = self._folder / phone.name / "tone.wav"
        await asyncio.to_thread(write_tone, path, self.tones[phone.name], TALK_FOR[1] + DRAIN_FOR)
        with suppress(SoftphoneError, ControlError):
            await phone.say(path)

    def _end_talk_later(self, phone: Softphone, event: PhoneEvent) -> None:
        if event.kind is Kind.ESTABLISHED and "*" not in event.peer:
            self._start(self._end_talk(phone))

    async def _end_talk(self, phone: Softphone) -> None:
        with suppress(ControlError):
            await asyncio.sleep(self._dice.uniform(*TALK_FOR))
            await phone.hang_up()
            await asyncio.sleep(self._dice.uniform(*WRAP_UP_FOR))
            await phone.dial("*12")

    async def _call_again_and_again(self, caller: Caller, roles: Sequence[Role], first_after: float) -> None:
        await asyncio.sleep(first_after)
        turn = 0
        while time.monotonic() < self._until:
            caller.role = roles[turn % len(roles)]
            turn += 1
            with suppress(SoftphoneError):
                await self._call(caller.phone, caller.role.dials)
            caller.stop()
            await asyncio.sleep(self._dice.uniform(0.5, 2.0))

    async def _call(self, phone: Softphone, number: str) -> None:
        """Dial, answer what is asked, wait and talk."""
        seen = len(phone.events)
        await phone.dial(number)
        await phone.wait_for(Kind.ESTABLISHED, since=seen, within=10)
        left = self._until + DRAIN_FOR - time.monotonic()
        try:
            await phone.wait_for(Kind.CLOSED, since=seen, within=max(1.0, left))
        except SoftphoneError:
            await phone.hang_up()
