"""What hinders `dzvin run` is one clear sentence, and nothing is left running."""

import os
import shutil
import socket
from pathlib import Path

import pytest

from ivr.errors import Plain
from ivr.run import look_at_disk
from tests.instance_asterisk import asterisk_program
from tests.run_process import RunningDzvin, dzvin, settings_for_run


@pytest.mark.parametrize("name", ["http_port", "fastagi_port", "sip_port", "ami_port"])
def test_a_taken_port_is_named_with_its_holder(tmp_path: Path, name: str) -> None:
    asterisk_program()
    settings = settings_for_run(tmp_path)
    with socket.create_server(("127.0.0.1", getattr(settings, name))):
        ended = dzvin("run", settings=settings)
        assert ended.returncode == 2
        sentence = ended.stderr.strip().splitlines()[-1]
        assert f"Port {getattr(settings, name)}/tcp" in sentence
        assert f"(process {os.getpid()})" in sentence
        assert f"DZVIN_{name.upper()}" in sentence
    assert RunningDzvin(settings, tmp_path).taken() == []


def test_mistakes_in_the_dialplan_are_listed(tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    plan.mkdir()
    (plan / "all.yaml").write_text(
        "lines:\n  main: { name: { uk: M }, numbers: [100], start: menuu }\n"
        "steps:\n  menu: { hang-up: [goodbye] }\n  other: { hangup: [goodbye] }\n",
        encoding="utf-8",
    )
    settings = settings_for_run(tmp_path, dialplans=plan)
    ended = dzvin("run", settings=settings)
    assert ended.returncode == 2
    assert "all.yaml:2:" in ended.stderr
    assert "all.yaml:5:" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert RunningDzvin(settings, tmp_path).taken() == []


def test_a_run_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    ended = dzvin("run", settings=settings_for_run(tmp_path))
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"dzvin: The run folder {tmp_path}/run cannot be written: File exists;")
    assert len(ended.stderr.splitlines()) == 1


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=20 * 1024)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    said: list[str] = []
    with pytest.raises(Plain, match=r"is full \(20 kB are free\): make room, 5 MB at least"):
        look_at_disk(tmp_path, said.append)
    (tmp_path / "journal").mkdir()
    look_at_disk(tmp_path, said.append)
    assert len(said) == 1
    assert "facts are held in memory" in said[0]
