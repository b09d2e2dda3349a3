"""The doctor's checks one by one: what is well, what is wrong, and that each wrong thing says what to do."""

import io
import wave
from collections.abc import Iterable
from pathlib import Path

import pytest
from rich.console import Console

from ivr.asterisk.conf_modules import OPTIONAL, REQUIRED
from ivr.config import Settings
from ivr.doctor import Finding, Mark, fail, has_failures, ok, render, warn
from ivr.doctor import machine as machine_checks
from ivr.doctor.machine import (
    check_clock,
    check_disk,
    check_folders,
    check_limits,
    check_python,
    check_secrets,
)
from ivr.doctor.sounds import check_prompts
from ivr.doctor.switch import check_modules, check_rights, check_version


def marks(findings: Iterable[Finding]) -> list[Mark]:
    found = list(findings)
    assert all(one.mend for one in found if one.mark is not Mark.OK), "what is wrong must say what to do"
    return [one.mark for one in found]


def settings_in(folder: Path) -> Settings:
    for name in ("dialplans", "prompts", "run"):
        (folder / name).mkdir()
    return Settings(dialplans=folder / "dialplans", prompts=folder / "prompts", run_folder=folder / "run")


def write_wav(path: Path, rate: int = 8000, channels: int = 1, size: int = 2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(size)
        sound.setframerate(rate)
        sound.writeframes(bytes(channels * size * 80))


@pytest.mark.parametrize(
    ("version", "mark"),
    [
        ("22.10.1+dfsg+~cs6", Mark.OK),
        ("20.18.2", Mark.OK),
        ("23.0.0", Mark.OK),
        ("certified-20.20-cert2", Mark.OK),
        ("20.6.0~dfsg+~cs6", Mark.WARN),
        ("22.3.0", Mark.WARN),
        ("18.9.0", Mark.FAIL),
        ("GIT-master", Mark.WARN),
    ],
)
def test_versions(version: str, mark: Mark) -> None:
    assert marks(check_version(version)) == [mark]


def listing(*absent: str) -> str:
    there = [name for name in (*REQUIRED, *OPTIONAL) if name not in absent]
    lines = [f"{name:<40} what it does    0    Running    core" for name in there]
    return "\n".join(["Module   Description  Use Count  Status  Support Level", *lines, "99 modules loaded"])


def test_modules() -> None:
    assert marks(check_modules(listing())) == [Mark.OK]
    assert marks(check_modules(listing("app_chanspy.so"))) == [Mark.WARN]
    found = list(check_modules(listing("res_agi.so", "app_chanspy.so")))
    assert [one.mark for one in found] == [Mark.FAIL, Mark.WARN]
    assert "res_agi.so" in found[0].what
    stopped = listing().replace("Running", "Not Running")
    assert Mark.OK not in marks(check_modules(stopped))


NEEDED = (
    "Originate",
    "Redirect",
    "Hangup",
    "Getvar",
    "ControlPlayback",
    "DeviceStateList",
    "CoreShowChannels",
)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (NEEDED, [Mark.OK]),
        (NEEDED[1:], [Mark.FAIL]),
        ((*NEEDED, "Command"), [Mark.WARN]),
        ((*NEEDED[:-1], "UpdateConfig", "ModuleLoad"), [Mark.FAIL, Mark.WARN]),
    ],
)
def test_rights_neither_too_few_nor_too_many(names: tuple[str, ...], expected: list[Mark]) -> None:
    assert marks(check_rights([(name.lower(), "does it (Priv: …)") for name in names])) == expected


def test_prompts_in_the_right_format_and_complete(tmp_path: Path) -> None:
    for language in ("uk", "ru"):
        write_wav(tmp_path / language / "welcome.wav")
        write_wav(tmp_path / language / "menu/main.wav")
    write_wav(tmp_path / "music" / "default" / "waiting.wav")
    assert marks(check_prompts(tmp_path)) == [Mark.OK, Mark.OK]


def test_prompts_wrong_or_missing_are_named(tmp_path: Path) -> None:
    write_wav(tmp_path / "uk" / "welcome.wav", rate=44100, channels=2)
    write_wav(tmp_path / "uk" / "bye.wav")
    write_wav(tmp_path / "ru" / "bye.wav", size=1)
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "bye.wav").write_bytes(b"no sound")
    found = list(check_prompts(tmp_path))
    said = {f"{one.area} {one.mark}": one.what for one in found}
    assert said["prompts uk fail"] == "welcome.wav has 44100 Hz, 2 channel(s), 16 bit"
    assert said["prompts ru fail"] == "bye.wav has 8000 Hz, 1 channel(s), 8 bit"
    assert "bye.wav is no WAV file" in said["prompts en fail"]
    assert said["prompts ru warn"].endswith("welcome")
    assert marks(check_prompts(tmp_path / "absent")) == [Mark.FAIL]


def test_secrets_that_others_may_read(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert marks(check_secrets(settings)) == [Mark.OK]
    settings.secrets_folder.mkdir()
    (settings.secrets_folder / "ami").write_text("x")
    (settings.secrets_folder / "ami").chmod(0o600)
    assert marks(check_secrets(settings)) == [Mark.OK]
    (settings.secrets_folder / "ami").chmod(0o640)
    found = list(check_secrets(settings))
    assert [one.mark for one in found] == [Mark.FAIL]
    assert found[0].mend == f"chmod 600 {settings.secrets_folder / 'ami'}"


def test_folders(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert marks(check_folders(settings)) == [Mark.OK]
    settings.dialplans.rmdir()
    found = [one for one in check_folders(settings) if one.mark is Mark.FAIL]
    assert "DZVIN_DIALPLANS" in found[0].mend


@pytest.mark.parametrize(("free", "mark"), [(50e6, Mark.FAIL), (500e6, Mark.WARN), (5e9, Mark.OK)])
def test_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: float, mark: Mark) -> None:
    usage = type("Usage", (), {"free": free})()
    monkeypatch.setattr(machine_checks.shutil, "disk_usage", lambda _: usage)
    assert marks(check_disk(settings_in(tmp_path))) == [mark]


def test_few_open_files_are_warned_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks.resource, "getrlimit", lambda _: (1024, 1024))
    assert marks(check_limits()) == [Mark.WARN]
    monkeypatch.setattr(machine_checks.resource, "getrlimit", lambda _: (1024, 1 << 20))
    assert marks(check_limits()) == [Mark.OK]


def test_python_and_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert marks(check_python()) == [Mark.OK, Mark.OK]
    monkeypatch.setattr(machine_checks, "_version", lambda name: None if name == "babel" else "1")
    found = [one for one in check_python() if one.mark is Mark.FAIL]
    assert [one.what for one in found] == ["missing: babel"]


def test_a_clock_that_jumps_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Mark.FAIL not in marks(check_clock())
    monkeypatch.setattr(machine_checks, "_clock_jump", lambda: 0.5)
    assert any("jumped by 500 ms" in one.what for one in check_clock())


def test_the_table_shows_every_finding_whatever_is_in_it() -> None:
    findings = [ok("Python", "3.11"), warn("clock", "[bold]free", "chrony"), fail("AMI", "nobody", "start")]
    out = io.StringIO()
    render(findings, Console(file=out, width=120))
    text = out.getvalue()
    assert "[bold]free" in text
    assert "1 well, 1 to look at, 1 to mend." in text
    assert has_failures(findings)
    assert not has_failures(findings[:2])
