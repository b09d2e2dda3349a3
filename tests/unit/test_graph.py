"""The picture of a dialplan: well-formed, complete, escaped; its seconds are those of the prompts."""

import re
import wave
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.config import Settings
from ivr.dialplan import load
from ivr.errors import Plain
from ivr.flow.model import Dialplan
from ivr.graph.labels import STYLES, table
from ivr.graph.picture import Picture
from ivr.graph.tree import Arrow, Tree, tree_of
from ivr.graph.ways import Ways
from ivr.graphing import draw
from tests.dialplan_samples import SMALL, Files, changed, write
from tests.real import need

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
LENGTHS = {"hello": 2.0, "choose": 3.0, "news": 10.0, "silence": 1.0, "silence-again": 4.0}
"""Seconds of the prompts of the small dialplan."""


def tree(dialplan: Dialplan) -> Tree:
    ways = Ways(dialplan, lambda prompt, _: LENGTHS.get(prompt, 0.0))
    return tree_of(dialplan, ways, dialplan.lines.values())


def small(tmp_path: Path, files: Files = SMALL) -> Tree:
    return tree(load(write(tmp_path / "d", files)).dialplan)


def arrows(of: Tree, source: str) -> dict[str, Arrow]:
    return {arrow.label: arrow for arrow in of.arrows if arrow.source == source}


# Seconds


def test_the_quickest_path_to_a_person(tmp_path: Path) -> None:
    found = small(tmp_path)
    best = found.quickest["main"]
    assert best is not None
    assert (best.seconds, best.by, best.step) == (5.0, ("open", "1"), "ask")
    assert [(a.source, a.target) for a in found.arrows if a.quickest] == [
        ("line:main", "main-menu"),
        ("main-menu", "ask"),
    ]
    assert {box.step: box.after for box in found.boxes} == {
        "main-menu": 0.0,
        "ask": 5.0,
        "news": 5.0,
        "sorry": 0.0,
        "call-out": None,
    }
    assert {box.step for box in found.boxes if box.quickest} == {"main-menu", "ask"}


def test_circles_are_references_with_the_time_of_their_own_path(tmp_path: Path) -> None:
    found = small(tmp_path)
    back = arrows(found, "news")[""]
    assert (back.target, back.after, back.refers) == ("main-menu", 15.0, True)
    itself = arrows(found, "main-menu")["*"]
    assert (itself.target, itself.refers) == ("main-menu", True)
    assert not arrows(found, "main-menu")["1"].refers


def test_silence_takes_all_its_tries(tmp_path: Path) -> None:
    files = changed("menus.yaml", "    wait: 5 s", "    wait: 5 s\n    if-silent: news")
    silent = arrows(small(tmp_path, files), "main-menu")["silent"]
    assert silent.after == 3 * (5.0 + 5.0) + 1.0 + 4.0
    assert silent.aside


def test_what_nobody_can_foresee_has_no_time(tmp_path: Path) -> None:
    full = arrows(small(tmp_path), "ask")["full"]
    assert (full.target, full.after, full.aside) == ("call-out", None, True)


def test_the_operators_key_is_a_way_but_not_drawn_again(tmp_path: Path) -> None:
    files = changed("menus.yaml", "{ 1: ask, 2: news,", "{ 2: news,")
    found = small(tmp_path, files)
    best = found.quickest["main"]
    assert best is not None
    assert best.by == ("open", "0")
    assert sum("0" in arrow.label for arrow in found.arrows) == 1


def test_a_line_without_a_person(tmp_path: Path) -> None:
    found = small(tmp_path, changed("lines.yaml", "start: main-menu", "start: sorry"))
    assert found.quickest["main"] is None or found.quickest["main"].step != "sorry"


def test_a_step_of_two_lines_is_drawn_once(tmp_path: Path) -> None:
    more = "lines: { second: { name: Second, numbers: [200], start: main-menu, operator: call-out } }\n"
    found = small(tmp_path, {**SMALL, "more.yaml": more})
    assert sorted(box.step for box in found.boxes) == ["ask", "call-out", "main-menu", "news", "sorry"]
    assert arrows(found, "line:second")[""].refers
    best = found.quickest["second"]
    assert best is not None
    assert best.seconds == 5.0


def test_a_branch_keeps_to_one_language() -> None:
    loaded = load(ROOT / "dialplans")
    quicker = {"uk": 3.0, "ru": 2.0, "en": 1.0}
    ways = Ways(loaded.dialplan, lambda _, language: quicker[language])
    found = tree_of(loaded.dialplan, ways, [loaded.dialplan.lines["main"]])
    languages = {box.step: box.language for box in found.boxes}
    assert languages["main-menu"] == languages["tracking-menu"] == languages["ask-tracking"]


@pytest.mark.parametrize("folder", [ROOT / "dialplans", *sorted((ROOT / "dialplans/examples").glob("*/"))])
def test_every_step_that_can_be_reached_is_drawn_once(folder: Path) -> None:
    dialplan = load(folder).dialplan
    found = tree(dialplan)
    drawn = [box.step for box in found.boxes]
    assert len(drawn) == len(set(drawn))
    ends = {arrow.target for arrow in found.arrows}
    assert ends <= {*drawn, "goodbye"}
    homes = [arrow.target for arrow in found.arrows if not arrow.refers]
    assert sorted(homes) == sorted(drawn)


# The picture


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DZVIN_PROMPTS", str(tmp_path / "prompts"))
    monkeypatch.setenv("DZVIN_DIALPLANS", str(write(tmp_path / "d", SMALL)))
    monkeypatch.setenv("DZVIN_RUN_FOLDER", str(tmp_path / "run"))
    for prompt, seconds in LENGTHS.items():
        record(tmp_path / "prompts/uk" / f"{prompt}.wav", seconds)
    return Settings()


def record(path: Path, seconds: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(int(16000 * seconds)))


def drawn(settings: Settings, tmp_path: Path, **wish: Any) -> Xml.Element:
    need("dot")
    out = tmp_path / "out.svg"
    draw(settings, wish.get("folder"), wish.get("line"), out, wish.get("language"))
    return Xml.parse(out).getroot()  # noqa: S314 -- our own


def words(root: Xml.Element) -> str:
    return " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


def test_it_is_complete_and_can_be_read_by_keys_and_ears(settings: Settings, tmp_path: Path) -> None:
    root = drawn(settings, tmp_path)
    assert root.get("viewBox")
    assert root.findtext(f"{SVG}title") == "What callers of d hear"
    assert "quickest path" in (root.findtext(f"{SVG}desc") or "")
    boxes = {group.get("id"): group for group in root.iter(f"{SVG}g") if group.get("class") == "node"}
    assert {"line-main", "step-main-menu", "step-ask", "step-news", "step-sorry", "step-call-out"} <= set(
        boxes
    )
    assert boxes["step-ask"].get("tabindex") == "0"
    assert boxes["step-ask"].findtext(f"{SVG}title") == "Queue: Допомога ask a person after 5 s"
    links = {link.get("{http://www.w3.org/1999/xlink}href") for link in root.iter(f"{SVG}a")}
    assert links == {"#step-main-menu"}
    assert "a person after 5 s" in words(boxes["line-main"])


def test_one_line_in_another_language(settings: Settings, tmp_path: Path) -> None:
    assert "Queue: Help" in words(drawn(settings, tmp_path, line="100", language="en"))
    with pytest.raises(Plain, match="no line '101'; did you mean '100'"):
        drawn(settings, tmp_path, line="101")
    with pytest.raises(Plain, match="does not speak 'de'"):
        drawn(settings, tmp_path, language="de")


HOSTILE = "</text><script>alert('ї')</script> & \"x\" \\N \\G <b>"


def test_hostile_names_and_texts_are_text(settings: Settings, tmp_path: Path) -> None:
    queue = changed("people.yaml", "{ uk: Допомога, en: Help }", f"'{HOSTILE.replace(chr(39), chr(39) * 2)}'")
    (tmp_path / "prompts/texts.yaml").write_text('hello: { uk: "<script>\\u0001\\b</script>" }\n')
    root = drawn(settings, tmp_path, folder=write(tmp_path / "hostile", queue))
    assert not [element for element in root.iter() if element.tag.rpartition("}")[2] == "script"]
    said = re.sub(r"\s", "", words(root))
    assert re.sub(r"\s", "", HOSTILE) in said
    assert "<script></script>" in said


def test_labels_are_well_formed_whatever_they_hold() -> None:
    for style in STYLES:
        label = table([("<a&\"'\x00\x1f\ud800>", style), ("", style)])
        Xml.fromstring(f"<x>{label[1:-1]}</x>")  # noqa: S314 -- our own


# The command


def test_the_command_tells_what_it_drew(settings: Settings, tmp_path: Path) -> None:
    need("dot")
    said = CliRunner().invoke(app, ["graph", "--out", str(tmp_path / "x.svg")])
    assert said.exit_code == 0, said.output
    assert said.output.splitlines() == [
        "100      main             a person after 5 s (open → 1): ask",
        f"{tmp_path / 'x.svg'}: 5 steps of 1 line.",
    ]


def test_without_dot_it_is_said_in_a_sentence(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Plain, match=r"the program dot, which is not here; \./dzvin graph installs it"):
        draw(settings, None, None, tmp_path / "x.svg", None)


def test_where_nothing_can_be_written(settings: Settings, tmp_path: Path) -> None:
    need("dot")
    with pytest.raises(Plain, match="cannot be written"):
        draw(settings, None, None, tmp_path / "nowhere/x.svg", None)


def test_mistakes_are_told(settings: Settings, tmp_path: Path) -> None:
    wrong = write(tmp_path / "wrong", changed("menus.yaml", "1: ask", "1: aks"))
    with pytest.raises(Plain, match="did you mean 'ask'"):
        draw(settings, wrong, None, tmp_path / "x.svg", None)


def test_a_picture_needs_texts_and_names_only_of_its_language(tmp_path: Path) -> None:
    need("dot")
    loaded = load(write(tmp_path / "d", SMALL))
    text = {"uk": "Привіт", "en": "Hello"}
    svg = Picture(loaded, tree(loaded.dialplan), lambda _, language: text[language], "uk").svg("x")
    assert "Привіт" in svg
    assert "Hello" not in svg
