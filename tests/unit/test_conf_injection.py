"""No value can talk itself into a second line, a comment or a section of Asterisk's configuration."""

import configparser
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.asterisk.conf import Addresses, AsteriskConf, ConfError, Folders, Phone, Transfer, Trunk
from ivr.asterisk.conf_render import in_one_value, render, render_for_existing

BASE = Folders(base=PurePosixPath("/srv/dzvin/main"))
PHONE = Phone(name="op1", password="secret-1")
TRUNK = Trunk(name="itsp", hosts=("192.0.2.7",), server="sip.example.net")
CONF = AsteriskConf(ami_secret="secret-2", phones=(PHONE,), trunks=(TRUNK,))

INJECTIONS = [
    "op1\n[evil]",
    "op1\r\ntype = endpoint",
    "op1\x00",
    "op1\x85[evil]",
    "op1\u2028[evil]",
    "[evil]",
    "op1;comment",
    "op1,evil",
    "op1&PJSIP/itsp/1900",
    "../etc/passwd",
    "${SHELL(id)}",
    "#exec id",
    "",
    "-" * 300,
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_names_and_numbers_are_letters_and_digits_only(text: str) -> None:
    with pytest.raises(ConfError):
        Phone(name=text, password="secret-1")
    with pytest.raises(ConfError):
        Trunk(name=text, hosts=())
    with pytest.raises(ConfError):
        Transfer(number=text, via="op1")
    with pytest.raises(ConfError):
        replace(CONF, apology_prompt=text or " ", music=(text,))
    with pytest.raises(ConfError):
        replace(PHONE, language=text)
    with pytest.raises(ConfError):
        Addresses(sip_host=text.replace("op1", "op1 "))


@pytest.mark.parametrize(
    "text", ["abc\ndef", "abc\rdef", "abc\0def", " abcdef", "abcdef ", "пароль", "short", "x" * 81]
)
def test_passwords_that_a_line_cannot_hold_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ConfError) as refused:
        Phone(name="op1", password=text)
    assert text not in str(refused.value)
    assert "op1" in str(refused.value)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=6, max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_printable_password_stays_in_its_line(password: str) -> None:
    if password != password.strip():
        return
    text = render(replace(CONF, phones=(replace(PHONE, password=password),)), BASE)["pjsip.conf"]
    assert [line for line in text.splitlines() if line.startswith("password = ")] == [
        f"password = {password.replace(';', chr(92) + ';')}"
    ]
    assert sections(text) == sections(render(CONF, BASE)["pjsip.conf"])


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_display_name_is_refused_or_stays_in_its_quotes(name: str) -> None:
    try:
        phone = replace(PHONE, display=name)
    except ConfError:
        return
    text = render(replace(CONF, phones=(phone,)), BASE)["pjsip.conf"]
    line = next(line for line in text.split("\n") if line.startswith("callerid = "))
    assert line.startswith('callerid = "')
    assert line.endswith('" <op1>')
    assert line.count('"') == 2
    assert "${" not in line
    assert sections(text) == sections(render(CONF, BASE)["pjsip.conf"])


def sections(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.startswith("[")]


def test_a_value_with_a_line_break_never_reaches_a_file() -> None:
    with pytest.raises(ConfError, match="line break"):
        in_one_value("a\nb")
    assert in_one_value("a;b") == r"a\;b"


@pytest.mark.parametrize(
    "folder", ["relative/path", "/srv/a;b", "/srv/a\nb"], ids=["relative", "semicolon", "line break"]
)
def test_folders_that_a_line_cannot_hold(folder: str) -> None:
    with pytest.raises(ConfError):
        Folders(base=PurePosixPath(folder))


def test_the_allow_list_of_transfers() -> None:
    transfers = (
        Transfer(number="900", via="op1"),
        Transfer(number="_0800XXXXXX", via="itsp"),
        Transfer(number="_+38ZN", via="itsp"),
    )
    conf = replace(CONF, transfers=transfers)
    assert conf.allows("900")
    assert conf.allows("0800123456")
    assert conf.allows("+3812")
    assert not any(
        conf.allows(number) for number in ("901", "9001", "080012345", "+3802", "+3811", "_0800XXXXXX")
    )
    text = render(conf, BASE)["extensions.conf"]
    assert "Dial(PJSIP/op1,60)" in text
    assert "Dial(PJSIP/${EXTEN}@itsp,60)" in text


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"fallback_number": "911"}, "not on the list"),
        ({"transfers": (Transfer(number="900", via="nobody"),)}, "does not exist"),
        ({"transfers": (Transfer(number="_9XX", via="op1"),)}, "needs a trunk"),
        ({"phones": (PHONE, PHONE)}, "Two accounts"),
        ({"phones": (PHONE, replace(PHONE, name="itsp"))}, "Two accounts"),
        ({"extra_modules": ("app_system.so\nload = x.so",)}, "module"),
    ],
)
def test_what_does_not_fit_together_is_one_sentence(change: dict[str, object], why: str) -> None:
    with pytest.raises(ConfError, match=why) as refused:
        replace(CONF, **change)
    assert "\n" not in str(refused.value)


def test_secrets_are_not_shown_when_the_data_is_printed() -> None:
    shown = repr(CONF)
    assert "secret-1" not in shown
    assert "secret-2" not in shown


def test_callers_may_reach_lines_only() -> None:
    phones = (PHONE, Phone(name="caller1", password="secret-3", lines_only=True))
    text = render(replace(CONF, phones=phones), BASE)["pjsip.conf"]
    contexts = [line for line in text.splitlines() if line.startswith("context = ")]
    assert contexts == ["context = dzvin-phones", "context = dzvin-lines", "context = dzvin-lines"]


def test_ami_rights_are_the_least() -> None:
    manager = configparser.RawConfigParser(strict=False, allow_no_value=True, comment_prefixes=(";",))
    manager.read_string(render(CONF, BASE)["manager.conf"])
    user = manager["dzvin"]
    assert set(user["write"].split(",")) == {"call", "originate", "reporting"}
    assert not set(user["read"].split(",")) & {"all", "command", "config", "log", "verbose"}
    assert user["deny"] == "0.0.0.0/0.0.0.0"
    assert manager["general"]["bindaddr"] == "127.0.0.1"


def test_files_for_another_asterisk_hold_contexts_phones_and_user_only(tmp_path: Path) -> None:
    conf = replace(CONF, addresses=Addresses(fastagi_host="192.0.2.9"))
    files = {path.name: path for path in render_for_existing(conf, tmp_path / "out")}
    assert sorted(files) == ["dzvin-extensions.conf", "dzvin-manager.conf", "dzvin-pjsip.conf"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in files.values())
    assert sections(files["dzvin-extensions.conf"].read_text()) == [
        "[dzvin-lines]",
        "[dzvin-phones]",
        "[dzvin-leg]",
        "[dzvin-work]",
        "[dzvin-customer]",
        "[dzvin-asked]",
        "[dzvin-transfer]",
    ]
    assert "agi://192.0.2.9:4573/line" in files["dzvin-extensions.conf"].read_text()
    assert "permit = 192.0.2.9/255.255.255.255" in files["dzvin-manager.conf"].read_text()
    assert "[udp]" not in files["dzvin-pjsip.conf"].read_text()
