"""Checks of what is listened to and asked for: phrases, values, web addresses."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from ivr.dialplan.draft import Draft, Item
from ivr.dialplan.problems import Report, Spot, advice, shown
from ivr.dialplan.salvage import PLACEHOLDERS
from ivr.dialplan.schema_steps import (
    AskStep,
    CallBackStep,
    ChooseStep,
    HangUpStep,
    MenuStep,
    PlayStep,
    SetStep,
    StepGroup,
    VoicemailStep,
    WebStep,
)
from ivr.flow.model import Kind
from ivr.flow.said import Saying, Slot

ALIKE_FROM = 0.8
"""Share of letters that two phrases have in common, in their order (Ratcliff and Obershelp)."""


def check_phrases(item: Item[StepGroup], step: MenuStep, report: Report) -> None:
    """One phrase means one thing in one language, and does not sound like another one of the menu."""
    owners: dict[tuple[str, str], str] = {}
    for target, language, phrase, spot in phrases_of(item, step):
        _tell_alike(target, language, phrase, spot, owners, report)
        owner = owners.setdefault((language, phrase), target)
        if owner != target:
            report.error(spot, f"{shown(phrase)} leads to {shown(owner)} already; change one of them")


def _tell_alike(
    target: str, language: str, phrase: str, spot: Spot, owners: dict[tuple[str, str], str], report: Report
) -> None:
    for (other_language, other), owner in owners.items():
        if other_language != language or owner == target or other == phrase:
            continue
        if SequenceMatcher(None, phrase, other).ratio() >= ALIKE_FROM:
            like = f"{shown(other)}, which leads to {shown(owner)}"
            report.warn(spot, f"{shown(phrase)} is much like {like}; choose another word")
            return


def phrases_of(item: Item[StepGroup], step: MenuStep) -> Iterator[tuple[str, str, str, Spot]]:
    """Target, language, phrase and place of every phrase of a menu."""
    for target, by_language in step.phrases.items():
        for language, phrases in by_language.items():
            for index, phrase in enumerate(phrases):
                yield target, language, phrase, item.spot("phrases", target, language, index)


def check_question(item: Item[StepGroup], step: AskStep, report: Report) -> None:
    """Which keys belong to which kind of question."""
    yes_no = step.kind is Kind.YES_NO
    for key, needed in (("if-yes", yes_no), ("if-no", yes_no), ("then", not yes_no)):
        given = getattr(step, key.replace("-", "_")) is not None
        if needed and not given:
            report.error(item.key_spot, f"a question for {step.for_} needs the key '{key}'")
        elif given and not needed:
            report.error(item.spot(key, at_key=True), f"a question for {step.for_} has no '{key}'; delete it")
    if step.name is None and not yes_no:
        report.error(item.key_spot, f"a question for {step.for_} needs the key 'name', for its answer")
    for key in ("length", "pattern"):
        if getattr(step, key) is not None and step.kind not in (Kind.DIGITS, Kind.NUMBER):
            report.error(item.spot(key, at_key=True), f"a question for {step.for_} has no '{key}'; delete it")
    if step.between is not None and step.kind is not Kind.NUMBER:
        text = f"a question for {step.for_} has no 'between'; delete it"
        report.error(item.spot("between", at_key=True), text)
    forms = [key for key in ("length", "pattern", "between") if getattr(step, key) is not None]
    if len(forms) > 1:
        text = f"write either '{forms[0]}' or '{forms[1]}', not both"
        report.error(item.spot(forms[1], at_key=True), text)
    if step.pattern is not None:
        _check_patterns(item, step.pattern, report)


def _check_patterns(item: Item[StepGroup], patterns: Sequence[str], report: Report) -> None:
    for pattern in patterns:
        if pattern.startswith("+"):
            report.error(item.spot("pattern"), "callers cannot type '+'; write digits, and X for any digit")


def check_hook(item: Item[StepGroup], step: WebStep, draft: Draft, report: Report) -> None:
    """An address below the center's needs that one."""
    center = draft.center.group if draft.center else None
    if step.web.startswith("/") and center is not None and center.web_address is None:
        report.error(item.spot("web"), "the center has no web-address to put before this; write it whole")


def check_values(draft: Draft, report: Report) -> None:
    """A value that is said or sent must be asked for somewhere, unless a web hook may give it."""
    asked = {item.group.name for item in draft.steps.values() if isinstance(item.group, AskStep)}
    asked |= {
        name for item in draft.steps.values() if isinstance(item.group, SetStep) for name in item.group.set
    }
    hooks = any(isinstance(item.group, WebStep) for item in draft.steps.values())
    known = {name for name in asked if name}
    for item in draft.steps.values():
        for name, spot in _slots(item):
            if name not in known | PLACEHOLDERS and not hooks:
                report.error(spot, f"no question asks for the value {shown(name)}{advice(name, known)}")
        if isinstance(item.group, WebStep):
            for index, name in enumerate(item.group.send or ()):
                if name.removesuffix("-recording") not in known | PLACEHOLDERS:
                    text = f"no question asks for the value {shown(name)}{advice(name, known)}"
                    report.warn(item.spot("send", index), text)


def _slots(item: Item[StepGroup]) -> Iterator[tuple[str, Spot]]:
    match item.group:
        case MenuStep(menu=sayings):
            yield from _in(item, "menu", sayings)
        case AskStep(ask=sayings):
            yield from _in(item, "ask", sayings)
        case WebStep(say=sayings) | VoicemailStep(say=sayings):
            yield from _in(item, "say", sayings or ())
        case CallBackStep(say=sayings, number=number):
            yield from _in(item, "say", sayings or ())
            yield from ([(number, item.spot("number"))] if number is not None else [])
        case PlayStep(play=sayings):
            yield from _in(item, "play", sayings)
        case HangUpStep(hang_up=sayings):
            yield from _in(item, "hang-up", sayings)
        case ChooseStep(choose=rules):
            yield from (
                (rule.value, item.spot("choose", index, "value"))
                for index, rule in enumerate(rules)
                if rule.value is not None
            )
        case _:
            pass


def _in(item: Item[StepGroup], key: str, sayings: Sequence[Saying]) -> Iterator[tuple[str, Spot]]:
    for index, saying in enumerate(sayings):
        if isinstance(saying, Slot):
            yield saying.value, item.spot(key, index)
