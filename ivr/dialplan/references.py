"""Names that point at other entries, and numbers that must not clash, across all files."""

from collections.abc import Iterable, Iterator

from ivr.dialplan.circles import BUILT_IN, targets, targets_of_line
from ivr.dialplan.draft import Draft, Item
from ivr.dialplan.fields import Group
from ivr.dialplan.numbers import fits
from ivr.dialplan.problems import Report, Spot, advice, shown
from ivr.dialplan.references_choose import check_choose
from ivr.dialplan.references_speech import check_hook, check_phrases, check_question, check_values
from ivr.dialplan.references_work import check_call_back, check_keys, check_rules, check_voicemail
from ivr.dialplan.salvage import ANY_LANGUAGE, PLACEHOLDERS
from ivr.dialplan.schema import CenterGroup, QueueGroup, SkillGroup
from ivr.dialplan.schema_steps import (
    AskStep,
    CallBackStep,
    ChooseStep,
    HoursStep,
    LanguageStep,
    LineStep,
    MenuStep,
    QueueStep,
    StepGroup,
    TransferStep,
    VoicemailStep,
    WebStep,
)
from ivr.flow.model import CALLER_LANGUAGE

MAX_BREAK_REASONS = 9
"""The code *13N has one digit for the reason."""

THERE_IS_NO = {
    "lines": "there is no line",
    "hours": "there are no opening hours",
    "queues": "there is no queue",
    "switches": "there is no switch",
}


class References:
    """One check of a draft whose files could all be read."""

    def __init__(self, draft: Draft, report: Report) -> None:
        self.draft = draft
        self.report = report
        center = draft.center.group if draft.center else None
        known = center is not None and ANY_LANGUAGE not in center.languages
        self.languages = frozenset(center.languages) if center and known else None
        """None: unknown, so nothing is said about languages."""
        self.patterns = center.allowed_numbers if center else None

    def check(self) -> None:
        if not self.draft.names["lines"]:
            spot = self.draft.center.spot() if self.draft.center else None
            if spot:
                self.report.error(spot, "no line in any file; add a section 'lines' with at least one")
        if self.draft.center:
            self._check_center(self.draft.center)
        for name in sorted(BUILT_IN & self.draft.names["steps"]):
            spot = self.draft.steps[name].key_spot if name in self.draft.steps else None
            if spot:
                self.report.error(
                    spot, f"the name {shown(name)} is built in; choose another one for this step"
                )
        self._check_lines()
        for item in self.draft.steps.values():
            self._check_step(item)
        check_values(self.draft, self.report)
        for queue in self.draft.queues.values():
            self._check_queue(queue)
        self._check_operators()
        self._check_break_reasons()
        self._check_numbers()

    def _known(self, section: str, name: str, spot: Spot) -> None:
        names = self.draft.names[section]
        if name not in names | PLACEHOLDERS:
            self.report.error(spot, f"{THERE_IS_NO[section]} {shown(name)}{advice(name, names)}")

    def _target(self, name: str, spot: Spot) -> None:
        names = self.draft.names["steps"] | BUILT_IN
        if name not in names | PLACEHOLDERS:
            self.report.error(spot, f"there is no step {shown(name)}{advice(name, names)}")

    def _language(self, name: str, spot: Spot) -> None:
        if self.languages is not None and name not in self.languages | PLACEHOLDERS:
            near = advice(name, self.languages)
            self.report.error(spot, f"the language {shown(name)} is not among the center's languages{near}")

    def _labels(self, item: Item[Group], labels: Iterable[str]) -> None:
        for language in labels:
            if language:
                self._language(language, item.spot("name", language, at_key=True))

    def _skill(self, name: str, spot: Spot, also: frozenset[str] = frozenset()) -> None:
        if self.languages is None:
            return
        names = self.draft.names["skills"] | self.languages | also
        if name not in names:
            self.report.error(spot, f"there is no skill {shown(name)}{advice(name, names)}")

    def _allowed(self, number: str, spot: Spot) -> None:
        if (
            self.patterns is None
            or number in PLACEHOLDERS
            or any(fits(pattern, number) for pattern in self.patterns)
        ):
            return
        self.report.error(
            spot, f"{shown(number)} matches none of the center's allowed-numbers; add a pattern for it"
        )

    def _check_center(self, center: Item[CenterGroup]) -> None:
        group = center.group
        if group.operator is not None:
            self._operator_target(group.operator, center.spot("operator"))
        if group.otherwise is not None:
            self._target(group.otherwise, center.spot("otherwise"))
        if group.fallback_number is not None:
            self._allowed(group.fallback_number, center.spot("fallback-number"))

    def _operator_target(self, name: str, spot: Spot) -> None:
        if name == "operator":
            self.report.error(spot, "'operator' cannot mean itself; name the step that leads to a person")
        else:
            self._target(name, spot)

    def _check_lines(self) -> None:
        for line in self.draft.lines.values():
            self._labels(line, line.group.name)
            for index, language in enumerate(line.group.languages or []):
                self._language(language, line.spot("languages", index))
            if line.group.hours is not None:
                self._known("hours", line.group.hours, line.spot("hours"))
                if line.group.if_closed is None:
                    text = "when closed this line only says goodbye; say more with the key 'if-closed'"
                    self.report.warn(line.spot("hours", at_key=True), text)
            for path, target in targets_of_line(line.group):
                check = self._operator_target if path == ("operator",) else self._target
                check(target, line.spot(*path))

    def _check_step(self, item: Item[StepGroup]) -> None:
        for path, target in targets(item.group):
            self._target(target, item.spot(*path))
        match item.group:
            case QueueStep():
                self._known("queues", item.group.queue, item.spot("queue"))
                self._check_skills(item, item.group.skills)
            case VoicemailStep():
                check_voicemail(item, item.group, self.draft, self._known, self.report)
            case CallBackStep():
                check_call_back(item, item.group, self.draft, self._known, self.report)
            case HoursStep(hours=hours):
                self._known("hours", hours, item.spot("hours"))
            case LineStep(line=line):
                self._known("lines", line, item.spot("line"))
            case LanguageStep(language=language):
                self._language(language, item.spot("language"))
            case TransferStep(transfer=number):
                self._allowed(number, item.spot("transfer"))
            case ChooseStep() as choose:
                check_choose(item, choose, self._known, self._language, self.report)
            case MenuStep():
                self._check_phrases(item, item.group)
            case AskStep():
                check_question(item, item.group, self.report)
            case WebStep():
                check_hook(item, item.group, self.draft, self.report)
            case _:
                pass

    def _check_phrases(self, item: Item[StepGroup], step: MenuStep) -> None:
        check_phrases(item, step, self.report)
        for target, by_language in step.phrases.items():
            for language in by_language:
                self._language(language, item.spot("phrases", target, language, at_key=True))

    def _check_skills(self, item: Item[Group], skills: dict[str, SkillGroup]) -> None:
        for name, skill in skills.items():
            self._skill(name, item.spot("skills", name, at_key=True), frozenset({CALLER_LANGUAGE}))
            level, after = skill.level, 0.0
            for index, relax in enumerate(skill.relax):
                if relax.after <= after or relax.level >= level:
                    text = "a relaxation comes later and asks for less than the one before; put them in order"
                    self.report.error(item.spot("skills", name, "relax", index), text)
                level, after = relax.level, relax.after

    def _check_queue(self, queue: Item[QueueGroup]) -> None:
        self._labels(queue, queue.group.name)
        self._check_skills(queue, queue.group.skills)
        check_rules(queue, self._known, self.report)
        operators = [item.group for item in self.draft.operators.values() if queue.id in item.group.queues]
        if not operators:
            text = f"no operator works in the queue {shown(queue.id)}; add it to the queues of one"
            self.report.warn(queue.key_spot, text)
            return
        for name, skill in queue.group.skills.items():
            lowest = min([skill.level, *(relax.level for relax in skill.relax)])
            if name != CALLER_LANGUAGE and all(
                operator.skills.get(name, 0) < lowest for operator in operators
            ):
                text = f"no operator of this queue has the skill {shown(name)} at level {lowest}; lower it"
                self.report.warn(queue.spot("skills", name, at_key=True), text)

    def _check_operators(self) -> None:
        for operator in self.draft.operators.values():
            self._labels(operator, operator.group.name)
            for index, queue in enumerate(operator.group.queues):
                self._known("queues", queue, operator.spot("queues", index))
            for skill in operator.group.skills:
                self._skill(skill, operator.spot("skills", skill, at_key=True))

    def _check_break_reasons(self) -> None:
        for item in (
            *self.draft.skills.values(),
            *self.draft.break_reasons.values(),
            *self.draft.switches.values(),
            *self.draft.topics.values(),
            *self.draft.departments.values(),
        ):
            self._labels(item, item.group.name)
        check_keys(self.draft, self.report)
        for count, reason in enumerate(self.draft.break_reasons.values()):
            if count >= MAX_BREAK_REASONS:
                text = (
                    f"more than {MAX_BREAK_REASONS} break reasons; the phone code *13N has one digit for them"
                )
                self.report.error(reason.key_spot, text)

    def _check_numbers(self) -> None:
        owners: dict[str, str] = {}
        for number, owner, spot in self._numbers():
            if number in PLACEHOLDERS:
                continue
            if number in owners:
                text = f"the number {number} belongs to {owners[number]} already; choose another one"
                self.report.error(spot, text)
            owners.setdefault(number, owner)

    def _numbers(self) -> Iterator[tuple[str, str, Spot]]:
        for line in self.draft.lines.values():
            for index, number in enumerate(line.group.numbers):
                yield number, f"the line {shown(line.id)}", line.spot("numbers", index)
        for operator in self.draft.operators.values():
            spot = operator.spot("phone", "number")
            yield operator.group.phone.number, f"the phone of {shown(operator.id)}", spot
