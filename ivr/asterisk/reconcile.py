"""The regular look at the switch: what the centre believes is compared with what lives there.

After each (re)connect at once, then every `EVERY` seconds, and more seldom the more channels there are: a
look at 600 makes Asterisk and us late for a tenth of a second.
"""

import asyncio
import contextlib
from typing import TYPE_CHECKING

import structlog

from acd.core.events import SwitchSeen
from acd.core.state import LiveOffer
from acd.core.words import CallId, Ended, OfferId, OperatorId
from ivr.asterisk.ami import AmiError
from ivr.asterisk.legs import Leg, Stage, offer_of
from ivr.asterisk.pictures import merged
from ivr.asterisk.translate import LiveChannel, SwitchEvent, SwitchPicture

if TYPE_CHECKING:
    from ivr.asterisk.call_control import CallControl

log = structlog.get_logger(__name__)

EVERY = 10.0
EVERY_FOR_A_CHANNEL = 0.1
"""So much longer for each channel that lives: 600 are looked at once in 70 s."""
AGAIN_AFTER = 1.0
"""A look that failed is repeated so much later."""
ABSENT_FOR = 3.0
"""A caller whose channel lives but whose session does not come back for so long is given up by the centre;
Asterisk itself still holds the caller."""


class Reconciler:
    def __init__(self, control: "CallControl") -> None:
        self._control = control
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._absent_since: dict[CallId, float] = {}
        self._wait_for = EVERY
        self._meanwhile: list[SwitchEvent] | None = None
        """What happened since the look that is under way began."""
        self.looks = 0
        """Pictures taken since the start."""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="look at the switch")

    def note(self, event: SwitchEvent) -> None:
        """An event that the picture being taken may not show."""
        if self._meanwhile is not None:
            self._meanwhile.append(event)

    def look_now(self) -> None:
        self._wanted.set()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._wait_for):
                    await self._wanted.wait()
            self._wanted.clear()
            self._wait_for = EVERY
            if self._control.calls.up:
                await self._look()

    async def _look(self) -> None:
        began_at = self._control.now()
        settled = {leg.channel for leg in self._control.legs if leg.name or leg.over}
        self._meanwhile = []
        try:
            picture = merged(await self._control.link.picture(), self._meanwhile)
        except AmiError as error:
            log.warning("the switch could not be looked at", why=str(error))
            self._wait_for = AGAIN_AFTER
            return
        except Exception:
            log.exception("the picture of the switch could not be read")
            self._wait_for = AGAIN_AFTER
            return
        finally:
            self._meanwhile = None
        self.looks += 1
        self._wait_for = EVERY + EVERY_FOR_A_CHANNEL * len(picture.channels)
        self._compare(picture, began_at, settled)

    def _compare(self, picture: SwitchPicture, began_at: float, settled: set[str]) -> None:
        legs, talks = self._legs(picture)
        self._forget_ended(settled - picture.channels.keys())
        self._control.note_own_calls(picture)
        calls = self._calls(picture)
        self._control.around.post(
            SwitchSeen(
                at=self._control.now(),
                calls=calls,
                talks=frozenset(talks),
                legs=frozenset(legs),
                reachable=self._reachable(picture),
                began_at=began_at,
            )
        )

    def _legs(self, picture: SwitchPicture) -> tuple[set[OfferId], set[OfferId]]:
        """Offers whose leg lives, and those of them that talk. Legs that nobody waits for are hung up."""
        legs: set[OfferId] = set()
        talks: set[OfferId] = set()
        for channel in picture.channels.values():
            offer = offer_of(channel.channel)
            if offer is None:
                continue
            leg = self._leg(channel, offer, picture)
            if leg is None or leg.over:
                self._control.calls.hang_up_channel(channel.channel)
                continue
            self._catch_up(leg, channel, picture)
            if leg.over:
                continue
            legs.add(offer)
            if leg.stage is Stage.TALKING:
                talks.add(offer)
        return legs, talks

    def _leg(self, channel: LiveChannel, offer: OfferId, picture: SwitchPicture) -> Leg | None:
        """The leg in the ledger; one of an earlier run of the server is taken over. A talk is never cut."""
        known = self._control.legs.of_channel(channel.channel)
        if known is not None:
            return known
        live, partner = self._control.around.live_offer(offer), _partner(channel, picture)
        call = partner or (live.call if live is not None else None)
        if call is None:
            return None
        leg = Leg(offer=offer, call=call, channel=channel.channel, name=channel.name)
        if live is not None:
            leg.operator, leg.queue, leg.work = live.operator, live.queue, live.work
            self._take_up(leg, live)
        self._control.legs.add(leg)
        return leg

    def _take_up(self, leg: Leg, live: LiveOffer) -> None:
        """As far as the earlier run had come with this leg."""
        if live.rang_at is not None:
            leg.stage = Stage.RANG
        if live.answered_at is not None:
            leg.stage = Stage.ANSWERED
            leg.join_asked = True
        if live.talking_at is not None:
            leg.stage = Stage.TALKING

    def _catch_up(self, leg: Leg, channel: LiveChannel, picture: SwitchPicture) -> None:
        """Say what happened while no events came."""
        leg.name = channel.name
        if leg.work is not None:
            self._catch_up_work(leg, channel)
            return
        joined = _partner(channel, picture) == leg.call
        if joined:
            leg.bridge = leg.caller_bridge = channel.bridge
            self._control.started(leg)
        elif leg.stage is Stage.TALKING:
            self._control.talk_over(leg.offer, Ended.UNKNOWN)
        elif channel.state == "Up":
            self._control.answered(leg)

    def _catch_up_work(self, leg: Leg, channel: LiveChannel) -> None:
        """The leg itself is the talk; its session may have come before this look."""
        if leg.stage is Stage.TALKING:
            self._control.around.works.begin(leg)
        elif channel.state == "Up":
            self._control.answered(leg)

    def _forget_ended(self, ended: set[str]) -> None:
        """Legs that ended without an event."""
        for leg in self._control.legs:
            if leg.channel in ended:
                leg.stage = Stage.OVER
                self._control.legs.forget(leg)

    def _calls(self, picture: SwitchPicture) -> frozenset[CallId]:
        """Callers who live and whom we have, or may get back within `ABSENT_FOR`."""
        now = self._control.now()
        talking = {leg.call for leg in self._control.legs if leg.stage is Stage.TALKING}
        present = {CallId(channel) for channel in picture.channels if offer_of(channel) is None}
        absent = {call for call in present - talking if self._is_absent(call)}
        self._absent_since = {call: self._absent_since.get(call, now) for call in absent}
        given_up = {call for call, since in self._absent_since.items() if now - since >= ABSENT_FOR}
        if absent - given_up:
            self._wait_for = ABSENT_FOR + 0.1
        return frozenset(present - given_up)

    def _is_absent(self, call: CallId) -> bool:
        callers = self._control.callers
        return callers.is_queued(call) and not callers.is_live(call)

    def _reachable(self, picture: SwitchPicture) -> frozenset[OperatorId] | None:
        if picture.reachable is None:
            return None
        operators = (self._control.around.operator_of(endpoint) for endpoint in picture.reachable)
        seen = frozenset(operator for operator in operators if operator is not None)
        self._control.reachability.seen(seen)
        return seen


def _partner(leg: LiveChannel, picture: SwitchPicture) -> CallId | None:
    """The caller in the leg's bridge."""
    others = picture.bridges.get(leg.bridge, frozenset()) - {leg.channel} if leg.bridge else frozenset()
    callers = [channel for channel in others if offer_of(channel) is None]
    return CallId(callers[0]) if len(callers) == 1 else None
