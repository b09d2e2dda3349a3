"""Scenario files to scenarios, or every mistake in them with its place and advice."""

from collections.abc import Iterator
from pathlib import Path

from ivr.dialplan.draft import ID
from ivr.dialplan.fields import Group
from ivr.dialplan.problems import Report, Spot, advice, shown
from ivr.dialplan.tree import MAX_BYTES, Entry, ListNode, MapNode, Node, ScalarNode, read_tree
from ivr.dialplan.validate import validate
from ivr.flow.hearing import Miss
from ivr.rehearsal.scenario import Doing, HangUp, RecordingFails, Scenario, Unheard
from ivr.rehearsal.schema import ALONE, STEPS, ScenarioGroup, SilentStep

FOLDER = "scenarios"
"""Inside a dialplan's folder."""
SECTION = "scenarios"
_ONE_WORD: dict[str, Group] = {
    "silent": SilentStep(silent=1),
    "hang-up": HangUp(),
    "recording-fails": RecordingFails(),
    **{miss: Unheard(miss=miss) for miss in (Miss.TOO_LONG, Miss.SPEECH_BUSY, Miss.SPEECH_DEAD)},
}
_WORDS = tuple(dict.fromkeys((*STEPS, *ALONE)))


def read_scenarios(dialplan: Path, report: Report) -> list[Scenario]:
    """All scenarios of the dialplan's folder `scenarios`, in order of files and lines; none is no mistake.

    Names are not compared with the dialplan yet. Mistakes go to the report; never raises on bad content.
    """
    found: dict[str, Scenario] = {}
    for file in _files(dialplan / FOLDER, report):
        for name, entry in _entries(file, report):
            scenario = _scenario(name, entry, report)
            if name in found:
                first = found[name].key_spot
                report.error(
                    entry.key_spot,
                    f"the scenario {shown(name)} is here twice,"
                    f" first in {first.file}:{first.line}; rename one",
                )
            elif scenario is not None:
                found[name] = scenario
    return list(found.values())


def _files(folder: Path, report: Report) -> list[Path]:
    if not folder.is_dir():
        return []
    try:
        return sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("."))
    except OSError as error:
        report.error(Spot(str(folder)), f"the folder cannot be read ({error.strerror}); check its rights")
        return []


def _entries(file: Path, report: Report) -> Iterator[tuple[str, Entry]]:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        report.error(Spot(str(file)), f"the file cannot be read ({error.strerror}); check its rights")
        return
    tree = read_tree(data, str(file), report)
    if tree is None:
        return
    if not isinstance(tree, MapNode):
        report.error(tree.spot, f"the section '{SECTION}' is expected")
        return
    for section, entry in tree.entries.items():
        if section != SECTION:
            report.error(entry.key_spot, f"the section {shown(section)} is unknown; known: {SECTION}")
        elif not isinstance(entry.node, MapNode):
            report.error(entry.key_spot, f"the section '{SECTION}' is empty or no group; give it scenarios")
        else:
            yield from entry.node.entries.items()


def _scenario(name: str, entry: Entry, report: Report) -> Scenario | None:
    if not ID.fullmatch(name):
        report.error(
            entry.key_spot,
            f"{shown(name)} cannot be a name;"
            " use small Latin letters, digits and '-', a letter first, at most 40",
        )
    group = validate(ScenarioGroup, entry.node, report)
    doings = tuple(_doings(entry.node, report))
    return None if group is None else Scenario(name, group, doings, entry.key_spot, entry.node)


def _doings(node: Node, report: Report) -> Iterator[Doing]:
    steps = node.entries.get("steps") if isinstance(node, MapNode) else None
    if steps is None or not isinstance(steps.node, ListNode):
        return
    for item in steps.node.items:
        group = _doing(item, report)
        if group is not None:
            yield Doing(group, item)


def _doing(node: Node, report: Report) -> Group | None:
    match node:
        case ScalarNode(value=str(word)) if word in _ONE_WORD:
            return _ONE_WORD[word]
        case ScalarNode(value=value):
            report.error(node.spot, f"{shown(value)} is no step of a scenario{advice(str(value), _WORDS)}")
            return None
        case ListNode():
            report.error(node.spot, f"a list is no step of a scenario; known: {', '.join(_WORDS)}")
            return None
        case MapNode():
            return _kind_of(node, report)


def _kind_of(node: MapNode, report: Report) -> Group | None:
    keys = list(node.entries)
    kinds = [key for key in keys if key in STEPS]
    if len(keys) == 1 and kinds:
        return validate(STEPS[kinds[0]], node, report)
    if len(kinds) > 1:
        listed = " and ".join(shown(kind) for kind in kinds)
        report.error(node.spot, f"a step does one thing, this one has {listed}; make two steps of it")
    elif kinds:
        strange = next(key for key in keys if key not in STEPS)
        report.error(
            node.entries[strange].key_spot, f"the key {shown(strange)} is unknown beside {shown(kinds[0])}"
        )
    else:
        word = keys[0] if keys else ""
        if word in ALONE:
            report.error(node.spot, f"the step {shown(word)} is one word; write '- {word}'")
        else:
            report.error(node.spot, f"{shown(word)} is no step of a scenario{advice(word, _WORDS)}")
    return None
