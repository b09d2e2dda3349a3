"""Checks of voicemail and call-backs: somebody must be there who keeps the promise."""

from collections.abc import Callable

from ivr.dialplan.draft import Draft, Item
from ivr.dialplan.problems import Report, Spot, shown
from ivr.dialplan.salvage import PLACEHOLDERS
from ivr.dialplan.schema import QueueGroup
from ivr.dialplan.schema_steps import CallBackStep, StepGroup, VoicemailStep

MOST_KEYS = 9
"""An operator chooses a topic or a department by one of the keys 1 to 9."""
Known = Callable[[str, str, Spot], None]
"""Reports a name that is not in a section: section, name, place."""


def check_voicemail(
    item: Item[StepGroup], step: VoicemailStep, draft: Draft, known: Known, report: Report
) -> None:
    spot = item.spot("voicemail")
    known("queues", step.voicemail, spot)
    if _nobody_serves(draft, step.voicemail):
        text = f"nobody would hear the messages: no operator works in the queue {shown(step.voicemail)}"
        report.error(spot, f"{text}; add it to the queues of one")
    if step.shortest >= step.longest:
        report.error(item.spot("shortest"), "every message would be too short; make it less than 'longest'")


def check_call_back(
    item: Item[StepGroup], step: CallBackStep, draft: Draft, known: Known, report: Report
) -> None:
    spot = item.spot("call-back")
    known("queues", step.call_back, spot)
    if _nobody_serves(draft, step.call_back):
        text = f"nobody would call back: no operator works in the queue {shown(step.call_back)}"
        report.error(spot, f"{text}; add it to the queues of one")
    if draft.center is not None and not draft.center.group.allowed_numbers:
        text = "no number may be called back; add 'allowed-numbers' to center, for instance [0XXXXXXXXX]"
        report.error(spot, text)
    if step.length is not None and step.pattern is not None:
        report.error(item.spot("pattern", at_key=True), "write either 'length' or 'pattern', not both")
    for key in ("length", "pattern") if not step.other_number else ():
        if getattr(step, key) is not None:
            text = f"'{key}' is for another number, which 'other-number: false' forbids; delete one of them"
            report.error(item.spot(key, at_key=True), text)
    if any(pattern.startswith("+") for pattern in step.pattern or ()):
        report.error(item.spot("pattern"), "callers cannot type '+'; write digits, and X for any digit")


def _nobody_serves(draft: Draft, queue: str) -> bool:
    """Of a queue that there is; an operator with a mistake may be the one who does."""
    return (
        queue in draft.queues
        and queue not in PLACEHOLDERS
        and len(draft.operators) == len(draft.names["operators"])
        and not any(queue in item.group.queues for item in draft.operators.values())
    )


def check_rules(queue: Item[QueueGroup], known: Known, report: Report) -> None:
    """How a queue calls back and answers messages."""
    rules, work = queue.group.call_back, queue.group.work
    if rules.hours is not None:
        known("hours", rules.hours, queue.spot("call-back", "hours"))
    if work.hours is not None:
        known("hours", work.hours, queue.spot("work", "hours"))
    idle = {"operator-first": ("lead", "hold"), "customer-first": ("preview",)}[rules.mode]
    for key in idle:
        if key in rules.model_fields_set:
            text = f"'{key}' has no effect with 'mode: {rules.mode}'; delete it or change the mode"
            report.warn(queue.spot("call-back", key, at_key=True), text)
    if "urgent" in work.model_fields_set and work.urgent > work.answer_within:
        text = "'urgent' is longer than 'answer-within', so all would be urgent at once; make it shorter"
        report.error(queue.spot("work", "urgent"), text)


def check_keys(draft: Draft, report: Report) -> None:
    for section, items in (("topics", draft.topics), ("departments", draft.departments)):
        for count, item in enumerate(items.values()):
            if count >= MOST_KEYS:
                text = f"more than {MOST_KEYS} {section}; an operator chooses one by a key from 1 to 9"
                report.error(item.key_spot, text)
