"""Checks of rules: each asks for things that are there, with the keys that belong to them."""

from collections.abc import Callable

from ivr.dialplan.draft import Item
from ivr.dialplan.problems import Report, Spot
from ivr.dialplan.schema_rules import CONDITIONS, RuleGroup
from ivr.dialplan.schema_steps import ChooseStep, StepGroup

Known = Callable[[str, str, Spot], None]
"""Reports a name that is not in a section: section, name, place."""


def check_choose(
    item: Item[StepGroup],
    step: ChooseStep,
    known: Known,
    language: Callable[[str, Spot], None],
    report: Report,
) -> None:
    shared = 0
    for index, rule in enumerate(step.choose):
        spot = item.spot("choose", index)
        if not _asks_for_something(rule, spot, report):
            continue
        _check_partners(rule, spot, report)
        _check_names(item, index, rule, known, language)
        shared += rule.share or 0
        if shared > 100:
            text = f"the shares up to here make {shared} of 100; let them make at most 100"
            report.error(item.spot("choose", index, "share"), text)
            return


def _asks_for_something(rule: RuleGroup, spot: Spot, report: Report) -> bool:
    if not rule.kinds:
        report.error(spot, f"a rule asks for one of: {', '.join(CONDITIONS)}")
        return False
    if rule.share is not None and len(rule.kinds) > 1:
        other = next(kind for kind in rule.kinds if kind != "share")
        text = f"'share' stands alone, here with '{other}'; share the calls out in a step of its own"
        report.error(spot, text)
        return False
    return True


def _check_partners(rule: RuleGroup, spot: Spot, report: Report) -> None:
    """The keys that go with what is asked for."""
    given = _given(rule)
    wanted = frozenset().union(*(CONDITIONS[kind] for kind in rule.kinds))
    kinds = " and ".join(f"'{kind}'" for kind in rule.kinds)
    for key in sorted(given - wanted):
        report.error(spot, f"'{key}' does not belong to {kinds}; delete it")
    for kind in rule.kinds:
        needed = CONDITIONS[kind]
        if kind == "value" and not given & needed:
            report.error(spot, "a rule for a value needs 'is', or 'from' and 'to', or one of them")
        for key in sorted(needed - given if kind != "value" else ()):
            report.error(spot, f"a rule for '{kind}' needs the key '{key}'")
    if "is" in given and given & {"from", "to"} and rule.value is not None:
        report.error(spot, "write either 'is' or 'from' and 'to', not both")


def _given(rule: RuleGroup) -> set[str]:
    named: dict[str, object] = {"is": rule.is_, "from": rule.from_, "to": rule.to}
    named |= {"more-than": rule.more_than, "longer-than": rule.longer_than}
    return {key for key, value in named.items() if value is not None}


def _check_names(
    item: Item[StepGroup], index: int, rule: RuleGroup, known: Known, language: Callable[[str, Spot], None]
) -> None:
    def at(key: str) -> Spot:
        return item.spot("choose", index, key)

    for key, section, name in (
        ("hours", "hours", rule.hours),
        ("waiting", "queues", rule.waiting),
        ("wait", "queues", rule.wait),
        ("nobody-in", "queues", rule.nobody_in),
        ("switch", "switches", rule.switch),
    ):
        if name is not None:
            known(section, name, at(key))
    if rule.language is not None:
        language(rule.language, at("language"))
