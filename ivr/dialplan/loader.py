"""A folder of YAML files to everything the server needs of it, or every mistake in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from acd.core.settings import CenterSettings
from acd.core.words import OperatorId, QueueId
from ivr.dialplan.calendar import compile_hours
from ivr.dialplan.calling_times import answering_times, calling_times, check_calling_times
from ivr.dialplan.circles import check_ways
from ivr.dialplan.collect import collect
from ivr.dialplan.compiling import compile_dialplan, compile_settings, labels
from ivr.dialplan.draft import Draft, make_draft
from ivr.dialplan.numbers import fits
from ivr.dialplan.problems import DialplanErrors, Problem, Report, Spot
from ivr.dialplan.recordings import Recordings, check_recordings, spoken, spoken_by_itself
from ivr.dialplan.references import References
from ivr.dialplan.references_speech import phrases_of
from ivr.dialplan.schema import CenterGroup, PhoneKind
from ivr.dialplan.schema_steps import MenuStep
from ivr.flow.hours import Hours
from ivr.flow.model import Dialplan

Labels = Mapping[str, str]
"""Name to show by language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """An operator's phone account. Its password is not written in the dialplan."""

    name: str
    """Number and endpoint of the phone, like '701'."""
    kind: PhoneKind
    operator: OperatorId
    label: str
    """The operator's name to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names to show, by stable id. Every language of the center is there."""

    lines: Mapping[str, Labels]
    queues: Mapping[str, Labels]
    operators: Mapping[str, Labels]
    skills: Mapping[str, Labels]
    break_reasons: Mapping[str, Labels]
    switches: Mapping[str, Labels]
    topics: Mapping[str, Labels]
    """Of work items, in the order of their keys 1 to 9."""
    departments: Mapping[str, Labels]
    """To which work items can be forwarded, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    languages: tuple[str, ...]
    """Each has a folder of prompts; the first is the default."""
    prompts: frozenset[str]
    """Ids of all prompts that this dialplan can say to callers and whisper to operators."""
    music: frozenset[str]
    """Classes of music on hold."""
    messages_kept: Mapping[QueueId, int] = field(default_factory=dict)
    """Days for which recorded messages of a queue are kept; of others the server's setting holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Numbers beyond our own phones."""

    allowed_numbers: tuple[str, ...]
    """Patterns of digits, X for any digit. Nothing else may be dialled."""
    fallback_number: str | None
    """Where Asterisk sends callers while the server is away."""

    def may_dial(self, number: str) -> bool:
        return any(fits(pattern, number) for pattern in self.allowed_numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words that a caller may say, and where the files say so."""

    language: str
    text: str
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    dialplan: Dialplan
    settings: CenterSettings
    phones: tuple[Phone, ...]
    names: Names
    media: Media
    outside: Outside
    time_zone: str
    """IANA name: of opening hours that name no other, of reports and screens."""
    phrases: tuple[Phrase, ...]
    """Of all menus; a recogniser may not know every word of them."""
    spots: Mapping[str, Spot]
    """Where each step is written."""
    line_spots: Mapping[str, Spot]
    warnings: tuple[Problem, ...]


Prompts = Path | Recordings | None
"""Where recordings in every language are looked for; None: nowhere. A path: of a single folder."""


def load(folder: Path, prompts: Prompts = None, *, web_address: str = "") -> Loaded:
    """Read all *.yaml files of the folder; with `prompts`, recordings in every language are looked for too.

    `web_address` goes before the center's own; '': that one counts.
    DialplanErrors with every mistake of every file; never another exception on whatever content.
    """
    report = Report()
    loaded = read(folder, prompts, report, web_address=web_address)
    if loaded is None:
        raise DialplanErrors(report.errors)
    return loaded


def read(folder: Path, prompts: Prompts, report: Report, *, web_address: str = "") -> Loaded | None:
    """As `load`, with errors and warnings in the report; None if there are errors."""
    collected = collect(folder, report)
    draft = _with_address(make_draft(collected, folder, report), web_address)
    center = draft.center.group if draft.center else None
    zone = center.time_zone if center else "UTC"
    hours = {item.id: compile_hours(item, zone, report) for item in draft.hours.values()}
    if collected.complete:
        References(draft, report).check()
        check_calling_times(draft, hours, zone, report)
        check_ways(draft, report)
        if prompts is not None:
            recordings = prompts if isinstance(prompts, Recordings) else Recordings((prompts,))
            check_recordings(draft, recordings, report)
    if report.errors or center is None:
        return None
    return _loaded(draft, center, hours, report)


def _with_address(draft: Draft, web_address: str) -> Draft:
    if draft.center is None or not web_address:
        return draft
    center = draft.center.group.model_copy(update={"web_address": web_address})
    return replace(draft, center=replace(draft.center, group=center))


def _loaded(draft: Draft, center: CenterGroup, hours: Mapping[str, Hours], report: Report) -> Loaded:
    times = {item.id: calling_times(item.group, hours, center.time_zone) for item in draft.queues.values()}
    answering = {item.id: answering_times(item.group, hours) for item in draft.queues.values()}
    settings = compile_settings(draft, center, times, answering)
    return Loaded(
        dialplan=compile_dialplan(draft, center, hours, times),
        settings=settings,
        phones=_phones(draft, settings),
        names=_names(draft, center),
        media=_media(draft, center),
        outside=Outside(
            allowed_numbers=tuple(center.allowed_numbers), fallback_number=center.fallback_number
        ),
        time_zone=center.time_zone,
        phrases=tuple(_phrases(draft)),
        spots={item.id: item.key_spot for item in draft.steps.values()},
        line_spots={item.id: item.key_spot for item in draft.lines.values()},
        warnings=tuple(report.warnings),
    )


def _phrases(draft: Draft) -> Iterator[Phrase]:
    for item in draft.steps.values():
        if isinstance(item.group, MenuStep):
            for _, language, text, spot in phrases_of(item, item.group):
                yield Phrase(language=language, text=text, spot=spot)
    if draft.center is not None:
        for language, words in draft.center.group.speech.operator_words.items():
            for index, text in enumerate(words):
                spot = draft.center.spot("speech", "operator-words", language, index)
                yield Phrase(language=language, text=text, spot=spot)


def _phones(draft: Draft, settings: CenterSettings) -> tuple[Phone, ...]:
    return tuple(
        Phone(
            name=item.group.phone.number,
            kind=item.group.phone.kind,
            operator=OperatorId(item.id),
            label=settings.operators[OperatorId(item.id)].name,
        )
        for item in draft.operators.values()
    )


def _names(draft: Draft, center: CenterGroup) -> Names:
    languages = center.languages
    return Names(
        lines={item.id: labels(item.group.name, languages) for item in draft.lines.values()},
        queues={item.id: labels(item.group.name, languages) for item in draft.queues.values()},
        operators={item.id: labels(item.group.name, languages) for item in draft.operators.values()},
        skills={item.id: labels(item.group.name, languages) for item in draft.skills.values()},
        break_reasons={item.id: labels(item.group.name, languages) for item in draft.break_reasons.values()},
        switches={item.id: labels(item.group.name, languages) for item in draft.switches.values()},
        topics={item.id: labels(item.group.name, languages) for item in draft.topics.values()},
        departments={item.id: labels(item.group.name, languages) for item in draft.departments.values()},
    )


def _media(draft: Draft, center: CenterGroup) -> Media:
    announcing = [item.group.announce for item in draft.queues.values()]
    announcing += [
        announce for item in draft.steps.values() if (announce := getattr(item.group, "announce", None))
    ]
    return Media(
        languages=tuple(center.languages),
        prompts=frozenset({prompt for prompt, _ in spoken(draft)} | set(spoken_by_itself())),
        music=frozenset(announce.music for announce in announcing),
        messages_kept={
            QueueId(item.id): item.group.messages_kept
            for item in draft.queues.values()
            if item.group.messages_kept is not None
        },
    )
