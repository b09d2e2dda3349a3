"""The editors' schema and the reference's tables: made of the classes, never by hand; true to the loader."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from ivr.dialplan import check, schema, schema_rules, schema_steps, schema_work
from ivr.dialplan.problems import Report
from ivr.dialplan.reference.__main__ import main
from ivr.dialplan.reference.json_schema import as_text, json_schema
from ivr.dialplan.reference.meanings import keys_of
from ivr.dialplan.reference.tables import TABLES, filled
from ivr.dialplan.tree import read_tree, to_plain
from tests import dialplan_corpus_form, dialplan_corpus_sense, dialplan_corpus_speech, dialplan_corpus_work
from tests.dialplan_samples import SMALL, Files, write

DIALPLANS = Path(__file__).resolve().parents[2] / "dialplans"
SHIPPED = [
    path
    for path in sorted(DIALPLANS.rglob("*.yaml"))
    if path.parent == DIALPLANS or path.parent.parent == DIALPLANS / "examples"
]
VALIDATOR = jsonschema.Draft7Validator(json_schema())
AGAIN = "run: python -m ivr.dialplan.reference"
"""What to do when these tests say that something differs."""


def mistakes(text: str | bytes) -> list[str]:
    """What an editor would underline; [] also for what is no YAML, which it tells by itself."""
    report = Report()
    tree = read_tree(text if isinstance(text, bytes) else text.encode(), "x.yaml", report)
    if tree is None or report.problems:
        return []
    return [error.message for error in VALIDATOR.iter_errors(to_plain(tree))]


# Nothing drifts


def test_the_schema_is_what_the_classes_say() -> None:
    assert (DIALPLANS / "schema.json").read_text(encoding="utf-8") == as_text(), AGAIN


def test_the_tables_are_what_the_classes_say() -> None:
    text = (DIALPLANS / "README.md").read_text(encoding="utf-8")
    assert text == filled(text), AGAIN
    assert [name for name in TABLES if f"<!-- keys of {name} -->" not in text] == []


GROUPS = [
    member
    for module in (schema, schema_rules, schema_steps, schema_work)
    for member in vars(module).values()
    if isinstance(member, type) and issubclass(member, BaseModel) and member.__module__ == module.__name__
]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_every_key_has_a_meaning(group: Any) -> None:
    untold = [key.name for key in keys_of(group) if not key.meaning]
    assert untold == [], "write what it means as text below it"


def test_what_is_written_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (DIALPLANS / "README.md").read_text(encoding="utf-8")
    (tmp_path / "README.md").write_text(text.replace("| `start` | the first step |", "| `start` | ? |"))
    assert main(tmp_path) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == text
    assert json.loads((tmp_path / "schema.json").read_text(encoding="utf-8")) == json_schema()
    assert main(tmp_path) == 0
    assert capsys.readouterr().out == ""
    assert main(tmp_path / "nowhere") == 2


# What the loader takes is valid


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(DIALPLANS)))
def test_shipped_files_are_valid_and_name_their_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert mistakes(text) == []
    named = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == DIALPLANS / "schema.json"


CORPORA = (
    dialplan_corpus_form.CORPUS
    + dialplan_corpus_sense.CORPUS
    + dialplan_corpus_speech.CORPUS
    + dialplan_corpus_work.CORPUS
)
CASES = pytest.mark.parametrize("files", [case[1] for case in CORPORA], ids=[case[0] for case in CORPORA])


@CASES
def test_what_can_be_loaded_is_valid(files: Files, tmp_path: Path) -> None:
    errors = [one for one in check(write(tmp_path / "d", files)) if one.severity == "error"]
    found = [message for text in files.values() for message in mistakes(text)]
    assert errors or found == []


MOSTLY = 0.6
"""This share of the mistakes in single values and keys is seen while they are typed."""


def test_mistakes_of_form_are_mostly_seen_in_the_editor(tmp_path: Path) -> None:
    cases = [case for case in dialplan_corpus_form.CORPUS if all(_is_yaml(text) for text in case[1].values())]
    unseen = [name for name, files, _ in cases if not any(mistakes(text) for text in files.values())]
    assert len(cases) > 15
    assert len(unseen) <= (1 - MOSTLY) * len(cases), unseen


def _is_yaml(text: str | bytes) -> bool:
    report = Report()
    read_tree(text if isinstance(text, bytes) else text.encode(), "x.yaml", report)
    return not report.problems


# What is refused by its form

REFUSED = {
    "unknown section": "menus: {}",
    "unknown key": "lines: { main: { name: M, numbers: 100, start: a, strat: b } }",
    "missing key": "lines: { main: { name: M, numbers: 100 } }",
    "bad name": "steps: { News!: { play: x, then: a } }",
    "no step": "steps: { a: { then: b } }",
    "two steps in one": "steps: { a: { play: x, transfer: 100, then: b } }",
    "bad unit": "steps: { a: { transfer: 706, ring: 20 sec } }",
    "too many seconds": "steps: { a: { transfer: 706, ring: 500 } }",
    "bad key": "steps: { a: { menu: x, keys: { 12: b } } }",
    "no keys": "steps: { a: { menu: x, keys: {} } }",
    "bad prompt": "steps: { a: { play: Hello World, then: b } }",
    "bad piece": "steps: { a: { play: { digit: x }, then: b } }",
    "bad noun": "steps: { a: { play: { number: x, of: cow }, then: b } }",
    "phrase with digits": "steps: { a: { menu: x, keys: { 1: b }, phrases: { b: { uk: 12 } } } }",
    "bad language": "center: { languages: [ukr] }",
    "no number": "center: { languages: [uk], allowed-numbers: [07Y] }",
    "bad hours": "hours: { office: { week: { daily: 8-22 } } }",
    "bad minute": "hours: { office: { week: { daily: 08:00-22:75 } } }",
    "bad day": "hours: { office: { week: { monday: 08:00-22:00 } } }",
    "bad date": "hours: { office: { week: {}, exceptions: [{ on: 2026-13-01, open: closed }] } }",
    "no day of a month": "hours: { office: { week: {}, exceptions: [{ every-month: 32, open: closed }] } }",
    "two kinds of days": "hours: { o: { week: {}, exceptions: [{ on: 12-31, every-month: 1, open: [] }] } }",
    "no end": "hours: { office: { week: {}, exceptions: [{ from: 2026-12-01, open: closed }] } }",
    "level": "operators: { olena: { name: O, phone: { number: 1 }, queues: [a], skills: { uk: 11 } } }",
    "phone": "operators: { olena: { name: O, phone: { number: 1, kind: snom }, queues: [a] } }",
    "true": "queues: { a: { name: A, announce: { position: 1 } } }",
    "rule without condition": "steps: { a: { choose: [{ then: b }], otherwise: b } }",
    "rule with two": "steps: { a: { choose: [{ share: 5, language: uk, then: b }], otherwise: b } }",
    "rule without its partner": "steps: { a: { choose: [{ waiting: q, then: b }], otherwise: b } }",
    "value without a test": "steps: { a: { choose: [{ value: q, then: b }], otherwise: b } }",
    "nothing": "lines: { main: { name: M, numbers: 100, start: } }",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_by_its_form(text: str, tmp_path: Path) -> None:
    assert mistakes(text)
    assert any(one.severity == "error" for one in check(write(tmp_path / "d", {**SMALL, "x.yaml": text})))


ACCEPTED = {
    "times": "queues: { a: { name: A, ring: 20, wrap-up: 1.5 min, max-wait: 1h } }",
    "numbers": "lines: { main: { name: { uk: М }, numbers: ['100', 0800, +380441234567], start: a } }",
    "skills": "queues: { a: { name: A, skills: { x: 3, y: { level: 3, relax: [] } } } }",
    "phrases": "steps: { a: { menu: x, keys: { '*': b }, phrases: { b: { uk: [так, п’ять], en: Yes! } } } }",
    "hours": "hours: { o: { week: { mon-fri: [8:00-13:00, 14:00-24:00], sat: closed, sun: 22:00-06:00 } } }",
    "days of a month": "hours: { o: { week: {}, exceptions: [{ every-month: 1-4, open: closed }] } }",
    "dates": "hours: { o: { week: {}, exceptions: [{ on: 02-29, open: closed }] } }",
    "values": "steps: { a: { choose: [{ value: v, is: 12, then: b }], otherwise: b } }",
    "lengths": "steps: { a: { ask: [x, { amount: v }], for: number, name: n, length: 5-8, then: b } }",
    "hang up": "steps: { a: { hang-up: [] } }",
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_every_way_to_write_a_value_is_valid(text: str) -> None:
    assert mistakes(text) == []


def test_hover_texts_tell_meaning_bounds_and_default() -> None:
    ring = json_schema()["definitions"]["QueueGroup"]["properties"]["ring"]
    assert ring["description"] == ("How long an operator's phone rings (3 s to 2 min). If left out: `12 s`.")
    assert ring["default"] == "12 s"
