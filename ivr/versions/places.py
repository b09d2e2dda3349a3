"""Which entries were renamed, and every place that names an entry."""

from collections.abc import Iterator, Mapping
from typing import Any

Renamed = Mapping[str, Mapping[str, str]]
"""By section: from the old name to the new one."""
Sections = Mapping[str, Mapping[str, Any]]

_PROMPT_KEYS = frozenset({"menu", "ask", "play", "say", "hang-up", "whisper", "prompts", "say-again", "name"})
_TARGET_KEYS = frozenset({"start", "then", "otherwise", "operator", "after-talk"})
_TARGET_GROUPS = frozenset({"keys", "leave-keys", "answers"})
_POINTS_AT = {
    "lines": frozenset({"line"}),
    "hours": frozenset({"hours"}),
    "queues": frozenset({"queue", "queues", "waiting", "wait", "nobody-in", "voicemail", "call-back"}),
    "switches": frozenset({"switch"}),
}
"""Keys whose value is the name of an entry, by its section."""
_DEEPEST = 40
"""Guesses that hang on each other; a longer chain is told as entries that are gone and new ones."""


def is_prompt_key(key: str) -> bool:
    """Its value names recordings or texts, never an entry."""
    return key in _PROMPT_KEYS


def is_target(path: tuple[str, ...]) -> bool:
    """The value at this path is the step that a caller goes to."""
    if not path:
        return False
    return (
        path[-1] in _TARGET_KEYS
        or path[-1].startswith("if-")
        or (len(path) > 1 and path[-2] in _TARGET_GROUPS)
    )


def renamed_in(old: Sections, new: Sections) -> Renamed:
    """Of each section: what is gone and what is new and says the same once both are called alike."""
    search = _Search(old, new)
    for section in old:
        for was in search.gone(section):
            now = next((name for name in search.come(section) if search.agree(section, was, name)), None)
            if now is None:
                search.refused.add((section, was))
    return {section: names for section, names in search.found.items() if names}


class _Search:
    """Entries that name each other may be renamed together: a guess brings the guesses that it needs."""

    def __init__(self, old: Sections, new: Sections) -> None:
        self._old, self._new = old, new
        self.found: dict[str, dict[str, str]] = {}
        self.refused: set[tuple[str, str]] = set()
        self._depth = 0

    def gone(self, section: str) -> list[str]:
        there = self._new.get(section, {})
        return [] if section == "center" else [name for name in self._old[section] if name not in there]

    def come(self, section: str) -> list[str]:
        before, taken = self._old.get(section, {}), set(self.found.get(section, {}).values())
        return [name for name in self._new.get(section, {}) if name not in before and name not in taken]

    def agree(self, section: str, was: str, now: str) -> bool:
        """Whether they are one entry; then `found` knows it, and what follows from it."""
        if self.found.get(section, {}).get(was) == now:
            return True
        if was in self.found.get(section, {}) or self._depth > _DEEPEST:
            return False
        kept = {name: dict(pairs) for name, pairs in self.found.items()}
        self.found.setdefault(section, {})[was] = now
        old, new = self._old[section][was], self._new[section][now]
        self._depth += 1
        agreed = bool(old) and self._alike(old, new, "")
        self._depth -= 1
        if agreed:
            return True
        self.found = kept
        return False

    def _alike(self, old: Any, new: Any, key: str) -> bool:
        match old, new:
            case dict(), dict():
                return len(old) == len(new) and all(
                    (was == now or self._follows(was, now)) and self._alike(old[was], new[now], now)
                    for was, now in zip(old, new, strict=True)
                )
            case list(), list():
                return len(old) == len(new) and all(
                    self._alike(before, after, key) for before, after in zip(old, new, strict=True)
                )
            case str(), str() if old != new and not is_prompt_key(key):
                return self._follows(old, new)
            case _:
                return type(old) is type(new) and bool(old == new)

    def _follows(self, was: str, now: str) -> bool:
        """Both are names of entries that may be one, too."""
        return any(
            was in self._old[section]
            and (section, was) not in self.refused
            and was not in self._new.get(section, {})
            and (now in self.come(section) or self.found.get(section, {}).get(was) == now)
            and self.agree(section, was, now)
            for section in self._old
            if section != "center"
        )


def places_of(section: str, name: str, sections: Sections) -> list[str]:
    """Where the entry is named, like 'main-menu key 3' or 'line main start'."""
    return [
        f"{_owner(where, entry)} {_shown(path)}".strip()
        for where, entries in sections.items()
        for entry, content in entries.items()
        for path in _naming(section, name, content, (entry,) if where == "center" else ())
    ]


def _owner(section: str, entry: str) -> str:
    return {"center": "center", "lines": f"line {entry}", "queues": f"queue {entry}"}.get(
        section, f"operator {entry}" if section == "operators" else entry
    )


def _shown(path: tuple[str, ...]) -> str:
    """Without the places in a list, but for a rule's."""
    parts: list[str] = []
    for index, part in enumerate(path):
        before = path[index - 1] if index else ""
        if part in ("keys", "leave-keys", "answers", "phrases", "skills", "choose"):
            parts.append({"keys": "key", "leave-keys": "leave-key", "answers": "answer"}.get(part, part))
        elif part.isdigit() and before == "choose":
            parts[-1] = f"rule {int(part) + 1}"
        elif not (part.isdigit() and before not in ("keys", "leave-keys")):
            parts.append(part)
    return " ".join(parts)


def _naming(section: str, name: str, content: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    key = next((part for part in reversed(path) if not part.isdigit()), "")
    match content:
        case dict():
            for inner, value in content.items():
                if inner == name and _names_by_key(section, path):
                    yield (*path, inner)
                yield from _naming(section, name, value, (*path, inner))
        case list():
            for index, item in enumerate(content):
                yield from _naming(section, name, item, (*path, str(index)))
        case str() if content == name:
            if (section == "steps" and is_target(path)) or key in _POINTS_AT.get(section, ()):
                yield path


def _names_by_key(section: str, path: tuple[str, ...]) -> bool:
    last = path[-1] if path else ""
    return (section == "steps" and last == "phrases") or (section == "skills" and last == "skills")
