"""Scenarios: what they may say, what they find, what they cover, and the report for build servers."""

import re
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from pydantic import BaseModel

from ivr.config import load_settings
from ivr.dialplan import load
from ivr.errors import Plain
from ivr.flow.conditions import lot
from ivr.prompt_book import PromptBook
from ivr.rehearsal import Rehearsal, rehearse, schema
from ivr.rehearsal.coverage import Covered
from ivr.rehearsal.junit import junit
from ivr.rehearsal.lots import NoLot, lot_that_draws, shared_targets
from ivr.rehearsing import rehearse_folder
from tests.dialplan_samples import write
from tests.rehearsal_corpus import FAILURES, MISTAKES
from tests.rehearsal_samples import PLAN, play, scenario, told

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "dialplans" / "README.md").read_text(encoding="utf-8")
SECTION = README[README.index("## Scenarios") :].split("\n## ")[0]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in MISTAKES], ids=[c[0] for c in MISTAKES])
def test_every_mistake_is_told_at_its_place_and_nothing_is_played(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    rehearsal = play(tmp_path, text)
    assert told(rehearsal, tmp_path) == expected
    assert rehearsal.mistakes
    assert rehearsal.results == ()
    assert not rehearsal.well


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in FAILURES], ids=[c[0] for c in FAILURES])
def test_every_failure_tells_what_was_expected_and_what_happened(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    rehearsal = play(tmp_path, text)
    assert told(rehearsal, tmp_path) == expected
    assert rehearsal.mistakes == ()
    assert len(rehearsal.failed) == 1


def test_mistakes_of_all_files_are_told_together(tmp_path: Path) -> None:
    rehearsal = play(tmp_path, scenario(["silnt"]), scenario(["silent"], name="two", call="mian"), "a: [\n")
    assert [text.split(":")[0] for text in told(rehearsal, tmp_path)] == ["0.yaml", "1.yaml", "2.yaml"]


def test_one_name_in_two_files(tmp_path: Path) -> None:
    rehearsal = play(tmp_path, scenario(["silent"]), scenario(["silent"]))
    assert told(rehearsal, tmp_path) == [
        "1.yaml:2:3: the scenario 'one' is here twice, first in 0.yaml:2; rename one"
    ]


@pytest.mark.parametrize(
    "text",
    [
        scenario(["expect: { step: main-menu }"]),
        scenario(["expect: { hears: [closed, goodbye], ends: true }"], "closed: true"),
        scenario(["expect: { ends: true }"], "closed: office"),
        scenario(["expect: { step: main-menu }"], "at: 2026-11-23 12:00"),
        scenario(["expect: { ends: true }"], "at: 2026-11-22 12:00"),
        scenario(["expect: { ends: true }"], "at: 2026-11-23 12:00", "closed: true"),
        scenario(["expect: { hears: news, language: en }"], "language: en"),
        scenario(["press: 4", "expect: { ends: true }"], "switches: [storm]"),
        scenario(["press: 4", "expect: { step: main-menu }"]),
        scenario(["press: 5", "expect: { ends: true }"], "queues: { help: { waiting: 11 } }"),
        scenario(["press: 5", "expect: { queue: help }"], "queues: { help: { waiting: 10 } }"),
        scenario(["expect: { transfer: 0501112233 }"], "draws: { share: out }", call="second"),
        scenario(["expect: { queue: help }"], "draws: { share: ask }", call="200"),
        scenario(["press: 1", "expect: { ends: true }"], "queues: { help: nobody-logged-in }"),
        scenario(["press: 1", "expect: { ends: true, within: 2 min }"], "queues: { help: talk }"),
        scenario(["press: 1", "expect: { transfer: 0501112233 }"], "queues: { help: full }"),
        scenario(
            ["press: 1", "expect: { ends: true }"],
            "queues: { help: full }",
            "transfers: { 0501112233: not-answered }",
        ),
        scenario(
            ["press: 1", "wait: 110 s", "expect: { queue: help }", "wait: 10 s", "expect: { ends: true }"]
        ),
        scenario(["press: 1", 'press: "*"', "press: 1", "expect: { queue: help }"]),
        scenario(["press: 1", 'press: "*1"', "expect: { ends: true }"], "queues: { help: [waits, talk] }"),
        scenario(["say: новини", "expect: { hears: news }"]),
        scenario(["say: { words: новини, sure: 0.1 }", "expect: { hears: unsure, step: main-menu }"]),
        scenario(["too-long", "expect: { hears: too-long }"]),
        scenario(["speech-busy", "press: 2", "expect: { hears: [choose, news] }"]),
        scenario(["speech-dead", "expect: { hears: speech-lost }"]),
        scenario(["silent", "silent: 2", "expect: { hears: [silence, silence-again], queue: help }"]),
        scenario(["silent: always", "expect: { queue: help }"], "caller: withheld"),
        scenario(["hang-up"]),
        scenario(['press: "0"', "expect: { queue: help }"]),
        scenario(
            [
                "press: 3",
                'type: "0012"',
                "press: 1",
                "expect: { hears: [you-owe, { amount: 125.50 }], words: сто двадцять п'ять гривень }",
                "press: 3",
                "type: 0013",
                "expect: { hears: [{ digits: 0013 }] }",
                "press: 1",
                "expect: { step: account, sent: { check-account: { account: 0013 } } }",
            ],
            "web: { check-account: [{ go: found, values: { debt: 125.50 } }, unknown] }",
        ),
        scenario(
            ["press: 3", "type: 1234", "press: 1", "expect: { hears: [news, you-owe] }"],
            "web: { check-account: [{ go: found, say: news }, down] }",
        ),
    ],
)
def test_scenarios_that_are_as_expected(text: str, tmp_path: Path) -> None:
    rehearsal = play(tmp_path, text)
    assert told(rehearsal, tmp_path) == []
    assert rehearsal.well
    assert len(rehearsal.results) == 1


# Coverage


def covered(rehearsal: Rehearsal, name: str) -> Covered:
    return next(place for place in rehearsal.coverage.places if place.name == name)


def test_coverage_counts_steps_and_ways(tmp_path: Path) -> None:
    rehearsal = play(tmp_path, scenario(["press: 2", "say: новини", "press: 1"], "queues: { help: talk }"))
    assert rehearsal.coverage.steps == (3, 12)
    assert rehearsal.coverage.ways == (6, 32)
    assert covered(rehearsal, "main-menu").missing == ("key 3", "key 4", "key 5", "key 6", "key 7")
    assert covered(rehearsal, "news") == Covered("news", True, ("then",), ())
    assert covered(rehearsal, "ask").missing == (
        "key *",
        "if-full",
        "if-waited-too-long",
        "if-nobody-logged-in",
    )
    assert covered(rehearsal, "line main").missing == ("if-language-known", "if-closed")
    assert covered(rehearsal, "line second") == Covered("line second", False, ("start",), ("start",))
    assert covered(rehearsal, "storm") == Covered(
        "storm", False, ("rule 1", "otherwise"), ("rule 1", "otherwise")
    )


WHOLE = [
    scenario(["press: 2", "say: новини", "press: 6451", 'press: "*17"'], name="keys"),
    scenario(["press: 4"], "switches: [storm]", name="storm"),
    scenario(["press: 5"], "queues: { help: { ends: nobody-logged-in, waiting: 20 } }", name="crowd"),
    scenario(["press: 1"], "queues: { help: nobody-logged-in }", name="nobody"),
    scenario(["press: 1", "wait: 2 min"], name="long"),
    scenario(["press: 1"], "queues: { help: full }", "transfers: { 0501112233: not-answered }", name="full"),
    scenario(["press: 7"], "transfers: { 0501112233: answered }", name="out"),
    scenario(["press: 1"], "queues: { help: talk }", name="talk"),
    scenario(["silent"], "language: en", name="known"),
    scenario(["expect: { ends: true }"], "closed: true", name="closed"),
    scenario(["expect: { queue: help }"], "draws: { share: ask }", call="second", name="share-ask"),
    scenario(["expect: { ends: false }"], "draws: { share: out }", call="second", name="share-out"),
    scenario(
        [
            "press: 3",
            "type: 1234",
            "press: 1",
            "type: 1234",
            "press: 1",
            "press: 3",
            "type: 1234",
            "press: 1",
        ],
        "web: { check-account: [unknown, found, down] }",
        name="web",
    ),
]


def test_all_of_a_dialplan_can_be_covered(tmp_path: Path) -> None:
    rehearsal = play(tmp_path, *WHOLE)
    assert told(rehearsal, tmp_path) == []
    assert [place for place in rehearsal.coverage.places if place.missing] == []
    assert rehearsal.coverage.steps == (12, 12)
    assert rehearsal.coverage.ways == (32, 32)


# Shares


def test_a_lot_is_found_for_every_target(tmp_path: Path) -> None:
    plan = load(write(tmp_path / "d", PLAN)).dialplan
    targets = shared_targets(plan.steps["share"])  # type: ignore[arg-type]
    assert {target: len(lots) for target, lots in targets.items()} == {"out": 30, "ask": 70}
    for target, lots in targets.items():
        assert lot(lot_that_draws(plan, {"share": target}), "share") in lots


def test_no_lot_is_told(tmp_path: Path) -> None:
    half = "{ choose: [{ share: 1, then: out }], otherwise: ask }"
    steps = "".join(f"  s{number}: {half}\n" for number in range(6))
    text = str(PLAN["plan.yaml"]).replace("steps:\n", f"steps:\n{steps}", 1)
    plan = load(write(tmp_path / "d", {"plan.yaml": text})).dialplan
    with pytest.raises(NoLot, match=r"^hardly any call draws s0, s1, s2, s3, s4, s5 this way together;"):
        lot_that_draws(plan, {f"s{number}": "out" for number in range(6)})


# JUnit


def read_back(document: bytes) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314, it is our own


def test_the_report_is_read_back(tmp_path: Path) -> None:
    rehearsal = play(
        tmp_path,
        scenario(["expect: { step: main-menu }"], name="well"),
        scenario(['expect: { words: "<&\\"\'>]]> \\x07" }'], name="bad"),
    )
    texts = ["nothing", "0:00 hears <привіт> \x00"]
    suite = read_back(junit(rehearsal.results, rehearsal.mistakes, texts, 0.025)).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    assert suite.get("time") == "0.025"
    well, bad = suite.findall("testcase")
    assert (well.get("name"), well.get("line"), list(well)) == ("well", "2", [])
    failure = bad.find("failure")
    assert failure is not None
    assert failure.get("message") == "expected the words '<&\"'>]]> ?'; heard was: Вітаємо Оберіть"
    assert str(failure.text).endswith("0:00 hears <привіт> �")
    assert f"{tmp_path}" in str(failure.text)


def test_mistakes_are_errors_in_the_report(tmp_path: Path) -> None:
    rehearsal = play(tmp_path, scenario(["silnt"]))
    suite = read_back(junit(rehearsal.results, rehearsal.mistakes, [], 0.0))
    error = suite.find("testsuite/testcase/error")
    assert error is not None
    assert error.get("message") == "'silnt' is no step of a scenario; did you mean 'silent'?"
    assert suite.get("errors") == "1"


# What is shipped


def shipped() -> Rehearsal:
    loaded = load(ROOT / "dialplans")
    return rehearse(ROOT / "dialplans", loaded, PromptBook(ROOT / "prompts", loaded.media.languages))


def test_the_shipped_scenarios_pass_and_cover_the_dialplan() -> None:
    rehearsal = shipped()
    assert [str(problem) for problem in rehearsal.mistakes] == []
    assert [str(one) for result in rehearsal.failed for one in result.failures] == []
    walked, steps = rehearsal.coverage.steps
    gone, ways = rehearsal.coverage.ways
    assert len(rehearsal.results) >= 40
    assert walked / steps >= 0.9
    assert gone / ways >= 0.85


def test_scenarios_are_quick() -> None:
    rehearsal = shipped()
    began = time.process_time()
    again = shipped()
    assert len(again.results) == len(rehearsal.results)
    assert (time.process_time() - began) / len(again.results) < 0.1  # seconds for each, dialplan included


def test_a_folder_inside_is_no_part_of_the_dialplan(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", PLAN)
    version = load(folder).dialplan.version
    write(folder / "scenarios", {"a.yaml": scenario(["silent"]), "b.yaml": "no: [dialplan\n"})
    assert load(folder).dialplan.version == version


# The reference


def test_the_example_of_the_reference_is_as_expected(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml scenarios\n(.*?)```", SECTION, re.DOTALL)
    write(tmp_path / "scenarios", {"example.yaml": example})
    loaded = load(ROOT / "dialplans")
    rehearsal = rehearse(tmp_path, loaded, PromptBook(ROOT / "prompts", loaded.media.languages))
    assert told(rehearsal, tmp_path) == []
    assert len(rehearsal.results) == 1


def test_every_word_is_in_the_reference() -> None:
    groups = [schema.ScenarioGroup, schema.WebGroup, schema.QueueGroup, schema.SayGroup, schema.ExpectGroup]
    words = {word for group in groups for word in keys_of(group)} | {*schema.STEPS, *schema.ALONE}
    words |= {*schema.QueueWord.__args__, *schema.TransferWord.__args__}  # type: ignore[attr-defined]
    assert [word for word in sorted(words) if not re.search(rf"\b{re.escape(word)}\b", SECTION)] == []


def keys_of(group: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in group.model_fields.items()]


# The command's own


def test_a_folder_without_scenarios_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", PLAN)
    with pytest.raises(Plain, match=r"scenarios holds no scenario; dialplans/README.md tells how"):
        rehearse_folder(load_settings(), folder, None, False)


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", PLAN)
    write(folder / "scenarios", {"a.yaml": scenario(["silent"])})
    with pytest.raises(Plain, match=r"nowhere/report.xml cannot be written: No such file or directory\.$"):
        rehearse_folder(load_settings(), folder, tmp_path / "nowhere" / "report.xml", False)
