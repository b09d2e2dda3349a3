"""Asterisk's side of its bridges, scripted, for tests: AMI, FastAGI and AudioSocket."""

from ivr.asterisk.testing.agi_peer import FakeAgiPeer, split_command
from ivr.asterisk.testing.ami_peer import FakeAsteriskAmi, ami_event
from ivr.asterisk.testing.audio_peer import FakeAudioPeer, tone

__all__ = ["FakeAgiPeer", "FakeAsteriskAmi", "FakeAudioPeer", "ami_event", "split_command", "tone"]
