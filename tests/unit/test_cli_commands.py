"""The commands of `dzvin` as people and programs use them: help, errors, statuses, pipes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.errors import Plain
from ivr.guard import guarded
from tests.dialplan_samples import SMALL, write

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = [
    *(["run"], ["serve"], ["demo"], ["test"], ["info"], ["check"], ["doctor"], ["render"], ["top"], ["why"]),
    *(
        ["try"],
        ["rehearse"],
        ["graph"],
        ["import"],
        ["switch"],
        ["example-service"],
        ["publish"],
        ["versions"],
        ["rollback"],
    ),
    *(["report", "promises"], ["promises"], ["promises", "show"], ["promises", "claim"]),
    *(["promises", "release"], ["promises", "forward"], ["promises", "back"]),
    *(["promises", "close"], ["promises", "cancel"]),
    *(["recordings"], ["recordings", "show"], ["recordings", "play"], ["recordings", "proofs"]),
    *(["recordings", "accesses"], ["recordings", "purge"], ["recordings", "remove"]),
    ["recordings", "new-key"],
    *(["report", "line"], ["prompts", "check"], ["prompts", "build"]),
]
HEAVY = ("pydantic", "sqlalchemy", "aiohttp", "holidays", "alembic", "numpy", "ruamel")


@pytest.fixture(autouse=True)
def run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "run"
    monkeypatch.setenv("DZVIN_RUN_FOLDER", str(folder))
    monkeypatch.delenv("DZVIN_LOG_LEVEL", raising=False)
    return folder


def dzvin(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ivr.cli", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


# Help


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_teaches_by_examples(words: list[str]) -> None:
    said = CliRunner().invoke(app, [*words, "--help"])
    assert said.exit_code == 0
    examples = " ".join(said.output.partition("Examples")[2].split())
    assert f"dzvin {' '.join(words)}" in examples


def test_all_commands_are_tried_here() -> None:
    groups = {"report", "prompts", "promises", "recordings"}
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert known == {words[0] for words in COMMANDS} - groups


def imported_by(code: str) -> set[str]:
    """Which of the heavy libraries a fresh interpreter has loaded after `code`."""
    ask = f"{code}\nimport sys; print(*(n for n in {HEAVY!r} if n in sys.modules), file=sys.stderr)"
    said = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(said.stderr.split())


def test_commands_load_only_what_they_need() -> None:
    helping = "from ivr.cli import app\ntry: app(['--help'])\nexcept SystemExit: pass"
    assert imported_by(helping) == set()
    assert imported_by("import ivr.about") == {"pydantic", "ruamel"}
    assert imported_by("import ivr.reports") & {"aiohttp", "holidays", "alembic", "numpy"} == set()
    assert imported_by("import ivr.app") & {"holidays", "alembic", "numpy"} == set()


def test_the_version_is_said() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert said.exit_code == 0
    assert said.output.startswith("dzvin 0.")


# Errors


def test_a_known_mistake_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise Plain("the tea is cold; warm it.")

    assert guarded(work) == 2
    assert capsys.readouterr().err == "dzvin: the tea is cold; warm it.\n"


def test_an_unknown_fault_is_a_sentence_that_names_the_traceback(
    capsys: pytest.CaptureFixture[str], run_folder: Path
) -> None:
    def work() -> None:
        raise KeyError("surprise")

    assert guarded(work) == 70
    said = capsys.readouterr().err
    kept = run_folder / "errors.log"
    assert len(said.splitlines()) == 1
    assert "KeyError: 'surprise'" in said
    assert f"the traceback is in {kept}" in said
    assert "Traceback" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


def test_where_no_traceback_can_be_kept_the_way_to_see_it_is_said(
    capsys: pytest.CaptureFixture[str], run_folder: Path
) -> None:
    run_folder.write_text("a file, not a folder")

    def work() -> None:
        raise ValueError

    assert guarded(work) == 70
    assert "DZVIN_LOG_LEVEL=debug shows the traceback" in capsys.readouterr().err


def test_debugging_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DZVIN_LOG_LEVEL", "debug")

    def work() -> None:
        raise ValueError("shown")

    with pytest.raises(ValueError, match="shown"):
        guarded(work)


def test_ctrl_c_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise KeyboardInterrupt

    assert guarded(work) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("command", ["info", "check", "info --json"])
def test_a_reader_that_stops_reading_is_no_error(command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "ivr.cli", *command.split()],
        cwd=ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert ended.stderr == ""
    assert ended.returncode == 1


def test_wrong_settings_are_named() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "ivr.cli", "info"],
        cwd=ROOT,
        env={**os.environ, "DZVIN_SIP_PORT": "many"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("dzvin: DZVIN_SIP_PORT 'many' cannot be used:")


# Answers


def test_info_for_programs_has_lines_accounts_and_addresses() -> None:
    said = json.loads(dzvin("info", "--json").stdout)
    assert ["100"] in [line["numbers"] for line in said["lines"]]
    assert {"sip", "ami", "fastagi", "http", "mqtt", "operators", "callers"} <= said.keys()
    assert all(len(account["password"]) >= 16 for account in said["operators"] + said["callers"])


def test_passwords_can_be_copied_from_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = json.loads(dzvin("info", "--json").stdout)["operators"]
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("FORCE_COLOR", "1")
    said = dzvin("info").stdout
    assert all(account["password"] in said for account in accounts)


def checked(folder: Path, *options: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, ["check", str(folder), *options])
    return ended.exit_code, ended.output


def sample_without_prompts(folder: Path, monkeypatch: pytest.MonkeyPatch, **changed: str) -> Path:
    """The small dialplan; its recordings are not looked for."""
    spoken = folder / "prompts"
    for language in ("uk", "en"):
        shutil.copytree(ROOT / "prompts" / language, spoken / language)
        for prompt in ("hello", "choose", "news", "closed"):
            shutil.copy(spoken / language / "goodbye.wav", spoken / language / f"{prompt}.wav")
    monkeypatch.setenv("DZVIN_PROMPTS", str(spoken))
    return write(folder / "plan", {**SMALL, **changed})


def test_check_of_a_good_dialplan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = sample_without_prompts(tmp_path, monkeypatch)
    status, said = checked(plan)
    lines = said.splitlines()
    assert (status, lines[-1]) == (0, f"{plan}: no mistakes.")
    assert lines[0] == "To a person, a message or a goodbye at the latest, in minutes and steps:"
    callers = ["silent", "wrong-key", "mixed", "seeking"]
    assert [line.split()[0] for line in lines[1:-1]] == callers
    assert all(", 3 steps (main)" in line for line in lines[1:-1])


def test_check_shows_the_longest_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, said = checked(sample_without_prompts(tmp_path, monkeypatch), "--worst")
    assert status == 0
    assert "a silent caller of the line 'main', " in said
    assert "says and presses nothing: main/main-menu/silence-limit" in said
    assert "hung up" in said


def test_check_refuses_a_trap_and_shows_the_way_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    menus = str(SMALL["menus.yaml"]).replace("0501112233", "0501112233, if-not-answered: ask")
    status, said = checked(sample_without_prompts(tmp_path, monkeypatch, **{"menus.yaml": menus}))
    assert status == 1
    assert "is led round and round: ask → call-out → ask" in said
    assert "the transfer is not answered: main/call-out/not-answered" in said
    assert said.endswith("1 mistake.\n")


def test_check_of_a_dialplan_with_a_warning_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = str(SMALL["lines.yaml"]).replace("    if-closed: sorry\n", "")
    menus = str(SMALL["menus.yaml"]).replace("  sorry: { hang-up: [closed, goodbye] }\n", "")
    changed = {"lines.yaml": lines, "menus.yaml": menus}
    plan = sample_without_prompts(tmp_path, monkeypatch, **changed)
    status, said = checked(plan)
    assert status == 0
    assert "warning: " in said
    assert said.endswith(f"{plan}: no mistakes, 1 warning.\n")


def test_check_of_a_dialplan_with_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    menus = str(SMALL["menus.yaml"]).replace("then: main-menu", "then: main-manu")
    plan = sample_without_prompts(tmp_path, monkeypatch, **{"menus.yaml": menus})
    status, said = checked(plan)
    assert status == 1
    assert "menus.yaml:6:" in said
    assert "did you mean 'main-menu'?" in said
    assert said.endswith("1 mistake.\n")
