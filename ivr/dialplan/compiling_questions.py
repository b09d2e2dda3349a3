"""Questions and web hooks of the dialplan, made ready for the dialogue."""

from ivr.dialplan.schema_steps import AskingStep, AskStep, WebStep
from ivr.flow import model
from ivr.flow.hearing import ANY_DIGIT, Entry, Miss, Retry
from ivr.flow.model import Kind

MOST_DIGITS = 12
"""Of a number without a length of its own."""


def compile_retry(step: AskingStep) -> Retry:
    again = {Miss(miss): tuple(prompts) for miss, prompts in step.say_again.items()}
    return Retry(tries=step.tries, edges=step.edges, again=again)


def compile_question(name: str, step: AskStep) -> model.Question:
    return model.Question(
        id=name,
        prompts=tuple(step.ask),
        kind=step.kind,
        name=step.name or "",
        then=step.then or step.if_yes or model.GOODBYE,
        if_no=step.if_no or model.GOODBYE,
        entry=_entry(step),
        confirm=step.confirm,
        wait_for=step.wait,
        longest_for=step.longest,
        end_after=step.end_after,
        sure_from=step.sure,
        retry=compile_retry(step),
    )


def _entry(step: AskStep) -> Entry | None:
    if step.kind in (Kind.YES_NO, Kind.UTTERANCE):
        return None
    return Entry(patterns=patterns(step), pause_for=step.pause)


def patterns(step: AskStep) -> tuple[str, ...]:
    """The forms of the digits that are asked for; a date is typed as DDMM or DDMMYYYY."""
    if step.pattern is not None:
        return tuple(step.pattern)
    if step.between is not None:
        low, high = step.between
        return tuple(str(number) for number in range(low, high + 1))
    if step.kind is Kind.DATE:
        return ANY_DIGIT * 4, ANY_DIGIT * 8
    low, high = step.length or (1, MOST_DIGITS)
    return tuple(ANY_DIGIT * length for length in range(low, high + 1))


def compile_hook(name: str, step: WebStep, base: str) -> model.Hook:
    url = base.rstrip("/") + step.web if step.web.startswith("/") else step.web
    return model.Hook(
        id=name,
        url=url,
        prompts=tuple(step.say or ()),
        send=None if step.send is None else tuple(step.send),
        deadline=step.deadline,
        tries=step.tries,
        answers=dict(step.answers),
        then=step.then,
        if_failed=step.if_failed,
    )
