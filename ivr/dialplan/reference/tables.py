"""The tables of keys in `dialplans/README.md`, between markers; what is around them is by hand."""

import re
from collections.abc import Callable, Iterable, Iterator

from ivr.dialplan.fields import Group
from ivr.dialplan.reference.meanings import MUST_BE_THERE, Key, keys_of, meaning_of
from ivr.dialplan.schema import CenterGroup, HoursGroup, LineGroup, OperatorGroup, QueueGroup
from ivr.dialplan.schema_rules import CONDITIONS, RuleGroup
from ivr.dialplan.schema_steps import STEPS, AskingStep, AskStep, CallBackStep, VoicemailStep, WebStep
from ivr.dialplan.schema_work import CallBackGroup, WorkGroup

BEGIN, END = "<!-- keys of {} -->", "<!-- end of keys -->"
_BETWEEN = re.compile(r"(<!-- keys of ([a-z-]+) -->\n).*?(<!-- end of keys -->)", re.DOTALL)
OWN_TABLES = {
    "ask": "Questions",
    "web": "Web services",
    "voicemail": "Messages and call-backs",
    "call-back": "Messages and call-backs",
}
"""Kinds of steps with a table of their own, and its heading."""
TABLES_OF_QUEUES = (CallBackGroup, WorkGroup)
"""Groups of a queue with a table of their own."""
SHARED = frozenset(key.name for key in keys_of(AskingStep))


def filled(reference: str) -> str:
    """The text with its tables made anew. KeyError: a marker names no table."""
    return _BETWEEN.sub(lambda match: f"{match[1]}\n{TABLES[match[2]]()}\n{match[3]}", reference)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return (
        "".join("| " + " | ".join(line) + " |\n" for line in lines)
        .replace("| --- ", "|---")
        .replace("|--- |", "|---|")
    )


def _keys(group: type[Group], *, head: str = "key", without: frozenset[str] = frozenset()) -> str:
    rows = [_row(names, key) for names, key in _merged(keys_of(group)) if key.name not in without]
    return _table((head, "meaning", "if left out"), rows)


def _merged(keys: Iterable[Key]) -> Iterator[tuple[list[str], Key]]:
    """Keys of which the same is to be said share a row."""
    groups: dict[tuple[str, str, str], list[Key]] = {}
    for key in keys:
        groups.setdefault((key.meaning, key.left_out, key.bounds), []).append(key)
    for same in groups.values():
        yield [key.name for key in same], same[0]


def _row(names: list[str], key: Key) -> tuple[str, str, str]:
    told = "`relax`" in key.meaning or key.group in TABLES_OF_QUEUES
    inner = f": {_inner(key.group)}" if key.group and not told else ""
    bounds = f" ({key.bounds})" if key.bounds else ""
    return ", ".join(f"`{name}`" for name in names), f"{key.meaning}{bounds}{inner}", key.left_out


def _inner(group: type[Group]) -> str:
    """The keys of a group, told in the row of the key that holds it; once what all of them hold."""
    keys = keys_of(group)
    groups = {key.group for key in keys}
    same = groups.pop() if len(groups) == 1 else None
    told = "; ".join(_told(key, inner=same is None) for key in keys)
    return f"{told}; each with {_inner(same)}" if same else told


def _told(key: Key, *, inner: bool) -> str:
    meaning = "" if key.meaning == key.name.replace("-", " ") else f" {key.meaning}"
    below = f": {_inner(key.group)}" if key.group and inner else ""
    without = "" if key.left_out in (MUST_BE_THERE, "none") else f" ({key.left_out})"
    return f"`{key.name}`{meaning}{below}{without}"


def _steps() -> str:
    rows = [(f"`{kind}`", meaning_of(group), _further(kind, group)) for kind, group in STEPS.items()]
    return _table(("step", "does", "further keys (if left out)"), rows)


def _further(kind: str, group: type[Group]) -> str:
    if kind in OWN_TABLES:
        return f'see "{OWN_TABLES[kind]}"'
    shared = SHARED if issubclass(group, AskingStep) else frozenset()
    keys = [key for key in keys_of(group) if key.name not in {kind, *shared}]
    told = [f"{', '.join(f'`{name}`' for name in names)}: {_short(key)}" for names, key in _merged(keys)]
    more = ["and what menus and questions share, below"] if shared else []
    return "; ".join([*told, *more])


def _short(key: Key) -> str:
    return f"{key.meaning} ({key.left_out})"


def _rules() -> str:
    keys = {key.name: key for key in keys_of(RuleGroup)}
    rows = [(_with_partners(kind), keys[kind].meaning) for kind in CONDITIONS]
    return _table(("condition", "holds when"), rows)


def _with_partners(kind: str) -> str:
    partners = ", ".join(f"`{more}`" for more in _partners(kind))
    return f"`{kind}` + {partners}" if partners else f"`{kind}`"


def _partners(kind: str) -> list[str]:
    return [key.name for key in keys_of(RuleGroup) if key.name in CONDITIONS[kind]]


TABLES: dict[str, Callable[[], str]] = {
    "center": lambda: _keys(CenterGroup),
    "lines": lambda: _keys(LineGroup),
    "hours": lambda: _keys(HoursGroup),
    "steps": _steps,
    "menus-and-questions": lambda: _keys(AskingStep),
    "ask": lambda: _keys(AskStep, head="key of `ask`", without=SHARED | {"ask"}),
    "web": lambda: _keys(WebStep, head="key of `web`"),
    "rules": _rules,
    "voicemail": lambda: _keys(VoicemailStep, head="key of `voicemail`"),
    "call-back": lambda: _keys(CallBackStep, head="key of `call-back`", without=SHARED),
    "call-backs-of-a-queue": lambda: _keys(CallBackGroup, head="key of a queue's `call-back`"),
    "work-of-a-queue": lambda: _keys(WorkGroup, head="key of a queue's `work`"),
    "queues": lambda: _keys(QueueGroup),
    "operators": lambda: _keys(OperatorGroup),
}
