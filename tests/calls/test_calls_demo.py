"""`dzvin demo` as a process of its own, to its end: calls by voice and by keys, its tables, its status."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.demo.tables import SOUND, WORDS
from ivr.speech import TEST_MODELS
from ivr.speech.models import LANGUAGES
from tests.real import need, need_path

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).resolve().parents[2]


def demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    need("baresip")
    need("espeak-ng")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DZVIN_")}
    environment |= {"DZVIN_RUN_FOLDER": str(folder / "run"), "COLUMNS": "240"}
    command = [sys.executable, "-m", "ivr.cli", "demo", *options]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=240
    )


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("│┃").replace("┃", "│").split("│")]


def rows_under(title: str, text: str) -> list[list[str]]:
    """Of the table with this title, without its head."""
    assert f" {title}" in text, text
    below = text.partition(f" {title}")[2].splitlines()
    start = next(number for number, line in enumerate(below) if line.startswith("┡"))
    end = next(number for number, line in enumerate(below) if line.startswith("└"))
    return [cells(line) for line in below[start + 1 : end]]


def talks_in(text: str) -> int:
    line = next(line for line in text.splitlines() if " talks, " in line)
    return int(line.split(" talks")[0])


def test_callers_speak_and_press_keys_and_the_tables_tell_of_both(tmp_path: Path) -> None:
    for language in LANGUAGES:
        need_path(TEST_MODELS / language, f"the {language} test model")
    ended = demo(tmp_path, "--seconds", "20")
    said = ended.stdout
    assert ended.returncode == 0, said + ended.stderr
    assert "synthetic" in said
    assert "official Vosk model" in said
    words = rows_under(WORDS, said)
    assert {row[1] for row in words} == {"uk", "ru", "en"}
    understood = [row for row in words if row[2] == row[4]]
    assert len(understood) >= 0.75 * len(words)
    assert any(row[3] == "spoken over" for row in understood)
    assert any("ask-general" in row[6] for row in understood), "a word led to the operators' queue"
    assert all(row[7].endswith("s") for row in understood), "with the time that it took"
    assert "1 meter readings taken" in said or "2 meter readings taken" in said
    assert talks_in(said) > 0
    sound = rows_under(SOUND, said)
    assert len(sound) == 3
    assert all(heard == heard_by for _, heard, heard_by in sound)
    assert "Traceback" not in said + ended.stderr


def test_without_models_it_says_why_and_goes_on_by_keys(tmp_path: Path) -> None:
    ended = demo(tmp_path, "--seconds", "5", "--models", str(tmp_path / "none"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for language in LANGUAGES:
        assert (
            f"Callers in {language} press keys: there is no folder {tmp_path}/none/{language}."
            in ended.stdout
        )
    assert WORDS not in ended.stdout
    assert talks_in(ended.stdout) > 0
    assert len(rows_under(SOUND, ended.stdout)) == 3
