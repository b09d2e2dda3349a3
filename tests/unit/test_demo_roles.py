"""The demo's callers: their answers lead through the shipped dialplan; what was understood is judged."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rich.console import Console

from ivr.demo.caller import Spoken, after_keys, same_way
from ivr.demo.roles import ROLES, Role, question_of
from ivr.demo.tables import spoken_table, words_were_understood
from ivr.dialplan.loader import load
from ivr.flow import inputs, session
from ivr.flow.actions import Action, CallHook
from ivr.flow.inputs import Input
from ivr.flow.states import Playing, Waiting
from ivr.hooks.answer import read_answer
from ivr.hooks.example import Rule
from ivr.hooks.example_company import Company

DIALPLAN = load(Path(__file__).resolve().parents[2] / "dialplans").dialplan
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
ALL_ROLES = [role for roles in ROLES for role in roles]


def walked(role: Role, by_voice: bool) -> session.Session:
    """The call of a role whose words are all understood."""
    company = Company(lambda: TODAY)
    rules = {"meter-check-account": company.account, "meter-take": company.reading}
    state = session.start(DIALPLAN, role.dials, "caller1", NOON, hears=(role.language,))
    given: Input | None = inputs.Started()
    while given is not None:
        step = session.step(DIALPLAN, state, given, NOON)
        state = step.session
        given = _answer(role, state, step.actions[-1], rules, by_voice)
    return state


def _answer(
    role: Role, state: session.Session, action: Action, rules: Mapping[str, Rule], by_voice: bool
) -> Input | None:
    if isinstance(state.state, Playing):
        return inputs.PlayDone()
    if isinstance(action, CallHook):
        said = rules[action.step](action.values, "call", role.dials)
        return inputs.HookAnswered(read_answer(json.dumps(said).encode(), ()))
    reply = role.replies.get(question_of(state.state))
    if reply is None:
        return None
    if by_voice and reply.words:
        return inputs.Heard(reply.words, 0.95)
    return inputs.KeysEntered(reply.keys) if len(reply.keys) > 1 else inputs.KeyPressed(reply.keys)


@pytest.mark.parametrize("by_voice", [True, False], ids=["voice", "keys"])
@pytest.mark.parametrize("role", ALL_ROLES, ids=lambda role: f"{role.dials}-{role.language}")
def test_every_caller_gets_to_a_queue_in_their_language_without_a_miss(role: Role, by_voice: bool) -> None:
    ended = walked(role, by_voice)
    assert isinstance(ended.state, Waiting)
    assert ended.language == role.language
    assert (ended.silences, ended.wrong_keys, ended.misheard, ended.speech_faults) == (0, 0, 0, 0)


def test_all_three_languages_are_spoken_and_a_prompt_is_spoken_over() -> None:
    replies = [(role.language, reply) for role in ALL_ROLES for reply in role.replies.values()]
    assert {language for language, reply in replies if reply.words} == {"uk", "ru", "en"}
    assert {reply.over_prompt for _, reply in replies if reply.words} == {True, False}


def spoken(words: str, heard: str | None) -> Spoken:
    return Spoken(
        "caller1",
        "uk",
        words,
        True,
        10.0,
        heard=heard,
        confidence=0.9,
        led="a → b",
        took_for=1.25,
        understood=words == heard,
    )


def asked(number: str, *given: Input) -> session.Session:
    state = session.start(DIALPLAN, number, "caller1", NOON, hears=("uk",))
    for one in (inputs.Started(), *given):
        state = session.step(DIALPLAN, state, one, NOON).session
    return state


@pytest.mark.parametrize(
    ("number", "before", "keys", "words", "same"),
    [
        ("100", [inputs.KeyPressed("1")], "0", "оператор", True),
        ("100", [inputs.KeyPressed("1")], "1", "посилка", True),
        ("100", [inputs.KeyPressed("1")], "0", "посилка", False),
        ("100", [inputs.KeyPressed("1")], "0", "[unk]", False),
        ("400", [inputs.PlayDone()], "10000001", "один нуль нуль нуль нуль нуль нуль один", True),
        ("400", [inputs.PlayDone()], "10000001", "один нуль нуль нуль нуль нуль нуль два", False),
        ("400", [inputs.PlayDone()], "10000001", "один нуль нуль", False),
    ],
)
def test_words_are_understood_if_they_lead_where_the_keys_lead(
    number: str, before: list[Input], keys: str, words: str, same: bool
) -> None:
    question = asked(number, *before)
    by_words = session.step(DIALPLAN, question, inputs.Heard(words, 0.95), NOON).session
    assert same_way(by_words, after_keys(DIALPLAN, question, keys)) is same


def test_three_of_four_answered_words_must_be_right() -> None:
    right, wrong, cut_off = spoken("так", "так"), spoken("так", "[unk]"), spoken("так", None)
    assert words_were_understood([right, right, right, wrong, cut_off])
    assert not words_were_understood([right, right, wrong])
    assert not words_were_understood([cut_off])
    assert not words_were_understood([])


def test_the_table_tells_what_was_said_understood_and_how_fast() -> None:
    console = Console(width=160)
    with console.capture() as shown:
        console.print(spoken_table([spoken("оператор", "оператор"), spoken("так", None)]))
    first, second = [line for line in shown.get().splitlines() if "caller1" in line]
    assert [cell.strip() for cell in first.strip("│").split("│")] == [
        "caller1",
        "uk",
        "оператор",
        "spoken over",
        "оператор",
        "90%",
        "a → b",
        "1.2 s",
    ]
    assert "(the call ended)" in second
