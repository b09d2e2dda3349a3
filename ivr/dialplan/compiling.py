"""From a draft without mistakes to what the server runs: the dialogue, the queues and the phones."""

from collections.abc import Mapping

from acd.core.settings import (
    DEFAULT_MISS_RULES,
    CenterSettings,
    MissRule,
    Need,
    OperatorSettings,
    QueueSettings,
    Relaxation,
)
from acd.core.words import Cause, OperatorId, QueueId
from acd.core.work import CallingTimes
from ivr.dialplan.compiling_choose import compile_choose
from ivr.dialplan.compiling_questions import compile_hook, compile_question, compile_retry
from ivr.dialplan.compiling_work import call_back_rules, compile_call_back, compile_voicemail, work_rules
from ivr.dialplan.draft import Draft, Item
from ivr.dialplan.schema import (
    AnnounceGroup,
    CenterGroup,
    LimitsGroup,
    LineGroup,
    MissGroup,
    MissRules,
    OperatorGroup,
    QueueGroup,
    SkillGroup,
)
from ivr.dialplan.schema_steps import (
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
from ivr.flow import model
from ivr.flow.actions import QueueAnnouncements
from ivr.flow.hearing import Hearing
from ivr.flow.hours import Hours


def compile_dialplan(
    draft: Draft, center: CenterGroup, hours: Mapping[str, Hours], times: Mapping[str, CallingTimes]
) -> model.Dialplan:
    """`times`: when customers of a queue may be called back."""
    return model.Dialplan(
        version=draft.version,
        lines={item.id: _line(item, center) for item in draft.lines.values()},
        steps={item.id: _step(item.id, item.group, draft, times) for item in draft.steps.values()},
        hours=hours,
        hearing=Hearing(
            sure_from=center.speech.sure,
            longest_for=center.speech.longest,
            faults_allowed=center.speech.faults,
            operator_words={name: tuple(words) for name, words in center.speech.operator_words.items()},
        ),
    )


def compile_settings(
    draft: Draft,
    center: CenterGroup,
    calling: Mapping[str, CallingTimes],
    answering: Mapping[str, CallingTimes | None],
) -> CenterSettings:
    """`calling` and `answering`: by queue, when customers are called and when messages are answered."""
    language = center.languages[0]
    queues = [_queue(item, language, calling[item.id], answering[item.id]) for item in draft.queues.values()]
    operators = [_operator(item, language) for item in draft.operators.values()]
    return CenterSettings(
        queues={queue.id: queue for queue in queues},
        operators={operator.id: operator for operator in operators},
        break_reasons=tuple(draft.break_reasons),
        talk_within=center.talk_within,
        idle_pair_for=center.alarm_after,
    )


def labels(written: Mapping[str, str], languages: list[str]) -> dict[str, str]:
    """The name to show in each language: as given, else the first that is given."""
    any_label = next(iter(written.values()))
    return {language: written.get(language) or any_label for language in languages}


def _line(item: Item[LineGroup], center: CenterGroup) -> model.Line:
    line = item.group
    return model.Line(
        id=item.id,
        names=labels(line.name, center.languages),
        numbers=tuple(line.numbers),
        languages=tuple(line.languages or center.languages),
        start=line.start,
        if_language_known=line.if_language_known,
        language_key=line.language_key or center.language_key or "",
        hours=line.hours,
        if_closed=line.if_closed or model.GOODBYE,
        operator=line.operator or center.operator,
        otherwise=line.otherwise or center.otherwise or model.OPERATOR,
        limits=_limits(line.limits or center.limits),
    )


def _limits(limits: LimitsGroup) -> model.Limits:
    return model.Limits(
        silences=limits.silences,
        wrong_keys=limits.wrong_keys,
        misheard=limits.misheard,
        steps=limits.steps,
    )


def _step(name: str, step: StepGroup, draft: Draft, times: Mapping[str, CallingTimes]) -> model.DialplanStep:
    match step:
        case MenuStep():
            return model.Menu(
                id=name,
                prompts=tuple(step.menu),
                keys=step.keys,
                phrases=_phrases(step),
                wait_for=step.wait,
                sure_from=step.sure,
                retry=compile_retry(step),
            )
        case AskStep():
            return compile_question(name, step)
        case WebStep():
            base = draft.center.group.web_address if draft.center else None
            return compile_hook(name, step, base or "")
        case PlayStep():
            return model.Message(id=name, prompts=tuple(step.play), then=step.then)
        case QueueStep():
            return _wait(name, step, draft.queues[step.queue].group)
        case VoicemailStep():
            return compile_voicemail(name, step)
        case CallBackStep():
            return compile_call_back(name, step, times)
        case TransferStep():
            return model.TransferOut(
                id=name,
                number=step.transfer,
                ring_for=step.ring,
                if_not_answered=step.if_not_answered,
                after_talk=step.after_talk,
            )
        case LanguageStep():
            return model.Language(id=name, language=step.language, then=step.then)
        case HoursStep():
            return model.ByHours(id=name, hours=step.hours, if_open=step.if_open, if_closed=step.if_closed)
        case ChooseStep():
            return compile_choose(name, step)
        case SetStep():
            return model.SetValues(id=name, values=dict(step.set), then=step.then)
        case LineStep():
            return model.OtherLine(id=name, line=step.line)
        case HangUpStep():
            return model.Farewell(id=name, prompts=tuple(step.hang_up))


def _phrases(step: MenuStep) -> dict[str, dict[str, str]]:
    """By language: from a phrase to its target."""
    found: dict[str, dict[str, str]] = {}
    for target, by_language in step.phrases.items():
        for language, phrases in by_language.items():
            found.setdefault(language, {}).update(dict.fromkeys(phrases, target))
    return found


def _wait(name: str, step: QueueStep, queue: QueueGroup) -> model.Wait:
    """The caller's language is unknown to the core, so a need for it travels with the call."""
    of_queue = {skill: need for skill, need in queue.skills.items() if skill == model.CALLER_LANGUAGE}
    return model.Wait(
        id=name,
        queue=QueueId(step.queue),
        needs=_needs({**of_queue, **step.skills}),
        priority=step.priority,
        announcements=_announcements(step.announce or queue.announce),
        leave_keys=step.leave_keys,
        whisper=step.whisper or queue.whisper or "",
        if_full=step.if_full,
        if_waited_too_long=step.if_waited_too_long,
        if_nobody_logged_in=step.if_nobody_logged_in,
        after_talk=step.after_talk,
    )


def _needs(skills: Mapping[str, SkillGroup]) -> tuple[Need, ...]:
    return tuple(
        Need(name, skill.level, tuple(Relaxation(relax.after, relax.level) for relax in skill.relax))
        for name, skill in skills.items()
    )


def _announcements(announce: AnnounceGroup) -> QueueAnnouncements:
    return QueueAnnouncements(
        music=announce.music,
        every_for=announce.every,
        first_after=announce.first_after,
        prompts=tuple(announce.say or ()),
        position=announce.position,
        expected_wait=announce.expected_wait,
    )


def _queue(
    item: Item[QueueGroup], language: str, calling: CallingTimes, answering: CallingTimes | None
) -> QueueSettings:
    queue = item.group
    return QueueSettings(
        id=QueueId(item.id),
        name=labels(queue.name, [language])[language],
        needs=_needs({name: need for name, need in queue.skills.items() if name != model.CALLER_LANGUAGE}),
        priority=queue.priority,
        ring_for=queue.ring,
        wrap_up_for=queue.wrap_up,
        max_waiting=queue.max_waiting,
        max_wait_for=queue.max_wait,
        leave_if_nobody_logged_in=queue.leave_if_nobody_logged_in,
        nobody_grace_for=queue.nobody_grace,
        answer_within=queue.answer_within,
        short_abandon_for=queue.short_abandon,
        keep_place_for=queue.keep_place,
        last_operator_for=queue.last_operator,
        wait_for_last_operator_for=queue.wait_for_last_operator,
        miss_rules=_miss_rules(queue.after_miss),
        call_back=call_back_rules(queue.call_back, calling),
        work=work_rules(queue.work, answering),
    )


def _miss_rules(rules: MissRules) -> Mapping[Cause, MissRule]:
    given: dict[Cause, MissGroup | None] = {
        Cause.NO_ANSWER: rules.no_answer,
        Cause.BUSY: rules.busy,
        Cause.REJECTED: rules.rejected,
        Cause.UNREACHABLE: rules.unreachable,
        Cause.LEG_LOST: rules.leg_lost,
        Cause.SWITCH_ERROR: rules.switch_error,
    }
    changed = {cause: MissRule(rule.set_aside, rule.break_after) for cause, rule in given.items() if rule}
    return {**DEFAULT_MISS_RULES, **changed}


def _operator(item: Item[OperatorGroup], language: str) -> OperatorSettings:
    operator = item.group
    return OperatorSettings(
        id=OperatorId(item.id),
        name=labels(operator.name, [language])[language],
        phone=operator.phone.number,
        skills=dict(operator.skills),
        queues=frozenset(QueueId(queue) for queue in operator.queues),
    )
