"""The default: a folder of recordings, each with its transcript beside it.

`FOLDER/2026-11-22/ID.wav` and `ID.json`, readable by their owner alone; what was removed and who heard what
is in `FOLDER/removed.jsonl` and `FOLDER/accesses.jsonl`.
"""

from pathlib import Path

from ivr.recordings.disk import FolderShelf
from ivr.recordings.ids import sound_of
from ivr.recordings.port import Rules
from ivr.recordings.store import Recordings


class RecordingFolder(Recordings):
    """Use on the event loop."""

    def __init__(self, folder: Path, *, kept_days: int = 30, within: float = 5.0) -> None:
        """`kept_days`: whole days that a recording stays, from 1; `within`: seconds for a file at most."""
        super().__init__(
            FolderShelf(folder, within=within), folder, Rules(kept_days=kept_days), within=within
        )
        self.folder = folder

    def path(self, id_: str) -> Path:
        """The WAV file of an id; its sidecar ends in `.json`. RecordingError for anything that is no id."""
        return self.folder / sound_of(id_)
