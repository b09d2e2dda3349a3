"""`Read` and the `GotoIf` lines that ask what was typed: a menu, or a question for digits."""

import re
from typing import TYPE_CHECKING

from ivr.importing.plan import Body
from ivr.importing.priorities import Priority, split
from ivr.importing.words import new_id, seconds, written_time

if TYPE_CHECKING:
    from ivr.importing.extensions import Extensions

Key = tuple[str, str, int]
_TEST = re.compile(
    r"""\s*\$\[\s*"?\$\{(?P<name>\w+)\}"?\s*={1,2}\s*"?(?P<key>[0-9*\#])"?\s*\]\s*\?(?P<yes>[^:]*)(?::(?P<no>.*))?""",
    re.ASCII,
)
MAX_DIGITS = 30


def is_test(priority: Priority) -> bool:
    """Whether it compares a variable with one key: `GotoIf($["${KEY}"="1"]?sales,s,1)`."""
    return _TEST.fullmatch(priority.data) is not None


def read(walk: "Extensions", step: str, key: Key, prompts: list[str]) -> None:
    """`Read(variable,sound&sound,digits,options,attempts,timeout)` with the prompts said before it."""
    context, extension, index = key
    priority = walk.contexts[context].extensions[extension][index]
    name, sounds, digits, _, tries, wait = ([*priority.words, "", "", "", "", "", ""])[:6]
    prompts = prompts + walk.plan.prompts(sounds.split("&"), priority.place)
    if not prompts:
        prompts = walk.plan.prompts([f"{name or context}-question"], priority.place)
        walk.tell(priority, "it says nothing before it waits", "record what it shall say")
    prompts = walk.plan.said(prompts, priority.place) or ["goodbye"]
    shared: Body = {}
    times = int(tries[:6]) if tries.isascii() and tries.isdigit() else 0
    if times:
        shared["tries"] = min(times, 5)
    value, _ = seconds(wait, 1.0, 60.0)
    shared |= {"wait": written_time(value)} if value is not None else {}
    keys, following = _tests(walk, key, name)
    if keys:
        body = {"menu": prompts, "keys": keys, **shared, "if-silent": following, "if-wrong-key": following}
    else:
        most = min(int(digits[:6]), MAX_DIGITS) if digits.isascii() and digits.isdigit() else 0
        body = {"ask": prompts, "for": "digits", "name": new_id(name, (), "value")}
        body |= {"length": f"1-{most}" if most > 1 else 1} if most else {}
        body |= {"confirm": False, **shared, "then": following, "if-silent": following}
        walk.tell(priority, f"the digits are kept as '{body['name']}'", "use them in 'choose' or 'web'")
    walk.plan.steps[step] = body


def _tests(walk: "Extensions", key: Key, name: str) -> tuple[dict[str, str], str]:
    """What follows each key by the `GotoIf` lines behind, and where other keys lead."""
    context, extension, index = key
    priorities = walk.contexts[context].extensions[extension]
    keys: dict[str, str] = {}
    count = 1
    while index + count < len(priorities):
        priority = priorities[index + count]
        match = _TEST.fullmatch(priority.data) if priority.app == "gotoif" else None
        if match is None or match["name"] != name:
            break
        count += 1
        keys.setdefault(match["key"], walk.goto(split(match["yes"]), (context, extension), priority))
        if match["no"]:
            return keys, walk.goto(split(match["no"]), (context, extension), priority)
    return keys, walk.following(key, count)


def unasked(walk: "Extensions", step: str, key: Key) -> None:
    """A test of a key that no question just before asked for."""
    context, extension, index = key
    priority = walk.contexts[context].extensions[extension][index]
    walk.tell(priority, "the condition is not carried over; the call goes on", "use 'choose'")
    walk.plan.aliases[step] = walk.following(key)
