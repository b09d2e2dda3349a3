"""One turn of a conversation in virtual time: who may interrupt whom, and when it ends."""

from dataclasses import replace

import pytest

from ivr.question import Dead, KeyRules, Keys, Outcome, Silent, TooLong, Words
from ivr.turn import (
    LONGEST_ENTRY,
    Act,
    Elapsed,
    Input,
    Key,
    Over,
    Played,
    Prompting,
    Recognised,
    RecogniserFailed,
    Rules,
    SoundCame,
    Speaking,
    State,
    Typing,
    Understanding,
    VoiceBegan,
    VoiceEnded,
    Waiting,
    begin,
    deadline,
    step,
)

MENU = Rules(keys=KeyRules(), wait_for=5.0, prompt_for=3.0)


def four_digits(typed: str) -> str:
    if not typed.isdecimal() or len(typed) > 4:
        return "impossible"
    return "complete" if len(typed) == 4 else "more"


def three_or_four(typed: str) -> str:
    return "maybe" if len(typed) == 3 else four_digits(typed)


METER = replace(MENU, keys=KeyRules(verdict=four_digits, pause_for=4.0, end_key="#"))
ACCOUNT = replace(MENU, keys=KeyRules(verdict=three_or_four, pause_for=2.0, end_key="#"))


class Clock:
    """Plays inputs in virtual time; deadlines between them are met."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.at = rules, 0.0
        self.state: State = begin(rules, 0.0)
        self.acts: list[tuple[float, Act]] = []

    def till(self, at: float) -> "Clock":
        """Nothing but time."""
        while (due := deadline(self.state)) is not None and due <= at:
            self.at = due
            self._give(Elapsed())
        self.at = at
        return self

    def at_(self, at: float, *given: Input) -> "Clock":
        self.till(at)
        for one in given:
            self._give(one)
        return self

    def keys(self, keys: str, from_: float, every: float = 1.0) -> "Clock":
        for n, key in enumerate(keys):
            self.at_(from_ + n * every, Key(key))
        return self

    def _give(self, given: Input) -> None:
        self.state, acts = step(self.rules, self.state, given, self.at)
        self.acts += [(self.at, act) for act in acts]

    @property
    def outcome(self) -> Outcome | None:
        return self.state.outcome if isinstance(self.state, Over) else None


def test_nobody_answers() -> None:
    clock = Clock(MENU).at_(3.0, Played())
    assert clock.state == Waiting(8.0)
    assert clock.till(7.9).outcome is None
    assert clock.till(8.0).outcome == Silent()
    assert clock.acts == []


def test_without_a_prompt_the_time_begins_at_once() -> None:
    assert begin(replace(MENU, prompt_for=0.0), 10.0) == Waiting(15.0)


def test_a_prompt_that_never_ends_is_stopped() -> None:
    clock = Clock(MENU).till(20.0)
    assert clock.acts == [(6.0, Act.STOP_PROMPT)]
    assert clock.outcome == Silent()


def test_voice_stops_the_prompt_and_is_recognised() -> None:
    clock = Clock(MENU).at_(1.0, VoiceBegan())
    assert clock.acts == [(1.0, Act.STOP_PROMPT)]
    clock.at_(1.5, SoundCame()).at_(2.0, VoiceEnded())
    assert clock.acts[1:] == [(2.0, Act.RECOGNISE)]
    assert clock.at_(2.1, Recognised("баланс", 0.9)).outcome == Words("баланс", 0.9)


def test_voice_after_the_prompt() -> None:
    clock = Clock(MENU).at_(3.0, Played()).at_(7.9, VoiceBegan()).at_(8.5, SoundCame(), VoiceEnded())
    assert clock.acts == [(8.5, Act.RECOGNISE)]
    assert isinstance(clock.state, Understanding)


def test_a_key_stops_the_prompt_and_is_the_answer() -> None:
    clock = Clock(MENU).at_(1.0, Key("3"))
    assert clock.acts == [(1.0, Act.STOP_PROMPT)]
    assert clock.outcome == Keys("3")


@pytest.mark.parametrize("when", ["speaking", "understanding"])
def test_a_key_goes_before_voice(when: str) -> None:
    clock = Clock(MENU).at_(1.0, VoiceBegan())
    if when == "understanding":
        clock.at_(1.5, VoiceEnded())
    assert clock.at_(1.6, Key("2"), Recognised("баланс", 1.0), VoiceEnded()).outcome == Keys("2")


def test_before_the_tone_voice_does_not_count_but_keys_do() -> None:
    rules = replace(MENU, barge_in=False)
    clock = Clock(rules).at_(1.0, VoiceBegan())
    assert clock.state == begin(rules, 0.0)
    assert clock.acts == []
    assert clock.at_(1.5, Key("0")).outcome == Keys("0")
    late = Clock(rules).at_(3.0, Played(), VoiceBegan())
    assert isinstance(late.state, Speaking)


def test_keys_only() -> None:
    rules = replace(MENU, listens=False)
    assert isinstance(Clock(rules).at_(1.0, VoiceBegan()).state, Prompting)
    assert isinstance(Clock(rules).at_(3.0, Played(), VoiceBegan()).state, Waiting)


def test_a_caller_who_does_not_stop_speaking() -> None:
    clock = Clock(MENU).at_(1.0, VoiceBegan())
    for tenth in range(11, 95):
        clock.at_(tenth / 10, SoundCame())
    assert clock.outcome == TooLong()
    assert Clock(MENU).at_(1.0, VoiceBegan()).at_(1.9, VoiceEnded(too_long=True)).outcome == TooLong()


def test_a_phone_that_sends_nothing_more_has_ended_the_utterance() -> None:
    clock = Clock(MENU).at_(1.0, VoiceBegan()).at_(1.4, SoundCame()).till(2.4)
    assert clock.acts[-1] == (2.4, Act.RECOGNISE)


def test_the_recogniser_dies_or_says_nothing() -> None:
    spoken = Clock(MENU).at_(1.0, VoiceBegan()).at_(1.5, VoiceEnded())
    assert spoken.at_(1.6, RecogniserFailed()).outcome == Dead()
    mute = Clock(MENU).at_(1.0, VoiceBegan()).at_(1.5, VoiceEnded())
    assert mute.till(3.9).outcome is None
    assert mute.till(4.0).outcome == Dead()


def test_without_a_recogniser_the_utterance_ends_without_words() -> None:
    rules = replace(MENU, recognises=False)
    clock = Clock(rules).at_(1.0, VoiceBegan()).at_(1.5, VoiceEnded())
    assert clock.outcome == Words("", 0.0)
    assert clock.acts == [(1.0, Act.STOP_PROMPT)]


def test_the_end_key_ends_an_utterance_of_any_words() -> None:
    rules = replace(METER, end_key_ends_voice=True)
    clock = Clock(rules).at_(1.0, VoiceBegan()).at_(1.5, Key("#"))
    assert clock.acts[-1] == (1.5, Act.RECOGNISE)
    assert Clock(rules).at_(1.0, Key("#")).outcome == Keys("#")
    assert Clock(METER).at_(1.0, VoiceBegan()).at_(1.5, Key("#")).outcome == Keys("#")


def test_an_entry_ends_as_soon_as_it_is_complete() -> None:
    clock = Clock(METER).keys("1234", from_=1.0)
    assert (clock.at, clock.outcome) == (4.0, Keys("1234"))
    assert clock.acts == [(1.0, Act.STOP_PROMPT)]


def test_an_entry_ends_by_its_end_key() -> None:
    assert Clock(ACCOUNT).keys("123#", from_=1.0).outcome == Keys("123", ended_by_end_key=True)
    assert Clock(METER).keys("12#", from_=1.0).outcome == Keys("12", ended_by_end_key=True)
    assert Clock(METER).keys("#", from_=1.0).outcome == Keys("#")


def test_a_pause_ends_an_entry_with_what_was_typed() -> None:
    clock = Clock(METER).keys("12", from_=1.0)
    assert clock.state == Typing("12", 6.0)
    assert clock.till(6.0).outcome == Keys("12")
    assert Clock(ACCOUNT).keys("123", from_=1.0).till(5.0).outcome == Keys("123")


def test_keys_that_no_answer_begins_with_end_at_once() -> None:
    assert Clock(METER).keys("1*", from_=1.0).outcome == Keys("1*")


def test_after_the_first_key_no_voice_is_listened_to() -> None:
    clock = Clock(METER).keys("1", from_=1.0).at_(1.5, VoiceBegan(), SoundCame(), VoiceEnded(), Played())
    assert clock.state == Typing("1", 5.0)


def test_an_endless_entry_ends() -> None:
    rules = replace(MENU, keys=KeyRules(verdict=lambda _: "more"))
    clock = Clock(rules).keys("5" * 100, from_=1.0, every=0.1)
    assert clock.outcome == Keys("5" * LONGEST_ENTRY)


def test_letters_of_old_phones_are_no_keys() -> None:
    clock = Clock(MENU).at_(1.0, Key("A"), Key("x"), Key(""))
    assert clock.state == begin(MENU, 0.0)


def test_what_comes_too_early_or_too_late_changes_nothing() -> None:
    clock = Clock(MENU)
    for given in (Elapsed(), Recognised("так", 1.0), RecogniserFailed(), VoiceEnded(), SoundCame()):
        assert step(MENU, clock.state, given, 0.5) == (clock.state, ())
    over = Over(Silent())
    for late in (Key("1"), VoiceBegan(), Recognised("так", 1.0), Elapsed(), Played()):
        assert step(MENU, over, late, 100.0) == (over, ())
