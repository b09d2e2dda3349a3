"""A caller of the demo: a softphone that answers the dialogue's questions by its role.

It is told of the questions by the server, not by ear: what a person would understand of a prompt, it knows.
What it says, and all that the server knows of that, is sound.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from acd.core.words import CallId
from ivr.demo.roles import Reply, Role, question_of
from ivr.flow import inputs, session
from ivr.flow.inputs import Input
from ivr.flow.model import Dialplan
from ivr.flow.session import Session, Step
from ivr.softphone.control import ControlError
from ivr.softphone.ear import sound_until
from ivr.softphone.phone import Softphone, SoftphoneError
from ivr.softphone.voice import Voice

_THINKS_FOR = (1.0, 1.6)
"""Seconds from a question's beginning, or from its end, to the answer."""
_NO_WORDS: Mapping[type[Input], str] = {
    inputs.Silence: "(nothing)",
    inputs.SpokeTooLong: "(too long)",
    inputs.RecogniserBusy: "(no free stream)",
    inputs.RecogniserDead: "(recogniser failed)",
    inputs.KeyPressed: "(a key)",
    inputs.KeysEntered: "(keys)",
}


@dataclass(slots=True)
class Spoken:
    """One answer in words, and what became of it. Times: monotonic seconds."""

    phone: str
    language: str
    words: str
    over_prompt: bool
    ended_at: float
    """When the last sound of the words left the phone."""
    heard: str | None = None
    """None: the call ended before."""
    confidence: float = 0.0
    led: str = ""
    """The way in the dialogue."""
    took_for: float | None = None
    """From the end of the words until the server began what follows."""
    understood: bool = False
    """They led where the keys for them would have led."""


@dataclass(slots=True)
class Caller:
    """`prompt_for`: how long a step's question is, seconds."""

    plan: Dialplan
    phone: Softphone
    folder: Path
    voices: Mapping[str, Voice]
    """By language, of those that are understood."""
    spoken: list[Spoken]
    """What it says is added to this one."""
    prompt_for: Callable[[Step], float]
    note: Callable[[str], None]
    dice: random.Random
    role: Role | None = None
    call: CallId | None = None
    """The latest."""
    _reply: asyncio.Task[None] | None = field(default=None, repr=False)
    _open: Spoken | None = field(default=None, repr=False)
    """Waits for what the server makes of it."""
    _by_keys: Session | None = field(default=None, repr=False)
    """What the keys would have led to."""

    def told(self, call: CallId, given: Input, step: Step) -> None:
        """The dialogue has gone a step."""
        now = asyncio.get_running_loop().time()
        self.call = call
        self._close(given, step, now)
        self.stop()
        reply = self.role.replies.get(question_of(step.session.state)) if self.role is not None else None
        if reply is not None:
            self._reply = asyncio.create_task(self._answer(reply, step), name=f"{self.phone.name} answers")

    def stop(self) -> None:
        """Say no more."""
        if self._reply is not None:
            self._reply.cancel()

    def _close(self, given: Input, step: Step, now: float) -> None:
        spoken, self._open = self._open, None
        if spoken is None:
            return
        if isinstance(given, inputs.Heard):
            spoken.heard, spoken.confidence = given.text, given.confidence
            spoken.understood = self._by_keys is not None and same_way(step.session, self._by_keys)
        else:
            spoken.heard = _NO_WORDS.get(type(given), "(the call ended)")
        spoken.took_for = max(0.0, now - spoken.ended_at)
        spoken.led = _way(step)
        self.note(f"{spoken.phone} said “{spoken.words}”, understood: {spoken.heard} → {spoken.led}")

    async def _answer(self, reply: Reply, step: Step) -> None:
        voice = self.voices.get(step.session.language) if reply.words else None
        thinks_for = self.dice.uniform(*_THINKS_FOR)
        await asyncio.sleep(thinks_for + (0.0 if reply.over_prompt else self.prompt_for(step)))
        with suppress(SoftphoneError, ControlError):  # the call is over
            if voice is None:
                await self.phone.press(reply.keys)
            else:
                self._by_keys = after_keys(self.plan, step.session, reply.keys)
                await self._say(reply, voice)

    async def _say(self, reply: Reply, voice: Voice) -> None:
        path = self.folder / f"{len(self.spoken)}.wav"
        await asyncio.to_thread(voice.say, reply.words, path)
        saying = await self.phone.say(path)
        ended_at = saying.began_at + sound_until(path)
        self._open = Spoken(self.phone.name, voice.language, reply.words, reply.over_prompt, ended_at)
        self.spoken.append(self._open)


def after_keys(plan: Dialplan, asked: Session, keys: str) -> Session:
    """Where the question leads when it is answered by these keys."""
    given = inputs.KeysEntered(keys) if len(keys) > 1 else inputs.KeyPressed(keys)
    return session.step(plan, asked, given, datetime.now(UTC)).session


def same_way(one: Session, other: Session) -> bool:
    """The same question, queue or end, with the same values."""
    values = [(given.values, getattr(given.state, "value", "")) for given in (one, other)]
    return type(one.state) is type(other.state) and one.step == other.step and values[0] == values[1]


def _way(step: Step) -> str:
    """From the step that asked to what comes then: 'main-menu → ask-general'."""
    edges = [note.split("/") for note in step.trace]
    asked = next((edge[1] for edge in edges if len(edge) > 2), "")
    then = question_of(step.session.state) or step.session.step or "the end"
    return f"{asked} → {then}" if asked else then
