"""What callers said in their own words, stored with its transcript: kept, handed out and removed on record.

`RecordingStore` is the port; `RecordingFolder` is the default behind it.
"""

from ivr.recordings.folder import RecordingFolder
from ivr.recordings.opening import Place, S3Place, open_recordings, open_seal
from ivr.recordings.port import (
    LONGEST_S,
    RATE_HZ,
    Access,
    Facts,
    NotFound,
    Proof,
    RecordingError,
    RecordingsFull,
    RecordingStore,
    Rules,
    Unreadable,
    Word,
)
from ivr.recordings.store import keep_purging

__all__ = [
    "LONGEST_S",
    "RATE_HZ",
    "Access",
    "Facts",
    "NotFound",
    "Place",
    "Proof",
    "RecordingError",
    "RecordingFolder",
    "RecordingStore",
    "RecordingsFull",
    "Rules",
    "S3Place",
    "Unreadable",
    "Word",
    "keep_purging",
    "open_recordings",
    "open_seal",
]
