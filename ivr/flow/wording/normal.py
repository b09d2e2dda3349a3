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
_AROUND_WORDS = '.,!?;:…"«»“”„()'


@lru_cache(maxsize=8192)
def normal(text: str) -> str:
    """Lower case, single spaces, hyphens as spaces, one apostrophe ('), е for ё, no punctuation around words.

    Idempotent. `[unk]` stays as it is.
    """
    spelled, before = text.lower(), ""
    while spelled != before:  # once more where ё had more dots than two
        spelled, before = unicodedata.normalize("NFC", spelled).translate(_SAME), spelled
    return " ".join(stripped for word in spelled.split() if (stripped := word.strip(_AROUND_WORDS)))
