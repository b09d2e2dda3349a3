"""`dzvin prompts check` and `dzvin prompts build`: the recordings of texts.yaml, and those of numbers."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ivr.config import Settings
from ivr.dialplan.problems import Report
from ivr.dialplan.tree import read_tree, to_plain
from ivr.errors import Plain
from ivr.media.fragments import fragment_lines
from ivr.media.prompts import Fault, Line, check, lines, render
from ivr.media.recordings import TakenIn, make_again, original_of, take_in, unasked
from ivr.media.sound import SoundError
from ivr.media.speaker import PromptError, Speaker, parse_command, parse_voices
from ivr.prompt_folders import OWN, TEXTS
from ivr.terminal.reports import Row, faults_table, show

_SPOKEN_ONCE = {"spoken", "text"}


def check_prompts(settings: Settings, console: Console | None = None, *, dialplan: Path | None = None) -> int:
    """Print every fault; 1 if there is one. Plain: texts.yaml cannot be used.

    `dialplan`: a folder whose own prompts are meant; they need the common ones beside them.
    """
    folder = _folder(settings, dialplan)
    recordings = [*wanted(folder), *(_common(folder, settings) if dialplan else ())]
    faults = [*check(recordings, folder), *unasked(recordings, folder)]
    return _tell(faults, folder, console)


def build_prompts(
    settings: Settings, anew: bool, console: Console | None = None, *, dialplan: Path | None = None
) -> int:
    """Convert what was dropped in, render what is missing (`anew`: all that was rendered), then check all.

    `dialplan` as in `check_prompts`; what is recorded for all dialplans is copied, so that a server can go
    by the folder alone. Plain: no synthesizer, or it failed.
    """
    folder = _folder(settings, dialplan)
    own, common = wanted(folder), _common(folder, settings) if dialplan else []
    recordings = [*own, *common]
    dropped_in = take_in(recordings, folder)
    copied = _take_over(recordings, folder, settings.prompts, anew) if dialplan else set()
    speaker = Speaker(parse_command(settings.synthesizer), parse_voices(settings.synthesizer_voices))
    missing = [line for line in recordings if line not in copied]
    made, refusal = _make_all(missing, folder, speaker, anew, console)
    _tell_what_was_made(dropped_in, made, len(missing), console)
    told = {fault.path for fault in dropped_in.faults}
    found = [*check(recordings, folder), *unasked(recordings, folder)]
    status = _tell([*dropped_in.faults, *(one for one in found if one.path not in told)], folder, console)
    if refusal is not None:
        raise refusal
    return status


def _folder(settings: Settings, dialplan: Path | None) -> Path:
    if dialplan is None:
        return settings.prompts
    folder = dialplan / OWN
    if not folder.is_dir():
        raise Plain(f"{dialplan} has no folder {OWN}; its prompts are those of {settings.prompts}.")
    return folder


def _common(folder: Path, settings: Settings) -> list[Line]:
    """Of the prompts for all dialplans those that `folder` does not have itself, in its languages."""
    own = _read(folder / TEXTS)
    languages = _languages(own)
    texts = {
        prompt: entry
        for prompt, entry in _read(settings.prompts / TEXTS).items()
        if prompt not in own and isinstance(entry, dict) and entry.get("spoken", languages[0]) in languages
    }
    try:
        return lines(texts, [language for language in languages if language in _languages(texts)])
    except PromptError as error:
        raise Plain(f"{settings.prompts / TEXTS}: {error}.") from None


def _take_over(recordings: Sequence[Line], folder: Path, common: Path, anew: bool) -> set[Line]:
    """Copies of what is recorded for all dialplans, but for a person's recording here. Plain: cannot be."""
    own = _read(folder / TEXTS)
    copied = {
        line
        for line in recordings
        if line.id not in own and line.path(common).exists() and not original_of(line, folder)
    }
    for line in copied:
        path = line.path(folder)
        try:
            if anew or not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(line.path(common), path)
        except OSError as error:
            raise Plain(f"{path} cannot be written: {error.strerror}.") from None
    return copied


def _make_all(
    recordings: Sequence[Line], folder: Path, speaker: Speaker, anew: bool, console: Console | None
) -> tuple[int, Plain | None]:
    """How many were made, and why not all: after the first failure the rest would fail alike."""
    made = 0
    with _progress(console) as progress:
        bar = progress.add_task("", total=len(recordings))
        for line in recordings:
            progress.update(bar, description=f"{line.language}/{line.id}")
            try:
                made += _make(line, folder, speaker, anew)
            except Plain as refusal:
                return made, refusal
            progress.advance(bar)
    return made, None


def _tell_what_was_made(dropped_in: TakenIn, made: int, total: int, console: Console | None) -> None:
    screen = console or Console()
    if dropped_in.made:
        screen.print(f"{len(dropped_in.made)} recordings that were dropped in were converted.")
    screen.print(f"{made} of {total} recordings were made.")


def _progress(console: Console | None) -> Progress:
    """Drawn only on a terminal, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console or Console(stderr=True), transient=True)


def wanted(folder: Path) -> list[Line]:
    """The recordings of `folder`/texts.yaml, and in its languages those that numbers are put together from.

    Plain: it cannot be read, or a text is missing.
    """
    path = folder / TEXTS
    texts = _read(path)
    try:
        languages = _languages(texts)
        return [*lines(texts, languages), *fragment_lines(languages)]
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


def _make(line: Line, folder: Path, speaker: Speaker, anew: bool) -> bool:
    """Whether there is a new recording. One that came from a person is made of it again, never rendered."""
    path = line.path(folder)
    try:
        if path.exists() and (not anew or original_of(line, folder)):
            return False
        if not make_again(line, folder):
            render(line, path, speaker)
    except (PromptError, SoundError) as error:
        advice = "prompts/README.md names Debian's packages, and DZVIN_SYNTHESIZER other commands"
        raise Plain(f"{line.language}/{line.id} was not made: {error}; {advice}.") from None
    except OSError as error:
        raise Plain(f"{path} cannot be written: {error.strerror}.") from None
    return True


def _tell(faults: Sequence[Fault], folder: Path, console: Console | None) -> int:
    rows = [Row(_short(fault.path, folder), fault.what) for fault in faults]
    show(faults_table(rows, str(folder)), console)
    return 1 if faults else 0


def _short(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
