"""Asterisk's configuration syntax, read tolerantly; nothing that it includes or would execute is touched.

Sections `[name]`, templates `[name](!)` and inheritance `[name](base,other)` or `[name](+)`, `key = value`
and `key => value`, remarks `;` and `;-- --;`, `\\;` for the sign itself, and a `\\` at the end of a line
that goes on in the next one. Source: https://docs.asterisk.org/Fundamentals/Asterisk-Configuration/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ivr.importing.plan import Place, Plan

MAX_ENTRIES = 20_000
"""Of one file, those inherited included."""
MAX_LINE = 4000
_HEADER = re.compile(r"\[([^\]]{1,200})\]\s*(?:\(([^)]*)\))?")


@dataclass(frozen=True, slots=True)
class Setting:
    """`key = value`."""

    key: str
    value: str
    place: Place


@dataclass(slots=True)
class Section:
    name: str
    place: Place
    template: bool = False
    settings: list[Setting] = field(default_factory=list)


def read_sections(text: str, file: str, plan: Plan) -> list[Section]:
    """All sections in their order; those of one name are one. What is no setting goes to the report."""
    sections: dict[str, Section] = {}
    current: Section | None = None
    count = 0
    for number, line in _lines(text):
        place = Place(file, number)
        if line.startswith("#"):
            _tell_directive(line, place, plan)
        elif line.startswith("["):
            current, added = _opened(line, place, sections, MAX_ENTRIES - count, plan)
            count += added
        elif "=" in line and current is not None:
            key, _, value = line.partition("=")
            current.settings.append(Setting(key.strip().lower(), value.removeprefix(">").strip(), place))
            count += 1
        else:
            plan.tell(place, line, "this is no setting of a section", "look at the line")
        if count >= MAX_ENTRIES:
            plan.tell(place, "the rest of the file", f"more than {MAX_ENTRIES} settings", "split the file")
            break
    return list(sections.values())


def _opened(
    line: str, place: Place, sections: dict[str, Section], room: int, plan: Plan
) -> tuple[Section | None, int]:
    match = _HEADER.match(line)
    if match is None:
        plan.tell(place, line, "this is no name of a section", "write [name]")
        return None, 0
    options = [option.strip() for option in (match[2] or "").split(",") if option.strip()]
    section = sections.setdefault(match[1].strip(), Section(match[1].strip(), place))
    section.template = section.template or "!" in options
    before = len(section.settings)
    for base in options:
        if base in sections and base != section.name:
            section.settings += sections[base].settings[: max(0, room - len(section.settings) + before)]
        elif base not in {"!", "+", section.name}:
            plan.tell(
                place, line, f"there is no template '{base}' before this line", "name one that is there"
            )
    return section, len(section.settings) - before


def _tell_directive(line: str, place: Place, plan: Plan) -> None:
    if line.lower().startswith("#exec"):
        plan.tell(place, line, "programs are never run by an import", "save what it prints and import that")
    else:
        plan.tell(place, line, "other files are not followed", "name that file in the command too")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with something in them, without remarks, joined where one goes on; with the first number."""
    inside, begun, joined = False, 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        plain, inside = _without_remark(line.rstrip("\r")[:MAX_LINE], inside)
        if not joined:
            begun = number
        if plain.endswith("\\") and not plain.endswith("\\\\") and len(joined) < MAX_LINE:
            joined += plain[:-1]
            continue
        whole, joined = (joined + plain).strip(), ""
        if whole:
            yield begun, whole[:MAX_LINE]
    if joined.strip():
        yield begun, joined.strip()


def _without_remark(line: str, inside: bool) -> tuple[str, bool]:
    """The line without its remarks, and whether a remark of several lines is open after it."""
    kept: list[str] = []
    index = 0
    while index < len(line):
        if inside:
            end = line.find("--;", index)
            if end < 0:
                return "".join(kept), True
            inside, index = False, end + 3
        elif line.startswith("\\;", index):
            kept.append(";")
            index += 2
        elif line.startswith(";--", index) and not line.startswith(";---", index):
            inside, index = True, index + 3
        elif line[index] == ";":
            break
        else:
            kept.append(line[index])
            index += 1
    return "".join(kept).rstrip(), inside
