"""Voicemail and call-backs of the dialplan, made ready for the dialogue and for the centre."""

from collections.abc import Mapping

from acd.core.words import QueueId
from acd.core.work import RETRY_AFTER, CallBackMode, CallBackRules, CallingTimes, Reach, WorkRules
from ivr.dialplan.compiling_questions import compile_retry
from ivr.dialplan.schema_steps import CallBackStep, VoicemailStep
from ivr.dialplan.schema_work import CallBackGroup, RetryGroup, WorkGroup
from ivr.flow import model
from ivr.flow.hearing import ANY_DIGIT, Entry, Retry
from ivr.flow.work_prompts import CallBackPrompt, VoicemailPrompt

NUMBER_LENGTHS = (5, 15)
"""Digits of a number that callers give, unless the step says otherwise."""


def compile_voicemail(name: str, step: VoicemailStep) -> model.Voicemail:
    return model.Voicemail(
        id=name,
        queue=QueueId(step.voicemail),
        prompts=tuple(step.say or (VoicemailPrompt.WELCOME.value,)),
        longest_for=step.longest,
        end_after=step.end_after,
        shortest_for=step.shortest,
        review=step.review,
        wait_for=step.wait,
        retry=Retry(tries=step.tries),
        then=step.then,
        if_empty=step.if_empty,
        if_failed=step.if_failed,
    )


def compile_call_back(name: str, step: CallBackStep, times: Mapping[str, CallingTimes]) -> model.CallBack:
    low, high = step.length or NUMBER_LENGTHS
    lengths = tuple(ANY_DIGIT * length for length in range(low, high + 1))
    return model.CallBack(
        id=name,
        queue=QueueId(step.call_back),
        prompts=tuple(step.say or (CallBackPrompt.WELCOME.value,)),
        number=step.number or "",
        may_type=step.other_number,
        entry=Entry(patterns=tuple(step.pattern or lengths), pause_for=step.pause),
        choose_time=step.choose_time,
        times=times.get(step.call_back),
        wait_for=step.wait,
        sure_from=step.sure,
        retry=compile_retry(step),
        then=step.then,
        if_refused=step.if_refused,
        if_failed=step.if_failed,
    )


def call_back_rules(group: CallBackGroup, times: CallingTimes) -> CallBackRules:
    return CallBackRules(
        mode=CallBackMode(group.mode),
        times=times,
        promised_within=group.promised_within,
        ring_for=group.ring,
        preview_for=group.preview,
        lead_for=group.lead,
        hold_for=group.hold,
        attempts=group.attempts,
        retry_after=_retry_after(group.retry_after),
        hourly_limit=group.hourly_limit,
    )


def _retry_after(group: RetryGroup) -> Mapping[Reach, tuple[float, ...]]:
    given = {
        Reach.BUSY: group.busy,
        Reach.NO_ANSWER: group.no_answer,
        Reach.MACHINE: group.machine,
        Reach.GAVE_UP: group.gave_up,
        Reach.FAILED: group.failed,
    }
    return {**RETRY_AFTER, **{reach: tuple(pauses) for reach, pauses in given.items() if pauses}}


def work_rules(group: WorkGroup, times: CallingTimes | None) -> WorkRules:
    return WorkRules(
        answer_within=group.answer_within,
        times=times,
        urgent_for=group.urgent,
        urgent_priority=group.urgent_priority,
        share=group.share / 100,
        claim_for=group.claim,
        again_after=group.again,
    )
