"""A picture of the switch, and the events that came while it was being taken."""

from collections.abc import Iterable
from dataclasses import replace

from ivr.asterisk.translate import (
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
    picture_of,
)


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
    return LiveChannel(
        channel=seen.channel,
        name=seen.name,
        endpoint=seen.endpoint,
        state=seen.state,
        bridge="",
        context="",
        caller="",
        application="",
        linked=seen.linked,
        lived_for=0.0,
        dialled=seen.dialled,
    )


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
