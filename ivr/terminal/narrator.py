"""Facts in plain English, one line each; callers by their masked numbers, operators and queues by name."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import assert_never

from acd.core import facts as f
from acd.core import work_facts as w
from acd.core.ledger import entry_of
from acd.core.masking import mask_number
from acd.core.views import CenterView
from acd.core.words import CallId, LeaveReason, OperatorId, QueueId
from ivr.terminal.promises import Scene, sentence
from ivr.terminal.text import safe, short_time

_CALLS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    at: float
    text: str
    tone: str
    """'good', 'bad', 'plain' or 'quiet': for the colour, never the only sign."""


def _unquoted(fact: w.WorkFact) -> w.WorkFact:
    """Without people's own words."""
    match fact:
        case w.WorkTranscribed():
            return replace(fact, text="…")
        case w.WorkForwarded():
            return replace(fact, note="")
        case w.WorkReturned():
            return replace(fact, reason="…")
        case _:
            return fact


def _tone(fact: w.WorkFact) -> str:
    match fact:
        case w.WorkBroken():
            return "bad"
        case w.WorkClosed(kept=True):
            return "good"
        case w.WorkTranscribed() | w.OperatorHeld() | w.HoldEnded():
            return "quiet"
        case _:
            return "plain"


class Narrator:
    """Knows the names: of operators and queues from the last view, of callers from their facts."""

    def __init__(self) -> None:
        self._operators: dict[OperatorId, str] = {}
        self._queues: dict[QueueId, str] = {}
        self._callers: OrderedDict[CallId, str] = OrderedDict()

    def learn(self, view: CenterView) -> None:
        self._operators = {operator.id: safe(operator.name) for operator in view.operators}
        self._queues = {queue.id: safe(queue.name) for queue in view.queues}
        for call in view.calls:
            self._remember(call.id, safe(call.caller))

    def _remember(self, call: CallId, caller: str) -> None:
        self._callers[call] = caller or "a caller without a number"
        self._callers.move_to_end(call)
        while len(self._callers) > _CALLS_KEPT:
            self._callers.popitem(last=False)

    def _who(self, operator: OperatorId) -> str:
        return self._operators.get(operator, safe(operator))

    def _queue(self, queue: QueueId) -> str:
        return self._queues.get(queue, safe(queue))

    def _call(self, call: CallId) -> str:
        return self._callers.get(call, f"call {safe(call)}")

    def tell(self, fact: f.Fact) -> Line:
        """The fact as a line."""
        if isinstance(fact, f.CallEntered):
            caller = fact.caller if "***" in fact.caller else mask_number(fact.caller)
            self._remember(fact.call, safe(caller))
        text, tone = self._sentence(fact)
        return Line(fact.at, text, tone)

    def _sentence(self, fact: f.Fact) -> tuple[str, str]:
        match fact:
            case (
                f.CallEntered()
                | f.CallConnected()
                | f.CallCompleted()
                | f.CallLeft()
                | f.ReservationEnded()
                | f.RuleBroken()
                | f.IdlePairFound()
            ):
                return self._of_call(fact)
            case f.CallOffered() | f.OfferRang() | f.OfferAnswered() | f.OfferMissed() | f.OfferWithdrawn():
                return self._of_offer(fact)
            case (
                f.WrapUpStarted()
                | f.WrapUpMoved()
                | f.OperatorFreed()
                | f.StatusChanged()
                | f.NextStatusChosen()
                | f.ReachabilityChanged()
                | f.SetAsideEnded()
            ):
                return self._of_operator(fact)
            case f.StateHealed(what=what):
                return f"mended: {safe(what)}", "bad"
            case f.EventIgnored(event=event, subject=subject, why=why):
                return f"ignored {safe(event)} of {safe(subject)}: {safe(why)}", "quiet"
            case f.SettingsApplied(queues=queues, operators=operators):
                return f"settings in force: {queues} queues, {operators} operators", "plain"
            case _:
                return self._of_promise(fact)

    def _of_promise(self, fact: w.WorkFact) -> tuple[str, str]:
        """As in the story of the promise; what people said is not told here."""
        names = dict[str, str](self._operators.items())
        text = sentence(entry_of(_unquoted(fact)), Scene(now=fact.at, zone=None, names=names))
        return f"promise {fact.work}: {text[:1].lower()}{text[1:].removesuffix('.')}", _tone(fact)

    def _of_call(
        self,
        fact: f.CallEntered
        | f.CallConnected
        | f.CallCompleted
        | f.CallLeft
        | f.ReservationEnded
        | f.RuleBroken
        | f.IdlePairFound,
    ) -> tuple[str, str]:
        caller = self._call(fact.call)
        match fact:
            case f.CallEntered():
                again = ", back in the old place" if fact.place_of else ""
                return f"{caller} waits for {self._queue(fact.queue)}{again}", "plain"
            case f.CallConnected():
                took = short_time(fact.took_for)
                waited = short_time(fact.waited_for)
                text = (
                    f"{caller} talks to {self._who(fact.operator)} after a wait of {waited}; joined in {took}"
                )
                return text, "good"
            case f.CallCompleted():
                talked = short_time(fact.talked_for)
                return f"{caller} and {self._who(fact.operator)} talked {talked}; ended by {fact.by}", "plain"
            case f.ReservationEnded():
                return f"{caller} no longer waits for one operator only", "quiet"
            case f.CallLeft():
                tone = "bad" if fact.reason in (LeaveReason.HUNG_UP, LeaveReason.LOST) else "plain"
                waited = short_time(fact.waited_for)
                return f"{caller} left {self._queue(fact.queue)} after {waited}: {fact.reason}", tone
            case f.RuleBroken():
                late = short_time(fact.at - fact.pair_at)
                text = f"TOO SLOW: {caller} and {self._who(fact.operator)} free for {late} and not talking"
                return f"{text}: {safe(fact.cause)}", "bad"
            case f.IdlePairFound():
                stood = short_time(fact.stood_for)
                return (
                    f"ALARM: {self._who(fact.operator)} was free beside {caller} for {stood}; mended",
                    "bad",
                )
            case _:
                assert_never(fact)

    def _of_offer(
        self, fact: f.CallOffered | f.OfferRang | f.OfferAnswered | f.OfferMissed | f.OfferWithdrawn
    ) -> tuple[str, str]:
        caller, who = self._call(fact.call), self._who(fact.operator)
        match fact:
            case f.CallOffered(chosen_for=why):
                return f"{caller} is offered to {who} ({safe(why)})", "plain"
            case f.OfferRang():
                return f"the phone of {who} rings for {caller}", "quiet"
            case f.OfferAnswered():
                return f"{who} answered {caller}", "quiet"
            case f.OfferMissed(cause=cause, misses=misses):
                again = f", {misses} times in a row" if misses > 1 else ""
                return f"{who} missed {caller}: {cause}{again}; the call keeps its place", "bad"
            case f.OfferWithdrawn(reason=reason):
                return f"offer of {caller} to {who} withdrawn: {safe(reason)}", "quiet"
            case _:
                assert_never(fact)

    def _of_operator(
        self,
        fact: f.WrapUpStarted
        | f.WrapUpMoved
        | f.OperatorFreed
        | f.StatusChanged
        | f.NextStatusChosen
        | f.ReachabilityChanged
        | f.SetAsideEnded,
    ) -> tuple[str, str]:
        who = self._who(fact.operator)
        match fact:
            case f.WrapUpStarted(until=until):
                return f"{who} is in wrap-up for {short_time(until - fact.at)}", "quiet"
            case f.WrapUpMoved(until=until):
                return f"{who}: wrap-up now ends in {short_time(until - fact.at)}", "plain"
            case f.OperatorFreed():
                return f"{who} is free", "plain"
            case f.StatusChanged(status=status, reason=reason, by=by):
                why = f" ({safe(reason)})" if reason else ""
                source = "" if by == "operator" else f", by the rule: {safe(by)}"
                return f"{who} is now {safe(status)}{why}{source}", "plain"
            case f.NextStatusChosen(status=""):
                return f"{who} stays on after this call", "plain"
            case f.NextStatusChosen(status=status, reason=reason):
                why = f" ({safe(reason)})" if reason else ""
                return f"{who} will be {safe(status)}{why} after this call", "plain"
            case f.ReachabilityChanged(reachable=reachable):
                is_now = "reachable" if reachable else "unreachable"
                return f"the phone of {who} is {is_now}", "plain" if reachable else "bad"
            case f.SetAsideEnded():
                return f"{who} gets calls again", "quiet"
            case _:
                assert_never(fact)
