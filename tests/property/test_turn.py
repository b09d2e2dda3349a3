"""A turn under any events: one outcome, in bounded time, and never against the rules."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.question import Dead, KeyRules, Keys, Silent, TooLong, Words
from ivr.turn import (
    KEYS,
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
    State,
    VoiceBegan,
    VoiceEnded,
    begin,
    deadline,
    step,
)

VERDICTS = st.sampled_from(["more", "maybe", "complete", "impossible"])
SECONDS = st.floats(0.0, 10.0)
INPUTS: st.SearchStrategy[Input] = st.one_of(
    st.builds(Key, st.sampled_from([*sorted(KEYS), "A", ""])),
    st.sampled_from([VoiceBegan(), SoundCame(), VoiceEnded(), VoiceEnded(True), Elapsed(), Played()]),
    st.sampled_from([RecogniserFailed(), Recognised("так", 0.9)]),
)
EVENTS = st.lists(st.tuples(st.floats(0.0, 3.0), INPUTS), max_size=60)
RULES = st.builds(
    Rules,
    keys=st.builds(
        KeyRules,
        verdict=st.dictionaries(st.integers(1, 9), VERDICTS).map(
            lambda by_length: lambda typed: by_length.get(len(typed), "more")
        ),
        pause_for=st.floats(0.1, 5.0),
        end_key=st.sampled_from(["", "#"]),
    ),
    wait_for=SECONDS,
    prompt_for=SECONDS,
    listens=st.booleans(),
    recognises=st.booleans(),
    barge_in=st.booleans(),
    end_key_ends_voice=st.booleans(),
    longest_for=st.floats(0.1, 10.0),
    result_within=st.floats(0.1, 3.0),
)


def longest(rules: Rules) -> float:
    """No turn lasts longer, in seconds."""
    typing = LONGEST_ENTRY * rules.keys.pause_for
    return rules.prompt_for + rules.wait_for + rules.longest_for + rules.result_within + typing + 10


@settings(max_examples=400)
@given(RULES, EVENTS)
def test_every_turn_ends_once_in_bounded_time(rules: Rules, events: list[tuple[float, Input]]) -> None:
    at, state = 0.0, begin(rules, 0.0)
    acts: list[Act] = []
    typed = ""
    while not isinstance(state, Over):
        due = deadline(state)
        assert due is not None
        before, given_ = state, Elapsed()
        if events and at + events[0][0] < due:
            after, given_ = events.pop(0)
            at += after
        else:
            at = max(at, due)
        state, done = step(rules, state, given_, at)
        acts += done
        _check_step(rules, before, given_, state, done)
        typed += given_.key if isinstance(given_, Key) and given_.key in KEYS else ""
        assert at <= longest(rules)
    _check_end(rules, state, acts, typed)
    for _, late in events:
        assert step(rules, state, late, at + 1) == (state, ())


def _check_step(rules: Rules, before: State, given_: Input, after: State, done: tuple[Act, ...]) -> None:
    """Time moves on, and a prompt that is stopped was playing."""
    if Act.STOP_PROMPT in done:
        assert isinstance(before, Prompting)
    if (
        isinstance(before, Prompting)
        and isinstance(given_, VoiceBegan)
        and not (rules.barge_in and rules.listens)
    ):
        assert after == before


def _check_end(rules: Rules, state: Over, acts: list[Act], typed: str) -> None:
    assert acts.count(Act.RECOGNISE) <= 1
    assert acts.count(Act.STOP_PROMPT) <= 1
    outcome = state.outcome
    if isinstance(outcome, Keys):
        assert outcome.typed
        assert outcome.typed in typed
        assert len(outcome.typed) <= LONGEST_ENTRY
    if isinstance(outcome, Words | TooLong | Dead):
        assert rules.listens
    if isinstance(outcome, Dead) or (isinstance(outcome, Words) and outcome.text):
        assert Act.RECOGNISE in acts
        assert rules.recognises
    if isinstance(outcome, Silent):
        assert typed == ""
