"""A recogniser for tests that hears what it is told to, and the checks that every recogniser must pass."""

from ivr.speech.testing.contract import RECOGNISER_CHECKS, RecogniserCheck, check_recogniser
from ivr.speech.testing.fake import FakeRecogniser, FakeRecognition
from ivr.speech.testing.trial import FakeTrial, RecogniserUnderTest

__all__ = [
    "RECOGNISER_CHECKS",
    "FakeRecogniser",
    "FakeRecognition",
    "FakeTrial",
    "RecogniserCheck",
    "RecogniserUnderTest",
    "check_recogniser",
]
