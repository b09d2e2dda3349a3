"""Ports for tests and the demo: nobody gets the same ones twice, not even another process."""

import subprocess
import sys

import pytest

from ivr.asterisk.instance_ports import free_addresses
from ivr.free_ports import ASTERISK_RTP, PHONE_RTP, give_back, take_ports

ELSEWHERE = """
from ivr import free_ports
free_ports._FIRST_PORTS = range({first}, {first} + 8, 8)
try:
    print(free_ports.take_ports(4))
except OSError:
    print("none")
"""


def asked_elsewhere(first: int) -> str:
    """What another process gets that may take this block only."""
    command = [sys.executable, "-c", ELSEWHERE.format(first=first)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_block_is_taken_once() -> None:
    first, second = take_ports(4), take_ports(4)
    assert abs(first - second) >= 8
    give_back(second)
    give_back(first)


def test_a_block_is_taken_by_nobody_else_until_it_is_given_back() -> None:
    """Others on this machine may be faster to take what was given back, but not five times."""
    for _ in range(5):
        first = take_ports(4)
        assert asked_elsewhere(first) == "none"
        give_back(first)
        if asked_elsewhere(first) == str(first):
            return
    pytest.fail("nobody gets what was given back")


@pytest.mark.parametrize("count", [0, 8])
def test_a_block_has_seven_ports_to_give(count: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 7"):
        take_ports(count)


def test_nobody_listens_where_the_sound_of_an_ended_call_may_still_come() -> None:
    for _ in range(50):
        found = free_addresses()
        give_back(found.sip_port)
        listen = {found.sip_port, found.ami_port, found.fastagi_port}
        assert len(listen) == 3
        assert {found.rtp_first, found.rtp_last} <= set(ASTERISK_RTP)
        assert max(*ASTERISK_RTP, *PHONE_RTP) < min(listen)
    assert ASTERISK_RTP[-1] < PHONE_RTP[0]
