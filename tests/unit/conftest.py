"""What several files of unit tests share."""

from pathlib import Path

import pytest

from ivr.config import Settings
from ivr.proving import Checked
from ivr.vocabulary import problems_of


@pytest.fixture
def without_the_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish without it, for it takes seconds. That a trap is refused is tested with the traps."""

    def quick(folder: Path, settings: Settings) -> Checked:
        return Checked(tuple(problems_of(folder, settings)), None)

    monkeypatch.setattr("ivr.publishing.check_folder", quick)
