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
    composed = unicodedata.normalize("NFC", text.lower()).translate(_SAME)
    while (again := unicodedata.normalize("NFC", composed).translate(_SAME)) != composed:  # ё with more dots
        composed = again
    return " ".join(stripped for word in composed.split() if (stripped := word.strip(_AROUND_WORDS)))
