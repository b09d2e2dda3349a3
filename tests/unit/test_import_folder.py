"""Where an import writes, what it refuses, and that what it read does no harm."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.errors import Plain
from ivr.importing.folder import MAX_BYTES, import_files
from tests.import_samples import imported, loaded, told

SMALL = "[from-trunk]\nexten => 0800,1,Queue(sales)\n"


def test_a_folder_that_is_not_empty_is_left_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "extensions.conf"
    source.write_text(SMALL)
    target = tmp_path / "there"
    target.mkdir()
    (target / "mine").write_text("mine")
    with pytest.raises(Plain, match="not empty, and nothing is overwritten; name a new folder"):
        import_files([source], target, "uk")
    assert [path.name for path in target.iterdir()] == ["mine"]


def test_files_that_are_missing_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(Plain, match=r"cannot be read \(No such file or directory\); name a file"):
        import_files([tmp_path / "none.conf"], tmp_path / "plan", "uk")
    large = tmp_path / "large.conf"
    large.write_bytes(b";" * (MAX_BYTES + 1))
    with pytest.raises(Plain, match=r"large\.conf is larger than 1024 KB; split it"):
        import_files([large], tmp_path / "plan", "uk")


def test_nothing_of_the_files_is_run_followed_or_markup(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    (tmp_path / "other.conf").write_text("[from-trunk]\nexten => 0900,1,Hangup\n")
    hostile = SMALL + (
        f" same => n,System(touch {mark})\n#exec touch {mark}\n#include other.conf\n"
        " same => n,Evil(<script>alert(1)</script> | [x](http://y) `z` \x1b[31m)\n"
        "exten => 0801,1,Playback(../../../etc/passwd)\n"
    )
    plan, done = imported(tmp_path, {"extensions.conf": hostile})
    assert not mark.exists()
    assert {line.numbers for line in loaded(plan).dialplan.lines.values()} == {("0800",), ("0801",)}
    written = (plan / "IMPORT.md").read_text()
    assert r"Evil(\<script\>alert(1)\</script\> \| \[x\](http://y) \`z\`" in written
    assert "\x1b" not in written
    assert "\x1b" not in "".join(told(done))
    assert (
        (plan / "prompts/texts.yaml").read_text().endswith("sound-etc-passwd:\n  uk: ../../../etc/passwd\n")
    )
    assert {path.relative_to(plan).as_posix() for path in plan.rglob("*") if path.is_file()} == {
        *("center.yaml", "lines.yaml", "steps.yaml", "queues.yaml", "IMPORT.md", "prompts/texts.yaml")
    }


def test_thousands_of_entries_stay_within_what_the_checker_reads(tmp_path: Path) -> None:
    keys = "".join(f"exten => {key},1,Goto(menu-{key},s,1)\n" for key in range(10))
    contexts = "".join(f"[menu-{n}]\nexten => s,1,Background({'ж' * 70}{n})\n{keys}" for n in range(1200))
    queues = "".join(f"[{'q' * 60}{n}]\nmember => PJSIP/{n % 600 + 1000}\n" for n in range(700))
    numbers = "".join(f"exten => 0{n + 10**6},1,Goto(menu-{n},s,1)\n" for n in range(1200))
    files = {"extensions.conf": f"[from-trunk]\n{numbers}{contexts}"[: MAX_BYTES // 2], "queues.conf": queues}
    plan, done = imported(tmp_path, files)
    loaded(plan)
    assert (done.lines, done.queues, done.operators) == (500, 500, 500)
    assert done.steps <= 1000


def test_old_names_are_shown_and_ids_are_latin_and_unique(tmp_path: Path) -> None:
    plan, _ = imported(tmp_path, {"queues.conf": "[Продажі]\n[продажі!]\n[911]\n[💥]\n"})
    queues = loaded(plan).names.queues
    assert {name: labels["uk"] for name, labels in queues.items()} == {
        "prodazhi": "Продажі",
        "prodazhi-2": "продажі!",
        "queue-911": "911",
        "queue": "💥",
    }


def test_the_command_prints_the_report(tmp_path: Path) -> None:
    source = tmp_path / "extensions.conf"
    source.write_text(SMALL)
    ended = CliRunner().invoke(
        app, ["import", str(source), "--to", str(tmp_path / "plan"), "--language", "en"]
    )
    assert ended.exit_code == 0
    said = " ".join(ended.output.split())
    assert "extensions.conf:2 sales no file describes" in said
    assert "1 lines, 1 steps, 1 queues, 0 operators; 0 prompts to record." in said
    assert (tmp_path / "plan/center.yaml").read_text().splitlines()[2] == "  languages: [en]"
