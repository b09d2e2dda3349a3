"""Rules of the dialplan, made ready for the dialogue."""

from collections.abc import Iterator, Sequence

from acd.core.words import QueueId
from ivr.dialplan.schema_rules import RuleGroup
from ivr.dialplan.schema_steps import ChooseStep
from ivr.flow import conditions, model


def compile_choose(name: str, step: ChooseStep) -> model.Choose:
    rules = tuple(
        model.Rule(condition, rule.then)
        for rule, condition in zip(step.choose, _conditions(step.choose), strict=True)
    )
    return model.Choose(id=name, rules=rules, otherwise=step.otherwise)


def _conditions(rules: Sequence[RuleGroup]) -> Iterator[conditions.Condition]:
    """Shares follow one another: each begins where the one before it ends."""
    shared = 0
    for rule in rules:
        if rule.share is not None:
            yield conditions.Share(shared, rule.share)
            shared += rule.share
        else:
            parts = tuple(_parts(rule))
            yield parts[0] if len(parts) == 1 else conditions.AllOf(parts)


def _parts(rule: RuleGroup) -> Iterator[conditions.Single]:
    """At least one: a rule without a condition is refused before."""
    if rule.caller is not None:
        yield conditions.CallerIs(tuple(rule.caller))
    if rule.value is not None and rule.is_ is not None:
        yield conditions.ValueIs(rule.value, tuple(rule.is_))
    elif rule.value is not None:
        yield conditions.ValueBetween(rule.value, rule.from_, rule.to)
    if rule.hours is not None:
        yield conditions.IsOpen(rule.hours)
    if rule.waiting is not None:
        yield conditions.WaitingMoreThan(QueueId(rule.waiting), rule.more_than or 0)
    if rule.wait is not None:
        yield conditions.WaitLongerThan(QueueId(rule.wait), rule.longer_than or 0.0)
    if rule.nobody_in is not None:
        yield conditions.NobodyIn(QueueId(rule.nobody_in))
    if rule.switch is not None:
        yield conditions.SwitchOn(rule.switch)
    if rule.language is not None:
        yield conditions.LanguageIs(rule.language)
