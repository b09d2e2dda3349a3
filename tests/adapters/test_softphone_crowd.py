"""A crowd of sipp phones on a real Asterisk registers, answers, hangs up, and tells when."""

from pathlib import Path

import pytest

from ivr.asterisk.conf import Trunk
from ivr.softphone.crowd import CallersCrowd, CrowdCall, CrowdError, OperatorsCrowd, waits
from tests.instance_asterisk import PASSWORD, phone, running_asterisk
from tests.real import need

EXTENSIONS = """
[dzvin-lines]
exten => 7001,1,Answer()
 same => n,Dial(PJSIP/op1,15,g)
 same => n,Dial(PJSIP/op1,15,g)
 same => n,Dial(PJSIP/op1,15,g)
 same => n,Dial(PJSIP/op1,15,g)
 same => n,Hangup()
"""
TRUNK = Trunk(name="carrier", hosts=("127.0.0.1",))


async def test_operators_answer_hang_up_and_are_called_again(tmp_path: Path) -> None:
    need("sipp")
    async with running_asterisk(
        [phone("op1")], trunks=(TRUNK,), extra={"extensions.conf": EXTENSIONS}
    ) as asterisk:
        sip = asterisk.addresses.sip_port
        operators = OperatorsCrowd([("op1", PASSWORD)], sip, tmp_path / "ops", talk_for=0.3)
        callers = CallersCrowd("7001", sip, tmp_path / "callers")
        try:
            await operators.start()
            await callers.start(calls=1, per_second=5)
            assert await callers.wait(within=60) == 0
        finally:
            await callers.stop()
            await operators.stop()
        calls = operators.calls()
        assert len(calls) == 4
        assert all(call.talked and call.ended_by_phone for call in calls)
        # The shortest of several: a busy machine makes some of them longer.
        assert min(map(talked_for, calls)) == pytest.approx(0.3, abs=0.15)
        assert 0 < min(waits(calls)) < 0.5


def talked_for(call: CrowdCall) -> float:
    assert call.answered_at is not None
    assert call.ended_at is not None
    return call.ended_at - call.answered_at


async def test_refused_phones_are_named_and_nothing_is_left_running(tmp_path: Path) -> None:
    need("sipp")
    async with running_asterisk([phone("op1")]) as asterisk:
        crowd = OperatorsCrowd([("op1", "wrong-one")], asterisk.addresses.sip_port, tmp_path)
        with pytest.raises(CrowdError, match="not all of 1 phones were registered: 401"):
            await crowd.start()
        assert crowd.pid is None
