"""The store of recordings that the settings ask for."""

from pathlib import Path

from ivr.recordings.folder import RecordingFolder
from ivr.recordings.port import RecordingStore


def open_recordings(folder: Path) -> RecordingStore:
    """Nothing is read or written yet."""
    return RecordingFolder(folder)
