"""The entries of all sections, each checked by itself against its schema; references are not followed yet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from ivr.dialplan.collect import Collected
from ivr.dialplan.fields import Group, Labels
from ivr.dialplan.problems import Report, Spot, advice, shown
from ivr.dialplan.schema import CenterGroup, HoursGroup, LineGroup, OperatorGroup, QueueGroup
from ivr.dialplan.schema_steps import STEPS, StepGroup
from ivr.dialplan.tree import Entry, MapNode, Node, spot_of
from ivr.dialplan.validate import validate

G = TypeVar("G", bound=Group, covariant=True)
S = TypeVar("S", bound=Group)
ID = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)


class NameGroup(Group):
    """A name to show, by itself: the entries of `skills`, `break-reasons`, `topics` and others."""

    name: Labels
    """name to show"""


@dataclass(frozen=True, slots=True)
class Item(Generic[G]):
    """A valid group and where it stands."""

    id: str
    group: G
    key_spot: Spot
    node: Node

    def spot(self, *path: str | int, at_key: bool = False) -> Spot:
        """The place of a value in the file, by its keys as written."""
        return spot_of(self.node, path, at_key=at_key)


Items = Mapping[str, Item[G]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is valid by itself. `names` also holds what is not, so that one mistake is told once."""

    center: Item[CenterGroup] | None
    lines: Items[LineGroup]
    hours: Items[HoursGroup]
    steps: Items[StepGroup]
    queues: Items[QueueGroup]
    operators: Items[OperatorGroup]
    skills: Items[NameGroup]
    break_reasons: Items[NameGroup]
    switches: Items[NameGroup]
    topics: Items[NameGroup]
    departments: Items[NameGroup]
    names: Mapping[str, frozenset[str]]
    """From a section to the names of all its entries."""
    version: str


def make_draft(collected: Collected, folder: Path, report: Report) -> Draft:
    sections = collected.sections
    for section, entries in sections.items():
        if section != "center":
            _check_names(section, entries, report)
    return Draft(
        center=_center(collected, folder, report),
        lines=_items(LineGroup, sections["lines"], report),
        hours=_items(HoursGroup, sections["hours"], report),
        steps=_steps(sections["steps"], report),
        queues=_items(QueueGroup, sections["queues"], report),
        operators=_items(OperatorGroup, sections["operators"], report),
        skills=_named(sections["skills"], report),
        break_reasons=_named(sections["break-reasons"], report),
        switches=_named(sections["switches"], report),
        topics=_named(sections["topics"], report),
        departments=_named(sections["departments"], report),
        names={section: frozenset(entries) for section, entries in sections.items()},
        version=collected.version,
    )


def _check_names(section: str, entries: Mapping[str, Entry], report: Report) -> None:
    for name, entry in entries.items():
        if not ID.fullmatch(name):
            report.error(
                entry.key_spot,
                f"{shown(name)} cannot be a name in {section};"
                " use small Latin letters, digits and '-', a letter first, at most 40",
            )


def _items(schema: type[S], entries: Mapping[str, Entry], report: Report) -> dict[str, Item[S]]:
    items: dict[str, Item[S]] = {}
    for name, entry in entries.items():
        group = validate(schema, entry.node, report)
        if group is not None:
            items[name] = Item(name, group, entry.key_spot, entry.node)
    return items


def _named(entries: Mapping[str, Entry], report: Report) -> dict[str, Item[NameGroup]]:
    wrapped = {
        name: Entry(entry.key_spot, MapNode(entry.node.spot, {"name": entry}))
        for name, entry in entries.items()
    }
    return _items(NameGroup, wrapped, report)


def _steps(entries: Mapping[str, Entry], report: Report) -> dict[str, Item[StepGroup]]:
    items: dict[str, Item[StepGroup]] = {}
    for name, entry in entries.items():
        schema = _kind_of(entry, report)
        group = validate(schema, entry.node, report) if schema else None
        if group is not None:
            assert isinstance(group, StepGroup)
            items[name] = Item(name, group, entry.key_spot, entry.node)
    return items


def _kind_of(entry: Entry, report: Report) -> type[Group] | None:
    keys = entry.node.entries if isinstance(entry.node, MapNode) else {}
    kinds = [key for key in keys if key in STEPS]
    if len(kinds) == 1:
        return STEPS[kinds[0]]
    if kinds:
        listed = " and ".join(shown(kind) for kind in kinds)
        report.error(entry.key_spot, f"a step does one thing, this one has {listed}; make two steps of it")
    else:
        near = next((text for key in keys if (text := advice(key, STEPS)).startswith("; did")), "")
        report.error(
            entry.key_spot, f"this step does nothing{near or '; give it one of: ' + ', '.join(STEPS)}"
        )
    return None


def _center(collected: Collected, folder: Path, report: Report) -> Item[CenterGroup] | None:
    entries = collected.sections["center"]
    if not entries:
        if collected.complete:
            report.error(
                Spot(str(folder)), "the section 'center' is missing; it names at least the languages"
            )
        return None
    spot = next(iter(entries.values())).key_spot
    node = MapNode(spot, entries)
    group = validate(CenterGroup, node, report)
    return Item("center", group, spot, node) if group else None
