"""A corpus of broken dialplans: every message, word for word, with its file, line and column."""

from pathlib import Path

import pytest

from ivr.dialplan import DialplanErrors, check, load
from tests import dialplan_corpus_form, dialplan_corpus_sense, dialplan_corpus_speech, dialplan_corpus_work
from tests.dialplan_samples import SMALL, Files, write

CORPUS = (
    dialplan_corpus_form.CORPUS
    + dialplan_corpus_sense.CORPUS
    + dialplan_corpus_speech.CORPUS
    + dialplan_corpus_work.CORPUS
)
EACH = pytest.mark.parametrize(
    ("files", "expected"), [case[1:] for case in CORPUS], ids=[case[0] for case in CORPUS]
)


def messages(folder: Path) -> list[str]:
    return [
        str(problem).replace(f"{folder}/", "").replace(str(folder), "FOLDER") for problem in check(folder)
    ]


def test_the_sample_is_right(tmp_path: Path) -> None:
    assert messages(write(tmp_path / "d", SMALL)) == []


@EACH
def test_every_mistake_is_told_at_its_place(files: Files, expected: list[str], tmp_path: Path) -> None:
    assert messages(write(tmp_path / "d", files)) == expected


@EACH
def test_what_has_errors_is_not_loaded(files: Files, expected: list[str], tmp_path: Path) -> None:
    folder = write(tmp_path / "d", files)
    errors = [text for text in expected if ": warning: " not in text]
    if not errors:
        assert len(load(folder).warnings) == len(expected)
        return
    with pytest.raises(DialplanErrors) as caught:
        load(folder)
    assert len(caught.value.problems) == len(errors)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert messages(tmp_path / "nowhere") == [
        "FOLDER:1:1: the folder cannot be read (No such file or directory); name a folder with *.yaml files"
    ]
