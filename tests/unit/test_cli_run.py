"""The lock of `dzvin run`, and what the doctor says of a server that is still starting."""

import os
import re
from pathlib import Path

import pytest

from ivr.asterisk.instance_ports import free_addresses
from ivr.config import load_settings
from ivr.doctor.finding import Mark
from ivr.doctor.run import run_doctor
from ivr.errors import Plain
from ivr.run_lock import at_work, only_one
from tests.real import free_port


def test_only_one_works_in_a_folder_and_its_number_is_known(tmp_path: Path) -> None:
    assert at_work(tmp_path) is None
    with only_one(tmp_path) as ended_well:
        assert ended_well
        assert at_work(tmp_path) == os.getpid()
        with pytest.raises(Plain, match=rf"at work already \(process {os.getpid()}\)"), only_one(tmp_path):
            pytest.fail("two at once")
        assert at_work(tmp_path) == os.getpid(), "the refused one leaves the first one's number alone"
    assert at_work(tmp_path) is None


def test_an_end_by_an_error_is_a_good_end(tmp_path: Path) -> None:
    with pytest.raises(Plain), only_one(tmp_path):
        raise Plain("a port is taken")
    with only_one(tmp_path) as ended_well:
        assert ended_well


def test_a_number_that_was_left_behind_tells_of_a_kill(tmp_path: Path) -> None:
    (tmp_path / "run.lock").write_text("4711")
    assert at_work(tmp_path) is None
    with only_one(tmp_path) as ended_well:
        assert not ended_well


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sentence = re.escape(f"The run folder {tmp_path}/file/run cannot be written: Not a directory;")
    with pytest.raises(Plain, match=sentence), only_one(tmp_path / "file" / "run"):
        pytest.fail("locked nothing")


async def test_the_doctor_tells_a_server_that_starts_from_one_that_does_not_run(tmp_path: Path) -> None:
    addresses = free_addresses()
    settings = load_settings(
        run_folder=tmp_path,
        asterisk_name="never-started",
        sip_port=addresses.sip_port,
        ami_port=addresses.ami_port,
        fastagi_port=addresses.fastagi_port,
        http_port=free_port(),
    )
    told = [one for one in await run_doctor(settings) if one.area == "server"]
    assert [(one.mark, "does not run" in one.what) for one in told] == [(Mark.OK, True)]
    with only_one(tmp_path):
        told = [one for one in await run_doctor(settings) if one.area == "server"]
    assert [one.mark for one in told] == [Mark.WARN]
    assert f"dzvin run (process {os.getpid()}) has not started it yet" in told[0].what
