"""The doctor in front of a real Asterisk: well, refused, too many rights, absent."""

from pathlib import Path

import pytest

from ivr.config import Settings
from ivr.doctor import Mark, run_doctor
from ivr.doctor.switch import check_ami, check_modules
from tests.instance_asterisk import AMI_SECRET, asterisk_program, phone, running_asterisk
from tests.real import free_port

EXTRA_USERS = """
[many]
secret = only-for-tests
permit = 127.0.0.1/255.255.255.255
read = all
write = all
[few]
secret = only-for-tests
permit = 127.0.0.1/255.255.255.255
read = system,call
write = call
"""


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asterisk waits for a second before it says that a secret is wrong, and a busy machine for longer."""
    monkeypatch.setattr("ivr.doctor.switch._ANSWER_FOR", 8.0)


@pytest.mark.usefixtures("patient")
async def test_our_own_configuration_is_found_well() -> None:
    async with running_asterisk([phone("op1")]) as asterisk:
        a = asterisk.addresses
        found = await check_ami(a.ami_host, a.ami_port, "dzvin", AMI_SECRET)
        assert [(one.area, one.mark) for one in found] == [("AMI", Mark.OK), ("AMI rights", Mark.OK)]
        modules = list(check_modules(await asterisk.cli("module show")))
        assert [one.mark for one in modules] == [Mark.OK], modules


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("user", "secret", "mark", "word"),
    [
        ("dzvin", "wrong-secret", Mark.FAIL, "refuses"),
        ("many", AMI_SECRET, Mark.WARN, "command, config, system"),
        ("few", AMI_SECRET, Mark.FAIL, "Originate"),
    ],
)
async def test_wrong_secret_too_many_and_too_few_rights(
    user: str, secret: str, mark: Mark, word: str
) -> None:
    async with running_asterisk(extra={"manager.conf": EXTRA_USERS}) as asterisk:
        found = await check_ami("127.0.0.1", asterisk.addresses.ami_port, user, secret)
        assert any(one.mark is mark and word in one.what and one.mend for one in found), found


async def test_nobody_at_the_ami_port_is_said() -> None:
    found = await check_ami("127.0.0.1", free_port(), "dzvin", AMI_SECRET)
    assert [one.mark for one in found] == [Mark.FAIL]
    assert "nobody answers" in found[0].what


async def test_a_whole_look_before_the_first_start(tmp_path: Path) -> None:
    """Nothing runs, the database is away: every check ends in a finding, none in an exception."""
    program = asterisk_program()
    ports = {f"{name}_port": free_port() for name in ("sip", "ami", "fastagi", "http")}
    settings = Settings(
        run_folder=tmp_path / "run",
        asterisk_root=program.root or tmp_path / "none",
        asterisk_name="doctor-never-started",
        database_url=f"postgresql://dzvin:very-secret@127.0.0.1:{free_port()}/dzvin",
        mqtt_url=f"mqtt://127.0.0.1:{free_port()}",
        **ports,
    )
    found = await run_doctor(settings)
    areas = {one.area: one for one in found}
    assert areas["ports"].mark is Mark.OK
    assert areas["server"].mark is Mark.OK
    assert areas["database"].mark is Mark.WARN
    assert areas["MQTT"].mark is Mark.WARN
    assert "very-secret" not in repr(found)
    assert not (tmp_path / "run").exists()


async def test_without_asterisk_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("ivr.asterisk.instance_program.shutil.which", lambda *_, **__: None)
    found = await run_doctor(Settings(run_folder=tmp_path, asterisk_root=tmp_path / "none"))
    about = [one for one in found if one.area == "Asterisk"]
    assert [one.mark for one in about] == [Mark.FAIL]
    assert "./dzvin run" in about[0].mend


@pytest.mark.usefixtures("patient")
async def test_an_asterisk_of_somebody_else_is_looked_at_over_ami(tmp_path: Path) -> None:
    secret = tmp_path / "ami-secret"
    secret.write_text(AMI_SECRET)
    secret.chmod(0o600)
    async with running_asterisk([phone("op1")]) as asterisk:
        settings = Settings(
            asterisk="existing",
            run_folder=tmp_path,
            ami_port=asterisk.addresses.ami_port,
            ami_secret_file=secret,
            fastagi_port=free_port(),
            http_port=free_port(),
        )
        found = await run_doctor(settings)
    about = {one.area: one for one in found}
    assert about["AMI"].mark is Mark.OK
    assert about["Asterisk"].mark is Mark.OK
    assert about["Asterisk"].what[:2].isdigit()
    assert about["modules"].mend or about["modules"].mark is Mark.OK
    unset = await run_doctor(Settings(asterisk="existing", run_folder=tmp_path))
    assert any(one.mark is Mark.FAIL and "DZVIN_AMI_SECRET_FILE" in one.mend for one in unset)
