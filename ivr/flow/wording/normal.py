"""One spelling for everything that is compared."""

import unicodedata
from functools import lru_cache

_SAME = str.maketrans(
    {
        **dict.fromkeys("’‘ʼʹ`´′＇", "'"),
        **dict.fromkeys("-‐‑‒–—−", " "),
        "ё": "е",
    }
)
_DOTS = "\N{COMBINING DIAERESIS}"
_AROUND_WORDS = '.,!?;:…"«»“”„()'


@lru_cache(maxsize=8192)
def normal(text: str) -> str:
    """Lower case, single spaces, hyphens as spaces, one apostrophe ('), е for ё, no punctuation around words.

    Idempotent. `[unk]` stays as it is.
    """
    composed = unicodedata.normalize("NFC", text.lower()).translate(_SAME)
    if not unicodedata.is_normalized("NFC", composed):
        composed = _without_more_dots(composed)
    return " ".join(stripped for word in composed.split() if (stripped := word.strip(_AROUND_WORDS)))


def _without_more_dots(text: str) -> str:
    """е with further marks, composed; dots among them would make it ё again."""
    kept: list[str] = []
    on_e = False
    for character in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(character):
            on_e = character == "е"
        if not (on_e and character == _DOTS):
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))
