"""extensions.conf as contexts: extensions with their priorities in order. Nothing is evaluated."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ivr.importing.plan import Place, Plan
from ivr.importing.reading import Section, Setting

_CALL = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*(?:\((.*)\)\s*|,(.*)|)", re.DOTALL)
_PRIORITY = re.compile(r"([0-9]{1,6}|n|s|hint)(?:\+[0-9]+)?(?:\(([^)]*)\))?", re.ASCII)

MAX_SEARCHED = 100
"""Contexts in which one extension is looked for."""


@dataclass(frozen=True, slots=True)
class Priority:
    """One application with what stands in its brackets."""

    number: int
    label: str
    app: str
    """In small letters."""
    data: str
    written: str
    place: Place

    @property
    def words(self) -> list[str]:
        """What stands in the brackets, part by part; older files have '|' between them."""
        return split(self.data)


@dataclass(frozen=True, slots=True)
class Include:
    context: str
    condition: str
    """`times,weekdays,days,months`; '': always."""
    place: Place


@dataclass(slots=True)
class Context:
    name: str
    place: Place
    extensions: dict[str, list[Priority]] = field(default_factory=dict)
    includes: list[Include] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """Where an extension is, and the condition under which the context is asked; '': always."""

    context: str
    extension: str
    condition: str
    place: Place


def split(data: str) -> list[str]:
    """At commas outside brackets and quotes."""
    comma = "," if "," in data or "|" not in data else "|"
    parts, depth, quoted = [""], 0, False
    for letter in data:
        quoted = quoted ^ (letter == '"')
        depth += (letter in "([{") - (letter in ")]}")
        if letter == comma and depth <= 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def read_contexts(sections: Sequence[Section], contexts: dict[str, Context], plan: Plan) -> None:
    for section in sections:
        if section.name in {"general", "globals"} or section.template:
            continue
        context = contexts.setdefault(section.name, Context(section.name, section.place))
        last = ""
        for setting in section.settings:
            last = _take(setting, context, last, plan)


def _take(setting: Setting, context: Context, last: str, plan: Plan) -> str:
    """The extension that `same` means in the next line."""
    if setting.key == "include":
        included, *condition = [part.strip() for part in re.split(r"[,|]", setting.value)]
        context.includes.append(Include(included, ",".join(condition[:4]), setting.place))
    elif setting.key == "exten":
        name, _, rest = setting.value.partition(",")
        last = name.partition("/")[0].strip()
        _add(last, rest, setting, context, plan)
    elif setting.key == "same" and last:
        _add(last, setting.value, setting, context, plan)
    else:
        _tell(setting, plan)
    return last


def _tell(setting: Setting, plan: Plan) -> None:
    what = f"{setting.key} => {setting.value}"
    plan.tell(setting.place, what, "this line is not understood", "write its meaning by hand")


def _add(name: str, rest: str, setting: Setting, context: Context, plan: Plan) -> None:
    priority, _, call = rest.partition(",")
    match, called = _PRIORITY.fullmatch(priority.strip()), _CALL.fullmatch(call.strip())
    if match is not None and match[1] == "hint":
        return
    if match is None or called is None or not name:
        _tell(setting, plan)
        return
    there = context.extensions.setdefault(name, [])
    before = there[-1].number if there else 0
    number = int(match[1]) if match[1].isdigit() else before + (match[1] == "n")
    data = called[2] if called[2] is not None else called[3] or ""
    written = f"{called[1]}({data})"
    there.append(Priority(number, match[2] or "", called[1].lower(), data.strip(), written, setting.place))


def put_in_order(contexts: dict[str, Context], plan: Plan) -> None:
    """Priorities by their numbers, as Asterisk walks them; includes that are nowhere are told."""
    for context in contexts.values():
        for include in context.includes:
            if include.context not in contexts:
                what, why = f"include => {include.context}", "this context is not in the files"
                plan.tell(include.place, what, why, "name its file in the command too")
        for priorities in context.extensions.values():
            priorities.sort(key=lambda priority: priority.number)


def look_up(contexts: dict[str, Context], context: str, extension: str) -> list[Found]:
    """Where Asterisk would find the extension: the context itself, then what it includes, up to the first
    that is included always."""
    found: list[Found] = []
    for one in _searched(contexts, context, "", set(), Place("", 0)):
        if extension in contexts[one.context].extensions:
            found.append(Found(one.context, extension, one.condition, one.place))
            if not one.condition:
                break
    return found


def _searched(
    contexts: dict[str, Context], name: str, condition: str, seen: set[str], place: Place, depth: int = 0
) -> Iterator[Found]:
    """Contexts in the order of search; an include within a conditional one keeps the outer condition."""
    if name not in contexts or name in seen or depth > 20 or len(seen) >= MAX_SEARCHED:
        return
    seen.add(name)
    yield Found(name, "", condition, place)
    for include in contexts[name].includes:
        inner = condition or include.condition
        yield from _searched(contexts, include.context, inner, seen, include.place, depth + 1)
