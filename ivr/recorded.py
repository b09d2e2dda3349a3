"""`dzvin prompts check` and `dzvin prompts build`: the recordings that texts.yaml asks for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ivr.config import Settings
from ivr.dialplan.problems import Report
from ivr.dialplan.tree import read_tree, to_plain
from ivr.errors import Plain
from ivr.media.prompts import RHVOICE, Fault, Line, PromptError, build, check, lines
from ivr.terminal.reports import Row, faults_table, show

_SPOKEN_ONCE = {"spoken", "text"}


def check_prompts(settings: Settings, console: Console | None = None) -> int:
    """Print every fault; 1 if there is one. Plain: texts.yaml cannot be used."""
    return _tell(check(wanted(settings.prompts), settings.prompts), settings.prompts, console)


def build_prompts(settings: Settings, anew: bool, console: Console | None = None) -> int:
    """Render what is missing (`anew`: everything), then check all. Plain: no synthesizer, or it failed."""
    recordings = wanted(settings.prompts)
    made = 0
    with _progress(console) as progress:
        bar = progress.add_task("", total=len(recordings))
        for line in recordings:
            progress.update(bar, description=f"{line.language}/{line.id}")
            made += len(_render(line, settings.prompts, anew))
            progress.advance(bar)
    (console or Console()).print(f"{made} of {len(recordings)} recordings were made.")
    return _tell(check(recordings, settings.prompts), settings.prompts, console)


def _progress(console: Console | None) -> Progress:
    """Drawn only on a terminal, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console or Console(stderr=True), transient=True)


def wanted(folder: Path) -> list[Line]:
    """The recordings of `folder`/texts.yaml. Plain: it cannot be read, or a text is missing."""
    path = folder / "texts.yaml"
    texts = _read(path)
    try:
        return lines(texts, _languages(texts))
    except PromptError as error:
        raise Plain(f"{path}: {error}.") from None


def _read(path: Path) -> Mapping[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Plain(f"{path} cannot be read: {error.strerror}; it holds the texts of the prompts.") from None
    report = Report()
    tree = read_tree(data, str(path), report)
    if report.errors:
        raise Plain("the prompts' texts have mistakes:\n" + "\n".join(map(str, sorted(report.errors))))
    plain = to_plain(tree) if tree is not None else None
    if not isinstance(plain, dict) or not plain:
        raise Plain(f"{path} holds no texts; write each as `id: {{uk: text, en: text}}`.")
    return plain


def _languages(texts: Mapping[str, Any]) -> list[str]:
    """Every language that an entry names, in the order of their appearance."""
    found: dict[str, None] = {}
    for entry in texts.values():
        if isinstance(entry, dict):
            named = [str(entry["spoken"])] if "spoken" in entry else list(entry)
            found |= dict.fromkeys(language for language in named if language not in _SPOKEN_ONCE)
    return list(found)


def _render(line: Line, folder: Path, anew: bool) -> Sequence[Path]:
    try:
        return build([line], folder, RHVOICE, anew=anew)
    except PromptError as error:
        advice = "Debian's packages are named in prompts/README.md"
        raise Plain(f"{line.language}/{line.id} was not made: {error}; {advice}.") from None
    except OSError as error:
        raise Plain(f"{line.path(folder)} cannot be written: {error.strerror}.") from None


def _tell(faults: Sequence[Fault], folder: Path, console: Console | None) -> int:
    rows = [Row(_short(fault.path, folder), fault.what) for fault in faults]
    show(faults_table(rows, str(folder)), console)
    return 1 if faults else 0


def _short(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
