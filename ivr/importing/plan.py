"""The dialplan while it is put together from other systems' files: groups of keys, as they are written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ivr.importing.words import label, latin, new_id

MAX_STEPS = 1000
MAX_PROMPTS = 300
MAX_LINES = 500
MAX_PEOPLE = 500
"""Operators; likewise queues."""
MAX_TOLD = 2000
MAX_SAID = 20
"""Prompts that one step may say."""

SHIPPED_SOUNDS = {"vm-goodbye": "goodbye", "goodbye": "goodbye", "pbx-invalid": "wrong-key"}
"""Asterisk's own sounds of which this project ships the like."""

Body = dict[str, Any]
"""A step, queue, …: its keys as in the dialplan language."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, order=True)
class Left:
    """Something that was not carried over as it was."""

    place: Place
    what: str
    why: str
    advice: str


@dataclass(slots=True)
class Plan:
    """Steps are reserved by name first and given their content later, so that any may point at any."""

    language: str
    steps: dict[str, Body] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    """Steps that only lead to another one."""
    names: set[str] = field(default_factory=set)
    """Of all steps, also of those without content yet."""
    lines: dict[str, Body] = field(default_factory=dict)
    hours: dict[str, Body] = field(default_factory=dict)
    queues: dict[str, Body] = field(default_factory=dict)
    queue_ids: dict[str, str] = field(default_factory=dict)
    """By the old name."""
    queue_places: dict[str, Place] = field(default_factory=dict)
    leave_contexts: dict[str, tuple[str, Place]] = field(default_factory=dict)
    """By queue: the context whose keys end the waiting."""
    operators: dict[str, Body] = field(default_factory=dict)
    skills: dict[str, str] = field(default_factory=dict)
    transfers: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    """By prompt: the old sound's name, to be recorded anew."""
    sounds: dict[str, str] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)

    def tell(self, place: Place, what: str, why: str, advice: str) -> None:
        """`what` as it stood in the file."""
        if len(self.left) < MAX_TOLD:
            found = Left(place, label(what, "(nothing)"), label(why, "-", 200), label(advice, "-", 200))
            if found not in self.left[-20:]:
                self.left.append(found)

    def reserve(self, name: str) -> str:
        """The id of a new step."""
        found = new_id(name, self.names, "step")
        self.names.add(found)
        return found

    @property
    def full(self) -> bool:
        return len(self.names) >= MAX_STEPS

    def prompts(self, sounds: Iterable[str], place: Place) -> list[str]:
        """The prompts' ids of Asterisk's sounds, pauses left out."""
        found = [self._prompt(sound, place) for sound in sounds]
        return [prompt for prompt in found if prompt]

    def _prompt(self, sound: str, place: Place) -> str:
        name = sound.strip()
        if not name or name.startswith("silence/"):
            return ""
        if name in SHIPPED_SOUNDS:
            return SHIPPED_SOUNDS[name]
        if name in self.sounds:
            return self.sounds[name]
        if len(self.texts) >= MAX_PROMPTS:
            self.tell(place, name, f"more than {MAX_PROMPTS} sounds", "import the files in parts")
            return ""
        found = new_id(f"sound-{latin(name, most=30)}", self.texts, "sound")
        self.sounds[name] = found
        self.texts[found] = label(name, found)
        return found

    def said(self, prompts: list[str], place: Place) -> list[str]:
        """As many as one step may say."""
        if len(prompts) > MAX_SAID:
            self.tell(place, " ".join(prompts), f"a step says at most {MAX_SAID} prompts", "join recordings")
        return prompts[:MAX_SAID]

    def queue(self, name: str, place: Place) -> str:
        """The id of the queue of this old name; one that no file describes is made. '': too many."""
        if name in self.queue_ids:
            return self.queue_ids[name]
        why, advice = "no file describes this queue", "import queues.conf too, or add its operators"
        self.tell(place, name, why, advice)
        return self.new_queue(name, place)

    def new_queue(self, name: str, place: Place) -> str:
        if len(self.queues) >= MAX_PEOPLE:
            self.tell(place, name, f"more than {MAX_PEOPLE} queues", "import the files in parts")
            return ""
        found = new_id(name, self.queues, "queue")
        self.queue_ids[name] = found
        self.queue_places[found] = place
        self.queues[found] = {"name": label(name, found)}
        return found

    def line(self, name: str, number: str, start: str, place: Place) -> None:
        """A line; without `number` one is made up. A number that is taken already is told."""
        if len(self.lines) >= MAX_LINES:
            self.tell(place, number or name, f"more than {MAX_LINES} lines", "import the files in parts")
            return
        taken = self.taken_numbers()
        if number in taken:
            self.tell(place, number, "this number is taken by another line or a phone", "choose another one")
            return
        if not number:
            number = next(text for n in range(100, 9999) if (text := str(n)) not in taken)
            self.tell(place, name, f"its number is not in the files; it got {number}", "write the number")
        found = new_id(name, self.lines, "line")
        self.lines[found] = {"name": label(name, found), "numbers": [number], "start": start}

    def taken_numbers(self) -> set[str]:
        of_lines = {number for line in self.lines.values() for number in line["numbers"]}
        return of_lines | {str(body["phone"]["number"]) for body in self.operators.values()}


def tell_context(plan: Plan, context: str, place: Place) -> None:
    """The keys that end the waiting are not in the files."""
    why, advice = "the context is not in the files", "import its extensions.conf too"
    plan.tell(place, f"context={context}", why, advice)


def map_targets(body: Body, change: Callable[[str], str]) -> None:
    """Exchange every name of a step that this step may lead to."""
    for key, value in body.items():
        if key in {"keys", "leave-keys"}:
            body[key] = {pressed: change(target) for pressed, target in value.items()}
        elif key in {"then", "after-talk", "otherwise"} or key.startswith("if-"):
            body[key] = change(value)


def targets_of(body: Body) -> list[str]:
    found: list[str] = []

    def note(target: str) -> str:
        found.append(target)
        return target

    map_targets(dict(body), note)
    return found
