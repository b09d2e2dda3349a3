"""What a recorder keeps, told by sound alone: from the first word to the last."""

import pytest

from ivr.take import Take, TakeRules, spoken_part
from tests.adapters.test_messages import voice

SILENT = bytes(320)
RULES = TakeRules(longest_for=5.0, end_after=1.0)


def fed(rules: TakeRules, *sounds: bytes) -> Take:
    """After half a second of the line and the tone."""
    take = Take(rules)
    for _ in range(25):
        take.feed(SILENT)
    take.begin()
    for sound in sounds:
        for at in range(0, len(sound), 320):
            take.feed(sound[at : at + 320])
    return take


def silence(seconds: float) -> bytes:
    return SILENT * round(seconds * 50)


def seconds(take: Take) -> float:
    return len(take.sound()) / 16000


def test_silence_at_both_ends_is_left_out() -> None:
    take = fed(RULES, silence(0.8), voice(1.0), silence(1.2))
    assert take.over
    assert 1.2 <= seconds(take) <= 1.7


def test_nobody_speaks() -> None:
    take = fed(RULES, silence(0.9))
    assert not take.over
    assert fed(RULES, silence(1.1)).over
    assert fed(RULES, silence(1.1)).sound() == b""


def test_what_was_said_before_the_tone_is_not_kept() -> None:
    take = Take(RULES)
    for at in range(0, len(voice(1.0)), 320):
        take.feed(voice(1.0)[at : at + 320])
    take.begin()
    for _ in range(60):
        take.feed(SILENT)
    assert take.over
    assert seconds(take) < 0.8


def test_the_limit_ends_it_in_mid_word() -> None:
    take = fed(RULES, voice(6.0))
    assert take.over
    assert seconds(take) == pytest.approx(5.0, abs=0.1)


def test_a_key_counts_after_the_tone_only() -> None:
    take = Take(RULES)
    take.key("#")
    assert not take.over
    take = fed(RULES, voice(1.0))
    take.key("#")
    assert take.over
    assert take.ended_by == "#"
    assert seconds(take) == pytest.approx(1.0, abs=0.15)


def test_what_lies_in_a_draft_is_read_alike() -> None:
    raw = silence(0.8) + voice(1.0) + silence(0.9)
    assert len(spoken_part(raw, TakeRules(longest_for=600.0, end_after=600.0))) == pytest.approx(
        len(fed(RULES, raw, silence(0.3)).sound()), abs=4000
    )
    assert spoken_part(silence(2.0), RULES) == b""
    assert spoken_part(b"", RULES) == b""
