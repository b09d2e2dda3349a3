"""Asterisk's side of both bridges, scripted, for tests: `FakeAsteriskAmi` and `FakeAgiPeer`."""

from ivr.asterisk.testing.agi_peer import FakeAgiPeer, split_command
from ivr.asterisk.testing.ami_peer import FakeAsteriskAmi, ami_event

__all__ = ["FakeAgiPeer", "FakeAsteriskAmi", "ami_event", "split_command"]
