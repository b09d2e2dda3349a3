"""All files of a folder as one set of sections: which file holds which entry is the admin's choice."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from ivr.dialplan.problems import Report, Spot, advice, shown
from ivr.dialplan.schema import SECTIONS
from ivr.dialplan.tree import MAX_BYTES, Entry, MapNode, read_tree

MAX_FILES = 200
MAX_ENTRIES = 3000
"""Of one section."""


@dataclass(frozen=True, slots=True)
class Collected:
    sections: dict[str, dict[str, Entry]] = field(default_factory=dict)
    """From a section to its entries, in order of files and lines."""
    version: str = ""
    complete: bool = True
    """False: a file could not be read, so a name that is missing may be in it."""


def collect(folder: Path, report: Report) -> Collected:
    """Read every *.yaml and *.yml of the folder, in the order of their names. Never raises on bad content."""
    files = _files(folder, report)
    sections: dict[str, dict[str, Entry]] = {name: {} for name in SECTIONS}
    digest = hashlib.sha256()
    complete = bool(files)
    for file in files:
        data = _read(file, report)
        digest.update(os.fsencode(file.name) + b"\0" + (data or b"") + b"\0")
        before = len(report.errors)
        tree = read_tree(data, str(file), report) if data is not None else None
        complete = complete and (tree is not None or len(report.errors) == before) and data is not None
        match tree:
            case MapNode():
                _merge(tree, sections, report)
            case None:
                pass
            case _:
                report.error(tree.spot, f"a section is expected{advice('', SECTIONS)}")
    return Collected(sections, digest.hexdigest()[:12], complete)


def _files(folder: Path, report: Report) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})
        files = [path for path in found if not path.name.startswith(".") and path.is_file()]
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        report.error(
            Spot(str(folder)), f"the folder cannot be read ({reason}); name a folder with *.yaml files"
        )
        return []
    if not files:
        report.error(Spot(str(folder)), "no *.yaml file here; copy the shipped dialplans to begin with")
    if len(files) > MAX_FILES:
        report.error(Spot(str(folder)), f"more than {MAX_FILES} files; join some of them")
    return files[:MAX_FILES]


def _read(file: Path, report: Report) -> bytes | None:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        report.error(Spot(str(file)), f"the file cannot be read ({error.strerror}); check its rights")
        return None


def _merge(tree: MapNode, sections: dict[str, dict[str, Entry]], report: Report) -> None:
    for name, section in tree.entries.items():
        if name not in sections:
            report.error(section.key_spot, f"the section {shown(name)} is unknown{advice(name, SECTIONS)}")
        elif not isinstance(section.node, MapNode):
            report.error(
                section.key_spot, f"the section {shown(name)} is empty or no group; give it entries, indented"
            )
        else:
            for key, entry in section.node.entries.items():
                _add(name, key, entry, sections[name], report)


def _add(section: str, key: str, entry: Entry, entries: dict[str, Entry], report: Report) -> None:
    if key in entries:
        first = entries[key].key_spot
        there = f"{first.file}:{first.line}"
        report.error(
            entry.key_spot, f"{shown(key)} is in {section} twice, first in {there}; delete or rename one"
        )
        return
    if len(entries) == MAX_ENTRIES:
        report.error(entry.key_spot, f"more than {MAX_ENTRIES} entries in {section}; use a second dialplan")
    if len(entries) <= MAX_ENTRIES:
        entries[key] = entry
