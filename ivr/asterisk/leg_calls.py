"""The actions on operators' legs: call, hang up, stop a playback. In the background, none ever raises."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from acd.core.commands import Offer
from acd.core.words import Cause
from ivr.asterisk.ami import ActionRefused, AmiError, AmiLost, AmiNotReady
from ivr.asterisk.encode import UnsafeValue
from ivr.asterisk.legs import Leg
from ivr.asterisk.translate import SwitchPicture

log = structlog.get_logger(__name__)

HOLD_FOR = 2.0
"""So long an offer waits for AMI to come back before it fails."""
RING_GRACE_FOR = 0.5
"""Asterisk's own deadline lies so much behind the centre's, which ends the ringing by a WithdrawOffer."""

_NOT_SHOWN = re.compile(r'[\x00-\x1f\x7f"<>\\,;|&]')
_NOT_IN_NUMBER = re.compile(r"[^0-9+*#]")

WORK_CONTEXT = "dzvin-work"
"""Of legs on which an operator handles a work item."""

Headers = Mapping[str, str | Sequence[str]]


class SwitchLink(Protocol):
    """What is needed of AMI; `AmiLink` is the real one."""

    def action(self, name: str, headers: Headers) -> Awaitable[object]:
        """Written at once where the link is up; the answer is to be awaited."""
        ...

    async def picture(self) -> SwitchPicture: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LegWords:
    """What the operator's phone shows and says for an offer."""

    number: str = ""
    """The caller's number, '' if withheld."""
    title: str = ""
    """The queue's name."""
    whisper: str = ""
    """Sound file, for instance 'dzvin/queue-billing'; '' for none."""
    language: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    """Channel variables that make the phone answer by itself."""


def caller_id(words: LegWords) -> str:
    """As `"Billing" <0501234567>`, with nothing in it that Asterisk could read as more than text."""
    title = _NOT_SHOWN.sub("", words.title)[:40].strip()
    number = _NOT_IN_NUMBER.sub("", words.number)[:30]
    return f'"{title}" <{number}>'


def originate(leg: Leg, offer: Offer, words: LegWords, ring_for: float) -> dict[str, str | Sequence[str]]:
    """Headers of the Originate. `ring_for` in seconds."""
    variables = [f"{name}={value}" for name, value in words.variables]
    if words.language:
        variables.append(f"CHANNEL(language)={words.language}")
    if words.whisper:
        variables.append(f"DZVIN_WHISPER={words.whisper}")
    return {
        "ActionID": leg.channel,
        "Channel": f"PJSIP/{offer.phone}",
        "ChannelId": leg.channel,
        "Context": "dzvin-leg" if leg.work is None else WORK_CONTEXT,
        "Exten": "s",
        "Priority": "1",
        "Timeout": str(max(1, round((ring_for + RING_GRACE_FOR) * 1000))),
        "CallerID": caller_id(words),
        "Variable": variables,
        "Async": "true",
    }


class LegCalls:
    """`failed(leg, cause)`: the leg was not called and never will be."""

    def __init__(
        self, link: SwitchLink, now: Callable[[], float], failed: Callable[[Leg, Cause], None]
    ) -> None:
        self._link = link
        self._now = now
        self._failed = failed
        self._up = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def link_is(self, *, up: bool) -> None:
        if up:
            self._up.set()
        else:
            self._up.clear()

    @property
    def up(self) -> bool:
        return self._up.is_set()

    def dial(
        self, leg: Leg, offer: Offer, words: LegWords, until_free: Callable[[str], Awaitable[None]] | None
    ) -> None:
        """Call the phone when AMI is there and `until_free(phone)` has returned.

        Where nothing is to be waited for, the Originate is written before this returns, ahead of all else.
        """
        at_once = self.up and until_free is None
        asked = self._ask(leg, offer, words) if at_once else self._ask_later(leg, offer, words, until_free)
        self.spawn(self._dial(leg, offer, asked), f"originate {leg.channel}")

    async def originate(self, headers: Headers) -> None:
        """Call somebody else. Raises AmiError, UnsafeValue; AmiLost: it is not known."""
        await self._until_up()
        await self._link.action("Originate", headers)

    def hang_up(self, leg: Leg) -> None:
        """Also a leg that does not exist yet: it is hung up again when it appears."""
        self.hang_up_channel(leg.channel)

    def hang_up_channel(self, channel: str) -> None:
        self.spawn(self._quietly("Hangup", {"Channel": channel, "Cause": "16"}), f"hang up {channel}")

    def stop_playback(self, channel: str) -> None:
        self.spawn(self._quietly("ControlPlayback", {"Channel": channel, "Control": "stop"}), "stop playback")

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("work on the switch failed", work=task.get_name(), exc_info=fault)

    def _ask(self, leg: Leg, offer: Offer, words: LegWords) -> Awaitable[object]:
        """Send the Originate; what is awaited raises what became of it."""
        ring_for = offer.until - self._now()
        if leg.over or ring_for <= 0:
            return _failing(AmiNotReady("Originate: too late for this offer"))
        try:
            return self._link.action("Originate", originate(leg, offer, words, ring_for))
        except (AmiError, UnsafeValue) as error:
            return _failing(error)

    async def _ask_later(
        self, leg: Leg, offer: Offer, words: LegWords, until_free: Callable[[str], Awaitable[None]] | None
    ) -> object:
        await self._until_up()
        if until_free is not None:
            await until_free(offer.phone)
        return await self._ask(leg, offer, words)

    async def _until_up(self) -> None:
        try:
            async with asyncio.timeout(HOLD_FOR):
                await self._up.wait()
        except TimeoutError:
            raise AmiNotReady("Originate: the link to Asterisk did not come back") from None

    async def _dial(self, leg: Leg, offer: Offer, asked: Awaitable[object]) -> None:
        try:
            await asked
        except AmiLost:
            log.info("not known whether the leg is being called; the next look at the switch tells", leg=leg)
        except (AmiError, UnsafeValue) as error:
            log.warning("an operator could not be called", operator=offer.operator, why=str(error))
            self._failed(leg, Cause.SWITCH_ERROR)

    async def _quietly(self, name: str, headers: Headers) -> None:
        """Do it if it can be done: a channel that is gone needs no hang-up."""
        try:
            await self._link.action(name, headers)
        except (ActionRefused, AmiNotReady, AmiLost):
            pass
        except (AmiError, UnsafeValue) as error:
            log.warning("the switch did not do it", action=name, why=str(error))


async def _failing(error: Exception) -> object:
    raise error
