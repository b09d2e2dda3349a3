"""What takes long says so once, to a person; what is quick says nothing."""

import sys
import threading
import time

import pytest

from ivr.terminal.patience import told_if_slow

Capture = pytest.CaptureFixture[str]


def before_a_terminal(monkeypatch: pytest.MonkeyPatch, *, yes: bool = True) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: yes)


def test_what_is_quick_says_nothing(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    before_a_terminal(monkeypatch)
    with told_if_slow("working …", after=30.0):
        pass
    assert capsys.readouterr() == ("", "")


def test_what_takes_long_says_so_once(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    before_a_terminal(monkeypatch)
    with told_if_slow("working …", after=0.0):
        for timer in threading.enumerate():
            if isinstance(timer, threading.Timer):
                timer.join(30.0)
    assert capsys.readouterr() == ("", "working …\n")


def test_what_fails_is_not_held_up(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    before_a_terminal(monkeypatch)
    with pytest.raises(ValueError, match="spoilt"), told_if_slow("working …", after=30.0):
        raise ValueError("spoilt")
    assert capsys.readouterr() == ("", "")


def test_a_program_is_told_nothing(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    before_a_terminal(monkeypatch, yes=False)
    with told_if_slow("working …", after=0.0):
        time.sleep(0.1)
    assert capsys.readouterr() == ("", "")
