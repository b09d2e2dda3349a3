"""Whatever is in a scenario file: mistakes with places, or scenarios that are played; never an exception."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.prompt_book import PromptBook
from ivr.rehearsal import rehearse
from tests.dialplan_samples import write
from tests.rehearsal_samples import TEXTS, loaded, scenario

WHOLE = scenario(
    [
        "expect: { hears: [hello, choose], words: Вітаємо, step: main-menu, language: uk, ends: false }",
        "press: 3",
        "type: 1234",
        "say: { words: так, sure: 0.9 }",
        "expect: { hears: [{ amount: 12.50 }], sent: { check-account: { account: 1234 } }, within: 2 min }",
        "silent: 2",
        "too-long",
        "press: 1",
        "wait: 30 s",
        "expect: { queue: help }",
        "hang-up",
    ],
    "at: 2026-11-23 12:00",
    "closed: [office]",
    "caller: 0501234567",
    "language: en",
    "speech: true",
    "switches: [storm]",
    "draws: { share: out }",
    "web: { check-account: [{ go: found, say: [{ number: 2, of: parcel }], values: { debt: 1 } }, down] }",
    "queues: { help: { ends: [waits, full], waiting: 3, operators: 1, expected-wait: 1 min } }",
    "transfers: { 0501112233: [rings, answered] }",
)
WORDS = """\
{ } [ ] : , ~ null true 0 -1 1e9 " * # a [] {} silent always expect digits down talk 0501112233 9999-12-31 é
"""
PIECES = st.sampled_from(["", " ", "\n", "\t", "- ", *WORDS.split()])
EDITS = st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 12), PIECES), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def book() -> Iterator[PromptBook]:
    with TemporaryDirectory() as folder:
        yield PromptBook(write(Path(folder), {"texts.yaml": TEXTS}), ("uk", "en"))


def check(data: bytes, book: PromptBook) -> None:
    with TemporaryDirectory() as folder:
        write(Path(folder) / "scenarios", {"a.yaml": data})
        rehearsal = rehearse(Path(folder), loaded(), book)
    problems = [*rehearsal.mistakes, *(one for result in rehearsal.results for one in result.failures)]
    assert all(problem.spot.line >= 1 and problem.text for problem in problems)
    assert not (rehearsal.mistakes and rehearsal.results)


def test_the_scenario_is_without_mistakes(book: PromptBook) -> None:
    with TemporaryDirectory() as folder:
        write(Path(folder) / "scenarios", {"a.yaml": WHOLE})
        rehearsal = rehearse(Path(folder), loaded(), book)
    assert (rehearsal.mistakes, len(rehearsal.results)) == ((), 1)


@settings(max_examples=300, deadline=None)
@given(edits=EDITS)
def test_edits_of_a_scenario(edits: list[tuple[int, int, str]], book: PromptBook) -> None:
    text = WHOLE
    for place, length, piece in edits:
        text = text[:place] + piece + text[place + length :]
    check(text.encode(), book)


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=60))
def test_any_bytes(data: bytes, book: PromptBook) -> None:
    check(b"scenarios:\n  one: " + data, book)
