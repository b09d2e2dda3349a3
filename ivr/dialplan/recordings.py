"""Which prompts a dialplan says, where, and whether each is recorded in every language."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path

from ivr.dialplan.draft import Draft, Item
from ivr.dialplan.problems import Report, Spot, advice, shown
from ivr.dialplan.schema import AnnounceGroup
from ivr.dialplan.schema_steps import (
    AskingStep,
    AskStep,
    CallBackStep,
    HangUpStep,
    MenuStep,
    PlayStep,
    QueueStep,
    StepGroup,
    VoicemailStep,
    WebStep,
)
from ivr.flow.hearing import AGAIN
from ivr.flow.model import SystemPrompts
from ivr.flow.said import Saying
from ivr.flow.work_prompts import CallBackPrompt, CallTimePrompt, VoicemailPrompt

POSITIONS = (*(f"position-{place}" for place in range(1, 11)), "position-many")
EXPECTED_WAITS = ("wait-under-1", "wait-1-3", "wait-3-5", "wait-5-10", "wait-over-10")
"""Ranges in minutes."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """Where a dialplan's prompts are looked for: `LANGUAGE/ID.wav` in each folder, the first one counts."""

    folders: tuple[Path, ...]
    written: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By language: ids of prompts that have a text, so that one command records them."""
    command: str = "dzvin prompts build"
    """That one."""


def spoken(draft: Draft) -> Iterator[tuple[str, Spot]]:
    """Every prompt that the files name or ask for, with the place that does."""
    for item in draft.steps.values():
        if isinstance(item.group, AskingStep):
            for miss, again in item.group.say_again.items():
                yield from _said(item, ("say-again", miss), again)
        match item.group:
            case MenuStep(menu=prompts):
                yield from _said(item, ("menu",), prompts)
            case AskStep(ask=prompts):
                yield from _said(item, ("ask",), prompts)
            case WebStep(say=prompts):
                yield from _said(item, ("say",), prompts or ())
            case PlayStep(play=prompts):
                yield from _said(item, ("play",), prompts)
            case HangUpStep(hang_up=prompts):
                yield from _said(item, ("hang-up",), prompts)
            case VoicemailStep(say=prompts):
                yield from _said(item, ("say",), prompts or ())
                yield from _by_themselves(item, VoicemailPrompt, VoicemailPrompt.WELCOME, prompts)
            case CallBackStep(say=prompts, choose_time=choose_time):
                yield from _said(item, ("say",), prompts or ())
                yield from _by_themselves(item, CallBackPrompt, CallBackPrompt.WELCOME, prompts)
                yield from ((prompt.value, item.key_spot) for prompt in CallTimePrompt if choose_time)
            case QueueStep(whisper=whisper, announce=announce):
                yield from ([(whisper, item.spot("whisper"))] if whisper else [])
                yield from _announced(announce, item.spot("announce", at_key=True)) if announce else ()
            case _:
                pass
    for queue in draft.queues.values():
        if queue.group.whisper:
            yield queue.group.whisper, queue.spot("whisper")
        yield from _announced(queue.group.announce, queue.spot("announce", at_key=True))


def _by_themselves(
    item: Item[StepGroup], prompts: Iterable[StrEnum], welcome: StrEnum, said: Sequence[Saying] | None
) -> Iterator[tuple[str, Spot]]:
    """What a step says that nobody has to name; its first words only where it names no other ones."""
    yield from ((prompt.value, item.key_spot) for prompt in prompts if prompt is not welcome or said is None)


def _said(
    item: Item[StepGroup], path: tuple[str, ...], sayings: Sequence[Saying]
) -> Iterator[tuple[str, Spot]]:
    """Recordings; the pieces that are put together belong to every set of prompts."""
    yield from (
        (saying, item.spot(*path, index)) for index, saying in enumerate(sayings) if isinstance(saying, str)
    )


def _announced(announce: AnnounceGroup, spot: Spot) -> Iterator[tuple[str, Spot]]:
    yield from ((prompt, spot) for prompt in announce.say or [])
    yield from ((prompt, spot) for prompt in POSITIONS if announce.position)
    yield from ((prompt, spot) for prompt in EXPECTED_WAITS if announce.expected_wait)


def spoken_by_itself() -> tuple[str, ...]:
    """Prompts that every dialplan needs, whatever is in its files."""
    system = SystemPrompts()
    again = (prompt for ladder in AGAIN.values() for prompt in ladder)
    return tuple(dict.fromkeys((*(getattr(system, field.name) for field in fields(system)), *again)))


def check_recordings(draft: Draft, recordings: Recordings, report: Report) -> None:
    """Tell each prompt without a recording, at the first place that names it.

    An error; but a warning where only the recording is missing and its text is written.
    """
    if draft.center is None:
        return
    languages = draft.center.group.languages
    recorded = {language: _stems(recordings.folders, language) for language in languages}
    everything = frozenset().union(*recorded.values(), *recordings.written.values())
    places: dict[str, Spot] = dict.fromkeys(spoken_by_itself(), draft.center.key_spot)
    for prompt, spot in spoken(draft):
        if places.setdefault(prompt, spot) == draft.center.key_spot:
            places[prompt] = spot
    for prompt, spot in places.items():
        missing = [language for language in languages if prompt not in recorded[language]]
        unwritten = [name for name in missing if prompt not in recordings.written.get(name, ())]
        if unwritten:
            near = advice(prompt, everything) if prompt not in everything else ""
            file = f"{recordings.folders[0].name}/{unwritten[0]}/{prompt}.wav"
            hint = near if near.startswith("; did") else f"; record {file}"
            report.error(spot, f"the prompt {shown(prompt)} is not recorded in {', '.join(unwritten)}{hint}")
        elif missing:
            text = f"the prompt {shown(prompt)} has a text but is not recorded in {', '.join(missing)}"
            report.warn(spot, f"{text}; render it: {recordings.command}")


def _stems(folders: Sequence[Path], language: str) -> frozenset[str]:
    return frozenset().union(*(_recorded(folder / language) for folder in folders))


def _recorded(folder: Path) -> frozenset[str]:
    try:
        return frozenset(path.stem for path in folder.iterdir() if path.suffix == ".wav")
    except OSError:
        return frozenset()
