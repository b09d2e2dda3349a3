"""Every profile asks for an answer in words that phones understand and that AMI carries unharmed."""

import pytest

from ivr.asterisk import autoanswer
from ivr.softphone.trace import wants_auto_answer


@pytest.mark.parametrize("kind", autoanswer.kinds())
def test_each_profile_asks_the_phone_to_answer(kind: str) -> None:
    assert wants_auto_answer({name.lower(): value for name, value in autoanswer.headers_for(kind)})
    assert autoanswer.set_up_for(kind).endswith(".")
    assert autoanswer.PROFILES[kind].source  # type: ignore[index]


@pytest.mark.parametrize("kind", autoanswer.kinds())
def test_headers_become_variables_that_ami_does_not_split(kind: str) -> None:
    for name, value in autoanswer.variables_for(kind):
        assert name.startswith("PJSIP_HEADER(add,")
        assert not set(value) & set(',\r\n"')


def test_an_unknown_kind_gets_the_generic_profile() -> None:
    assert autoanswer.headers_for("Fritz!Fon") == autoanswer.headers_for("generic")
    assert autoanswer.headers_for("Yealink") == autoanswer.headers_for("yealink")
