"""AMI messages become typed switch events. The only file that knows Asterisk's event and header names."""

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ivr.asterisk.agi_environment import endpoint_of
from ivr.asterisk.ami import Ami, AmiMessage
from ivr.asterisk.encode import cleaned


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """A new channel. `channel` is its unique id (the call id for a caller)."""

    channel: str
    name: str
    """For instance 'PJSIP/op1-00000003'."""
    endpoint: str
    state: str
    """'Down', 'Ring', 'Ringing', 'Up', …"""
    linked: str
    """Unique id of the oldest channel of the same conversation."""
    dialled: str = ""
    """The extension it begins at; '' or 's' for a phone that is being called."""


@dataclass(frozen=True, slots=True)
class ChannelState:
    channel: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class ChannelRenamed:
    channel: str
    name: str


@dataclass(frozen=True, slots=True)
class ChannelGone:
    channel: str
    name: str
    cause: int
    """Q.850: 16 normal, 17 busy, 18 and 19 no answer, 21 rejected, 20 and 27 unreachable, …; 0 unknown."""


@dataclass(frozen=True, slots=True)
class PhoneHungUp:
    """The phone at this channel has hung up: the first sign of it, before the channel leaves its bridge."""

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
    """Outcome of an asynchronous Originate; for a leg that answered: its dialplan begins now."""

    action: str
    """ActionID given with the Originate."""
    channel: str
    """Unique id of the leg as asked for (ChannelId), also where it never came to life."""
    success: bool
    reason: int
    """Control frame: 0 failed (phone not registered), 1 hung up, 3 ring time over, 4 answered, 5 busy, 8
    congestion. Where the leg lived, `ChannelGone.cause` says more."""


@dataclass(frozen=True, slots=True)
class ContactSeen:
    """An endpoint's contact was registered or answers again (True), or is gone (False)."""

    endpoint: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class DevicePhone:
    """Device state of a phone. Of the two signs of life this one counts all contacts together."""

    endpoint: str
    state: str
    """'NOT_INUSE', 'INUSE', 'RINGING', 'BUSY', 'UNAVAILABLE', 'INVALID', …"""
    reachable: bool


@dataclass(frozen=True, slots=True)
class KeyPressed:
    channel: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class UserEventSeen:
    """A UserEvent of the dialplan."""

    name: str
    channel: str
    fields: dict[str, str]
    """Its own headers, names in lower case."""


@dataclass(frozen=True, slots=True)
class Booted:
    """Asterisk has loaded everything, and the link is logged in."""


SwitchEvent = (
    ChannelSeen
    | ChannelState
    | ChannelRenamed
    | ChannelGone
    | PhoneHungUp
    | BridgeEntered
    | BridgeLeft
    | OriginateEnded
    | ContactSeen
    | DevicePhone
    | KeyPressed
    | UserEventSeen
    | Booted
)


def translate(message: AmiMessage) -> SwitchEvent | None:
    """The typed event, or None for events nobody needs and for events that lack what they must have."""
    read = _READERS.get(message.name)
    if read is None:
        return None
    try:
        return read(message)
    except KeyError:
        return None


def _channel(message: AmiMessage) -> tuple[str, str]:
    return message["Uniqueid"], message["Channel"]


def _seen(message: AmiMessage) -> ChannelSeen:
    channel, name = _channel(message)
    linked = message.get("Linkedid", channel)
    state, dialled = message["ChannelStateDesc"], message.get("Exten")
    return ChannelSeen(channel, name, endpoint_of(name), state, linked, dialled)


def _state(message: AmiMessage) -> ChannelState:
    return ChannelState(*_channel(message), message["ChannelStateDesc"])


def _renamed(message: AmiMessage) -> ChannelRenamed:
    return ChannelRenamed(message["Uniqueid"], message["Newname"])


def _gone(message: AmiMessage) -> ChannelGone:
    return ChannelGone(*_channel(message), _number(message.get("Cause")))


def _hung_up(message: AmiMessage) -> PhoneHungUp:
    return PhoneHungUp(*_channel(message))


def _entered(message: AmiMessage) -> BridgeEntered:
    return BridgeEntered(message["BridgeUniqueid"], *_channel(message))


def _left(message: AmiMessage) -> BridgeLeft:
    return BridgeLeft(message["BridgeUniqueid"], *_channel(message))


def _originated(message: AmiMessage) -> OriginateEnded:
    channel = message.get("Uniqueid")
    return OriginateEnded(
        message["ActionID"],
        "" if channel == "<unknown>" else channel,
        message["Response"] == "Success",
        _number(message.get("Reason")),
    )


_ALIVE_CONTACT = {
    "Created": True,
    "Reachable": True,
    "NonQualified": True,
    "Unreachable": False,
    "Removed": False,
}


def _contact(message: AmiMessage) -> ContactSeen | None:
    alive = _ALIVE_CONTACT.get(message["ContactStatus"])
    endpoint = message.get("EndpointName") or message["AOR"]
    return None if alive is None else ContactSeen(endpoint, alive)


_DEAD_DEVICE = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
_PHONE = re.compile(r"PJSIP/([A-Za-z0-9_.\-]+)")


def _device(message: AmiMessage) -> DevicePhone | None:
    phone = _PHONE.fullmatch(message["Device"])
    state = message["State"]
    return DevicePhone(phone[1], state, state not in _DEAD_DEVICE) if phone else None


def _key(message: AmiMessage) -> KeyPressed | None:
    if message.get("Direction", "Received") != "Received":
        return None
    return KeyPressed(*_channel(message), message["Digit"])


def _user_event(message: AmiMessage) -> UserEventSeen:
    """Own headers of a UserEvent stand after its name, whatever they are called."""
    names = [name for name, _ in message.pairs]
    own = message.pairs[names.index("userevent") + 1 :] if "userevent" in names else ()
    fields = {name: cleaned(value) for name, value in own}
    return UserEventSeen(message["UserEvent"], message.get("Uniqueid"), fields)


_READERS: dict[str, Callable[[AmiMessage], SwitchEvent | None]] = {
    "Newchannel": _seen,
    "Newstate": _state,
    "Rename": _renamed,
    "Hangup": _gone,
    "HangupRequest": _hung_up,
    "BridgeEnter": _entered,
    "BridgeLeave": _left,
    "OriginateResponse": _originated,
    "ContactStatus": _contact,
    "DeviceStateChange": _device,
    "DTMFEnd": _key,
    "UserEvent": _user_event,
    "FullyBooted": lambda message: Booted(),
}

WANTED_EVENTS = frozenset(_READERS)
"""Names for `Ami(events=…)` and for the event filters in manager.conf, which needs 'Shutdown' beside them."""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


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
    """What it runs now: 'AGI', 'Dial', 'Bridge', 'AppDial', …"""
    linked: str
    lived_for: float
    """Seconds."""
    dialled: str = ""
    """The extension it is at."""


@dataclass(frozen=True, slots=True)
class SwitchPicture:
    """What the switch holds at one moment."""

    channels: dict[str, LiveChannel]
    """By unique id."""
    bridges: dict[str, frozenset[str]]
    """Bridge id -> unique ids of the channels in it."""
    reachable: frozenset[str] | None
    """Endpoints that can be called now; None where the switch could not say."""


AT_ONCE = 100
"""Channels read between two turns of other tasks: some milliseconds."""


async def look_around(ami: Ami, deadline: float = 5.0) -> SwitchPicture:
    """Everything the switch holds now, by two lists with `deadline` each. Errors: those of `Ami.collect`."""
    listed = await ami.collect("CoreShowChannels", deadline=deadline)
    devices = await ami.collect("DeviceStateList", deadline=deadline)
    phones = [phone for phone in map(_device, devices) if phone is not None]
    lives: list[LiveChannel] = []
    for first in range(0, len(listed), AT_ONCE):
        lives += map(_live, listed[first : first + AT_ONCE])
        await asyncio.sleep(0)
    return picture_of(lives, {phone.endpoint for phone in phones if phone.reachable})


def picture_of(channels: Iterable[LiveChannel], reachable: Iterable[str] | None) -> SwitchPicture:
    """The picture that these channels make."""
    by_id = {live.channel: live for live in channels}
    bridges: dict[str, set[str]] = {}
    for live in by_id.values():
        if live.bridge:
            bridges.setdefault(live.bridge, set()).add(live.channel)
    together = {bridge: frozenset(inside) for bridge, inside in bridges.items()}
    return SwitchPicture(by_id, together, None if reachable is None else frozenset(reachable))


def _live(message: AmiMessage) -> LiveChannel:
    channel, name = _channel(message)
    caller = message.get("CallerIDNum")
    return LiveChannel(
        channel=channel,
        name=name,
        endpoint=endpoint_of(name),
        state=message["ChannelStateDesc"],
        bridge=message.get("BridgeId"),
        context=message.get("Context"),
        caller="" if caller == "<unknown>" else caller,
        application=message.get("Application"),
        linked=message.get("Linkedid", channel),
        lived_for=_seconds(message.get("Duration")),
        dialled=message.get("Exten"),
    )


def _seconds(clock: str) -> float:
    """'01:02:03' as seconds; 0.0 where it is no such text."""
    parts = clock.split(":")
    if len(parts) != 3:
        return 0.0
    hours, minutes, seconds = map(_number, parts)
    return float(hours * 3600 + minutes * 60 + seconds)
