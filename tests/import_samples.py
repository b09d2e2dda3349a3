"""Imports into a folder, loaded with the checker as the server would."""

from pathlib import Path

from ivr.config import Settings
from ivr.dialplan.loader import Loaded, load
from ivr.importing.folder import Imported, import_files
from ivr.prompt_folders import recordings_of

ROOT = Path(__file__).resolve().parents[1]


def imported(folder: Path, files: dict[str, str]) -> tuple[Path, Imported]:
    """The written dialplan and what was counted; the files are put beside it."""
    sources = []
    for name, text in files.items():
        source = folder / name
        source.write_bytes(text.encode("utf-8", errors="surrogatepass"))
        sources.append(source)
    plan = folder / "plan"
    return plan, import_files(sources, plan, "uk")


def loaded(plan: Path) -> Loaded:
    """DialplanErrors if anything in it would keep the server from starting."""
    return load(plan, recordings_of(plan, Settings(prompts=ROOT / "prompts")))


def told(done: Imported) -> list[str]:
    """The report, a line each."""
    return [f"{left.place}: {left.what} | {left.why} | {left.advice}" for left in done.left]
