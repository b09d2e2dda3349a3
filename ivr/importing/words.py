"""Values of other systems as ours: ids, prompts, names to show, times, telephone numbers."""

import re
import unicodedata
from collections.abc import Container

_LATIN = "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch x iu ia e x y e"
_CYRILLIC = dict(
    zip(
        "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяёъыэ",
        _LATIN.split(),
        strict=True,
    )
)
MAX_ID = 40
MAX_LABEL = 80
BUILT_IN = frozenset({"operator", "goodbye"})


def latin(text: str, *, most: int = MAX_ID) -> str:
    """Small Latin letters, digits and '-' that remind of the text; '' when nothing can."""
    letters = "".join(_CYRILLIC.get(letter, letter) for letter in text[:200].lower() if letter not in "ьъ")
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:most].strip("-")


def new_id(text: str, taken: Container[str], fallback: str) -> str:
    """An id like the text, not among `taken`; a letter goes first."""
    base = latin(text) or fallback
    if not base[0].isalpha():
        base = f"{fallback}-{base}"[:MAX_ID].rstrip("-")
    found, count = base, 1
    while found in taken or found in BUILT_IN:
        count += 1
        found = f"{base[: MAX_ID - len(str(count)) - 1].rstrip('-')}-{count}"
    return found


def label(text: str, fallback: str, most: int = MAX_LABEL) -> str:
    """A name to show: printable, on one line, not empty."""
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in text[:400]).split())
    return clean[:most].strip() or fallback


def seconds(text: str, low: float, high: float) -> tuple[float | None, bool]:
    """The time within the bounds and whether it had to be changed; None: it is no number."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?", text.strip(), re.ASCII):
        return None, False
    given = float(text)
    kept = min(max(given, low), high)
    return kept, kept != given


def written_time(value: float) -> str:
    """As an admin writes it: `90 s`, `5 min`."""
    return f"{value / 60:g} min" if value >= 120 and value % 60 == 0 else f"{value:g} s"


def telephone(text: str) -> str:
    """The digits of a number, with a leading '+'; '' if it is none."""
    plain = re.sub(r"[ ()-]", "", text[:40])
    return plain if re.fullmatch(r"\+?[0-9]{1,15}", plain, re.ASCII) else ""


def device_number(interface: str) -> str:
    """The number in `PJSIP/701`, `SIP/trunk/0501234567`, `PJSIP/050@trunk`, `Local/701@queue/n`; or ''."""
    technology, slash, rest = interface.strip().partition("/")
    if not slash:
        return ""
    parts = [part.split("@")[0] for part in rest.split("/")]
    if technology.lower() == "local":
        parts = parts[:1]
    return next((number for part in reversed(parts) if (number := telephone(part))), "")
