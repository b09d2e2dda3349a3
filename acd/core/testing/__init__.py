"""Shipped fakes for the core's ports, and the checks that every real adapter must pass."""

from acd.core.testing.contract import check_journal
from acd.core.testing.fakes import MemoryJournal, RecordingSink, RecordingSwitch
from acd.core.testing.simulation import Behaviour, Simulation

__all__ = [
    "Behaviour",
    "MemoryJournal",
    "RecordingSink",
    "RecordingSwitch",
    "Simulation",
    "check_journal",
]
