"""What differs between two dialplans, in exact sentences."""

from pathlib import Path

import pytest

from ivr.dialplan.loader import load
from ivr.versions.difference import difference

CENTER = "center: { languages: [en] }\n"
BASE = (
    CENTER
    + """
lines:
  main: { name: Main, numbers: [100], start: main-menu }
steps:
  main-menu:
    menu: main-menu
    keys: { 1: news, 3: services }
    phrases: { services: { en: [services, rates] } }
    if-silent: services
  news: { play: news, then: main-menu }
  services: { queue: general, leave-keys: { "*": main-menu } }
  share: { choose: [ { share: 30, then: news } ], otherwise: services }
  pay: { web: "http://here/pay", answers: { paid: news }, if-failed: services }
queues:
  general: { name: General, max-wait: 10 min, announce: { every: 30 s, say: [please-wait] } }
operators:
  olena: { name: Olena, phone: { number: 701, kind: generic }, queues: [general] }
hours:
  office: { mon-fri: 9:00-18:00 }
"""
)


def folder_of(place: Path, text: str, **scenarios: str) -> Path:
    place.mkdir()
    (place / "all.yaml").write_text(text, encoding="utf-8")
    for name, content in scenarios.items():
        (place / "scenarios").mkdir(exist_ok=True)
        (place / "scenarios" / f"{name}.yaml").write_text(content, encoding="utf-8")
    return place


CASES = [
    ("3: services }", "3: news }", ["main-menu: key 3 now goes to news (was services)"]),
    ("3: services }", "3: services, 4: news }", ["main-menu: key 4 is new and goes to news"]),
    ("1: news, ", "", ["main-menu: key 1 leads nowhere any more (went to news)"]),
    ("if-silent: services", "if-silent: news", ["main-menu: if-silent now goes to news (was services)"]),
    (
        "if-silent: services",
        "wait: 4 s",
        [
            "main-menu: wait 4 s (was not written)",
            "main-menu: if-silent is no longer written (went to services)",
        ],
    ),
    (
        "[services, rates]",
        "[services, what it costs]",
        [
            "main-menu: 'what it costs' now leads to services (en); 'rates' no longer leads to services (en)",
        ],
    ),
    (
        "phrases: { services: {",
        "phrases: { news: { en: [news] }, services: {",
        ["main-menu: 'news' now leads to news (en)"],
    ),
    ('{ "*": main-menu }', '{ "#": main-menu }', None),
    ("max-wait: 10 min", "max-wait: 15 min", ["queue general: max-wait 15 min (was 10 min)"]),
    ("every: 30 s", "every: 20 s", ["queue general: announce every 20 s (was 30 s)"]),
    ("[please-wait]", "[please-wait, news]", ["queue general: announce say: news added"]),
    ("start: main-menu", "start: news", ["line main: start now goes to news (was main-menu)"]),
    ("numbers: [100]", "numbers: [0800100]", ["line main: numbers: 0800100 added, 100 removed"]),
    ("name: Main", "name: Front desk", ["line main: name Front desk (was Main)"]),
    ("share: 30", "share: 40", ["share: rule 1 share 40 (was 30)"]),
    ("30, then: news", "30, then: pay", ["share: rule 1 then now goes to pay (was news)"]),
    ("paid: news", "paid: services", ["pay: the answer 'paid' now goes to services (was news)"]),
    ("number: 701", "number: 711", ["operator olena: phone number 711 (was 701)"]),
    ("9:00-18:00", "9:00-17:00", ["hours office: mon-fri 9:00-17:00 (was 9:00-18:00)"]),
    ("languages: [en]", "languages: [en, uk]", ["center: languages: uk added"]),
    (
        "hours:\n",
        "  petro: { name: Petro, phone: { number: 702, kind: generic }, queues: [general] }\nhours:\n",
        ["operator petro: new"],
    ),
    ("  news: { play: news, then: main-menu }\n", "", ["news: removed"]),
    (
        "queues:\n",
        "  claims: { queue: general }\nqueues:\n",
        ["claims: new (queue general)"],
    ),
    ("# ", "# ", []),
]


@pytest.mark.parametrize(("old", "new", "sentences"), CASES)
def test_each_change_is_one_sentence(tmp_path: Path, old: str, new: str, sentences: list[str] | None) -> None:
    before = folder_of(tmp_path / "old", BASE)
    after = folder_of(tmp_path / "new", BASE.replace(old, new))
    expected = (
        sentences
        if sentences is not None
        else [
            "services: key # while waiting is new and goes to main-menu",
            "services: key * while waiting leads nowhere any more (went to main-menu)",
        ]
    )
    assert list(difference(before, after)) == expected


def test_a_rename_lists_every_reference_and_nothing_else(tmp_path: Path) -> None:
    text = BASE.replace("services", "claims").replace("en: [claims", "en: [services")
    found = difference(folder_of(tmp_path / "old", BASE), folder_of(tmp_path / "new", text))
    assert list(found) == [
        "step services renamed to claims; named in main-menu key 3, main-menu phrases claims, "
        "main-menu if-silent, share otherwise, pay if-failed"
    ]


def test_a_queue_that_was_renamed_names_its_operators_and_steps(tmp_path: Path) -> None:
    text = BASE.replace("queue: general", "queue: first").replace("[general]", "[first]")
    text = text.replace("  general: {", "  first: {")
    found = difference(folder_of(tmp_path / "old", BASE), folder_of(tmp_path / "new", text))
    assert list(found) == ["queue general renamed to first; named in services queue, operator olena queues"]


def test_steps_that_lead_to_each_other_may_be_renamed_together(tmp_path: Path) -> None:
    text = BASE.replace("main-menu", "front").replace("menu: front", "menu: main-menu")
    text = text.replace("news: {", "latest: {").replace("1: news", "1: latest")
    text = text.replace("then: news", "then: latest").replace("paid: news", "paid: latest")
    found = difference(folder_of(tmp_path / "old", BASE), folder_of(tmp_path / "new", text))
    assert [sentence.partition(";")[0] for sentence in found] == [
        "step main-menu renamed to front",
        "step news renamed to latest",
    ]


def test_a_renamed_entry_that_changed_too_is_a_new_one_and_one_that_is_gone(tmp_path: Path) -> None:
    text = BASE.replace("  news: { play: news", "  latest: { play: latest")
    text = text.replace("1: news", "1: latest").replace("then: news", "then: latest")
    text = text.replace("paid: news", "paid: latest")
    found = difference(folder_of(tmp_path / "old", BASE), folder_of(tmp_path / "new", text))
    assert "latest: new (play latest)" in found
    assert "news: removed" in found
    assert "main-menu: key 1 now goes to latest (was news)" in found


def test_where_an_entry_lies_and_comments_are_no_difference(tmp_path: Path) -> None:
    lines, rest = BASE.split("steps:\n")
    after = folder_of(tmp_path / "new", f"# rewritten\n{lines}")
    (after / "more.yaml").write_text(f"steps:\n{rest}", encoding="utf-8")
    assert difference(folder_of(tmp_path / "old", BASE), after) == ()


def test_scenarios_are_told_by_file(tmp_path: Path) -> None:
    old = folder_of(tmp_path / "old", BASE, night="scenarios: {}", noon="scenarios: {}")
    new = folder_of(tmp_path / "new", BASE, noon="scenarios: { a: [] }", day="scenarios: {}")
    assert list(difference(old, new)) == [
        "scenarios day.yaml: new",
        "scenarios night.yaml: removed",
        "scenarios noon.yaml: changed",
    ]


def test_broken_files_are_compared_as_far_as_they_can_be_read(tmp_path: Path) -> None:
    old = folder_of(tmp_path / "old", BASE)
    assert difference(old, folder_of(tmp_path / "new", "steps: [")) != ()
    assert difference(old, tmp_path / "absent") != ()


def test_the_shipped_dialplan_differs_from_nothing_by_every_entry(tmp_path: Path) -> None:
    shipped = Path(__file__).resolve().parents[2] / "dialplans"
    loaded = load(shipped)
    empty = folder_of(tmp_path / "old", "")
    new = [sentence for sentence in difference(empty, shipped) if ": new" in sentence]
    assert len(new) >= len(loaded.dialplan.steps) + len(loaded.dialplan.lines) + len(loaded.phones)
