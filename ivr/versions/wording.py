"""The sentences in which a difference is told."""

from collections.abc import Iterable, Sequence
from typing import Any

from ivr.dialplan.problems import shown
from ivr.dialplan.schema_steps import STEPS
from ivr.versions.places import is_target

NOUNS = {
    "center": "center",
    "lines": "line",
    "queues": "queue",
    "operators": "operator",
    "hours": "hours",
    "skills": "skill",
    "break-reasons": "break reason",
    "switches": "switch",
    "topics": "topic",
    "departments": "department",
}
_LONGEST = 80


def entry_name(section: str, name: str) -> str:
    """'queue general'; a step is called by its bare name, for most sentences are about steps."""
    return name if section == "steps" else f"{NOUNS.get(section, section)} {name}"


def new_entry(section: str, content: Any) -> str:
    """What a new step does, in brackets."""
    if section != "steps" or not isinstance(content, dict):
        return ""
    kind = next((key for key in content if key in STEPS), "")
    return f" ({kind} {value(content[kind])})" if kind else ""


def rename_sentence(section: str, was: str, now: str, places: Sequence[str]) -> str:
    what = "step " if section == "steps" else f"{NOUNS.get(section, section)} "
    named = f"; named in {', '.join(places)}" if places else "; named nowhere"
    return f"{what}{was} renamed to {now}{named}"


def change_in(path: tuple[str, ...], old: Any, new: Any) -> str:
    """One value that changed; None: not written."""
    match path:
        case ("keys", key):
            return _key(f"key {key}", old, new)
        case ("leave-keys", key):
            return _key(f"key {key} while waiting", old, new)
        case ("answers", word):
            return _key(f"the answer {shown(word)}", old, new)
        case ("phrases", target, language):
            return _phrases(target, language, old, new)
        case ("phrases", target) if isinstance(old or new, dict):
            texts = old or new
            by_language = [_phrases(target, name, *_sides(old, texts[name])) for name in texts]
            return "; ".join(by_language)
    if is_target(path):
        return _way(_words(path), old, new)
    if isinstance(old, list) and isinstance(new, list):
        return _list(_words(path), old, new)
    return _value(_words(path), old, new)


def _sides(old: Any, texts: Any) -> tuple[Any, Any]:
    return (texts, None) if old is not None else (None, texts)


def _key(what: str, old: Any, new: Any) -> str:
    if old is None:
        return f"{what} is new and goes to {value(new)}"
    if new is None:
        return f"{what} leads nowhere any more (went to {value(old)})"
    return f"{what} now goes to {value(new)} (was {value(old)})"


def _way(what: str, old: Any, new: Any) -> str:
    if new is None:
        return f"{what} is no longer written (went to {value(old)})"
    return f"{what} now goes to {value(new)} (was {value(old) if old is not None else 'not written'})"


def _phrases(target: str, language: str, old: Any, new: Any) -> str:
    before, after = _items(old), _items(new)
    more = [text for text in after if text not in before]
    less = [text for text in before if text not in after]
    parts = []
    if more:
        parts.append(f"{_quoted(more)} now {'leads' if len(more) == 1 else 'lead'} to {target} ({language})")
    if less:
        verb = "leads" if len(less) == 1 else "lead"
        parts.append(f"{_quoted(less)} no longer {verb} to {target} ({language})")
    return "; ".join(parts) or f"the phrases for {target} ({language}) are in another order"


def _items(one_or_more: Any) -> list[str]:
    if one_or_more is None:
        return []
    return [value(item) for item in (one_or_more if isinstance(one_or_more, list) else [one_or_more])]


def _quoted(texts: Iterable[str]) -> str:
    return ", ".join(f"'{text}'" for text in texts)


def _list(what: str, old: list[Any], new: list[Any]) -> str:
    more = [item for item in new if item not in old]
    less = [item for item in old if item not in new]
    if (not more and not less) or any(isinstance(item, list) for item in old + new):
        return f"{what} {value(new)} (was {value(old)})"
    parts = [f"{value(item)} added" for item in more] + [f"{value(item)} removed" for item in less]
    return f"{what}: {', '.join(parts)}"


def _value(what: str, old: Any, new: Any) -> str:
    if new is None:
        return f"{what} is no longer written (was {value(old)})"
    return f"{what} {value(new)} (was {value(old) if old is not None else 'not written'})"


def _words(path: Iterable[str]) -> str:
    parts: list[str] = []
    for part in path:
        if part.isdigit() and parts and parts[-1] == "choose":
            parts[-1] = f"rule {part}"
        else:
            parts.append(part)
    return " ".join(parts)


def value(what: Any) -> str:
    """As it is written, in one line."""
    match what:
        case None:
            text = "nothing"
        case bool():
            text = "true" if what else "false"
        case dict():
            text = ", ".join(f"{key} {value(item)}" for key, item in what.items())
        case list():
            text = ", ".join(value(item) for item in what) or "nothing"
        case _:
            text = str(getattr(what, "text", what))
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
