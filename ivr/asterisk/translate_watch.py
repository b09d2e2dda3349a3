"""The switch as its watcher sees it: a full picture after each (re)connect, then the events in order."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

import structlog

from ivr.asterisk.ami import Ami, AmiError, AmiMessage, AmiTimes, LinkState
from ivr.asterisk.translate import (
    WANTED_EVENTS,
    BridgeEntered,
    BridgeLeft,
    ChannelGone,
    ChannelRenamed,
    ChannelSeen,
    ChannelState,
    DevicePhone,
    LiveChannel,
    SwitchEvent,
    SwitchPicture,
    look_around,
    picture_of,
    translate,
)

log = structlog.get_logger(__name__)

BUFFER_LIMIT = 100_000
"""Events kept while a picture is taken; beyond it the picture is taken anew."""
RETRY_AFTER = 0.5
"""Seconds between attempts to take a picture."""

_Told = TypeVar("_Told")


class SwitchWatch:
    """Owns the AMI link. Calls `on_picture` after each (re)connect and `on_event` for what happens.

    From a connect until its picture the events are kept; they are merged into the picture and told after it,
    in order: whoever folds them must bear doubles, as with AMI altogether. A later picture (`look_again`)
    delays no event; what happened while it was taken is merged into it just the same.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        on_picture: Callable[[SwitchPicture], None],
        on_event: Callable[[SwitchEvent], None],
        on_link: Callable[[LinkState], None] = lambda state: None,
        times: AmiTimes | None = None,
        picture_for: float = 5.0,
    ) -> None:
        """`picture_for`: seconds that Asterisk has for each list of a picture."""
        self.ami = Ami(host, port, user, secret, self._take, self._link, events=WANTED_EVENTS, times=times)
        self._on_picture, self._on_event, self._on_link = on_picture, on_event, on_link
        self._picture_for = picture_for
        self._kept: list[SwitchEvent] = []
        self._overflown = False
        self._live = False
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.ami.start()

    async def close(self) -> None:
        await self.ami.close()
        self._stop_looking()

    def look_again(self) -> None:
        """Take a new picture soon, for the periodic check; nothing happens while one is being taken."""
        if self.ami.ready and self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="switch picture")

    def _take(self, message: AmiMessage) -> None:
        event = translate(message)
        if event is None:
            return
        if not self._live or self._looking is not None:
            self._keep(event)
        if self._live:
            _call(self._on_event, event)

    def _keep(self, event: SwitchEvent) -> None:
        if len(self._kept) < BUFFER_LIMIT:
            self._kept.append(event)
        else:
            self._overflown = True

    def _link(self, state: LinkState) -> None:
        self._live = False
        if state is not LinkState.READY:
            self._stop_looking()
            self._kept.clear()
        _call(self._on_link, state)
        self.look_again()

    def _stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look(self) -> None:
        picture = await self._picture()
        while picture is None:
            await asyncio.sleep(RETRY_AFTER)
            picture = await self._picture()
        kept, self._kept, self._looking = self._kept, [], None
        _call(self._on_picture, merged(picture, kept))
        if not self._live:
            for event in kept:
                _call(self._on_event, event)
        self._live = True

    async def _picture(self) -> SwitchPicture | None:
        self._overflown = False
        try:
            picture = await look_around(self.ami, self._picture_for)
        except (AmiError, KeyError) as why:
            log.warning("switch.no_picture", why=str(why))
            return None
        if self._overflown:
            log.warning("switch.picture_too_slow", events=len(self._kept))
            self._kept.clear()
            return None
        return picture


def merged(picture: SwitchPicture, events: Iterable[SwitchEvent]) -> SwitchPicture:
    """`picture` with `events` done to it, which happened while it was taken; doubles change nothing."""
    channels = dict(picture.channels)
    reachable = set(picture.reachable or ())
    for event in events:
        match event:
            case DevicePhone(endpoint, _, alive):
                (reachable.add if alive else reachable.discard)(endpoint)
            case ChannelGone(channel):
                channels.pop(channel, None)
            case ChannelSeen(channel) if channel not in channels:
                channels[channel] = _new(event)
            case (
                ChannelState(channel)
                | ChannelRenamed(channel)
                | BridgeEntered(channel=channel)
                | BridgeLeft(channel=channel)
            ) if channel in channels:
                channels[channel] = _changed(channels[channel], event)
            case _:
                pass
    return picture_of(channels.values(), None if picture.reachable is None else reachable)


def _new(seen: ChannelSeen) -> LiveChannel:
    return LiveChannel(seen.channel, seen.name, seen.endpoint, seen.state, "", "", "", "", seen.linked, 0.0)


def _changed(
    live: LiveChannel, event: ChannelState | ChannelRenamed | BridgeEntered | BridgeLeft
) -> LiveChannel:
    match event:
        case ChannelState(state=state):
            return replace(live, state=state)
        case ChannelRenamed(name=name):
            return replace(live, name=name)
        case BridgeEntered(bridge=bridge):
            return replace(live, bridge=bridge)
        case BridgeLeft(bridge=bridge):
            return replace(live, bridge="") if live.bridge == bridge else live


def _call(callback: Callable[[_Told], None], told: _Told) -> None:
    """One callback's fault harms neither the link nor the next event."""
    try:
        callback(told)
    except Exception:
        log.exception("switch.callback_failed", kind=type(told).__name__)
