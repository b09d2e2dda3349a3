"""What differs between two dialplans, in sentences a person can check before publishing.

Compared is what is written, not what it is compiled to: so the sentences use the admin's own names and words
("queue general: max-wait 15 min (was 10 min)"), and a kind of step that is added to the language tomorrow is
told about without a line of new code here.

An entry that is gone and one that is new with the same content are one that was renamed; every place that now
names it is listed, and does not count as a change of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.dialplan.collect import collect
from ivr.dialplan.problems import Report
from ivr.dialplan.tree import to_plain
from ivr.versions.files import SCENARIOS, dialplan_files
from ivr.versions.places import Renamed, is_prompt_key, places_of, renamed_in
from ivr.versions.wording import NOUNS, change_in, entry_name, new_entry, rename_sentence

Sections = Mapping[str, Mapping[str, Any]]
"""From a section to its entries as plain dicts, lists and scalars."""
_FIRST = (
    "center",
    "lines",
    "steps",
    "queues",
    "operators",
    "hours",
    "skills",
    "break-reasons",
    "switches",
    "topics",
    "departments",
)


@dataclass(frozen=True, slots=True)
class _Pair:
    old: Any
    new: Any


def difference(old: Path, new: Path) -> tuple[str, ...]:
    """Of two folders; () when callers, operators and scenarios would find no difference. Never raises on bad
    content, but only what can be read is compared.
    """
    return (*between(sections_of(old), sections_of(new)), *_of_scenarios(old, new))


def sections_of(folder: Path) -> Sections:
    collected = collect(folder, Report())
    return {
        section: {name: to_plain(entry.node) for name, entry in entries.items()}
        for section, entries in collected.sections.items()
    }


def between(old: Sections, new: Sections) -> tuple[str, ...]:
    """Sentences in the order of the sections, then of the entries as they are written now."""
    renamed = renamed_in(old, new)
    known = [section for section in _FIRST if section in {*old, *new}]
    order = [*known, *sorted({*old, *new} - set(known))]
    return tuple(
        sentence
        for section in order
        for sentence in _of_section(section, old.get(section, {}), new.get(section, {}), new, renamed)
    )


def _of_section(
    section: str, old: Mapping[str, Any], new: Mapping[str, Any], whole: Sections, renamed: Renamed
) -> Iterator[str]:
    names = renamed.get(section, {})
    for name, entry in new.items():
        before = next((was for was, now in names.items() if now == name), None)
        if section == "center":
            if name not in old or not same(old[name], entry, renamed, name):
                yield from _changes("center", _Pair(old.get(name, _NOTHING), entry), (name,), renamed)
        elif before is not None:
            yield rename_sentence(section, before, name, places_of(section, name, whole))
        elif name not in old:
            yield f"{entry_name(section, name)}: new{new_entry(section, entry)}"
        else:
            yield from _changes(entry_name(section, name), _Pair(old[name], entry), (), renamed)
    for name in old:
        if name not in new and name not in names:
            yield from _gone(section, name, old[name])


class _Nothing:
    """Not written at all."""


_NOTHING = _Nothing()


def _gone(section: str, name: str, was: Any) -> Iterator[str]:
    if section == "center":
        yield f"center: {change_in((name,), was, None)}"
    else:
        yield f"{entry_name(section, name)}: removed"


def _changes(what: str, pair: _Pair, path: tuple[str, ...], renamed: Renamed) -> Iterator[str]:
    """A sentence for each key that differs below `path`."""
    key = path[-1] if path else ""
    if same(pair.old, pair.new, renamed, key):
        return
    match pair:
        case _Pair(dict() as old, dict() as new):
            for name in (*new, *(name for name in old if name not in new)):
                now = _renamed_key(name, old, new, renamed)
                if now is not None:
                    before, after = old.get(now, _NOTHING), new.get(name, _NOTHING)
                    yield from _changes(what, _Pair(before, after), (*path, name), renamed)
        case _Pair(list() as old, list() as new) if _are_groups(old, new) and len(old) == len(new):
            for place, (before, after) in enumerate(zip(old, new, strict=True), start=1):
                yield from _changes(what, _Pair(before, after), (*path, str(place)), renamed)
        case _Pair(old, new):
            before = None if old is _NOTHING else old
            after = None if new is _NOTHING else new
            yield f"{what}: {change_in(path, before, after)}"


def _renamed_key(name: str, old: Mapping[str, Any], new: Mapping[str, Any], renamed: Renamed) -> str | None:
    """Under which key the old group has it; None: it was told about under its new name already."""
    if name in new:
        if name in old:
            return name
        return next((was for was, now in _all_names(renamed) if now == name and was in old), name)
    return None if any(was == name and now in new for was, now in _all_names(renamed)) else name


def _all_names(renamed: Renamed) -> list[tuple[str, str]]:
    return [pair for names in renamed.values() for pair in names.items()]


def same(old: Any, new: Any, renamed: Renamed, key: str = "") -> bool:
    """Whether they say the same, once renamed entries are called by their new names. `key` leads to them."""
    match old, new:
        case dict(), dict():
            names = dict(_all_names(renamed))
            called = {name if name in new else names.get(name, name): value for name, value in old.items()}
            return called.keys() == new.keys() and all(
                same(called[name], new[name], renamed, name) for name in new
            )
        case list(), list():
            return len(old) == len(new) and all(
                same(before, after, renamed, key) for before, after in zip(old, new, strict=True)
            )
        case str(), str() if not is_prompt_key(key):
            return old == new or (old, new) in _all_names(renamed)
        case _:
            return type(old) is type(new) and bool(old == new)


def _are_groups(*lists: list[Any]) -> bool:
    return all(isinstance(item, dict) for items in lists for item in items)


def _of_scenarios(old: Path, new: Path) -> Iterator[str]:
    before, after = _scenarios(old), _scenarios(new)
    for name in sorted(before | after):
        if name not in before:
            yield f"scenarios {name}: new"
        elif name not in after:
            yield f"scenarios {name}: removed"
        elif before[name] != after[name]:
            yield f"scenarios {name}: changed"


def _scenarios(folder: Path) -> dict[str, bytes]:
    try:
        names = [
            name for name in dialplan_files(folder) if name.parts[0] == SCENARIOS and len(name.parts) > 1
        ]
        return {name.name: (folder / name).read_bytes() for name in names}
    except OSError:
        return {}


__all__ = ["NOUNS", "between", "difference", "same", "sections_of"]
