"""AMI messages as Asterisk 22.10 sends them, and the typed events and pictures they become."""

import asyncio
from dataclasses import replace

import pytest

from ivr.asterisk.ami import AmiMessage, AmiTimes, LinkState
from ivr.asterisk.testing import FakeAsteriskAmi, ami_event
from ivr.asterisk.translate import (
    Booted,
    BridgeEntered,
    BridgeLeft,
    ChannelGone,
    ChannelRenamed,
    ChannelSeen,
    ChannelState,
    ContactSeen,
    DevicePhone,
    KeyPressed,
    OriginateEnded,
    SwitchEvent,
    SwitchPicture,
    UserEventSeen,
    picture_of,
    translate,
)
from ivr.asterisk.translate_watch import SwitchWatch, merged
from tests.eventually import eventually

LEG = {
    "Channel": "PJSIP/op1-0000000a",
    "Uniqueid": "dzvin-1-7",
    "Linkedid": "1795.1",
    "ChannelStateDesc": "Ringing",
}


def message(name: str, **headers: str) -> AmiMessage:
    return AmiMessage(ami_event(name, headers)[:-4])


@pytest.mark.parametrize(
    ("name", "extra", "event"),
    [
        ("Newchannel", {}, ChannelSeen("dzvin-1-7", "PJSIP/op1-0000000a", "op1", "Ringing", "1795.1")),
        ("Newstate", {}, ChannelState("dzvin-1-7", "PJSIP/op1-0000000a", "Ringing")),
        ("Rename", {"Newname": "PJSIP/b-1"}, ChannelRenamed("dzvin-1-7", "PJSIP/b-1")),
        ("Hangup", {"Cause": "17"}, ChannelGone("dzvin-1-7", "PJSIP/op1-0000000a", 17)),
        ("Hangup", {"Cause": "x"}, ChannelGone("dzvin-1-7", "PJSIP/op1-0000000a", 0)),
        ("BridgeEnter", {"BridgeUniqueid": "b"}, BridgeEntered("b", "dzvin-1-7", "PJSIP/op1-0000000a")),
        ("BridgeLeave", {"BridgeUniqueid": "b"}, BridgeLeft("b", "dzvin-1-7", "PJSIP/op1-0000000a")),
        (
            "OriginateResponse",
            {"ActionID": "leg-7", "Response": "Failure", "Reason": "3"},
            OriginateEnded("leg-7", "dzvin-1-7", False, 3),
        ),
        (
            "DTMFEnd",
            {"Digit": "*", "Direction": "Received"},
            KeyPressed("dzvin-1-7", "PJSIP/op1-0000000a", "*"),
        ),
        ("DTMFEnd", {"Digit": "*", "Direction": "Sent"}, None),
        (
            "ContactStatus",
            {"AOR": "op1", "EndpointName": "op1", "ContactStatus": "Removed"},
            ContactSeen("op1", False),
        ),
        (
            "ContactStatus",
            {"AOR": "op1", "EndpointName": "op1", "ContactStatus": "Created"},
            ContactSeen("op1", True),
        ),
        ("ContactStatus", {"AOR": "op1", "ContactStatus": "Updated"}, None),
        ("DeviceStateChange", {"Device": "PJSIP/op1", "State": "INUSE"}, DevicePhone("op1", "INUSE", True)),
        (
            "DeviceStateChange",
            {"Device": "PJSIP/op1", "State": "UNAVAILABLE"},
            DevicePhone("op1", "UNAVAILABLE", False),
        ),
        ("DeviceStateChange", {"Device": "Local/x@y", "State": "INUSE"}, None),
        ("FullyBooted", {}, Booted()),
        ("VarSet", {}, None),
    ],
)
def test_each_event(name: str, extra: dict[str, str], event: SwitchEvent | None) -> None:
    assert translate(message(name, **(LEG | extra))) == event


def test_own_fields_of_a_user_event_are_those_after_its_name() -> None:
    block = ami_event("UserEvent", {**LEG, "UserEvent": "DzvinLegReady", "Channel ": "x", "Offer": "7"})[:-4]
    event = translate(AmiMessage(block))
    assert event == UserEventSeen("DzvinLegReady", "dzvin-1-7", {"channel ": "x", "offer": "7"})


@pytest.mark.parametrize("name", ["Newchannel", "Hangup", "BridgeEnter", "OriginateResponse", "UserEvent"])
def test_an_event_without_what_it_must_have_is_nothing(name: str) -> None:
    assert translate(message(name)) is None


def test_what_happens_while_a_picture_is_taken_is_merged_into_it() -> None:
    seen = ChannelSeen("2", "PJSIP/b-00000002", "b", "Ring", "2")
    before = merged(
        picture_of([], ["op1"]), [seen, ChannelSeen("1", "PJSIP/a-00000001", "a", "Ring", "1"), seen]
    )
    after = merged(
        before,
        [
            ChannelState("1", "PJSIP/a-00000001", "Up"),
            ChannelRenamed("1", "PJSIP/z-00000001"),
            BridgeEntered("b1", "1", "x"),
            BridgeEntered("b1", "2", "x"),
            BridgeLeft("old", "2", "x"),
            ChannelGone("9", "x", 16),
            DevicePhone("op2", "INUSE", True),
            DevicePhone("op1", "UNAVAILABLE", False),
        ],
    )
    assert (after.channels["1"].state, after.channels["1"].name) == ("Up", "PJSIP/z-00000001")
    assert after.bridges == {"b1": frozenset({"1", "2"})}
    assert after.reachable == {"op2"}
    left = merged(after, [BridgeLeft("b1", "2", "x"), ChannelGone("1", "x", 16)])
    assert set(left.channels) == {"2"}
    assert left.bridges == {}


class Watched:
    def __init__(self, fake: FakeAsteriskAmi) -> None:
        self.told: list[SwitchPicture | SwitchEvent | LinkState] = []
        times = replace(AmiTimes(), retry_from=0.01, retry_max=0.05)
        self.watch = SwitchWatch(
            "127.0.0.1", fake.port, "dzvin", fake.secret, on_picture=self.told.append,
            on_event=self.told.append, on_link=self.told.append, times=times, picture_for=1.0,
        )  # fmt: skip

    def pictures(self) -> list[SwitchPicture]:
        return [told for told in self.told if isinstance(told, SwitchPicture)]


ITEM = {
    **LEG,
    "BridgeId": "b1",
    "Duration": "01:00:05",
    "Application": "AGI",
    "Context": "dzvin-lines",
    "CallerIDNum": "050",
}


async def test_the_picture_comes_first_and_events_after_it_in_order() -> None:
    async with FakeAsteriskAmi() as fake:
        fake.lists["coreshowchannels"] = [ITEM]
        fake.lists["devicestatelist"] = [{"Device": "PJSIP/op1", "State": "NOT_INUSE"}]
        during = [
            ami_event("Newstate", LEG | {"ChannelStateDesc": "Up"}),
            ami_event("Hangup", LEG | {"Uniqueid": "9"}),
        ]
        fake.answers["coreshowchannels"] = lambda action: [
            *during, *fake.list_answer(action, fake.lists["coreshowchannels"])
        ]  # fmt: skip
        watched = Watched(fake)
        watched.watch.start()
        await eventually(lambda: len(watched.told) >= 5)
        link, picture, booted, state, gone = watched.told
        assert link is LinkState.READY
        assert isinstance(picture, SwitchPicture)
        live = picture.channels["dzvin-1-7"]
        assert (live.endpoint, live.state, live.bridge, live.lived_for) == ("op1", "Up", "b1", 3605.0)
        assert picture.reachable == {"op1"}
        assert [type(event) for event in (booted, state, gone)] == [Booted, ChannelState, ChannelGone]
        await watched.watch.close()


async def test_a_lost_or_broken_picture_is_taken_again_and_again_after_a_reconnect() -> None:
    async with FakeAsteriskAmi() as fake:
        fails = iter([("Cancelled", None), ("Complete", 7)])

        def sometimes(action: dict[str, str]) -> object:
            end, count = next(fails, ("Complete", None))
            return fake.list_answer(action, [ITEM], end, count)

        fake.answers["coreshowchannels"] = sometimes  # type: ignore[assignment]
        watched = Watched(fake)
        watched.watch.start()
        await eventually(lambda: len(watched.pictures()) == 1)
        fake.drop()
        await eventually(lambda: len(watched.pictures()) == 2)
        links = [told for told in watched.told if isinstance(told, LinkState)]
        assert links == [LinkState.READY, LinkState.LOST, LinkState.READY]
        await watched.watch.close()


async def test_a_later_picture_delays_no_event() -> None:
    async with FakeAsteriskAmi() as fake:
        watched = Watched(fake)
        watched.watch.start()
        await eventually(lambda: len(watched.pictures()) == 1)
        fake.unanswered = {"coreshowchannels"}
        watched.watch.look_again()
        watched.watch.look_again()
        await eventually(lambda: len(fake.actions("CoreShowChannels")) == 2)
        await fake.event("Newchannel", LEG)
        await eventually(lambda: isinstance(watched.told[-1], ChannelSeen))
        fake.unanswered = set()
        await eventually(lambda: len(watched.pictures()) == 2)
        assert "dzvin-1-7" in watched.pictures()[-1].channels
        await asyncio.wait_for(watched.watch.close(), 2)
