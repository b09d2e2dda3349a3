"""The token for orders over the web: read from a file, refused where it could be guessed."""

from pathlib import Path

import pytest

from ivr.errors import Plain
from ivr.secrets import read_api_token


def test_no_file_means_no_token() -> None:
    assert read_api_token(None) == ""


def test_the_file_holds_the_token(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("a-token-that-nobody-guesses\n")
    assert read_api_token(path) == "a-token-that-nobody-guesses"


@pytest.mark.parametrize("content", ["", "short", "п" * 30, "two lines of\nletters and digits", "a" * 19])
def test_a_poor_token_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "token"
    path.write_text(content)
    with pytest.raises(Plain):
        read_api_token(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Plain, match="no secret"):
        read_api_token(tmp_path / "none")
