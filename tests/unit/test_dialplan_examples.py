"""The five contact centres of dialplans/examples: right, walked by their scenarios, trapping nobody."""

from datetime import datetime
from pathlib import Path

import pytest

from acd.core.words import LeaveReason
from ivr.config import load_settings
from ivr.dialplan import load
from ivr.dialplan.recordings import Recordings
from ivr.flow import inputs
from ivr.flow.actions import (
    Action,
    Ask,
    CallHook,
    CheckNumber,
    EnterQueue,
    KeepMessage,
    PromiseCallBack,
    Record,
    Transfer,
)
from ivr.flow.inputs import Input
from ivr.flow.model import Line
from ivr.flow.session import start, step
from ivr.prompt_book import PromptBook
from ivr.prompt_folders import own_prompts, read_texts, recordings_of
from ivr.rehearsal import rehearse
from ivr.vocabulary import problems_of
from tests.dialplan_examples import EXAMPLES, NAMES, ROOT, at, example, plan

SETTINGS = load_settings(prompts=ROOT / "prompts", speech_models=str(ROOT / "no-models"))
EACH = pytest.mark.parametrize("name", NAMES)


# All of them


def test_these_are_all_examples() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.is_dir()} == set(NAMES)


@EACH
def test_there_is_no_mistake_and_no_doubt_but_recordings_to_be_made(name: str) -> None:
    problems = problems_of(EXAMPLES / name, SETTINGS)
    assert problems
    assert [
        str(problem) for problem in problems if "has a text but is not recorded" not in problem.text
    ] == []
    assert {problem.severity for problem in problems} == {"warning"}


@EACH
def test_its_scenarios_pass_and_walk_nearly_every_step(name: str) -> None:
    folder = EXAMPLES / name
    loaded = example(name)
    book = PromptBook(SETTINGS.prompts, loaded.media.languages, own=own_prompts(folder))
    rehearsal = rehearse(folder, loaded, book)
    assert [str(mistake) for mistake in rehearsal.mistakes] == []
    assert [str(failure) for result in rehearsal.failed for failure in result.failures] == []
    assert len(rehearsal.results) >= 10
    walked, all_steps = rehearsal.coverage.steps
    assert walked / all_steps > 0.9


@EACH
def test_each_prompt_has_a_text_of_its_own_and_each_text_is_said(name: str) -> None:
    folder = EXAMPLES / name
    own, shipped = read_texts(folder / "prompts"), read_texts(ROOT / "prompts")
    assert own.keys() & shipped.keys() == set()
    assert own.keys() - example(name).media.prompts == set()
    languages = set(example(name).media.languages)
    for prompt, entry in own.items():
        assert set(entry) == ({"spoken", "text"} if "spoken" in entry else languages), prompt
        assert all(text.strip() for text in entry.values())


@EACH
def test_once_recorded_it_can_be_served(name: str, tmp_path: Path) -> None:
    recordings = recordings_of(EXAMPLES / name, SETTINGS)
    for language in example(name).media.languages:
        (tmp_path / language).mkdir()
        for prompt in recordings.written[language]:
            (tmp_path / language / f"{prompt}.wav").touch()
    assert load(EXAMPLES / name, Recordings((tmp_path,))).warnings == ()


@EACH
def test_its_readme_is_short_and_names_what_is_lacking(name: str) -> None:
    readme = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")
    assert 12 <= len(readme.splitlines()) <= 22
    assert "speech model" in readme


# Callers who never answer, press wrong keys only, or want nothing but a person, in a centre that helps nobody

WORST: dict[str, Input] = {
    "silent": inputs.Silence(),
    "wrong key": inputs.KeyPressed("9"),
    "misheard": inputs.Heard("[unk]", 0.9),
    "only a person": inputs.KeyPressed("0"),
}
QUEUE_ENDS: dict[str, Input] = {
    "nobody": inputs.QueueLeft(LeaveReason.NOBODY_LOGGED_IN),
    "waited too long": inputs.QueueLeft(LeaveReason.WAITED_TOO_LONG),
    "full": inputs.QueueLeft(LeaveReason.QUEUE_FULL),
    "talked": inputs.TalkOver(),
}
MOST_INPUTS = 120


def answers(action: Action, own: Input, queue: Input) -> Input:
    match action:
        case Ask():
            return own
        case CallHook():
            return inputs.HookFailed("down")
        case EnterQueue():
            return queue
        case Transfer():
            return inputs.TransferOver(queue == inputs.TalkOver())
        case Record():
            silent = own == inputs.Silence()
            return inputs.Recorded("" if silent else "said", 0.0 if silent else 5.0)
        case CheckNumber(number=number):
            return inputs.NumberChecked(number, ok=True)
        case KeepMessage() | PromiseCallBack():
            return inputs.Promised(ok=queue == inputs.TalkOver())
        case _:
            return inputs.PlayDone()


def walked_to_the_end(name: str, line: Line, own: Input, queue: Input, now: datetime) -> tuple[str, ...]:
    """The call's trace."""
    dialplan = plan(name)
    session = start(dialplan, line.id, "0671112233", now, hears=line.languages)
    done = step(dialplan, session, inputs.Started(), now)
    trace = done.trace
    for _ in range(MOST_INPUTS):
        if done.session.ended:
            return trace
        done = step(dialplan, done.session, answers(done.actions[-1], own, queue), now)
        trace += done.trace
    raise AssertionError(f"{name}/{line.id} goes on for ever: {done.session}")


@EACH
@pytest.mark.parametrize("worst", WORST)
@pytest.mark.parametrize("queue", QUEUE_ENDS)
@pytest.mark.parametrize("moment", ["2026-11-23T12:00", "2026-12-31T23:50"])
def test_the_worst_callers_come_to_an_end_and_go_in_no_circle(
    name: str, worst: str, queue: str, moment: str
) -> None:
    for line in plan(name).lines.values():
        trace = walked_to_the_end(name, line, WORST[worst], QUEUE_ENDS[queue], at(name, moment))
        assert not [edge for edge in trace if edge.endswith("step-limit")]


@EACH
@pytest.mark.parametrize("worst", ["silent", "wrong key"])
def test_by_day_the_worst_callers_come_to_a_person_or_a_goodbye(name: str, worst: str) -> None:
    dialplan, now = plan(name), at(name, "2026-11-23T12:00")
    for line in dialplan.lines.values():
        done = step(dialplan, start(dialplan, line.id, "", now), inputs.Started(), now)
        for _ in range(MOST_INPUTS):
            if done.session.ended or isinstance(done.actions[-1], EnterQueue | Transfer):
                break
            done = step(
                dialplan, done.session, answers(done.actions[-1], WORST[worst], QUEUE_ENDS["nobody"]), now
            )
        else:
            pytest.fail(f"{line.id}: {done.session}")
