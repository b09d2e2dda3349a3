"""A small centre with short ways to say what happens, for the core's unit tests."""

from typing import Any

from acd.core import commands as c
from acd.core import events as e
from acd.core import facts as f
from acd.core.center import Center, Outcome
from acd.core.settings import CenterSettings, OperatorSettings, QueueSettings
from acd.core.words import CallId, Cause, Ended, LeaveReason, OfferId, OperatorId, QueueId

START = 1_700_000_000.0


def queue(name: str = "q", **more: Any) -> QueueSettings:
    return QueueSettings(id=QueueId(name), name=name.title(), **more)


def operator(name: str, *queues: str, **skills: int) -> OperatorSettings:
    served = frozenset(QueueId(each) for each in queues or ("q",))
    return OperatorSettings(
        id=OperatorId(name), name=name.title(), phone=f"phone-{name}", queues=served, skills=skills
    )


def settings(*parts: QueueSettings | OperatorSettings, **more: Any) -> CenterSettings:
    queues = [each for each in parts if isinstance(each, QueueSettings)] or [queue()]
    operators = [each for each in parts if isinstance(each, OperatorSettings)]
    return CenterSettings(
        queues={each.id: each for each in queues}, operators={each.id: each for each in operators}, **more
    )


class Kit:
    """Times are seconds after START; each method applies one event `after` seconds after the last one."""

    def __init__(self, *parts: QueueSettings | OperatorSettings, **more: Any) -> None:
        self.center = Center(settings(*parts, **more), START)
        self.at = START
        self.records: list[f.Record] = []
        self.last = Outcome()

    def do(self, event: e.Event) -> Outcome:
        self.at = max(self.at, event.at)
        self.last = self.center.apply(event)
        self.records.extend(self.last.records)
        return self.last

    def after(self, seconds: float) -> "Kit":
        """Let time pass with ticks exactly at the deadlines."""
        until = self.at + seconds
        while (due := self.center.next_deadline()) is not None and due <= until:
            self.do(e.Tick(at=due))
        self.at = until
        return self

    def log_in(self, *operators: str) -> "Kit":
        for who in operators or tuple(self.center.settings.operators):
            self.reach(who)
            self.do(e.OperatorLoggedIn(at=self.at, operator=OperatorId(who)))
        return self

    def reach(self, who: str, reachable: bool = True) -> Outcome:
        return self.do(e.PhoneReachable(at=self.at, operator=OperatorId(who), reachable=reachable))

    def enter(self, call: str, queue: str = "q", caller: str = "", **more: Any) -> Outcome:
        return self.do(
            e.CallQueued(at=self.at, call=CallId(call), queue=QueueId(queue), caller=caller, **more)
        )

    def hang_up(self, call: str) -> Outcome:
        return self.do(e.CallerHungUp(at=self.at, call=CallId(call)))

    def offer_of(self, call: str) -> OfferId:
        return next(each.offer for each in self.center.live_offers() if each.call == call)

    def answer(self, call: str) -> Outcome:
        return self.do(e.OperatorAnswered(at=self.at, offer=self.offer_of(call)))

    def talk(self, call: str) -> Outcome:
        """Answer and join at once."""
        self.answer(call)
        return self.do(e.TalkStarted(at=self.at, offer=self.offer_of(call)))

    def end(self, call: str, by: Ended = Ended.OPERATOR) -> Outcome:
        return self.do(e.TalkEnded(at=self.at, offer=self.offer_of(call), by=by))

    def fail(self, call: str, cause: Cause = Cause.NO_ANSWER) -> Outcome:
        return self.do(e.OfferFailed(at=self.at, offer=self.offer_of(call), cause=cause))

    def state_of(self, call: str) -> str:
        found = self.center.call(CallId(call))
        return type(found.state).__name__ if found else "gone"

    def with_whom(self, call: str) -> str | None:
        """The operator whom this call is offered to or talks with."""
        return next((each.operator for each in self.center.live_offers() if each.call == call), None)

    def status(self, who: str) -> str:
        """'available/idle' and so on."""
        found = next(each for each in self.center.view(self.at).operators if each.id == who)
        return f"{found.status}/{found.activity}"

    def said(self, kind: type) -> list[Any]:
        """All facts of a kind so far."""
        return [record.fact for record in self.records if isinstance(record.fact, kind)]

    def asked(self, kind: type) -> list[Any]:
        """The last outcome's commands of a kind."""
        return [each for each in self.last.commands if isinstance(each, kind)]


__all__ = ["START", "Cause", "Ended", "Kit", "LeaveReason", "c", "e", "f", "operator", "queue", "settings"]
