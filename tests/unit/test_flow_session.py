"""The dialogue's edges: silence, a wrong key and a failed destination lead to three different places."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from acd.core.words import LeaveReason, QueueId
from ivr.flow import inputs
from ivr.flow.actions import Answer, Ask, EnterQueue, HangUp, Play, SetLanguage, Transfer
from ivr.flow.hearing import Miss, Retry
from ivr.flow.inputs import Input, KeyPressed, QueueLeft, Silence
from ivr.flow.model import (
    OPERATOR,
    Dialplan,
    Farewell,
    Language,
    Limits,
    Line,
    Menu,
    Message,
    OtherLine,
    TransferOut,
    Wait,
)
from ivr.flow.said import Said
from ivr.flow.session import start, step
from ivr.flow.testing import call, press

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LINE = Line(
    id="main",
    names={"en": "Main"},
    numbers=("100",),
    languages=("en", "uk"),
    start="menu",
    operator="help",
    otherwise="last",
    limits=Limits(silences=3, wrong_keys=3, steps=12),
)
MENU = Menu(
    id="menu",
    prompts=("choose",),
    keys={"1": "help", "2": "news", "3": "out", "4": "uk", "5": "other"},
    retry=Retry(tries=2, edges={Miss.SILENT: "silent", Miss.WRONG_KEY: "wrong"}),
)
PLAN = Dialplan(
    version="1",
    lines={
        "main": LINE,
        "other": replace(LINE, id="other", numbers=("200",), operator=None, otherwise=OPERATOR),
    },
    steps={
        "menu": MENU,
        "news": Message(id="news", prompts=("news",), then="menu"),
        "help": Wait(
            id="help",
            queue=QueueId("q"),
            leave_keys={"#": "menu"},
            if_full="full",
            if_waited_too_long="late",
            if_nobody_logged_in="nobody",
            after_talk="thanks",
        ),
        "out": TransferOut(
            id="out", number="050", ring_for=20.0, if_not_answered="failed", after_talk="thanks"
        ),
        "uk": Language(id="uk", language="uk", then="menu"),
        "other": OtherLine(id="other", line="other"),
        "silent": Menu(id="silent", prompts=("silent",), keys={"1": "help"}),
        "wrong": Menu(id="wrong", prompts=("wrong",), keys={"1": "help"}),
        **{
            name: Farewell(id=name, prompts=(name,))
            for name in ("full", "late", "nobody", "thanks", "failed", "last")
        },
    },
)


def said(*script: Input, plan: Dialplan = PLAN) -> tuple[Said, ...]:
    return call(plan, "100", script, at=NOW).prompts


def test_a_call_is_answered_in_the_first_language() -> None:
    done = step(PLAN, start(PLAN, "100", "050", NOW), inputs.Started(), NOW)
    assert done.actions == (Answer(), SetLanguage("en"), Ask(("choose",), 5.0))
    assert done.trace == ("main/open",)


def test_the_first_silence_and_the_first_wrong_key_say_what_happened() -> None:
    assert said(Silence()) == ("choose", "silence", "choose")
    assert said(KeyPressed("9")) == ("choose", "wrong-key", "choose")


def test_silence_and_wrong_keys_have_edges_of_their_own() -> None:
    assert said(Silence(), Silence())[-1] == "silent"
    assert said(*press("99"))[-1] == "wrong"


def test_at_the_limit_of_the_call_another_menu_does_not_help() -> None:
    assert said(Silence(), Silence(), Silence())[-1] == "last"
    assert said(*press("999"))[-1] == "last"


def test_silence_after_the_last_chance_is_goodbye() -> None:
    menu_again = {**PLAN.steps, "last": Menu(id="last", prompts=("last",), keys={"1": "help"})}
    plan = replace(PLAN, steps=menu_again)
    transcript = call(plan, "100", [Silence()] * 4, at=NOW)
    assert transcript.prompts[-2:] == ("last", "goodbye")
    assert isinstance(transcript.last, HangUp)


def test_a_caller_who_only_walks_in_circles_is_helped_on() -> None:
    transcript = call(PLAN, "100", press("2" * 50), at=NOW)
    assert transcript.prompts[-1] == "last"
    assert "main/news/step-limit" in transcript.trace or "main/menu/step-limit" in transcript.trace


def test_key_0_reaches_the_operator_of_the_line_if_it_has_one() -> None:
    assert call(PLAN, "100", press("0"), at=NOW).queue == "q"
    assert call(PLAN, "200", press("0"), at=NOW).prompts[-2:] == ("wrong-key", "choose")


def test_key_0_may_mean_something_else_in_a_menu() -> None:
    menu = replace(MENU, keys={**MENU.keys, "0": "news"})
    assert said(KeyPressed("0"), plan=replace(PLAN, steps={**PLAN.steps, "menu": menu}))[1] == "news"


@pytest.mark.parametrize(
    ("reason", "prompt"),
    [
        (LeaveReason.QUEUE_FULL, "full"),
        (LeaveReason.WAITED_TOO_LONG, "late"),
        (LeaveReason.NOBODY_LOGGED_IN, "nobody"),
    ],
)
def test_each_failure_of_a_queue_has_its_edge(reason: LeaveReason, prompt: str) -> None:
    assert said(KeyPressed("1"), QueueLeft(reason))[-1] == prompt


def test_leaving_a_queue_by_key_and_by_other_keys() -> None:
    assert said(*press("1#"))[-1] == "choose"
    ignored = call(PLAN, "100", press("17"), at=NOW)
    assert ignored.queue == "q"
    assert ignored.trace[-1] == "main/help/ignored KeyPressed"


@pytest.mark.parametrize("reason", [LeaveReason.HUNG_UP, LeaveReason.LOST])
def test_a_call_that_the_queue_lost_is_over(reason: LeaveReason) -> None:
    assert call(PLAN, "100", [KeyPressed("1"), QueueLeft(reason)], at=NOW).session.ended


@pytest.mark.parametrize(("answered", "prompt"), [(True, "thanks"), (False, "failed")])
def test_a_transfer(answered: bool, prompt: str) -> None:
    transcript = call(PLAN, "100", [KeyPressed("3"), inputs.TransferOver(answered)], at=NOW)
    assert Transfer("050", 20.0) in transcript.actions
    assert transcript.prompts[-1] == prompt


def test_the_language_stays_on_another_line() -> None:
    transcript = call(PLAN, "100", press("45"), at=NOW)
    assert transcript.session.line == "other"
    assert transcript.heard[-1] == ("uk", "choose")
    assert transcript.trace[-1] == "other/open"


def test_a_late_input_changes_nothing() -> None:
    waiting = call(PLAN, "100", press("1"), at=NOW).session
    for late in (inputs.PlayDone(), Silence(), inputs.Started(), inputs.TransferOver(True)):
        done = step(PLAN, waiting, late, NOW)
        assert done.session == waiting
        assert done.actions == ()


def test_a_prompt_that_could_not_be_played_is_in_the_trace() -> None:
    asking = call(PLAN, "100", [], at=NOW).session
    done = step(PLAN, asking, inputs.PromptMissing("choose"), NOW)
    assert (done.session, done.actions, done.trace) == (asking, (), ("main/menu/prompt-missing choose",))


def test_a_call_outlives_a_step_that_was_deleted_under_it() -> None:
    waiting = call(PLAN, "100", press("1"), at=NOW).session
    done = step(replace(PLAN, steps={"menu": MENU}), waiting, QueueLeft(LeaveReason.QUEUE_FULL), NOW)
    assert done.actions == (Play(("goodbye",)),)


def test_the_end_is_said_and_then_hung_up() -> None:
    transcript = call(PLAN, "100", [KeyPressed("1"), inputs.TalkOver()], at=NOW)
    assert transcript.actions[-2:] == (Play(("thanks",)), HangUp())
    assert isinstance(transcript.actions[3], EnterQueue)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        start(PLAN, "100", "050", datetime(2026, 11, 22))
