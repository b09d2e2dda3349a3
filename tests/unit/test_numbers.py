"""Numbers that callers give for a call-back become what the trunk dials, or nothing."""

from collections.abc import Callable

import pytest

from ivr.dialplan.numbers import fits
from ivr.numbers import dialable, is_region


def may_dial(*patterns: str) -> Callable[[str], bool]:
    return lambda number: any(fits(pattern, number) for pattern in patterns)


@pytest.mark.parametrize(
    ("number", "form"),
    [
        ("0501234567", "0501234567"),
        ("+380 50 123-45-67", "0501234567"),
        ("380501234567", "0501234567"),
        ("00380501234567", "0501234567"),
        ("050123", ""),
        ("9501234567", ""),
        ("0501234567,,PJSIP/evil", ""),
        ("", ""),
        ("private", ""),
        ("701", "701"),
        ("999", ""),
    ],
)
def test_forms_at_home(number: str, form: str) -> None:
    assert dialable(number, "UA", may_dial("0XXXXXXXXX", "70X")) == form


def test_the_form_is_the_one_that_may_be_dialled() -> None:
    assert dialable("0501234567", "UA", may_dial("380XXXXXXXXX")) == "380501234567"
    assert dialable("0501234567", "UA", may_dial("+380XXXXXXXXX")) == "+380501234567"
    assert dialable("+49 30 123456", "UA", may_dial("00XXXXXXXXXX")) == "004930123456"
    assert dialable("+49 30 123456", "UA", may_dial("0XXXXXXXXX")) == ""


def test_regions() -> None:
    assert is_region("UA")
    assert not is_region("ua")
    assert not is_region("XX")
