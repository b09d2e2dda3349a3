"""Secrets: made once, read by their owner only, never lost by a start with fewer phones."""

import json
from pathlib import Path

import pytest

from ivr.errors import Plain
from ivr.secrets import Secrets, read_secret


def test_made_once_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first = Secrets(folder).named("ami")
    assert Secrets(folder).named("ami") == first
    assert Secrets(folder).named("other") != first
    assert len(first) >= 20
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_phones_keep_their_passwords(tmp_path: Path) -> None:
    known = Secrets(tmp_path).phones(["op1", "op2"])
    assert known["op1"] != known["op2"]
    assert Secrets(tmp_path).phones(["op1"]) == {"op1": known["op1"]}
    assert Secrets(tmp_path).phones(["op3", "op2"])["op2"] == known["op2"]


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"op1": 3})])
def test_a_damaged_file_is_one_sentence_and_is_kept(tmp_path: Path, text: str) -> None:
    (tmp_path / "phones.json").write_text(text)
    with pytest.raises(Plain, match=r"phones\.json"):
        Secrets(tmp_path).phones(["op1"])
    assert (tmp_path / "phones.json").read_text() == text


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Plain, match="cannot be"):
        Secrets(tmp_path / "file" / "secrets").named("ami")


def test_an_administrators_secret_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Plain, match="no secret"):
        read_secret(tmp_path / "absent")
    (tmp_path / "there").write_text("geheim\n")
    assert read_secret(tmp_path / "there") == "geheim"
