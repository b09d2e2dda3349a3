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
            yield _condition(rule)


def _condition(rule: RuleGroup) -> conditions.Condition:
    if rule.caller is not None:
        return conditions.CallerIs(tuple(rule.caller))
    if rule.value is not None:
        if rule.is_ is not None:
            return conditions.ValueIs(rule.value, tuple(rule.is_))
        return conditions.ValueBetween(rule.value, rule.from_, rule.to)
    if rule.hours is not None:
        return conditions.IsOpen(rule.hours)
    if rule.waiting is not None:
        return conditions.WaitingMoreThan(QueueId(rule.waiting), rule.more_than or 0)
    if rule.wait is not None:
        return conditions.WaitLongerThan(QueueId(rule.wait), rule.longer_than or 0.0)
    if rule.nobody_in is not None:
        return conditions.NobodyIn(QueueId(rule.nobody_in))
    if rule.switch is not None:
        return conditions.SwitchOn(rule.switch)
    if rule.language is not None:
        return conditions.LanguageIs(rule.language)
    raise AssertionError("a rule without a condition is refused before")
