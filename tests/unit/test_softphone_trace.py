"""Headers of INVITEs are read from baresip's SIP trace, colours and all."""

import pytest

from ivr.softphone.trace import InviteTrace, wants_auto_answer

TRACE = """\
\x1b[36;1m#
UDP 127.0.0.1:15060 -> 127.0.0.1:22936
INVITE sip:op2@127.0.0.1:22936 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:15060;rport;branch=z9hG4bK1
Call-ID: abc-1
Call-Info: <sip:acd>;answer-after=0

v=0
o=- 1 1 IN IP4 127.0.0.1
\x1b[;m
"""


def test_headers_are_kept_by_call_id() -> None:
    trace = InviteTrace()
    completed = [done for line in TRACE.splitlines() if (done := trace.feed(line))]
    assert completed == ["abc-1"]
    assert trace.invites["abc-1"]["call-info"] == "<sip:acd>;answer-after=0"


def test_other_messages_are_passed_over() -> None:
    trace = InviteTrace()
    for line in TRACE.replace("INVITE sip", "BYE sip").splitlines():
        assert trace.feed(line) is None
    assert not trace.invites


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({"call-info": "<sip:acd>;answer-after=0"}, True),
        ({"call-info": "<sip:acd>; Answer-After = 2"}, True),
        ({"call-info": "<http://example.org/photo.png>;purpose=icon"}, False),
        ({"alert-info": "<sip:acd>;info=alert-autoanswer;delay=0"}, True),
        ({"alert-info": "Ring Answer"}, True),
        ({"alert-info": "<http://example.org/bell.wav>"}, False),
        ({"answer-mode": "Auto"}, True),
        ({"answer-mode": "Manual"}, False),
        ({}, False),
    ],
)
def test_who_asks_for_an_answer(headers: dict[str, str], wanted: bool) -> None:
    assert wants_auto_answer(headers) is wanted
