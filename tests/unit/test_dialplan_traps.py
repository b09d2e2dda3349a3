# ruff: noqa: E501 -- messages stand here on one line, as an admin sees them
"""Dialplans that trap a caller are told with every message; those that are shipped trap nobody."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.config import Settings
from ivr.dialplan import load
from ivr.dialplan.traps import problems_of_proof
from ivr.flow.proof import USUAL, Bounds, CallerKind, Proof, TrapKind, as_transcript, prove
from ivr.flow.said import Day, Digits, Said, TimeOfDay
from ivr.proving import check_folder, traps_of
from ivr.publishing import propose
from ivr.turning import Refused
from tests.dialplan_samples import SMALL, Files, changed, extra, write

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = [ROOT / "dialplans", *sorted(path.parent for path in ROOT.glob("dialplans/examples/*/lines.yaml"))]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
M = "menus.yaml"


def three_seconds(said: Said, language: str) -> float:
    return 200.0 if said == "long" else 3.0


def proof_of(folder: Path, bounds: Bounds = USUAL) -> Proof:
    return prove(load(folder).dialplan, three_seconds, now=NOW, bounds=bounds)


def messages(folder: Path, bounds: Bounds = USUAL) -> list[str]:
    found = problems_of_proof(load(folder), proof_of(folder, bounds))
    return [str(problem).replace(f"{folder}/", "") for problem in found]


def chain(length: int) -> Files:
    steps = "".join(f"  m{n}: {{ play: hello, then: m{n + 1} }}\n" for n in range(length))
    lines = "lines:\n  far: { name: Far, numbers: [101], start: m0, limits: { steps: 10 } }\n"
    return extra("far.yaml", f"{lines}steps:\n{steps}  m{length}: {{ hang-up: goodbye }}\n")


TRAPS: list[tuple[str, Files, list[str]]] = [
    (
        "a full queue and a phone nobody answers",
        changed(M, "transfer: 0501112233", "transfer: 0501112233, if-not-answered: ask"),
        [
            "menus.yaml:7:3: a silent caller of the line 'main' is led round and round: ask → call-out → ask; lead one of these to a person or a goodbye",
        ],
    ),
    (
        "a message before the full queue again",
        changed(M, "if-full: call-out", "if-full: news-full\n  news-full: { play: news, then: ask }"),
        [
            "menus.yaml:7:3: a silent caller of the line 'main' is led round and round: ask → news-full → ask; lead one of these to a person or a goodbye",
        ],
    ),
    (
        "a key for an operator that leads back to the menu",
        changed("lines.yaml", "operator: ask", "operator: main-menu"),
        [
            "menus.yaml:2:3: a caller who seeks a person of the line 'main' is led round and round: main-menu → main-menu; lead one of these to a person or a goodbye",
        ],
    ),
    (
        "more steps than the limit",
        chain(12),
        [
            "far.yaml:4:3: a silent caller of the line 'far' needs more steps to a person or a goodbye than the limit of 10; shorten the way, or raise `steps` in `limits`",
        ],
    ),
    (
        "a menu that takes too long",
        changed(M, "menu: [hello, choose]", "menu: [long, choose]"),
        [
            "menus.yaml:2:3: a silent caller of the line 'main' hears no person and no goodbye for 11:03 minutes, at most 5:00 are allowed; shorten the prompts, ask less often, or let a miss lead to a person sooner",
        ],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in TRAPS], ids=[case[0] for case in TRAPS])
def test_every_trap_is_told_at_its_place(files: Files, expected: list[str], tmp_path: Path) -> None:
    assert messages(write(tmp_path / "d", files)) == expected


def test_the_sample_traps_nobody(tmp_path: Path) -> None:
    assert proof_of(write(tmp_path / "d", SMALL)).holds


def test_a_circle_that_the_dialplan_itself_breaks_is_none(tmp_path: Path) -> None:
    """A value that is set on the way round lets the caller out the second time."""
    steps = """if-full: once
  once:
    choose: [{ value: tried, is: once, then: call-out }]
    otherwise: try-again
  try-again: { set: { tried: once }, then: ask }"""
    assert messages(write(tmp_path / "d", changed(M, "if-full: call-out", steps))) == []


def test_too_much_to_look_at_is_a_warning_and_no_guess(tmp_path: Path) -> None:
    folder = write(tmp_path / "d", SMALL)
    assert messages(folder, Bounds(states=5)) == [
        "lines.yaml:6:3: warning: that no caller is trapped is not proven: more than 5 states of the dialogue; fewer questions may be proven"
    ]
    assert not proof_of(folder, Bounds(states=5)).holds


def test_the_way_into_a_trap_is_a_transcript(tmp_path: Path) -> None:
    proof = proof_of(write(tmp_path / "d", TRAPS[0][1]))
    assert {trap.kind for trap in proof.traps} == {TrapKind.CIRCLE}
    told = "\n".join(traps_of(proof))
    assert "the queue is full: main/ask/queue-full" in told
    assert "the transfer is not answered: main/call-out/not-answered" in told


@pytest.mark.timeout(600)
def test_publish_refuses_a_trap(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    for file in (ROOT / "dialplans").glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    steps = "  trap: { queue: general, if-full: trap-said }\n  trap-said: { play: queue-full, then: trap }\n"
    lines = "lines:\n  trapping: { name: Trapping, numbers: [999], start: trap }\n"
    (folder / "trap.yaml").write_text(f"{lines}steps:\n{steps}")
    settings = Settings(run_folder=tmp_path / "run", dialplans=folder)
    with pytest.raises(Refused) as refusal:
        propose(settings, folder)
    assert "is led round and round: trap → trap-said → trap" in str(refusal.value)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
def test_what_is_shipped_traps_nobody(folder: Path) -> None:
    proof = check_folder(folder, Settings(dialplans=folder)).proof
    assert proof is not None
    assert proof.not_proven == ""
    assert proof.traps == ()
    for worst in proof.worst:
        for figures in (worst.start, worst.later):
            assert figures is None or figures.seconds <= USUAL.of(worst.caller) * 2 / 3, as_transcript(
                figures.path
            )


def test_pieces_count_as_the_longest_of_their_size() -> None:
    from ivr.flow.proof.pieces import longest_pieces

    def length(said: Said, language: str) -> float:
        match said:
            case Digits(digits):
                return sum(map(float, digits))
            case Day(date):
                return float(date.day + date.month)
            case TimeOfDay(time):
                return float(time.hour + time.minute)
            case _:
                return 1.0

    seconds = longest_pieces(length)
    assert seconds(Digits("12"), "uk") == 18
    assert seconds(Day(NOW.date()), "uk") == 43
    assert seconds(TimeOfDay(NOW.time()), "uk") == 23 + 59
    assert seconds("hello", "uk") == 1


def test_every_kind_of_caller_has_a_bound_and_words() -> None:
    assert {USUAL.of(caller) for caller in CallerKind} == {300.0, 900.0}
    assert len({caller.words for caller in CallerKind}) == len(CallerKind)
