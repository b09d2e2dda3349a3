"""A call that is tried: virtual time, what is told of it, what a person may type, and the command itself."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.flow.actions import Ask, CallHook, EnterQueue, Transfer
from ivr.flow.conditions import World
from ivr.flow.hearing import Miss
from ivr.flow.hook import HookAnswer
from ivr.flow.said import Count, Digits, Said
from ivr.prompt_book import LETTERS_A_SECOND, PromptBook
from ivr.trial import TALK_FOR, Kind, NotNow, QueueEnd, Trial
from ivr.trial_words import HELP, carry_out, hint
from tests.dialplan_samples import write
from tests.rehearsal_samples import PLAN, loaded

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv"))
SUNDAY = MONDAY.replace(day=22)
PROMPT_FOR = 2.0


def length(said: Said, language: str) -> float:
    return PROMPT_FOR


def dial(
    line: str = "main",
    at: datetime = MONDAY,
    *,
    speech: bool = True,
    language: str | None = None,
    switches: frozenset[str] = frozenset(),
) -> Trial:
    return Trial(
        loaded().dialplan,
        line,
        at,
        length=length,
        max_wait=lambda queue: 120.0,
        caller="0501234567",
        remembered=language,
        hears=("uk", "en") if speech else (),
        world=World(switches=switches),
    )


def told(trial: Trial, kind: Kind) -> list[str]:
    return [moment.text for moment in trial.moments if moment.kind is kind]


def heard(trial: Trial) -> list[Said]:
    return [moment.said for moment in trial.moments if moment.said is not None]


# Virtual time and what is told


def test_prompts_last_as_long_as_they_are_and_silence_as_long_as_it_is_waited_for() -> None:
    trial = dial()
    assert trial.passed == 2 * PROMPT_FOR
    trial.stay_silent()
    assert trial.passed == 4 + 5 + 3 * PROMPT_FOR
    assert heard(trial) == ["hello", "choose", "silence", "hello", "choose"]
    assert told(trial, Kind.DOES) == ["is silent"]
    assert [moment.at for moment in trial.moments if moment.kind is Kind.DOES] == [9.0]
    assert trial.now == MONDAY.replace(second=15)


def test_a_moment_knows_its_language() -> None:
    trial = dial()
    trial.press("6")
    languages = [moment.language for moment in trial.moments if moment.kind is Kind.HEARS]
    assert languages == ["uk", "uk", "en", "en"]
    assert told(trial, Kind.HAPPENS) == ["the language is en from now on"]


def test_where_a_call_stands_is_said() -> None:
    trial = dial()
    assert trial.where == "the step 'main-menu' waits for an answer"
    trial.press("1")
    assert trial.where == "the caller waits in the queue 'help'"
    assert told(trial, Kind.HAPPENS) == ["the caller waits in the queue help; leaves with *"]
    trial.leave_queue(QueueEnd.FULL)
    assert trial.where == "the number 0501112233 is being called"
    trial.end_transfer(answered=False)
    assert trial.where == "the call is over"
    assert trial.hung_up


def test_the_steps_that_are_come_to_are_kept() -> None:
    trial = dial()
    trial.press("6")
    trial.press("2")
    assert [one.entered for one in trial.walked] == [
        ("main-menu",),
        ("in-english", "main-menu"),
        ("news",),
        ("main-menu",),
    ]


@pytest.mark.parametrize(
    ("end", "passed", "where"),
    [
        (QueueEnd.FULL, 0.0, "the number 0501112233 is being called"),
        (QueueEnd.NOBODY, 2 * PROMPT_FOR, "the call is over"),
        (QueueEnd.WAITED, 120.0 + PROMPT_FOR, "the call is over"),
        (QueueEnd.TALK, TALK_FOR + PROMPT_FOR, "the call is over"),
    ],
)
def test_every_end_of_a_queue(end: QueueEnd, passed: float, where: str) -> None:
    trial = dial()
    trial.press("1")
    began = trial.passed
    trial.leave_queue(end)
    assert trial.passed - began == passed
    assert trial.where == where


def test_a_wait_ends_at_the_longest_wait() -> None:
    trial = dial()
    trial.press("1")
    began = trial.passed
    trial.wait(119.0)
    assert isinstance(trial.pending, EnterQueue)
    trial.wait(500.0)
    assert trial.pending is None
    assert trial.passed == began + 120.0 + PROMPT_FOR


def test_an_entry_ends_by_itself_by_its_end_key_or_by_a_pause() -> None:
    trial = dial()
    trial.press("3")
    assert trial.type_in("123456") == "56"
    assert heard(trial)[-3:] == ["confirm-typed", Digits("1234"), "confirm-question"]
    paused = dial()
    paused.press("3")
    before = paused.passed
    assert paused.type_in("12") == ""
    assert paused.passed == before + 4.0 + 2 * PROMPT_FOR
    assert told(paused, Kind.TRACE)[-1] == "main/account/wrong-key"


def test_a_web_service_answers_or_is_down() -> None:
    trial = dial()
    trial.press("3")
    trial.type_in("1234")
    trial.press("1")
    assert isinstance(trial.pending, CallHook)
    assert trial.hooks[0].values == {"account": "1234"}
    assert told(trial, Kind.HAPPENS)[-1] == "http://127.0.0.1:8095/account is asked with account=1234"
    began = trial.passed
    trial.fail_hook()
    assert trial.passed == began + 2 * 3.0
    assert isinstance(trial.pending, EnterQueue)


def test_a_web_service_may_say_something() -> None:
    trial = dial()
    trial.press("3")
    trial.type_in("1234")
    trial.press("1")
    trial.answer_hook(HookAnswer("found", ("news", Count(3)), {"debt": "12.50"}))
    assert heard(trial)[-6:-3] == ["news", Count(3), "you-owe"]


@pytest.mark.parametrize(
    ("miss", "prompt"),
    [(Miss.TOO_LONG, "too-long"), (Miss.SPEECH_DEAD, "speech-lost"), (Miss.SPEECH_BUSY, "hello")],
)
def test_words_that_are_not_heard(miss: Miss, prompt: str) -> None:
    trial = dial()
    trial.fail_to_be_heard(miss)
    assert heard(trial)[2] == prompt


def test_hours_switches_and_remembered_languages_count() -> None:
    assert heard(dial(at=SUNDAY)) == ["closed", "goodbye"]
    assert heard(dial(language="en"))[0] == "news"
    stormy = dial(switches=frozenset({"storm"}))
    stormy.press("4")
    assert stormy.hung_up


def test_a_line_nobody_knows() -> None:
    trial = dial("900")
    assert heard(trial) == ["line-unknown"]
    assert trial.hung_up


def test_the_caller_hangs_up() -> None:
    trial = dial()
    trial.hang_up()
    assert (trial.pending, trial.hung_up) == (None, False)
    with pytest.raises(NotNow, match=r"^the call is over$"):
        trial.hang_up()


# What a person types


def typed(trial: Trial, *lines: str) -> list[str]:
    """What is told in return, refusals included."""
    answers = []
    for line in lines:
        try:
            answers.append(carry_out(trial, line).text)
        except NotNow as refusal:
            answers.append(str(refusal))
    return answers


def test_keys_are_pressed_one_by_one_in_menus_and_typed_where_a_number_is_asked_for() -> None:
    trial = dial()
    assert typed(trial, "23", " 12 34 ", "1") == ["", "", ""]
    assert told(trial, Kind.DOES) == ["presses 2", "presses 3", "types 1234", "presses 1"]
    assert isinstance(trial.pending, CallHook)


def test_keys_that_nobody_heeds_are_left_over() -> None:
    trial = dial()
    assert typed(trial, "7123") == ["left over, for no key is heeded now: 123"]
    assert isinstance(trial.pending, Transfer)


def test_words_are_said_and_an_empty_line_is_silence() -> None:
    trial = dial()
    assert typed(trial, "новини", "") == ["", ""]
    assert told(trial, Kind.DOES) == ['says "новини"', "is silent"]


def test_words_without_speech_are_refused() -> None:
    assert typed(dial(speech=False), "новини") == ["words are not listened to here; type keys"]


def test_an_empty_line_in_a_queue_is_a_wait() -> None:
    trial = dial()
    assert typed(trial, "1", "", "/queue talk") == ["", "", ""]
    assert told(trial, Kind.DOES) == ["presses 1", "waits 30 s"]
    assert trial.hung_up


def test_others_are_told_what_to_do() -> None:
    trial = dial()
    assert typed(trial, "1", "/queue full", "/transfer not-answered") == ["", "", ""]
    assert trial.hung_up
    asking = dial()
    assert typed(asking, "3", "1234", "1", "/hook found debt=125.50") == [""] * 4
    assert asking.session.values["debt"] == "125.50"
    assert isinstance(asking.pending, Ask)


@pytest.mark.parametrize(
    ("before", "line", "answer"),
    [
        ([], "/queue full", "the caller is in no queue: the step 'main-menu' waits for an answer"),
        ([], "/transfer answered", "no other number is called: the step 'main-menu' waits for an answer"),
        ([], "/hook down", "no web service is asked: the step 'main-menu' waits for an answer"),
        ([], "/dance", "there is no command /dance; /help lists them"),
        ([], "/help", HELP),
        (["1"], "/queue", "write /queue and one of: full, waited, nobody, talk"),
        (["1"], "hello", "the caller waits in the queue 'help'; type /queue full|waited|nobody|talk"),
        (["7"], "", "the number 0501112233 is being called; type /transfer answered|not-answered"),
        (["7"], "/transfer", "write /transfer and one of: answered, not-answered"),
        (
            ["3", "1234", "1"],
            "1",
            "the step 'check-account' asks its web service; type /hook found|unknown|down",
        ),
        (["3", "1234", "1"], "/hook fuond", "write /hook and one of: found, unknown, down"),
        (["3", "1234", "1"], "/hook", "write /hook and one of: found, unknown, down"),
        (["3", "1234", "1"], "/hook found debt", "debt is no value; write for instance debt=125.50"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(before: list[str], line: str, answer: str) -> None:
    trial = dial()
    typed(trial, *before)
    moments = list(trial.moments)
    assert typed(trial, line) == [answer]
    assert trial.moments == moments


def test_the_hint_fits_the_question() -> None:
    trial = dial()
    assert hint(trial) == "a key or words"
    typed(trial, "3")
    assert hint(trial) == "a number or words"
    assert hint(dial(speech=False)) == "a key"


def test_to_quit_hangs_up() -> None:
    trial = dial()
    assert carry_out(trial, "/quit").over
    assert trial.pending is None
    assert carry_out(trial, "/quit").over


# Words and lengths


def test_a_book_knows_words_and_lengths() -> None:
    book = PromptBook(ROOT / "prompts", ("uk", "ru", "en"))
    assert book.words("goodbye", "en") == "Thank you for calling. Goodbye!"
    assert book.words("choose-en", "uk") == "For English, press three."
    assert book.words(Count(2, "parcel"), "uk") == "дві посилки"
    assert book.words("nowhere", "uk") == ""
    assert 1.0 < book.seconds("goodbye", "uk") < 5.0
    assert 0.5 < book.seconds(Count(25), "en") < 3.0
    assert book.words(Digits("12"), "de").startswith("(not said: ")
    assert book.seconds(Digits("12"), "de") == 0.0


def test_prompts_without_recordings_last_as_long_as_their_text(tmp_path: Path) -> None:
    folder = write(tmp_path, {"texts.yaml": "news: { uk: 12345678901234 }\nodd: 1\n"})
    book = PromptBook(folder, ("uk",))
    assert book.seconds("news", "uk") == 14 / LETTERS_A_SECOND
    assert book.seconds("odd", "uk") == 0.0
    assert PromptBook(tmp_path / "nowhere", ("uk",)).words("news", "uk") == ""


# The command


@pytest.fixture(autouse=True)
def run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DZVIN_RUN_FOLDER", str(tmp_path / "run"))


def dzvin(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ivr.cli", *words],
        cwd=ROOT,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )


def test_a_line_is_tried_with_piped_input() -> None:
    done = dzvin("try", "100", "--at", "2026-11-23 12:00", typed="1\n1\nоператор\n/queue talk\n")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "100 Main line, Monday 23 November 2026 12:00 Europe/Kyiv"
    assert lines[2] == " 0:00  trace  main/open"
    assert any(line.endswith("Ви зателефонували до пошти.  [welcome]") for line in lines)
    assert [line.split(maxsplit=1)[1] for line in lines if "  caller " in line] == [
        "caller presses 1",
        "caller presses 1",
        'caller says "оператор"',
    ]
    assert "then   the caller waits in the queue general; needs uk 4; leaves with 1, 2, *" in done.stdout
    assert lines[-1].startswith("       the call is over; ")


def test_a_silent_caller_needs_no_input() -> None:
    done = dzvin("try", "business", "--silent", "--at", "2026-12-31 23:50")
    assert done.returncode == 0
    assert " business/closed\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("       the caller waits in the queue 'general'; ")


def test_a_line_of_another_folder_is_tried(tmp_path: Path) -> None:
    done = dzvin("try", "second", "--silent", "--folder", str(write(tmp_path / "d", PLAN)))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("200 Second, ")
    assert "second/share/" in done.stdout


def test_the_end_of_input_hangs_up() -> None:
    done = dzvin("try", "400", "--no-speech", "--language", "en", typed="12345678\nhello\n")
    assert done.returncode == 0
    assert "one two three, four five six, seven eight" in done.stdout
    assert "words are not listened to here; type keys" in done.stdout
    assert "caller hangs up" in done.stdout


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ["900"],
            "dzvin: there is no line '900'; the lines are:\n  100          main             Main line\n",
        ),
        (["100", "--at", "soon"], 'dzvin: --at soon: not a moment; write it as "2026-12-31 23:50".\n'),
        (["100", "--at", "2026-12-31T23:50Z"], "dzvin: --at 2026-12-31T23:50Z: not a moment;"),
        (["100", "--at", "9999-12-31 23:59"], "dzvin: --at 9999-12-31 23:59: not a moment;"),
        (["100", "--caller", "me"], "dzvin: --caller me: no telephone number; write up to 15 digits, or"),
        (["100", "--language", "de"], "dzvin: --language de: the line main speaks uk, ru, en.\n"),
        (
            ["100", "--switch", "nothing"],
            "dzvin: --switch nothing: there is no such switch; the dialplan's are: ",
        ),
    ],
)
def test_mistakes_are_told(words: list[str], error: str) -> None:
    done = dzvin("try", *words)
    assert done.returncode == 2
    assert done.stderr.startswith(error)


def test_a_dialplan_with_mistakes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DZVIN_DIALPLANS", str(write(tmp_path / "d", {"a.yaml": "lines: {}\n"})))
    for command in (["try", "100"], ["rehearse"]):
        done = dzvin(*command)
        assert done.returncode == 2
        assert done.stderr.startswith(f"dzvin: the dialplan in {tmp_path / 'd'} has mistakes:\n")


@pytest.fixture
def service() -> Iterator[str]:
    """The shipped example service, at some port."""
    program = subprocess.Popen(
        [sys.executable, "-u", "-m", "ivr.cli", "example-service", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert program.stdout is not None
        address = ""
        while not address:
            line = program.stdout.readline()
            assert line, "the example service has ended"
            address = next((word.strip(".,;") for word in line.split() if word.startswith("http://")), "")
        yield address
    finally:
        program.terminate()
        program.wait()


def test_web_services_are_asked_for_real(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DZVIN_WEB_ADDRESS", service)
    done = dzvin("try", "400", "--web", "--language", "uk", typed="10000001\n1\n2\n")
    assert done.returncode == 0
    assert f"{service}/meter/account is asked with account=10000001" in done.stdout
    assert "the web service answers found" in done.stdout
    assert "the web service answers owes" in done.stdout
    assert "[meter-owe]" in done.stdout


def test_a_web_service_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DZVIN_WEB_ADDRESS", "http://127.0.0.1:9")
    done = dzvin("try", "400", "--web", typed="10000001\n1\n")
    assert "the web service gives no answer: no connection" in done.stdout
    assert "[service-away]" in done.stdout


def test_the_shipped_scenarios_are_rehearsed(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    done = dzvin("rehearse", "--coverage", "--junit", str(report))
    assert (done.returncode, done.stderr) == (0, "")
    assert " scenarios, all well, in " in done.stdout
    assert report.read_bytes().startswith(b"<?xml")


def test_a_failure_ends_with_status_1_and_its_transcript(tmp_path: Path) -> None:
    text = "scenarios: { lost: { call: 100, steps: [silent: always, expect: { queue: tracking }] } }\n"
    folder = tmp_path / "d"
    folder.mkdir()
    for file in (ROOT / "dialplans").glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    write(folder / "scenarios", {"a.yaml": text})
    done = dzvin("rehearse", str(folder))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "lost failed"
    assert lines[1] == (
        f"{folder}/scenarios/a.yaml:1:74: expected the queue 'tracking',"
        " but the caller waits in the queue 'general'"
    )
    assert "   0:00  trace  main/open" in lines
    assert lines[-1].startswith("1 scenario, 1 failed, in ")


def test_mistakes_in_scenarios_end_with_status_1(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    for file in (ROOT / "dialplans").glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    write(folder / "scenarios", {"a.yaml": "scenarios: { lost: { call: 100, steps: [silnt] } }\n"})
    done = dzvin("rehearse", str(folder))
    assert done.returncode == 1
    assert done.stdout == (
        f"{folder}/scenarios/a.yaml:1:41: 'silnt' is no step of a scenario; did you mean 'silent'?\n"
        "1 mistake; nothing was played.\n"
    )


def test_a_call_is_tried_at_once() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert dzvin("try", "100", "--silent").returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5.0
