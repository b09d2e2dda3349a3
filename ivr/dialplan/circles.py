"""Ways through the steps: circles in which nobody listens, and steps that no way leads to."""

from collections.abc import Iterator, Mapping

from ivr.dialplan.draft import Draft
from ivr.dialplan.problems import Report
from ivr.dialplan.schema import LineGroup
from ivr.dialplan.schema_steps import (
    AskingStep,
    AskStep,
    CallBackStep,
    ChooseStep,
    HangUpStep,
    HoursStep,
    LanguageStep,
    LineStep,
    MenuStep,
    PlayStep,
    QueueStep,
    SetStep,
    StepGroup,
    TransferStep,
    VoicemailStep,
    WebStep,
)

Path = tuple[str | int, ...]
"""Keys and places in lists, from a step to a value in it."""
BUILT_IN = frozenset({"operator", "goodbye"})


def targets(step: StepGroup) -> Iterator[tuple[Path, str]]:
    """Every step that this one may lead to, with the path of keys under which it is written."""
    match step:
        case MenuStep():
            yield from ((("keys", key), target) for key, target in step.keys.items())
            yield from ((("phrases", target), target) for target in step.phrases)
            yield from _edges(step)
        case AskStep():
            yield from _given(("then", step.then), ("if-yes", step.if_yes), ("if-no", step.if_no))
            yield from _edges(step)
        case WebStep():
            yield from ((("answers", word), target) for word, target in step.answers.items())
            yield ("then",), step.then
            yield ("if-failed",), step.if_failed
        case PlayStep() | LanguageStep():
            yield ("then",), step.then
        case QueueStep():
            yield from ((("leave-keys", key), target) for key, target in step.leave_keys.items())
            yield ("if-full",), step.if_full
            yield ("if-waited-too-long",), step.if_waited_too_long
            yield ("if-nobody-logged-in",), step.if_nobody_logged_in
            yield ("after-talk",), step.after_talk
        case VoicemailStep():
            yield from _given(("then", step.then), ("if-empty", step.if_empty), ("if-failed", step.if_failed))
        case CallBackStep():
            yield from _given(
                ("then", step.then), ("if-refused", step.if_refused), ("if-failed", step.if_failed)
            )
            yield from _edges(step)
        case TransferStep():
            yield ("if-not-answered",), step.if_not_answered
            yield ("after-talk",), step.after_talk
        case HoursStep():
            yield ("if-open",), step.if_open
            yield ("if-closed",), step.if_closed
        case ChooseStep():
            yield from ((("choose", index, "then"), rule.then) for index, rule in enumerate(step.choose))
            yield ("otherwise",), step.otherwise
        case SetStep():
            yield ("then",), step.then
        case LineStep() | HangUpStep():
            pass


def _edges(step: AskingStep) -> Iterator[tuple[Path, str]]:
    yield from ((((f"if-{miss}"),), target) for miss, target in step.edges.items())


def targets_of_line(line: LineGroup) -> Iterator[tuple[Path, str]]:
    yield ("start",), line.start
    yield from _given(
        ("if-closed", line.if_closed),
        ("if-language-known", line.if_language_known),
        ("operator", line.operator),
        ("otherwise", line.otherwise),
    )


def _given(*pairs: tuple[str, str | None]) -> Iterator[tuple[Path, str]]:
    yield from (((key,), target) for key, target in pairs if target is not None)


def check_ways(draft: Draft, report: Report) -> None:
    _tell_circles(draft, report)
    _tell_unreachable(draft, report)


def _deaf_successors(draft: Draft, name: str) -> list[str]:
    """Where a caller is led from here without being listened to."""
    item = draft.steps.get(name)
    match item.group if item else None:
        case PlayStep(then=then) | LanguageStep(then=then) | SetStep(then=then):
            return [then]
        case HoursStep(if_open=if_open, if_closed=if_closed):
            return [if_open, if_closed]
        case ChooseStep(choose=rules, otherwise=otherwise):
            return [*(rule.then for rule in rules), otherwise]
        case WebStep(answers=answers, then=then, if_failed=if_failed):
            return [*answers.values(), then, if_failed]
        case LineStep(line=line) if line in draft.lines:
            group = draft.lines[line].group
            return [group.start, *([group.if_closed] if group.if_closed else [])]
        case _:
            return []


def _tell_circles(draft: Draft, report: Report) -> None:
    done: set[str] = set()
    for name in draft.steps:
        circle = _circle_from(name, draft, done)
        if circle:
            way = " → ".join([*circle, circle[0]])
            report.error(
                draft.steps[circle[0]].key_spot,
                f"a circle without a menu, the caller could never act: {way}; lead it to a menu or queue",
            )


def _circle_from(name: str, draft: Draft, done: set[str]) -> list[str]:
    """The first circle met on a walk that is deep first and keeps its own stack."""
    way: dict[str, None] = {}
    ahead: list[Iterator[str]] = [iter([name])]
    while ahead:
        follower = next(ahead[-1], None)
        if follower is None:
            ahead.pop()
            if way:
                done.add(way.popitem()[0])
        elif follower in way:
            done.update(way)
            return list(way)[list(way).index(follower) :]
        elif follower not in done and follower in draft.steps:
            way[follower] = None
            ahead.append(iter(_deaf_successors(draft, follower)))
    return []


def _tell_unreachable(draft: Draft, report: Report) -> None:
    edges: Mapping[str, list[str]] = {
        name: [target for _, target in targets(item.group)] for name, item in draft.steps.items()
    }
    ahead = [target for item in draft.lines.values() for _, target in targets_of_line(item.group)]
    if draft.center:
        ahead += [name for name in (draft.center.group.operator, draft.center.group.otherwise) if name]
    reached: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += edges.get(name, [])
    for name, item in draft.steps.items():
        if name not in reached:
            report.warn(
                item.key_spot,
                f"no way leads to the step '{name}'; let a key or line lead to it, or delete it",
            )
