"""Ids of the prompts of voicemail and call-backs that no dialplan has to name."""

from enum import StrEnum


class VoicemailPrompt(StrEnum):
    WELCOME = "voicemail-welcome"
    """Unless the step says something else."""
    REVIEW = "voicemail-review"
    REVIEW_KEYS = "voicemail-review-keys"
    """Where nobody listens to words."""
    AGAIN = "voicemail-again"
    """Before a further tone."""
    FULL = "voicemail-full"
    KEPT = "voicemail-kept"
    EMPTY = "voicemail-empty"
    FAILED = "voicemail-failed"


class CallBackPrompt(StrEnum):
    WELCOME = "call-back-welcome"
    """Unless the step says something else."""
    NUMBER = "call-back-number"
    """Before the digits."""
    TYPE_NUMBER = "call-back-type-number"
    SAY_NUMBER = "call-back-say-number"
    """The same where words are listened to."""
    NOT_THIS_NUMBER = "call-back-not-this-number"
    PROMISED = "call-back-promised"
    ALREADY = "call-back-already"
    REFUSED = "call-back-refused"
    FAILED = "call-back-failed"
    CONFIRM = "call-back-confirm"
    """To whoever picks up: did you ask for a call?"""
    SORRY = "call-back-sorry"
    """To who did not."""


class CallTimePrompt(StrEnum):
    """Where callers may choose a time."""

    WHEN = "call-back-when"
    TYPE_TIME = "call-back-type-time"
    NOT_THIS_TIME = "call-back-not-this-time"
    TODAY = "call-back-today"
    """Before the time."""
    TOMORROW = "call-back-tomorrow"
    PROMISED_AT = "call-back-promised-at"
