"""A trace of sipp becomes calls, and calls become the waits that benchmarks compare."""

from pathlib import Path

import pytest

from ivr.softphone.crowd import CrowdCall, calls_of, read_trace, waits

TRACE = """\
d\tt\t10.0\tR\ta\tCSeq:7 INVITE\tINVITE sip:op1@127.0.0.1:25060 SIP/2.0
d\tt\t10.1\tS\ta\tCSeq:7 INVITE\tSIP/2.0 200 OK
d\tt\t10.2\tR\tb\tCSeq:1 INVITE\tINVITE sip:op2@127.0.0.1:25060 SIP/2.0
d\tt\t10.3\tR\tb\tCSeq:1 INVITE\tINVITE sip:op2@127.0.0.1:25060 SIP/2.0
d\tt\t11.0\tR\tb\tCSeq:1 CANCEL\tCANCEL sip:op2@127.0.0.1:25060 SIP/2.0
d\tt\t12.0\tS\ta\tCSeq:1 BYE\tBYE sip:asterisk@127.0.0.1:15060 SIP/2.0
d\tt\t12.1\tR\ta\tCSeq:1 BYE\tSIP/2.0 200 OK
d\tt\t12.25\tR\tc\tCSeq:9 INVITE\tINVITE sip:op1@127.0.0.1:25060 SIP/2.0
d\tt\t12.5\tR\td\tCSeq:9 INVITE\tINVITE sip:op2@127.0.0.1:25060 SIP/2.0
d\tt\t12.6\tS\tc\tCSeq:9 INV"""


@pytest.fixture
def calls(tmp_path: Path) -> list[CrowdCall]:
    path = tmp_path / "messages.csv"
    path.write_text(TRACE, encoding="utf-8")
    return calls_of(read_trace(path))


def test_messages_are_put_together_by_call(calls: list[CrowdCall]) -> None:
    first, second, third, _ = calls
    assert first == CrowdCall("op1", "a", 10.0, 10.1, 12.0, ended_by_phone=True)
    assert second == CrowdCall("op2", "b", 10.2, None, 11.0)
    assert first.talked
    assert not second.talked
    assert third.answered_at is None


def test_waits_are_measured_from_hang_up_to_the_next_invite_at_that_phone(calls: list[CrowdCall]) -> None:
    assert waits(calls) == pytest.approx([0.25])
    assert waits(calls, only_own_hang_ups=False) == pytest.approx([0.25, 1.5])
