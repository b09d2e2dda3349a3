"""A centre for tests of the screens: a view that the test changes, and sinks that it feeds."""

import time
from collections.abc import Sequence
from dataclasses import replace

from acd.core.facts import Fact, Record
from acd.core.ports import FactSink
from acd.core.views import CallView, CenterView, OperatorView, QueueView, WorkView
from acd.core.words import CallId, OperatorId, QueueId
from acd.web import Health

START = 1_760_000_000.0


def queue(name: str = "Пошук посилки", **changes: object) -> QueueView:
    base = QueueView(
        id=QueueId(str(changes.pop("id", "tracking"))),
        name=name,
        waiting=3,
        longest_wait_for=14.0,
        logged_in=6,
        idle=0,
        busy=4,
        wrap_up=1,
        on_break=1,
        answered=412,
        abandoned=17,
        short_abandoned=5,
        overflowed=2,
        answered_within=350,
        answer_within=20.0,
        short_abandon_for=5.0,
        service_level=350 / 424,
        mean_wait_for=11.4,
        mean_handle_for=143.0,
        expected_wait_for=40.0,
        work_open=5,
        work_due=2,
        kept_share=0.92,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def operator(id: str, name: str, **changes: object) -> OperatorView:
    base = OperatorView(
        id=OperatorId(id),
        name=name,
        phone=id,
        status="available",
        reason="",
        next_status="",
        activity="idle",
        since=time.time() - 75,
        until=None,
        reachable=True,
        set_aside=False,
        call=None,
        queue=None,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def call(id: str, position: int | None, **changes: object) -> CallView:
    base = CallView(
        id=CallId(id),
        caller="050***4567",
        queue=QueueId("tracking"),
        state="waiting" if position else "talking",
        since=time.time() - 14,
        position=position,
        operator=None,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def health(**changes: object) -> Health:
    base = Health(
        version="0.1.0",
        started_at=START,
        switch_up=True,
        dialplan_loaded=True,
        journal_writable=True,
        journal_backlog=0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


class FakeCenter:
    """A `ViewSource` that shows what the test put into it; `views` counts how often it was asked."""

    def __init__(self, *queues: QueueView, operators: Sequence[OperatorView] = ()) -> None:
        self.queues: tuple[QueueView, ...] = queues or (queue(),)
        self.operators: tuple[OperatorView, ...] = tuple(operators)
        self.calls: tuple[CallView, ...] = ()
        self.work: tuple[WorkView, ...] = ()
        self.state = health()
        self.views = 0
        self._sinks: list[FactSink] = []
        self._seq = 0

    def view(self, calls_per_queue: int | None = None) -> CenterView:
        self.views += 1
        calls = tuple(
            c for c in self.calls if calls_per_queue is None or (c.position or 0) <= calls_per_queue
        )
        return CenterView(
            at=time.time(), queues=self.queues, operators=self.operators, calls=calls, work=self.work
        )

    def health(self) -> Health:
        return self.state

    def add_sink(self, sink: FactSink) -> None:
        self._sinks.append(sink)

    def happen(self, *facts: Fact) -> None:
        """Feed the facts to every sink, as the service does."""
        records = []
        for fact in facts:
            self._seq += 1
            records.append(Record(self._seq, fact))
        for sink in self._sinks:
            sink(records)

    def set_queue(self, **changes: object) -> None:
        """Change the first queue; tell it with `happen`."""
        self.queues = (replace(self.queues[0], **changes), *self.queues[1:])  # type: ignore[arg-type]


def busy_center() -> FakeCenter:
    """Four queues in every level and operators in every state."""
    now = time.time()
    return FakeCenter(
        queue(),
        queue(
            "Бізнес-клієнти",
            id="business",
            waiting=0,
            idle=2,
            busy=1,
            wrap_up=0,
            on_break=0,
            logged_in=3,
            service_level=0.981,
            mean_wait_for=4.2,
            answered=96,
            abandoned=1,
            work_open=0,
            work_due=0,
            kept_share=None,
        ),
        queue("Відділення та графік", id="branches", waiting=12, longest_wait_for=147.0, service_level=0.544),
        queue(
            "Служба для співробітників",
            id="staff",
            waiting=2,
            longest_wait_for=3725.0,
            logged_in=0,
            idle=0,
            busy=0,
            wrap_up=0,
            on_break=0,
            service_level=None,
            mean_wait_for=None,
            answered=0,
            abandoned=0,
        ),
        operators=(
            operator("o1", "Олена Коваленко", activity="talking", since=now - 133, call=CallId("c1")),
            operator("o2", "Тарас Шевчук", activity="ringing", since=now - 1),
            operator("o3", "Марія Бондаренко", activity="wrap-up", since=now - 6, next_status="on break"),
            operator("o4", "Ірина Мельник", since=now - 41),
            operator("o5", "Андрій Ткаченко", status="on break", reason="lunch", since=now - 754),
            operator("o6", "Сергій Кравець", reachable=False, since=now - 20),
            operator("o7", "Юлія Олійник", set_aside=True, since=now - 12, until=now + 18),
            operator("o8", "Оксана Поліщук", activity="talking", since=now - 312, next_status="logged out"),
            operator("o9", "Петро Лисенко", status="logged out", since=now - 40000),
        ),
    )
