"""A small centre with promises: short ways to say what happens to them, for the core's unit tests."""

from typing import Any

from acd.core import work_events as v
from acd.core import work_facts as w
from acd.core.center import Outcome
from acd.core.settings import OperatorSettings, QueueSettings
from acd.core.words import CallId, OperatorId, QueueId
from acd.core.work import (
    CallBackMode,
    CallBackRules,
    CallingTimes,
    Reach,
    WorkId,
    WorkKind,
    WorkRules,
    WorkStage,
    call_of,
)
from acd.core.work_state import WorkItem
from tests.unit.core_kit import START, Kit, c, e, f, operator, queue, settings

ANN, BOB = OperatorId("ann"), OperatorId("bob")
NUMBER = "0501234567"
W1 = WorkId(1)
ALL_DAY = ((0, 1440),)


def times(*spans: tuple[int, int], zone: str = "UTC") -> CallingTimes:
    """The same minutes of every day."""
    return CallingTimes(time_zone=zone, week=(spans,) * 7)


def customer_first(**more: Any) -> CallBackRules:
    return CallBackRules(mode=CallBackMode.CUSTOMER_FIRST, **more)


class WorkKit(Kit):
    """`Kit`, and work. The queue lets callers wait when nobody is logged in."""

    def __init__(self, *parts: QueueSettings | OperatorSettings, **rules: Any) -> None:
        rules = {"leave_if_nobody_logged_in": False, "wrap_up_for": 0.0} | rules
        queues = () if any(isinstance(each, QueueSettings) for each in parts) else (queue(**rules),)
        super().__init__(*queues, *parts)
        self._tokens = 0

    def promise(self, caller: str = NUMBER, queue: str = "q", **more: Any) -> Outcome:
        self._tokens += 1
        kind = more.pop("promise", WorkKind.CALL_BACK)
        token = more.pop("token", f"t{self._tokens}")
        return self.do(
            v.WorkPromised(at=self.at, token=token, promise=kind, queue=QueueId(queue), caller=caller, **more)
        )

    def message(self, caller: str = NUMBER, queue: str = "q", **more: Any) -> Outcome:
        recording = more.pop("recording", f"r{self._tokens + 1}")
        more = {"seconds": 10.0} | more
        return self.promise(caller, queue, promise=WorkKind.VOICEMAIL, recording=recording, **more)

    def item(self, work: int = 1) -> WorkItem:
        found = self.center.work(WorkId(work))
        assert found is not None, f"work item {work} is not open"
        return found

    def stage(self, work: int = 1) -> WorkStage:
        return self.center.work_stage(WorkId(work))

    def place(self, work: int = 1) -> str:
        """The call that stands for it now, or is made to its customer."""
        call = self.item(work).call
        assert call is not None, "no call stands for it"
        return call

    def deal(self, work: int = 1) -> Outcome:
        """The operator answers and deals with it on the phone."""
        return self.talk(self.place(work))

    def called(
        self, reach: Reach, work: int = 1, call: str | None = None, talked_for: float = 0.0
    ) -> Outcome:
        newest = call_of(WorkId(work), self.item(work).turn) if call is None else CallId(call)
        return self.do(
            v.CustomerCalled(at=self.at, work=WorkId(work), call=newest, reach=reach, talked_for=talked_for)
        )

    def confirm(self, work: int = 1) -> Outcome:
        return self.do(v.CustomerConfirmed(at=self.at, work=WorkId(work), call=CallId(self.place(work))))

    def done(self, operator: OperatorId | None = None, work: int = 1, topic: str = "") -> Outcome:
        return self.do(v.WorkDone(at=self.at, work=WorkId(work), operator=operator, topic=topic))

    def claim(self, operator: OperatorId = ANN, work: int = 1) -> Outcome:
        return self.do(v.WorkClaimed(at=self.at, operator=operator, work=WorkId(work)))

    @property
    def code(self) -> str | None:
        return self.last.refusal.code if self.last.refusal else None

    def closed(self) -> w.WorkClosed:
        """The only end so far."""
        (fact,) = self.said(w.WorkClosed)
        assert isinstance(fact, w.WorkClosed)
        return fact


__all__ = [
    "ALL_DAY", "ANN", "BOB", "NUMBER", "START", "W1", "CallBackMode", "CallBackRules", "CallId",
    "CallingTimes", "OperatorId", "QueueId", "Reach", "WorkId", "WorkKind", "WorkKit", "WorkRules",
    "WorkStage", "c", "call_of", "customer_first", "e", "f", "operator", "queue", "settings", "times",
    "v", "w",
]  # fmt: skip
