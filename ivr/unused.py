"""Recordings and texts that no step of a dialplan names: left over, or said by a web service."""

from collections.abc import Iterable
from pathlib import Path

from ivr.config import Settings
from ivr.dialplan.loader import Loaded, load
from ivr.media.spoken import PREFIX
from ivr.prompt_folders import own_prompts, read_texts, recordings_of

_OF_THE_SYSTEM = (
    "op-", "work-", "call-back-", "voicemail-", "system-away", "position-", "wait-", "apology", PREFIX,
)  # fmt: skip
"""Said by the server or by Asterisk itself, whatever the dialplan is."""


def note_of(dialplan: Path, settings: Settings) -> str:
    """What `dzvin check` says of them, '' for none; the dialplan has no errors.

    The common prompts belong to the dialplan that the server goes by: of another one nothing is said.
    """
    if own_prompts(dialplan) is None and dialplan.resolve() != settings.dialplans.resolve():
        return ""
    loaded = load(dialplan, recordings_of(dialplan, settings), web_address=settings.web_address)
    unused = unused_prompts(dialplan, loaded, settings)
    return f"No step names these prompts; a web service may say them: {', '.join(unused)}." if unused else ""


def unused_prompts(dialplan: Path, loaded: Loaded, settings: Settings) -> list[str]:
    """Ids, in order, of the prompts of the dialplan's own folder, else of the common one."""
    folder = own_prompts(dialplan) or settings.prompts
    there = {path.stem for path in folder.glob("*/*.wav")} | set(read_texts(folder))
    common = set(read_texts(settings.prompts)) if folder != settings.prompts else set()
    return sorted(_unknown(there - common, loaded))


def _unknown(there: Iterable[str], loaded: Loaded) -> Iterable[str]:
    return (
        prompt
        for prompt in there
        if prompt not in loaded.media.prompts and not prompt.startswith(_OF_THE_SYSTEM)
    )
