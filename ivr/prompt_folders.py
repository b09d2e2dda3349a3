"""Which folders hold the prompts of a dialplan: its own `prompts`, if it has one, before the common one."""

from collections.abc import Mapping
from pathlib import Path

from ivr.config import Settings
from ivr.dialplan.problems import Report
from ivr.dialplan.recordings import Recordings
from ivr.dialplan.tree import read_tree, to_plain

OWN = "prompts"
"""Inside a dialplan's folder."""
TEXTS = "texts.yaml"
Texts = Mapping[str, Mapping[str, str]]
"""By prompt: its text by language, or one recording for all with the keys `spoken` and `text`."""


def own_prompts(dialplan: Path) -> Path | None:
    """The folder of the prompts that only this dialplan says; None: it has none."""
    own = dialplan / OWN
    return own if own.is_dir() else None


def prompt_folders(dialplan: Path, settings: Settings) -> tuple[Path, ...]:
    """In the order in which a prompt is looked for."""
    own = own_prompts(dialplan)
    return (settings.prompts,) if own is None else (own, settings.prompts)


def recordings_of(dialplan: Path, settings: Settings) -> Recordings:
    """What is recorded for the dialplan, and what is written and could be."""
    folders = prompt_folders(dialplan, settings)
    written: dict[str, set[str]] = {}
    for folder in folders:
        for language, prompts in _written(read_texts(folder)).items():
            written.setdefault(language, set()).update(prompts)
    texts = {language: frozenset(prompts) for language, prompts in written.items()}
    own = "" if own_prompts(dialplan) is None else f" {dialplan}"
    return Recordings(folders, texts, f"dzvin prompts build{own}")


def _written(texts: Texts) -> dict[str, set[str]]:
    """By language; what is spoken in one language is recorded in that for the folders of all."""
    for_all = {prompt for prompt, entry in texts.items() if "spoken" in entry}
    languages = {entry["spoken"] for entry in texts.values() if "spoken" in entry}
    languages |= {name for prompt, entry in texts.items() if prompt not in for_all for name in entry}
    return {
        language: for_all | {prompt for prompt, entry in texts.items() if entry.get(language, "").strip()}
        for language in languages
    }


def read_texts(folder: Path) -> Texts:
    """Of `folder`/texts.yaml, as far as they can be read; {} where there are none. Never raises."""
    path = folder / TEXTS
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    tree = read_tree(data, str(path), Report())
    plain = to_plain(tree) if tree is not None else None
    if not isinstance(plain, dict):
        return {}
    return {
        str(prompt): {str(name): str(text) for name, text in entry.items()}
        for prompt, entry in plain.items()
        if isinstance(entry, dict)
    }
