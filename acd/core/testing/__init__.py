"""Shipped fakes for the core's ports, and the checks that every real adapter must pass."""

from acd.core.testing.callers import MemoryCallerLanguages, check_caller_languages
from acd.core.testing.contract import check_journal
from acd.core.testing.fakes import MemoryJournal, RecordingSink, RecordingSwitch
from acd.core.testing.simulation import Simulation
from acd.core.testing.switch import Behaviour, CustomerBehaviour, SimulatedSwitch, Timeline
from acd.core.testing.switch_contract import SWITCH_CHECKS, SwitchCheck, check_switch
from acd.core.testing.switch_trial import CustomerManner, Manner, SwitchUnderTest

__all__ = [
    "SWITCH_CHECKS",
    "Behaviour",
    "CustomerBehaviour",
    "CustomerManner",
    "Manner",
    "MemoryCallerLanguages",
    "MemoryJournal",
    "RecordingSink",
    "RecordingSwitch",
    "SimulatedSwitch",
    "Simulation",
    "SwitchCheck",
    "SwitchUnderTest",
    "Timeline",
    "check_caller_languages",
    "check_journal",
    "check_switch",
]
