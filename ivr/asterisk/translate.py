"""AMI messages become typed switch events. The only file that knows Asterisk's header names. Skeleton."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.asterisk.ami import Ami, AmiMessage


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """A new channel. `channel` is its unique id (the call id for a caller), `name` like 'PJSIP/op1-00000003'."""

    channel: str
    name: str
    endpoint: str
    state: str
    """'Down', 'Ring', 'Ringing', 'Up', …"""
    linked: str
    """Unique id of the oldest channel of the same conversation."""


@dataclass(frozen=True, slots=True)
class ChannelState:
    channel: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class ChannelGone:
    channel: str
    name: str
    cause: int
    """Q.850 hang-up cause: 16 normal, 17 busy, 18/19 no answer, 21 rejected, 20/27 unreachable, …; 0 unknown."""


@dataclass(frozen=True, slots=True)
class ChannelRenamed:
    channel: str
    name: str


@dataclass(frozen=True, slots=True)
class BridgeEntered:
    bridge: str
    channel: str
    name: str


@dataclass(frozen=True, slots=True)
class BridgeLeft:
    bridge: str
    channel: str
    name: str


@dataclass(frozen=True, slots=True)
class OriginateEnded:
    """Answer to an asynchronous Originate."""

    action: str
    """ActionID given with the Originate."""
    channel: str
    """Unique id of the leg, '' if it never existed."""
    success: bool
    reason: int
    """Asterisk's control frame number: 0 failed, 1 hung up, 3 ring time over, 4 answered, 5 busy, 8 congestion."""


@dataclass(frozen=True, slots=True)
class ContactSeen:
    """An endpoint's contact registered, answers again (True) or is gone (False)."""

    endpoint: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class DevicePhone:
    """Asterisk's device state of a phone: 'NOT_INUSE', 'INUSE', 'RINGING', 'UNAVAILABLE', …"""

    endpoint: str
    state: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class KeyPressed:
    channel: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class UserEventSeen:
    """A UserEvent of the dialplan. `fields`: own headers, names in lower case."""

    name: str
    channel: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Booted:
    """Asterisk has loaded everything. `restarted_at` is not known here: compare channels by `look_around`."""


SwitchEvent = (
    ChannelSeen
    | ChannelState
    | ChannelGone
    | ChannelRenamed
    | BridgeEntered
    | BridgeLeft
    | OriginateEnded
    | ContactSeen
    | DevicePhone
    | KeyPressed
    | UserEventSeen
    | Booted
)


@dataclass(frozen=True, slots=True)
class LiveChannel:
    channel: str
    name: str
    endpoint: str
    state: str
    bridge: str
    """'' when in none."""
    context: str
    caller: str
    application: str
    linked: str


@dataclass(frozen=True, slots=True)
class SwitchPicture:
    """What the switch holds at one moment."""

    channels: dict[str, LiveChannel]
    """By unique id."""
    bridges: dict[str, frozenset[str]]
    """Bridge id -> unique ids of the channels in it."""
    reachable: frozenset[str] | None
    """Endpoints that can be called now; None where the switch could not say."""


def translate(message: AmiMessage) -> SwitchEvent | None:
    """The typed event, or None for events nobody needs."""
    raise NotImplementedError


async def look_around(ami: Ami, deadline: float = 5.0) -> SwitchPicture:
    """Everything the switch holds now. Raises what `Ami.collect` raises."""
    raise NotImplementedError
