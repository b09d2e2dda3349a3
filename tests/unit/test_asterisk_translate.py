"""AMI messages as Asterisk 22.10 sends them, and the typed events and pictures they become."""

import pytest

from ivr.asterisk.ami import Ami, AmiMessage
from ivr.asterisk.pictures import merged
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
    UserEventSeen,
    look_around,
    picture_of,
    translate,
)

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


ITEM = {
    **LEG,
    "BridgeId": "b1",
    "Duration": "01:00:05",
    "Application": "AGI",
    "Context": "dzvin-lines",
    "CallerIDNum": "050",
}


async def test_a_picture_is_read_from_two_lists() -> None:
    async with FakeAsteriskAmi() as fake:
        fake.lists["coreshowchannels"] = [ITEM]
        fake.lists["devicestatelist"] = [{"Device": "PJSIP/op1", "State": "NOT_INUSE"}]
        ami = Ami("127.0.0.1", fake.port, "dzvin", fake.secret, lambda message: None)
        ami.start()
        await ami.until_ready(5)
        picture = await look_around(ami)
        live = picture.channels["dzvin-1-7"]
        assert (live.endpoint, live.state, live.bridge, live.lived_for) == ("op1", "Ringing", "b1", 3605.0)
        assert picture.reachable == {"op1"}
        await ami.close()
