"""What the web face is told of speech and web hooks."""

from dataclasses import replace

from acd.web import HooksState, SpeechState
from ivr.equipment import Equipment, speech_state
from ivr.hooks.client import HookClient
from ivr.speech.settings import SpeechHealth

_HEALTH = SpeechHealth(
    languages=frozenset({"uk", "en"}),
    problems={"ru": "there is no folder"},
    workers=2,
    workers_alive=1,
    streams=1,
    load=5,
    limit=40,
    restarts=3,
    late=0.0,
    busy_refusals=7,
    failures=2,
)


def test_speech_is_up_while_one_worker_is_ready() -> None:
    assert speech_state(_HEALTH) == SpeechState(
        state="up",
        languages=("en", "uk"),
        streams=5,
        limit=40,
        busy_refusals=7,
        failures=2,
        restarts=3,
    )


def test_speech_is_down_without_a_worker_or_without_a_language_that_loads() -> None:
    nobody = speech_state(replace(_HEALTH, workers_alive=0))
    assert (nobody.state, nobody.languages, nobody.failures) == ("down", (), 2)
    assert speech_state(replace(_HEALTH, languages=frozenset())).state == "down"


def test_without_models_and_hooks_nothing_is_told() -> None:
    assert Equipment().speech_state() == SpeechState(state="off")
    assert Equipment().hooks_state() == HooksState()


def test_hooks_are_told_by_their_client() -> None:
    hooks = HookClient()
    hooks.tally.answer()
    hooks.tally.fail()
    state = Equipment(hooks=hooks).hooks_state()
    assert (state.answered, state.failed) == (1, 1)
    assert state.silent_for > 0.0
