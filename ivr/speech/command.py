"""How the command of another transcriber is written: light to import, for the settings."""

import shlex
import string
from collections.abc import Sequence

_PLACES = {"wav", "language"}


def parse_transcriber(text: str) -> Sequence[str]:
    """The command as a list, as a shell splits it; none is run by one. ValueError: one sentence."""
    try:
        parts = shlex.split(text)
        used = {
            name for part in parts for _, name, _, _ in string.Formatter().parse(part) if name is not None
        }
    except ValueError as error:
        raise ValueError(f"it is no command: {error}") from None
    if not parts:
        raise ValueError("it is no command: there is nothing in it")
    if used - _PLACES or "wav" not in used:
        raise ValueError("write {wav} where the sound's file goes and {language} where uk, ru or en goes")
    return parts
