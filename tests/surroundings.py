"""A dialplan rewritten so that it can be told how its surroundings turn out, and all that they can do."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from acd.core.work import CallingTimes
from ivr.flow import conditions
from ivr.flow.conditions import World
from ivr.flow.hours import WHOLE_DAY, Hours, Period
from ivr.flow.model import (
    ByHours,
    CallBack,
    Choose,
    Dialplan,
    Hook,
    Kind,
    OtherLine,
    Question,
    Rule,
    SetValues,
)
from ivr.flow.said import Slot

MANY_STEPS = 300
DAY = ((0, 1440),)
Surroundings = tuple[Dialplan, World, bool]
"""With the hours in it; and whether a caller's language is known."""


def read_by_conditions(dialplan: Dialplan) -> set[str]:
    """Values that only steps set; what callers and services give turns out each way, as if by a switch."""
    asked = {one.name for one in dialplan.steps.values() if isinstance(one, Question)}
    own = {name for one in dialplan.steps.values() if isinstance(one, SetValues) for name in one.values}
    return own - asked


def rewritten(dialplan: Dialplan, read: set[str]) -> Dialplan:
    """Each condition asks for a switch of its own, each slot says as much as the longest value."""
    texts = [
        text for one in dialplan.steps.values() if isinstance(one, SetValues) for text in one.values.values()
    ]
    for one in dialplan.steps.values():
        if isinstance(one, Question) and one.kind is Kind.DATE:
            texts.append("2027-12-27")
        elif isinstance(one, Question) and one.entry is not None and one.name:
            texts += one.entry.patterns
    longest = len(max(texts, key=len, default="7777"))
    dated = longest == len("2027-12-27")  # a date is no string of digits: nothing is said of it
    steps: dict[str, Any] = {}
    for name, one in dialplan.steps.items():
        changed: Any = one
        if isinstance(one, Choose):
            changed = _chosen(replace(one, rules=tuple(_rule(name, rule, read) for rule in one.rules)))
        elif isinstance(one, ByHours):
            changed = _chance(name, [one.if_open, one.if_closed])
        if isinstance(one, CallBack):
            changed = replace(one, number="")
        if hasattr(one, "prompts"):
            said = (f"said {longest}" if isinstance(part, Slot) else part for part in one.prompts)
            changed = replace(changed, prompts=tuple(part for part in said if not (dated and "said" in part)))
        steps[name] = changed
    return replace(dialplan, steps=steps)


def _chosen(choose: Choose) -> Choose | Hook:
    """What only the surroundings decide turns out anew each time; so it is said by a service for nothing."""
    if any(not isinstance(part, conditions.SwitchOn) for part in _asked_in(choose)):
        return choose
    return _chance(choose.id, [*(rule.then for rule in choose.rules), choose.otherwise])


def _chance(name: str, ways: list[str]) -> Hook:
    words = {str(number): way for number, way in enumerate(ways)}
    return Hook(id=name, url="", deadline=0.0, tries=0, answers=words, then=ways[0], if_failed=ways[0])


def _asked_in(choose: Choose) -> list[conditions.Single]:
    return [part for rule in choose.rules for part in conditions.parts_of(rule.condition)]


def _rule(step_id: str, rule: Rule, read: set[str]) -> Rule:
    if isinstance(rule.condition, conditions.AllOf):
        parts = tuple(_single(step_id, part, read) for part in rule.condition.parts)
        return replace(rule, condition=conditions.AllOf(parts))
    return replace(rule, condition=_single(step_id, rule.condition, read))


def _single(step_id: str, condition: conditions.Single, read: set[str]) -> conditions.Single:
    match condition:
        case conditions.LanguageIs():
            return condition
        case conditions.ValueIs(name=name) | conditions.ValueBetween(name=name) if name in read:
            return condition
        case _:
            own = f"{step_id}: {condition}" if isinstance(condition, conditions.Share) else str(condition)
            return conditions.SwitchOn(own)


def worlds_of(dialplan: Dialplan) -> Iterator[Surroundings]:
    chooses = [one for one in dialplan.steps.values() if isinstance(one, Choose)]
    asked = [part for choose in chooses for part in _asked_in(choose)]
    switches = list(dict.fromkeys(one.name for one in asked if isinstance(one, conditions.SwitchOn)))
    hours = {line.hours for line in dialplan.lines.values() if line.hours}
    known = (False, True) if any(isinstance(one, OtherLine) for one in dialplan.steps.values()) else (False,)
    names = sorted(name for name in hours if name in dialplan.hours)
    timed = any(isinstance(one, CallBack) and one.times for one in dialplan.steps.values())
    plans = [_may_be_called(dialplan, yes) for yes in ((False, True) if timed else (True,))]
    for on in product((False, True), repeat=len(switches)):
        for is_open, called in product(product((False, True), repeat=len(names)), plans):
            kept = {name: _hours(name, yes) for name, yes in zip(names, is_open, strict=True)}
            plan = replace(called, hours=kept)
            world = World(switches=frozenset(name for name, yes in zip(switches, on, strict=True) if yes))
            yield from ((plan, world, one) for one in known)


def _may_be_called(dialplan: Dialplan, always: bool) -> Dialplan:
    times = CallingTimes(time_zone="Europe/Kyiv", week=((DAY if always else ()),) * 7)
    steps = {
        name: replace(one, times=times) if isinstance(one, CallBack) and one.times else one
        for name, one in dialplan.steps.items()
    }
    return replace(dialplan, steps=steps)


def _hours(name: str, is_open: bool) -> Hours:
    day = (Period(0, WHOLE_DAY),) if is_open else ()
    return Hours(id=name, time_zone="UTC", week=(day,) * 7)


def without_limit(dialplan: Dialplan) -> Dialplan:
    lines = {
        name: replace(line, limits=replace(line.limits, steps=MANY_STEPS))
        for name, line in dialplan.lines.items()
    }
    return replace(dialplan, lines=lines)
