"""Settings: defaults, a file, the environment; a mistake is one sentence with the variable's name."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from ivr.config import PROJECT, load_settings
from ivr.errors import Plain


@pytest.fixture(autouse=True)
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in [name for name in os.environ if name.startswith("DZVIN_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "settings.env"
    path.touch()
    monkeypatch.setenv("DZVIN_SETTINGS_FILE", str(path))
    return path


def test_defaults_need_nothing() -> None:
    settings = load_settings()
    assert settings.database == f"sqlite:///{PROJECT}/.dzvin/run/dzvin.sqlite"
    assert settings.addresses.sip_host == "127.0.0.1"
    assert {settings.ami_host, settings.fastagi_host, settings.http_host} == {"127.0.0.1"}
    assert settings.mqtt_url == ""
    with pytest.raises(ValidationError):
        settings.sip_port = 1  # type: ignore[misc]


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    file.write_text("DZVIN_SIP_PORT=5070\nDZVIN_AMI_PORT=5039\n")
    monkeypatch.setenv("DZVIN_SIP_PORT", "5080")
    settings = load_settings()
    assert (settings.sip_port, settings.ami_port) == (5080, 5039)
    assert load_settings(sip_port=5090).sip_port == 5090


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DZVIN_SIP_PORT", "")
    assert load_settings().sip_port == 5060


def test_folders_are_relative_to_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DZVIN_DIALPLANS", "other/plans")
    assert load_settings().dialplans == PROJECT / "other/plans"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DZVIN_SIP_PORT", "x", "DZVIN_SIP_PORT 'x' cannot be used: input should be a valid integer"),
        ("DZVIN_SIP_PORT", "70000", "DZVIN_SIP_PORT '70000' cannot be used"),
        ("DZVIN_SIP_PORT", "5038", "DZVIN_SIP_PORT and DZVIN_AMI_PORT are both 5038"),
        ("DZVIN_SIP_PROT", "5061", "DZVIN_SIP_PROT is no setting; DZVIN_SIP_PORT is one"),
        ("DZVIN_SYNTHESIZER", "espeak-ng {voice}", "cannot be used: write it with {out}, and {voice}"),
        ("DZVIN_SYNTHESIZER_VOICES", "uk", "'uk' cannot be used: write each language once with its voice"),
        ("DZVIN_LOG_LEVEL", "loud", "DZVIN_LOG_LEVEL 'loud' cannot be used"),
        ("DZVIN_SIP_HOST", "a b", "'a b' cannot be used"),
        ("DZVIN_WEB_ADDRESS", "10.0.0.7:8095", "DZVIN_WEB_ADDRESS cannot be used: write it as http://host"),
        ("DZVIN_WEB_ADDRESS", "http://[1", "DZVIN_WEB_ADDRESS cannot be used: write it as http://host"),
        ("DZVIN_RTP_LAST", "12000", "RTP ports 12000 to 12000 are too few"),
        ("DZVIN_SIP_ALLOW_FROM", "1.2.3.400", "1.2.3.400"),
        ("DZVIN_FALLBACK_NUMBER", "abc", "DZVIN_FALLBACK_NUMBER 'abc' cannot be used"),
        ("DZVIN_MQTT_URL", "localhost:1883", "DZVIN_MQTT_URL cannot be used: write it as mqtt://"),
        ("DZVIN_SETTINGS_FILE", "/no/such/file", "there is no file /no/such/file"),
    ],
)
def test_a_wrong_value_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Plain) as refused:
        load_settings()
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_password_in_a_wrong_url_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DZVIN_DATABASE_URL", "mysql://dzvin:very-secret@host/name")
    with pytest.raises(Plain, match="DZVIN_DATABASE_URL cannot be used: write it as postgresql") as refused:
        load_settings()
    assert "very-secret" not in str(refused.value)


def test_secrets_in_urls_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DZVIN_DATABASE_URL", "postgresql://dzvin:very-secret@host/name")
    assert "very-secret" not in repr(load_settings())
