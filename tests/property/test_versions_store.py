"""Whatever is published, rolled back and damaged in whatever order: the store tells the truth."""

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.errors import Plain
from ivr.versions import VersionStore, What
from ivr.versions.difference import between
from tests.unit.test_versions_store import NOBODY, change_to, plan

ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.text("abc", min_size=1, max_size=3)),
        st.tuples(st.just("back"), st.integers(1, 6)),
        st.tuples(st.just("damage"), st.integers(1, 6)),
        st.tuples(st.just("late"), st.text("abc", min_size=1, max_size=3)),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(acts=ACTS)
def test_the_store_is_what_a_list_would_be(acts: list[tuple[str, str | int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        store, source = VersionStore(place / "run"), place / "plan"
        texts: dict[int, str] = {}
        damaged: set[int] = set()
        history: list[int] = []
        for act, value in acts:
            after = store.live()
            if act in ("publish", "late"):
                made = store.add(store.stage(plan(source, str(value))), replace(NOBODY, why=str(value)))
                texts[made.number] = str(value)
                if act == "late" and after is not None:
                    store.change(after, change_to(after.live, what=What.GIVE_UP))
                    history.append(after.live)
                    try:
                        store.change(after, change_to(made.number))
                        raise AssertionError("the second was not told")
                    except Plain:
                        pass
                else:
                    store.change(after, change_to(made.number))
                    history.append(made.number)
            elif act == "back" and value in texts and value not in damaged:
                store.change(after, change_to(int(value), what=What.ROLLBACK))
                history.append(int(value))
            elif act == "damage" and value in texts:
                (store.folder_of(int(value)) / "all.yaml").write_text("broken")
                damaged.add(int(value))
            live = store.live()
            whole = [number for number in history if number not in damaged]
            assert (live.live if live else None) == (whole[-1] if whole else None)
            assert set(store.damaged()) == damaged
            assert [change.live for change in store.changes()] == history
            for number in texts.keys() - damaged:
                assert (store.folder_of(number) / "all.yaml").read_text() == texts[number]


TREES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text("abc", max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["keys", "then", "1", "a", "phrases", "choose", "if-x"]), inner, max_size=3
        ),
    ),
    max_leaves=12,
)
SECTIONS = st.dictionaries(
    st.sampled_from(["center", "steps", "queues", "lines"]),
    st.dictionaries(st.text("abc", min_size=1, max_size=2), TREES, max_size=4),
)


@settings(max_examples=100, deadline=None)
@given(old=SECTIONS, new=SECTIONS)
def test_whatever_is_written_the_difference_is_told_in_lines(
    old: dict[str, dict[str, object]], new: dict[str, dict[str, object]]
) -> None:
    assert between(old, old) == ()
    for sentence in between(old, new):
        assert sentence
        assert "\n" not in sentence
