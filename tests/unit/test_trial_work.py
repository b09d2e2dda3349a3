"""Messages and call-backs without a telephone: tried by hand, rehearsed, covered and drawn."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.dialplan.loader import Loaded, load
from ivr.flow.said import Recording, Said
from ivr.graph.picture import help_of, look_of
from ivr.graph.tree import tree_of
from ivr.graph.ways import Ways
from ivr.prompt_book import PromptBook
from ivr.rehearsal import Rehearsal, rehearse
from ivr.trial import Kind, NotNow, Trial
from ivr.trial_words import carry_out, hint
from ivr.trial_work import Left
from ivr.versions.difference import between, sections_of
from tests.dialplan_samples import Files, write
from tests.rehearsal_samples import scenario

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv"))
PLAN: Files = {
    "plan.yaml": """\
center:
  languages: [uk, en]
  time-zone: Europe/Kyiv
  allowed-numbers: [0XXXXXXXXX]
  operator: ask
lines:
  main: { name: Main line, numbers: [100], start: main-menu }
steps:
  main-menu:
    menu: [hello, choose]
    keys: { 1: message, 2: call-me, 3: ask }
  message: { voicemail: help, longest: 1 min, then: thanks, if-empty: main-menu, if-failed: ask }
  call-me: { call-back: help, choose-time: true, then: thanks, if-refused: message, if-failed: ask }
  ask: { queue: help, if-nobody-logged-in: message }
  thanks: { hang-up: goodbye }
queues:
  help: { name: { uk: Допомога, en: Help }, call-back: { quiet-hours: 20:00-09:00 } }
operators:
  olena: { name: Olena, phone: { number: 701 }, queues: [help] }
"""
}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    found = load(write(tmp_path_factory.mktemp("plan"), PLAN))
    assert found.warnings == ()
    return found


def length(said: Said, language: str) -> float:
    return 2.0


@pytest.fixture
def trial(plan: Loaded) -> Trial:
    return Trial(plan.dialplan, "main", MONDAY, length=length, caller="0501234567")


def told(trial: Trial, kind: Kind = Kind.HAPPENS) -> list[str]:
    return [moment.text for moment in trial.moments if moment.kind is kind]


# By hand


def test_what_is_typed_is_said_into_the_message(trial: Trial) -> None:
    carry_out(trial, "1")
    assert trial.where == "the step 'message' records a message"
    assert hint(trial) == "words of a message"
    carry_out(trial, "My meter is broken, please call me back")
    assert told(trial, Kind.DOES)[-1] == 'says "My meter is broken, please call me back" for 3 s'
    carry_out(trial, "2")
    assert [moment.said for moment in trial.moments if isinstance(moment.said, Recording)]
    carry_out(trial, "1")
    assert "a message of 3 s is left for the queue help" in told(trial)
    assert trial.pending is None


def test_who_hangs_up_has_left_what_was_said(trial: Trial) -> None:
    carry_out(trial, "1")
    carry_out(trial, "/hang-up Nobody answers here")
    assert told(trial)[-1] == "a message of 2 s is left for the queue help"
    assert trial.work.messages == [Left("help", 2.0)]
    assert not trial.hung_up


def test_nothing_said_is_no_message(trial: Trial) -> None:
    for line in ("1", "", ""):
        carry_out(trial, line)
    assert trial.work.messages == []
    assert trial.session.step == "main-menu"


def test_a_recording_may_fail_and_the_operator_may_be_asked_for(trial: Trial) -> None:
    carry_out(trial, "1")
    carry_out(trial, "0")
    assert trial.where == "the caller waits in the queue 'help'"
    with pytest.raises(NotNow, match="nothing is being recorded"):
        carry_out(trial, "/record down")


def test_a_long_speech_is_cut_off_at_the_limit(trial: Trial) -> None:
    carry_out(trial, "1")
    trial.speak(100.0)
    before = trial.passed
    carry_out(trial, "2")
    assert trial.passed - before == pytest.approx(60.0 + 2.0)


@pytest.mark.parametrize(
    ("word", "happens"),
    [
        ("kept", "the queue help promises to call 0501234567, in turn"),
        ("already", "no call is promised: already-promised"),
        ("refused", "no call is promised: too-many"),
        ("failed", "no call is promised"),
    ],
)
def test_a_promise_is_told_and_may_be_refused(trial: Trial, word: str, happens: str) -> None:
    carry_out(trial, f"/promise {word}")
    for line in ("2", "1", "1"):
        carry_out(trial, line)
    assert happens in told(trial)
    assert len(trial.work.promises) == (word == "kept")


def test_a_time_is_told_by_the_clock_of_the_centre(trial: Trial) -> None:
    for line in ("2", "1", "2", "1430", "1"):
        carry_out(trial, line)
    assert "the queue help promises to call 0501234567, for 23.11. 14:30" in told(trial)


def test_numbers_are_checked(plan: Loaded) -> None:
    trial = Trial(plan.dialplan, "main", MONDAY, length=length, caller="0501234567", check=lambda number: "")
    carry_out(trial, "2")
    assert told(trial)[-1] == "0501234567 cannot be called"


# Scenarios


SCENARIOS = [
    scenario(
        ["press: 1", "message: 20 s", "press: 4", "message: 5 s", "press: 21",
         "expect: { voicemail: help, ends: true }"],
        name="left",
    ),
    scenario(
        ["press: 1", "message: { lasts: 8 s, hangs-up: true }", "expect: { voicemail: help }"], name="gone"
    ),
    scenario(["press: 1", "silent: 2", "expect: { step: main-menu, voicemail: false }"], name="empty"),
    scenario(["press: 1", "recording-fails", "expect: { queue: help }"], name="fails"),
    scenario(
        ["press: 1", "message: { lasts: 8 s, key: 0 }", "expect: { voicemail: help, queue: help }"],
        name="operator",
    ),
    scenario(["press: 211", "expect: { call-back: help, ends: true }"], name="in-turn"),
    scenario(
        ["press: 22", "type: 0671112233", "press: 12", "type: 1430", "press: 1",
         "expect: { call-back: { queue: help, number: 0671112233, at: 2026-11-23 14:30 } }"],
        "at: 2026-11-23 12:00", name="at-a-time",
    ),
    scenario(
        ["press: 212", "type: 2130", "expect: { hears: call-back-not-this-time }", "type: 14", "press: 1"],
        name="too-late",
    ),
    scenario(
        ["press: 211", "expect: { hears: call-back-already, call-back: false, ends: true }"],
        "promises: { help: already-promised }", name="twice",
    ),
    scenario(
        ["press: 211", "expect: { hears: call-back-refused, step: message }"],
        "promises: { help: refused }", name="refused",
    ),
    scenario(["press: 211", "expect: { queue: help }"], "promises: { help: failed }", name="failed"),
    scenario(
        ["press: 2", "expect: { hears: [call-back-welcome, call-back-say-number] }"],
        "caller: withheld", name="withheld",
    ),
    scenario(
        ["press: 3", "expect: { hears: voicemail-welcome }"],
        "queues: { help: nobody-logged-in }", name="night",
    ),
    scenario(["press: 3"], "queues: { help: talk }", name="talk"),
]  # fmt: skip


def play(plan: Loaded, folder: Path, *files: str) -> Rehearsal:
    named: Files = {f"{number}.yaml": text for number, text in enumerate(files)}
    write(folder / "scenarios", named)
    return rehearse(folder, plan, PromptBook(ROOT / "prompts", plan.media.languages))


def failures(rehearsal: Rehearsal) -> list[str]:
    problems = [*rehearsal.mistakes, *(one for result in rehearsal.results for one in result.failures)]
    return [str(problem).rpartition("scenarios/")[2] for problem in problems]


def test_every_way_can_be_played_and_is_covered(plan: Loaded, tmp_path: Path) -> None:
    rehearsal = play(plan, tmp_path, *SCENARIOS)
    assert failures(rehearsal) == []
    missing = [place for place in rehearsal.coverage.places if place.missing]
    assert missing == []


@pytest.mark.parametrize(
    ("steps", "more", "expected"),
    [
        (["expect: { voicemail: help }"], [], "expected a message, there is none"),
        (
            ["press: 211", "expect: { call-back: false }"],
            [],
            "expected no call-back, there is one for the queue 'help'",
        ),
        (
            ["press: 211", "expect: { call-back: { number: 0671112233 } }"],
            [],
            "expected a call-back with number '0671112233', it is '0501234567'",
        ),
        (["message: 5 s"], [], "nothing is being recorded: the step 'main-menu' waits for an answer"),
        (
            ["expect: { voicemail: halp }"],
            [],
            "no step is a voicemail for the queue 'halp'; did you mean 'help'?",
        ),
        (["silent"], ["promises: { halp: kept }"], "no step promises anything for the queue 'halp'"),
        (["silent"], ["promises: { help: keep }"], "'keep' is unknown here; did you mean 'kept'?"),
        (["message: soon"], [], "'soon' is no time; write for instance '20 s', '3 min' or '1 h'"),
    ],
)
def test_what_is_not_so_is_told(
    plan: Loaded, tmp_path: Path, steps: list[str], more: list[str], expected: str
) -> None:
    found = failures(play(plan, tmp_path, scenario(steps, *more)))
    assert len(found) == 1
    assert expected in found[0]


# Pictures and differences


def test_messages_and_call_backs_are_drawn_as_ends_that_help(plan: Loaded) -> None:
    tree = tree_of(
        plan.dialplan, Ways(plan.dialplan, lambda prompt, language: 1.0), plan.dialplan.lines.values()
    )
    boxes = {box.step: box for box in tree.boxes}
    assert boxes["message"].after == 2.0
    labels = {arrow.target: arrow.label for arrow in tree.arrows if arrow.source == "call-me"}
    assert labels == {"thanks": "promised", "message": "refused", "ask": "not taken down"}
    helps = {name: help_of(step) for name, step in plan.dialplan.steps.items()}
    assert helps["message"] == "a message"
    assert helps["call-me"] == "a call-back"
    assert helps["ask"] == "a person"
    assert helps["main-menu"] == ""
    assert len({look_of(plan.dialplan.steps[name]).shape for name in ("message", "call-me", "ask")}) == 3


def test_what_changes_is_told_in_words(tmp_path: Path) -> None:
    text = PLAN["plan.yaml"]
    assert isinstance(text, str)
    changed = text.replace("longest: 1 min", "longest: 2 min").replace(
        "if-refused: message", "if-refused: ask"
    )
    changed = changed.replace("quiet-hours: 20:00-09:00", "mode: customer-first")
    changed += "topics: { bill: Bill }\n"
    old, new = write(tmp_path / "old", PLAN), write(tmp_path / "new", {"plan.yaml": changed})
    assert between(sections_of(old), sections_of(new)) == (
        "message: longest 2 min (was 1 min)",
        "call-me: if-refused now goes to ask (was message)",
        "queue help: call-back mode customer-first (was not written)",
        "queue help: call-back quiet-hours is no longer written (was 20:00-09:00)",
        "topic bill: new",
    )
    renamed = text.replace("help", "desk")
    third = write(tmp_path / "third", {"plan.yaml": renamed})
    (sentence,) = between(sections_of(old), sections_of(third))
    assert sentence.startswith("queue help renamed to desk; named in ")
    assert "message" in sentence
