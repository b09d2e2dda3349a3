"""`dzvin graph`: a dialplan as a picture, and the quickest path to a person of each line in words."""

from pathlib import Path

from ivr.config import Settings
from ivr.dialplan.loader import Loaded, load
from ivr.dialplan.problems import DialplanErrors, advice
from ivr.errors import Plain
from ivr.flow.model import Line
from ivr.graph.picture import Picture
from ivr.graph.tree import Tree, tree_of
from ivr.graph.ways import Ways
from ivr.prompt_book import PromptBook
from ivr.prompt_folders import own_prompts


def draw(settings: Settings, folder: Path | None, line: str | None, out: Path, language: str | None) -> None:
    """Write the file and say what is in it. Plain: mistakes, an unknown line or language, no `dot`."""
    place = folder or settings.dialplans
    loaded = _load(place, settings)
    shown = _language(loaded, language)
    book = PromptBook(settings.prompts, loaded.media.languages, own=own_prompts(place))
    lines = _lines(loaded, line)
    tree = tree_of(loaded.dialplan, Ways(loaded.dialplan, book.seconds), lines)
    title = f"What callers of {place.resolve().name} hear" + (f", line {lines[0].id}" if line else "")
    text = Picture(loaded, tree, book.words, shown).svg(title)
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Plain(f"{out} cannot be written: {error.strerror}.") from None
    print(
        "\n".join(
            [
                *_quickest(lines, tree),
                f"{out}: {len(tree.boxes)} steps of {len(lines)} line{'s' if len(lines) > 1 else ''}.",
            ]
        )
    )


def _load(folder: Path, settings: Settings) -> Loaded:
    """Prompts that are not recorded yet do no harm."""
    try:
        return load(folder, web_address=settings.web_address)
    except DialplanErrors as mistakes:
        raise Plain(f"the dialplan in {folder} has mistakes:\n{mistakes}") from None


def _lines(loaded: Loaded, wanted: str | None) -> list[Line]:
    if wanted is None:
        return list(loaded.dialplan.lines.values())
    found = loaded.dialplan.find_line(wanted)
    if found is None:
        numbers = {number for line in loaded.dialplan.lines.values() for number in line.numbers}
        raise Plain(f"there is no line '{wanted}'{advice(wanted, {*loaded.dialplan.lines, *numbers})}.")
    return [found]


def _language(loaded: Loaded, wanted: str | None) -> str:
    languages = loaded.media.languages
    if wanted is not None and wanted not in languages:
        raise Plain(f"the dialplan does not speak '{wanted}'{advice(wanted, languages)}.")
    return wanted or languages[0]


def _quickest(lines: list[Line], tree: Tree) -> list[str]:
    told = []
    for line in lines:
        best = tree.quickest[line.id]
        way = "no person by keys and words alone"
        if best is not None:
            by = f" ({' → '.join(best.by)})" if best.by else ""
            way = f"a person after {best.seconds:.0f} s{by}: {best.step}"
        told.append(f"{line.numbers[0]:<8} {line.id:<16} {way}")
    return told
