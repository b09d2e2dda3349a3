"""The store of versions: nothing is overwritten, a crash at any step leaves the old state or the new one."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ivr.errors import Plain
from ivr.versions import Canary, Change, Damaged, NoVersion, Overtaken, Version, VersionStore, What

NOBODY = Version(
    number=0, digest="", at=1.0, who="olena", why="", based_on=None, checked="no mistakes", difference=()
)


def plan(place: Path, text: str) -> Path:
    place.mkdir(exist_ok=True)
    (place / "all.yaml").write_text(text, encoding="utf-8")
    (place / "scenarios").mkdir(exist_ok=True)
    (place / "scenarios" / "day.yaml").write_text(f"# {text}", encoding="utf-8")
    return place


def publish(store: VersionStore, source: Path, who: str = "olena", why: str = "") -> Change:
    after = store.live()
    version = store.add(store.stage(source), replace(NOBODY, who=who, why=why))
    return store.change(after, change_to(version.number, who=who, why=why))


def change_to(number: int, **more: Any) -> Change:
    fixed: dict[str, Any] = {"what": What.PUBLISH, "canary": None, "at": 1.0, "who": "olena", "why": ""}
    return Change(serial=0, live=number, **{**fixed, **more})


@pytest.fixture
def store(tmp_path: Path) -> VersionStore:
    return VersionStore(tmp_path / "run")


def test_nothing_is_live_before_the_first_publish(store: VersionStore) -> None:
    assert (store.live(), store.versions(), store.changes(), store.numbers()) == (None, [], [], [])
    with pytest.raises(NoVersion, match="nothing was published yet"):
        store.version(1)


def test_a_version_is_a_complete_copy_and_stays_when_the_folder_changes(
    store: VersionStore, tmp_path: Path
) -> None:
    source = plan(tmp_path / "plan", "one")
    first = publish(store, source, why="the beginning")
    plan(source, "two")
    second = publish(store, source, who="ihor")
    assert (first.live, second.live, second.serial) == (1, 2, 2)
    assert (store.folder_of(1) / "all.yaml").read_text() == "one"
    assert (store.folder_of(1) / "scenarios" / "day.yaml").read_text() == "# one"
    assert (store.folder_of(2) / "all.yaml").read_text() == "two"
    assert [(version.number, version.who) for version in store.versions()] == [(1, "olena"), (2, "ihor")]
    assert [change.live for change in store.changes()] == [1, 2]


def test_other_files_of_the_folder_are_no_part_of_a_version(store: VersionStore, tmp_path: Path) -> None:
    source = plan(tmp_path / "plan", "one")
    for name in ("README.md", ".all.yaml.swp", ".hidden.yaml"):
        (source / name).write_text("x")
    (source / "examples").mkdir()
    (source / "examples" / "all.yaml").write_text("x")
    publish(store, source)
    kept = sorted(str(path.relative_to(store.folder_of(1))) for path in store.folder_of(1).rglob("*.*"))
    assert kept == ["all.yaml", "scenarios/day.yaml"]


def test_going_back_is_a_change_too_and_removes_nothing(store: VersionStore, tmp_path: Path) -> None:
    source = plan(tmp_path / "plan", "one")
    publish(store, source)
    publish(store, plan(source, "two"))
    store.change(store.live(), change_to(1, what=What.ROLLBACK, why="callers were lost"))
    live = store.live()
    assert live is not None
    assert (live.live, live.what, live.serial) == (1, What.ROLLBACK, 3)
    assert store.numbers() == [1, 2]
    publish(store, plan(source, "three"))
    assert store.live()
    assert store.numbers() == [1, 2, 3]


def test_of_two_people_at_once_the_second_is_told(store: VersionStore, tmp_path: Path) -> None:
    source = plan(tmp_path / "plan", "one")
    publish(store, source)
    seen = store.live()
    mine = store.add(store.stage(plan(source, "mine")), NOBODY)
    publish(store, plan(source, "theirs"), who="ihor", why="new hours")
    with pytest.raises(Overtaken, match=r"Meanwhile ihor was faster: version 3 published \(new hours\)\."):
        store.change(seen, change_to(mine.number))
    store.withdraw(mine)
    live = store.live()
    assert live is not None
    assert live.live == 3
    assert store.numbers() == [1, 3]


def test_many_at_once_exactly_one_is_first(store: VersionStore, tmp_path: Path) -> None:
    publish(store, plan(tmp_path / "plan", "one"))
    seen = store.live()
    children = []
    for child in range(8):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                source = plan(tmp_path / f"plan-{child}", f"by {child}")
                added = store.add(store.stage(source), replace(NOBODY, who=f"person {child}"))
                store.change(seen, change_to(added.number, who=f"person {child}"))
                status = 0
            except Overtaken:
                status = 7
            finally:
                os._exit(status)
        children.append(pid)
    statuses = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    assert sorted(statuses) == [0] + [7] * 7
    live = store.live()
    assert live is not None
    assert live.who == f"person {statuses.index(0)}"
    assert store.version(live.live).who == live.who
    assert store.damaged() == {}
    assert len(store.versions()) == 9


def test_a_damaged_version_is_told_and_passed_over(store: VersionStore, tmp_path: Path) -> None:
    source = plan(tmp_path / "plan", "one")
    publish(store, source)
    publish(store, plan(source, "two"))
    (store.folder_of(2) / "all.yaml").write_text("edited by hand")
    live = store.live()
    assert live is not None
    assert live.live == 1
    assert list(store.damaged()) == [2]
    assert "its files in" in store.damaged()[2]
    with pytest.raises(Damaged):
        store.version(2)
    assert publish(store, plan(source, "three")).live == 3


@pytest.mark.parametrize("text", ["", "{", "[]", '{"serial": 2}', '{"serial": 9, "what": "x"}', "\x00" * 50])
def test_a_damaged_change_is_passed_over_and_its_number_not_used_again(
    store: VersionStore, tmp_path: Path, text: str
) -> None:
    source = plan(tmp_path / "plan", "one")
    publish(store, source)
    (store.folder / "changes" / "000002.json").write_text(text)
    live = store.live()
    assert live is not None
    assert live.serial == 1
    assert publish(store, plan(source, "two")).serial == 3


def test_a_damaged_record_is_told(store: VersionStore, tmp_path: Path) -> None:
    publish(store, plan(tmp_path / "plan", "one"))
    (store.folder / "0001" / "record.json").write_text('{"number": 1')
    assert "is damaged and cannot be used" in store.damaged()[1]
    assert store.live() is None


def test_a_trial_of_a_damaged_version_is_over(store: VersionStore, tmp_path: Path) -> None:
    source = plan(tmp_path / "plan", "one")
    publish(store, source)
    tried = store.add(store.stage(plan(source, "two")), NOBODY)
    canary = Canary(number=tried.number, share=0.05, since=1.0, finish_calls=200)
    store.change(store.live(), change_to(1, what=What.TRY, canary=canary))
    live = store.live()
    assert live is not None
    assert live.canary == canary
    (store.folder_of(2) / "all.yaml").unlink()
    live = store.live()
    assert live is not None
    assert (live.live, live.canary) == (1, None)


def test_a_full_or_unwritable_disk_is_one_sentence(store: VersionStore, tmp_path: Path) -> None:
    source = plan(tmp_path / "plan", "one")
    store.folder.parent.write_text("no folder")
    with pytest.raises(Plain, match="nothing was published"):
        store.stage(source)
    with pytest.raises(Plain, match="nothing was published"):
        VersionStore(tmp_path / "other").stage(tmp_path / "absent")


def test_from_which_version_a_folder_was_edited(store: VersionStore, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    assert store.base_of(mine) is None
    store.note_base(mine, 3)
    store.note_base(theirs, 4)
    store.note_base(mine, 5)
    assert (store.base_of(mine), store.base_of(theirs)) == (5, 4)


STEPS = ("mkdir", "open", "write", "fsync", "rename", "link", "unlink", "close")


def killed_after(steps: int, work: Callable[[], object]) -> bool:
    """Do the work in a child that dies at once before its nth call to the file system; whether it died."""
    pid = os.fork()
    if pid == 0:
        left = steps

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*given: Any, **named: Any) -> Any:
                nonlocal left
                if left == 0:
                    os._exit(9)
                left -= 1
                return real(*given, **named)

            return call

        for name in STEPS:
            setattr(os, name, counted(getattr(os, name)))
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status in (0, 9), status
    return status == 9


def test_a_kill_at_every_step_leaves_the_old_version_or_the_new_one(tmp_path: Path) -> None:
    seen = set()
    for steps in range(200):
        place = tmp_path / str(steps)
        place.mkdir()
        store = VersionStore(place / "run")
        source = plan(place / "plan", "one")
        publish(store, source)
        plan(source, "two")
        died = killed_after(steps, lambda store=store, source=source: publish(store, source))  # type: ignore[misc]
        live = store.live()
        assert live is not None
        seen.add((live.live, died))
        assert (store.folder_of(live.live) / "all.yaml").read_text() == ("one", "two")[live.live - 1]
        assert store.damaged() == {}
        again = publish(store, plan(source, "three"))
        assert (store.folder_of(again.live) / "all.yaml").read_text() == "three"
        assert store.live() == again
        if not died:
            break
    assert seen == {(1, True), (2, True), (2, False)}
